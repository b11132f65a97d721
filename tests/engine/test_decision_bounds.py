"""Files of decisions from strangers: large, endless, circular; each answered in words, in time."""

import time

import pytest

from engine.decisions import DecisionInvalid, analyse, read_decisions
from engine.feel import FeelBudgetExceeded
from tests.engine.dmn_files import (
    decision,
    file,
    input_data,
    knowledge,
    literal,
    of_type,
    table,
    typed,
)

SECONDS = 8


def read(xml):
    """The decisions, read and analysed within the time that a check has."""
    began = time.process_time()
    decisions = read_decisions(xml, path="d.dmn")
    analyse(decisions)
    assert time.process_time() - began < SECONDS
    return decisions


def words(xml):
    try:
        decisions = read(xml)
    except DecisionInvalid as problem:
        return str(problem)
    return "; ".join(str(problem) for problem in decisions.problems)


NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
HOSTILE = {
    "not well-formed": b"<definitions",
    "holds a text that is too long": b'<definitions name="' + b"a" * 10_000_100 + b'"/>',
    "elements are nested too deep": b"<definitions>" + b"<a>" * 5000,
    "entity that is not defined": f'<definitions xmlns="{NAMESPACE}">&lol;</definitions>'.encode(),
    "declares a document type": b'<!DOCTYPE a [<!ENTITY a "' + b"a" * 1000 + b'">]>' + file(),
    "nested too deep": file(decision("d", "<list>" * 200 + "</list>" * 200)),
    "build on each other too deep": file(
        *(typed(f"t{n}", of_type(f"t{n - 1}" if n else "number")) for n in range(3000)),
        decision("d", literal("1"), type_ref="t2999"),
    ),
    "letters; 20000 are allowed": file(
        decision("d", table(["a"], ["x"], (",".join(map(str, range(9999))), "1")))
    ),
    "requires itself": file(
        *(decision(f"d{n}", literal("1"), requires=[f"d{(n + 1) % 900}"]) for n in range(900))
    ),
    "used twice": file(*(decision("d", literal("1")) for _ in range(900))),
}


@pytest.mark.parametrize("expected", HOSTILE)
def test_a_hostile_file_is_answered_in_words(expected):
    assert expected in words(HOSTILE[expected])


LARGE = {
    "a thousand rules of ten columns": table(
        [f"c{n}" for n in range(10)],
        ["x"],
        *((f"[{n}..{n + 1})", *(f">= {n % 50}" for _ in range(9)), "1") for n in range(1000)),
    ),
    "rules that all overlap": table(
        ["a", "b"], ["x"], *((f"> {n}", f"< {n}", "1") for n in range(1500))
    ),
    "rules that are all the same": table(
        ["a"], ["x"], *(("-", "1") for _ in range(5000)), policy="FIRST"
    ),
    "hundreds of columns": table(
        [f"c{n}" for n in range(500)], ["x"], *((*["> 1"] * 500, "1") for _ in range(20))
    ),
}


@pytest.mark.parametrize("logic", LARGE.values(), ids=LARGE)
def test_a_large_table_is_read_and_analysed_in_time(logic):
    assert read(file(decision("d", logic))).problems == ()


def test_hundreds_of_decisions_that_all_require_each_other_are_read_in_time():
    parts = (
        decision(f"d{n}", literal("1"), requires=[f"d{k}" for k in range(n)]) for n in range(200)
    )
    assert read(file(*parts)).decide("d199", {}).value == 1


def test_a_value_that_doubles_at_each_decision_is_stopped():
    parts = (
        decision(
            f"d{n}",
            literal(f"[d{n - 1}, d{n - 1}]" if n else "1"),
            requires=[f"d{n - 1}"] * (n > 0),
        )
        for n in range(60)
    )
    with pytest.raises(FeelBudgetExceeded, match="too large to keep"):
        read(file(*parts)).decide("d59", {})


def test_a_type_that_holds_itself_many_times_is_read():
    fields = "".join(
        f'<itemComponent name="f{n}"><typeRef>tAll</typeRef></itemComponent>' for n in range(20)
    )
    decisions = read(file(typed("tAll", fields), decision("d", literal("{}"), type_ref="tAll")))
    assert decisions.decide("d", {}).value is None


def test_types_that_are_made_from_each_other_are_read_and_analysed():
    types = typed("tA", of_type("tB")) + typed("tB", of_type("tA"))
    logic = table(["k"], ["x"], ('"a"', "1"))
    parts = [types, input_data("k", "tA"), decision("d", logic, inputs=["k"], type_ref="tB")]
    assert read(file(*parts)).decide("d", {"k": "a"}).value == 1


def test_parts_without_ids_and_the_second_of_one_id_are_decided_by_name():
    parts = [
        knowledge("f", ["x"], literal("x + 1")).replace(' id="f-id"', ""),
        decision("d", literal("1")),
        decision("d", literal("f(1)"), name="second"),
        "<decision><literalExpression><text>5</text></literalExpression></decision>",
    ]
    decisions = read(file(*parts))
    assert len(decisions.problems) == 3
    (key,) = decisions.find("second")
    assert decisions.decide(key, {}).value == 2
    assert [decisions.decide(top, {}).value for top in decisions.tops()[1:]] == [2, 5]
