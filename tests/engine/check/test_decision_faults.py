"""Every fault of a file of decisions is told at once, each where it stands and with a remedy."""

from __future__ import annotations

import re

import pytest

from engine.check import Files, Purpose, check_all
from engine.check.drawings import MOST_ALIKE
from engine.check.finding import Catalogue
from engine.decisions import DecisionInvalid, parse_decisions, read_decisions
from tests.engine.dmn_files import (
    decision,
    file,
    input_data,
    invoked,
    knowledge,
    literal,
    of_type,
    service,
    table,
    typed,
)

FAULTY = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="f" name="f">
<itemDefinition id="kind" name="loại"><typeRef>string</typeRef><allowedValues><text>"a",,</text>
</allowedValues></itemDefinition>
<decision id="fee" name="Mức phí">
<informationRequirement id="need"><requiredDecision href="#gone"/></informationRequirement>
<decisionTable id="t">
<input id="i1" label="Bậc"><inputExpression><text>rank +</text></inputExpression></input>
<input id="i2" label="Loại"><inputExpression><text></text></inputExpression></input>
<output id="o1" name="phí"><defaultOutputEntry><text>1 +</text></defaultOutputEntry></output>
<rule id="r1"><inputEntry id="c1"><text>[1..</text></inputEntry>
<inputEntry id="c2"><text>-</text></inputEntry>
<outputEntry id="c3"><text>)</text></outputEntry></rule>
<rule id="r2"><inputEntry id="c4"><text>-</text></inputEntry>
<outputEntry id="c5"><text>1</text></outputEntry></rule>
</decisionTable></decision>
<decision id="parts" name="Các phần"><context id="x">
<contextEntry id="e1"><variable name="đơn giá"/><literalExpression id="l1"><text>5 5</text>
</literalExpression></contextEntry></context></decision>
<decision id="rows" name="Dòng"><relation id="rel"><column name="a"/><column name="b"/>
<row id="w1"><literalExpression id="q1"><text>1</text></literalExpression></row>
</relation></decision>
<businessKnowledgeModel id="b" name="Hàm"><encapsulatedLogic id="el">
<literalExpression id="q2"><text>x *</text></literalExpression></encapsulatedLogic>
</businessKnowledgeModel>
<decision id="odd" name="Lạ"><literalExpression id="q3"><text>khôngcó(1)</text>
</literalExpression></decision>
</definitions>"""

FOUND = [
    (2, "kind", "Type “loại”"),
    (5, "need", "Decision “Mức phí” (fee)"),
    (7, "i1", "Decision “Mức phí” (fee), input “Bậc”"),
    (8, "i2", "Decision “Mức phí” (fee), input “Loại”"),
    (9, "o1", "Decision “Mức phí” (fee), default of the output “phí”"),
    (10, "c1", "Decision “Mức phí” (fee), rule 1, input “Bậc”"),
    (12, "c3", "Decision “Mức phí” (fee), rule 1, output “phí”"),
    (13, "r2", "Decision “Mức phí” (fee), rule 2"),
    (17, "l1", "Decision “Các phần” (parts), entry “đơn giá”"),
    (20, "w1", "Decision “Dòng” (rows), row 1"),
    (23, "q2", "Function “Hàm” (b)"),
    (25, "q3", "Decision “Lạ” (odd)"),
]


def checked(xml, functions=()):
    offered = Catalogue(functions=frozenset(functions))
    return check_all(Files({"a.dmn": xml}), lambda: offered, Purpose())


def test_twelve_faults_of_a_file_are_twelve_findings_each_where_it_stands():
    found = sorted((one.record() for one in checked(FAULTY.encode())), key=lambda f: f["line"])
    told = [(one["line"], one["element"], one["message"].partition(": ")[0]) for one in found]
    assert told == FOUND


def test_each_finding_says_what_to_do_about_it():
    remedies = [one.record()["remedy"] for one in checked(FAULTY.encode())]
    assert "Give it 2 cells of input and 1 of output; it has 1 and 1." in remedies
    assert "Mend the expression; reading stopped at its letter 5." in remedies
    assert "Mend the decision in a DMN editor." not in remedies


def test_a_fault_is_told_on_the_line_of_its_cell():
    cells = (
        '<rule id="r1">\n<inputEntry id="c1"><text>-</text></inputEntry>\n'
        '<outputEntry id="c2"><text>"a"</text></outputEntry>\n</rule>'
    )
    logic = table(["n"], [("x", "", "null")]).replace(
        "</decisionTable>", f"{cells}</decisionTable>"
    )
    logic = logic.replace("<output ", '<output typeRef="number" ', 1)
    xml = file(decision("d", logic))
    found = next(one for one in checked(xml) if one.severity == "error")
    lines = (xml if isinstance(xml, str) else xml.decode()).splitlines()
    assert 'id="c2"' in lines[found.line - 1]


def test_the_same_fault_in_two_cells_is_two_findings():
    rules = [("5 5", "1"), ("-", "2"), ("5 5", "3")]
    found = checked(file(decision("d", table(["n"], ["x"], *rules))))
    assert [one.element for one in found] == ["r1", "r3"]


def test_a_table_with_very_many_faults_is_still_told_of():
    rows = [(f"{number} {number}", "1") for number in range(MOST_ALIKE + 50)]
    found = checked(file(decision("d", table(["n"], ["x"], *rows))))
    assert MOST_ALIKE <= len(found) <= MOST_ALIKE + 1


def test_a_function_that_the_installation_offers_is_known_to_a_decision():
    xml = file(decision("d", literal("unit of(1)")), decision("e", literal("unitOf(1)")))
    assert [one.element for one in checked(xml, ["unit of"])] == ["e"]


def test_results_without_an_order_cannot_be_ranked():
    """DMN 1.5, 8.2.8: PRIORITY and OUTPUT ORDER go by the list of output values."""
    listed, bare = ("x", '"a", "b"', ""), ("x", "", "")
    for policy in ("PRIORITY", "OUTPUT ORDER"):
        rules = [("-", '"a"'), (">= 0", '"b"')]
        kinds = [
            [one.rule for one in checked(file(decision("d", table(["n"], [output], *rules,
             policy=policy))))]
            for output in (listed, bare)
        ]  # fmt: skip
        assert kinds == [[], ["decision-doubtful"]]


def test_a_type_that_nobody_declares_is_doubtful_and_feels_own_are_not():
    known = ["string", "Any", "feel:number", "dateTime", "yearMonthDuration", "date and time"]
    xml = [decision(f"d{n}", literal("null"), type_ref=name) for n, name in enumerate(known)]
    assert checked(file(*xml)) == []
    (found,) = checked(file(decision("d", literal("1"), type_ref="tLạ")))
    assert (found.rule, found.severity) == ("decision-doubtful", "warning")


def test_what_cannot_be_made_is_an_error_to_whoever_asks_for_it():
    broken = knowledge("f", ["x"], literal("x +"))
    made = read_decisions(file(broken, service("s", ["gone"])), path="d.dmn")
    for key, words in (("f-id", "x +"), ("s-id", "gone")):
        with pytest.raises(DecisionInvalid, match=re.escape(words)):
            made.decide(key, {"x": 1})
    (empty,) = checked(file(service("s", []), decision("d", literal("1"))))
    assert (empty.element, empty.severity) == ("s-id", "warning")


CELLS = [
    ("number", "number", "< 3", '"a"', ["error"]),
    ("number", "number", "< 3", '1 + "a"', ["error"]),
    ("number", "number", "< 3", "1 + n", []),
    ("number", "string", "< 3", "5", ["warning"]),
    ("number", "string", '"a", >= date("2026-01-01")', '"b"', ["warning", "warning"]),
    ("number", "date and time", "true", 'date("2026-01-01")', []),
    ("string", "any", "-", '{a: 1, b: "c"}', []),
    ("integer", "integer", "[0.5..2.5], > 1.5, 3.0", "2.0", []),
    ("integer", "integer", "2.5", "-1.5", ["warning", "warning"]),
    ("number", "long", "2.5", "n / 2", []),
]


@pytest.mark.parametrize(("asked", "given", "cell", "result", "severities"), CELLS)
def test_cells_of_another_type_than_their_columns_are_told(asked, given, cell, result, severities):
    logic = table(["n"], [("x", "", "null")], (cell, result))
    logic = logic.replace("<output ", f'<output typeRef="{given}" ', 1)
    logic = logic.replace("<inputExpression", f'<inputExpression typeRef="{asked}"', 1)
    found = [f for f in checked(file(decision("d", logic))) if f.element == "r1"]
    found = [one for one in found if one.rule != "decision-unreachable"]
    assert [one.severity for one in found] == severities
    places = ("rule 1, input “n”", "rule 1, output “x”")
    assert all(any(place in one.record()["message"] for place in places) for one in found)


def test_results_and_defaults_that_the_output_does_not_declare_are_told():
    logic = table(["n"], [("x", '"a", "b"', '"q"')], ("1", '"z"'), ("2", '"a"'))
    found = checked(file(decision("d", logic)))
    assert [one.record()["message"].partition(": ")[0] for one in found] == [
        "Decision “d” (d), default of the output “x”",
        "Decision “d” (d), rule 1, output “x”",
    ]


def test_a_table_without_rules_has_a_gap():
    (found,) = checked(file(decision("d", table(["n"], ["x"]))))
    assert found.rule == "decision-gap"


def test_a_gap_names_a_value_of_the_inputs_type():
    logic = table(["n"], ["x"], ('"abc"', "1"))
    logic = logic.replace("<inputExpression", '<inputExpression typeRef="number"', 1)
    messages = [one.record()["message"] for one in checked(file(decision("d", logic)))]
    assert any("No rule applies when n = 0;" in message for message in messages)


def test_a_part_whose_id_another_has_is_not_made():
    made = read_decisions(
        file(decision("d", literal("1"), name="one"), decision("d", literal("2"), name="two")),
        path="d.dmn",
    )
    with pytest.raises(DecisionInvalid, match="“one” and “two”"):
        made.decide("d", {})


DISH = (
    '<decisionTable id="t" hitPolicy="UNIQUE">\n'
    '<input id="i1" label="Mùa"><inputExpression typeRef="string"><text>season</text>'
    '</inputExpression><inputValues><text>"thu","đông"</text></inputValues></input>\n'
    '<input id="i2" label="Khách"><inputExpression typeRef="number"><text>guests</text>'
    '</inputExpression></input><output id="o" label="Món" typeRef="string"/>\n'
    "{rules}</decisionTable>"
)


def told_of(*rules):
    """What is said of a table with these rules, by line, with its remedies."""
    cells = "".join(
        f'<rule id="r{at}"><inputEntry><text>{one}</text></inputEntry><inputEntry><text>{two}'
        f"</text></inputEntry><outputEntry><text>{result}</text></outputEntry></rule>\n"
        for at, (one, two, result) in enumerate(rules, 1)
    )
    found = checked(file(decision("d", DISH.format(rules=cells))))
    return [one.record() for one in found if one.rule != "decision-gap"]


def test_a_word_that_nothing_declares_is_told_with_its_rule_and_column():
    said, compared = told_of(('"thu"', "&gt; 3", "Salad"), ('"đông"', "&gt; xyz", "season"))
    assert said["element"] == "r1" and compared["element"] == "r2"
    assert said["line"] == compared["line"] - 1
    assert "rule 1, output “Món”: “Salad” is neither" in said["message"]
    assert 'write it in quotes: "Salad"' in said["remedy"]
    assert "rule 2, input “Khách”: “xyz” is neither" in compared["message"]
    assert "quotes" not in compared["remedy"]


def test_one_cell_that_cannot_be_read_hides_nothing_else():
    found = told_of(
        ('"xuân"', "abc(", "Salad"), ('"đông"', "[1..8]", '"a"'), ('"đông"', "&gt;= 8", '"b"'),
        ("-", '"many"', '"c"'),
    )  # fmt: skip
    told = [(one["element"], one["rule"]) for one in found]
    assert sorted(told) == [
        ("r1", "decision-doubtful"), ("r1", "decision-doubtful"), ("r1", "decision-invalid"),
        ("r3", "decision-overlap"), ("r4", "decision-doubtful"),
    ]  # fmt: skip
    [unlisted] = [one for one in found if '"xuân"' in one["message"]]
    assert '"thu","đông"' in unlisted["remedy"]


@pytest.mark.parametrize(("result", "count"), [('"1"', 1), ("1", 0)])
def test_a_sum_of_texts_is_told(result, count):
    summed = table(["x"], ["y"], ("-", result), policy="COLLECT", aggregation="SUM")
    xml = file(decision("d", summed))
    assert sum("SUM adds numbers" in one.record()["message"] for one in checked(xml)) == count


@pytest.mark.parametrize(
    ("parts", "severity", "words"),
    [
        ([typed("T", of_type("T"))], "error", "“T” refers to itself"),
        ([typed("T", of_type("U")), typed("U", of_type("T"))], "error", "“U” refers to itself"),
        ([typed("T", f'<itemComponent>{of_type("string")}</itemComponent>'),
          decision("d", literal("["))], "error", "has no name"),
        ([decision("d", invoked("nobody", "x"))], "warning", "“nobody” is unknown"),
        ([decision("d", literal(""))], "warning", "is empty"),
        ([decision("inner", literal("1")), decision("outer", literal("1"), requires=["inner"]),
          service("S", ["outer"])], "warning", "needs “inner”"),
    ],
)  # fmt: skip
def test_what_stands_for_nothing_is_told(parts, severity, words):
    found = checked(file(*parts))
    assert {f.severity for f in found} == {severity}
    assert words in found[-1].record()["message"]


@pytest.mark.parametrize(
    ("kind", "allowed", "severities"),
    [
        ("number", '"A", "B"', ["error"]),
        ("number", '1, "A"', ["warning"]),
        ("number", "true", ["error"]),
        ("string", '"A", null', []),
        ("string", '[1..5], "A"', ["warning"]),
        ("number", 'not(1, "A")', ["error"]),
        ("date", '"2026-01-01"', ["error"]),
        ("date and time", '> date("2026-01-01")', []),
        ("number", "? > 5, odd(?), [1..5], < 3", []),
        ("range", "[1..5]", []),
        ("Any", '1, "A"', []),
        ("tBase", "1", ["error"]),
    ],
)
def test_allowed_values_of_another_kind_than_their_type_are_told(kind, allowed, severities):
    base = typed("tBase", of_type("string", '"x"'))
    inner = f'<itemComponent name="part">{of_type(kind, allowed)}</itemComponent>'
    for each in (of_type(kind, allowed), inner):
        for many in ({}, {"isCollection": "true"}):
            xml = file(base, typed("T", each, **many))
            assert [f.severity for f in checked(xml)] == severities
            # Whoever has deployed it may go on.
            parse_decisions(xml.encode() if isinstance(xml, str) else xml, path="d.dmn")


@pytest.mark.parametrize(
    ("kind", "severities"),
    [("number", ["warning", "error"]), ("tText", []), ("string", []), ("tNumber", ["error"] * 2)],
)
def test_lists_of_a_column_of_another_kind_than_the_column_are_told(kind, severities):
    logic = table([("n", '"a"')], [("x", '"b"', "")], ("-", "null"))
    logic = logic.replace("<output ", f'<output typeRef="{kind}" ', 1)
    logic = logic.replace("<inputExpression", f'<inputExpression typeRef="{kind}"', 1)
    types = [typed("tText", of_type("string")), typed("tNumber", of_type("number"))]
    found = checked(file(*types, decision("d", logic)))
    assert [f.severity for f in found] == severities
    said = [
        f.record()["message"] for f in found if "lists values of string" in f.record()["message"]
    ]
    assert len(said) == len(severities)


def test_a_type_that_holds_itself_in_a_field_ends_where_the_field_is_null():
    """DMN 1.5, 7.3.2 forbids no such types; null is a value of every type (10.3.2.2)."""
    boss = f'<itemComponent name="boss">{of_type("tMan")}</itemComponent>'
    xml = file(typed("tMan", boss), decision("d", literal("{boss: {boss: null}}", "tMan")))
    assert checked(xml) == []
    assert read_decisions(xml, path="d.dmn").decide("d", {}).value == {"boss": {"boss": None}}


def test_a_boxed_loop_runs_through_what_may_stand_after_in():
    loop = (
        f'<for iteratorVariable="i"><in>{literal("1..a")}</in>'
        f"<return>{literal('i * 2')}</return></for>"
    )
    found = read_decisions(file(decision("d", loop, inputs=["a"]), input_data("a")), path="a.dmn")
    assert found.decide("d", {"a": 3}).value == [2, 4, 6]
