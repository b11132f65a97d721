"""Declared types: what a value becomes where a type is declared, and what comes from outside."""

import datetime as dt

import pytest

from engine.decisions import DecisionInvalid, parse_decisions, read_decisions
from engine.feel import YearsMonths
from tests.engine.dmn_files import (
    decision,
    file,
    input_data,
    knowledge,
    literal,
    of_type,
    service,
    table,
    text,
    typed,
)

KIND = typed("tKind", of_type("string", '"a", "b"'))
TYPES = "".join(
    (
        KIND,
        typed("tCopy", of_type("tKind")),
        typed("tSide", of_type("tKind", '"left", "right"')),
        typed("tKinds", of_type("tKind"), isCollection="true"),
        typed("tNumbers", of_type("number"), isCollection="true"),
        typed("tMoments", of_type("date and time"), isCollection="true"),
        typed("tFew", of_type("number") + f"<typeConstraint>{text('count(?) < 3')}"
              "</typeConstraint>", isCollection="true"),
        typed("tBox", '<itemComponent name="loại giấy"><typeRef>tKind</typeRef></itemComponent>'),
        typed("tLate", '<itemComponent name="at"><typeRef>date and time</typeRef>'
              "</itemComponent>"),
        typed("tAsk", '<functionItem outputTypeRef="tKind"><parameters name="k" typeRef="tKind"/>'
              "</functionItem>"),
        typed("tRound", '<itemComponent name="next"><typeRef>tRound</typeRef></itemComponent>'),
    )
)  # fmt: skip
MIDNIGHT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
COERCED = [
    ("tKind", '"a"', "a"),
    ("tKind", '"z"', None),
    ("tCopy", '"z"', None),
    ("tSide", '"left"', "left"),
    ("tSide", '"a"', None),
    ("tSide", "1", None),
    ("tKinds", '"a"', ["a"]),
    ("tKinds", '["a", "z"]', None),
    ("tNumbers", "null", None),
    ("tNumbers", "[]", []),
    ("tFew", "[1, 2]", [1, 2]),
    ("tFew", "[1, 2, 3]", None),
    ("number", "[[1]]", None),
    ("date and time", 'date("2026-11-22")', MIDNIGHT),
    ("date and time", '[date("2026-11-22")]', MIDNIGHT),
    ("tMoments", '[date("2026-11-22")]', [MIDNIGHT]),
    ("tLate", '{at: date("2026-11-22")}', {"at": MIDNIGHT}),
    ("date", 'date and time("2026-11-22T08:00:00")', None),
    ("tBox", '{loại giấy: "a"}', {"loại giấy": "a"}),
    ("tBox", '{loại giấy: "z"}', None),
    ("tBox", '{loại giấy: ["a"]}', {"loại giấy": "a"}),
    ("Any", "[1]", [1]),
    ("feel:number", "[1]", 1),
    ("own:tKind", '"z"', None),
    ("tRound", "{next: {next: null}}", {"next": {"next": None}}),
]


@pytest.mark.parametrize(("type_ref", "source", "value"), COERCED)
def test_a_decision_has_a_value_of_its_type_or_null(type_ref, source, value):
    xml = file(TYPES, decision("d", literal(source), type_ref=type_ref))
    assert parse_decisions(xml, path="d.dmn").decide("d", {}).value == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('"a" instance of tKind', True),
        ('"z" instance of tKind', True),
        ("1 instance of tKind", False),
        ('[{loại giấy: "z"}] instance of list<tBox>', True),
        ('(function(k: tKind) k)("z")', None),
        ("[1, 2] instance of tNumbers", True),
        ('{loại giấy: "a"} instance of tBox', True),
    ],
)
def test_feel_knows_the_types_of_the_file(source, value):
    xml = file(TYPES, decision("d", literal(source)))
    assert parse_decisions(xml, path="d.dmn").decide("d", {}).value is value


def of_kind(element, logic):
    """The logic with the type declared at its first element of that name."""
    return logic.replace(f"<{element}", f'<{element} typeRef="tKind"', 1)


NULL_FIRST = table(["k"], ["x"], ("null", "null"), ('"a"', '"a"'), ("-", "k"), policy="FIRST")
PLACES = {
    "a literal expression": literal("k", "tKind"),
    "an output": of_kind("output", table(["k"], ["x"], ("-", "k"))),
    "a table": of_kind("decisionTable", table(["k"], ["x"], ("-", "k"))),
    "an output entry": of_kind("outputEntry", table([], ["x"], ("k",))),
    "an input": of_kind("inputExpression", NULL_FIRST),
    "a result entry": of_kind(
        "context", f"<context><contextEntry>{literal('k')}</contextEntry></context>"
    ),
    "an invocation": f'<invocation typeRef="tKind">{literal("function(x) x")}<binding>'
    f'<parameter name="x"/>{literal("k")}</binding></invocation>',
    "a binding": f'<invocation>{literal("function(x) x")}<binding>'
    f'<parameter name="x" typeRef="tKind"/>{literal("k")}</binding></invocation>',
    "an entry": f'<context><contextEntry><variable name="x" typeRef="tKind"/>{literal("k")}'
    f"</contextEntry><contextEntry>{literal('x')}</contextEntry></context>",
}  # fmt: skip


@pytest.mark.parametrize("logic", PLACES.values(), ids=PLACES)
def test_a_type_is_enforced_wherever_it_is_declared(logic):
    decisions = parse_decisions(file(TYPES, decision("d", logic)), path="d.dmn")
    assert decisions.decide("d", {"k": "a"}).value == "a"
    assert decisions.decide("d", {"k": "z"}).value is None


def test_a_relation_enforces_the_types_of_its_columns():
    logic = f'<relation><column name="x" typeRef="tKind"/><row>{literal("k")}</row></relation>'
    decisions = parse_decisions(file(TYPES, decision("d", logic)), path="d.dmn")
    assert decisions.decide("d", {"k": "z"}).value == [{"x": None}]


def test_the_type_that_an_editor_writes_into_every_column_is_not_enforced():
    logic = table(["n"], ["x"], ("> 1", "n")).replace('name="x"', 'name="x" typeRef="string"')
    logic = logic.replace("<inputExpression", '<inputExpression typeRef="string"')
    assert (
        parse_decisions(file(decision("d", logic)), path="d.dmn").decide("d", {"n": 5}).value == 5
    )


FUNCTIONS = {
    "of the parameter": knowledge("f", [("k", "tKind")], literal("k")),
    "of the function": knowledge("f", ["k"], literal("k"), "tAsk"),
    "of the logic": knowledge("f", ["k"], literal("k", "tKind")),
    "of the result, as version 1.1 has it": knowledge("f", ["k"], literal("k"), "tKind"),
    "of the box": knowledge("f", ["k"], literal("k")).replace(
        "<encapsulatedLogic", '<encapsulatedLogic typeRef="tAsk"'
    ),
}


@pytest.mark.parametrize("model", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_enforces_the_type(model):
    xml = file(TYPES, model, decision("d", literal("f(k)")))
    decisions = parse_decisions(xml, path="d.dmn")
    assert decisions.decide("d", {"k": "a"}).value == "a"
    assert decisions.decide("d", {"k": "z"}).value is None


SERVICES = {
    "an input": (input_data("k", "tKind"), service("s", ["out"], inputs=["k"])),
    "its variable": (input_data("k"), service("s", ["out"], inputs=["k"], type_ref="tAsk")),
}


@pytest.mark.parametrize("parts", SERVICES.values(), ids=SERVICES)
def test_a_service_enforces_the_types_of(parts):
    out = decision("out", literal("k"), inputs=["k"])
    xml = file(TYPES, *parts, out, decision("d", literal("s(given)")))
    decisions = parse_decisions(xml, path="d.dmn")
    assert decisions.decide("d", {"given": "a"}).value == "a"
    assert decisions.decide("d", {"given": "z"}).value is None


def test_a_service_enforces_the_type_of_a_decision_that_is_handed_in():
    xml = file(
        service("s", ["out"], given=["in"]),
        decision("in", literal('"never made"'), type_ref="string"),
        decision("out", literal("in"), requires=["in"]),
        decision("d", literal("s(123)")),
    )
    assert parse_decisions(xml, path="d.dmn").decide("d", {}).value is None


READ = [
    ("date", "2026-11-22", dt.date(2026, 11, 22)),
    ("time", "08:30:00", dt.time(8, 30)),
    ("dateTime", "2026-11-22T00:00:00Z", MIDNIGHT),
    ("dayTimeDuration", "P1DT1H", dt.timedelta(days=1, hours=1)),
    ("years and months duration", "P1Y", YearsMonths(12)),
    ("number", "12345678901234567890", 12345678901234567890),
    ("tMoments", ["2026-11-22T00:00:00Z"], [MIDNIGHT]),
    ("tLate", {"at": "2026-11-22T00:00:00Z", "x": 1}, {"at": MIDNIGHT, "x": 1}),
    ("tLate", {"x": 1}, {"at": None, "x": 1}),
    ("string", "2026-11-22", "2026-11-22"),
    ("date", "hôm nay", "hôm nay"),
    ("boolean", "true", True),
    ("boolean", "đúng", "đúng"),
]


@pytest.mark.parametrize(("type_ref", "given", "value"), READ)
def test_data_from_outside_is_read_as_its_type_says(type_ref, given, value):
    xml = file(TYPES, input_data("i", type_ref, "ngày nộp"), decision("d", literal("1")))
    assert parse_decisions(xml, path="d.dmn").read({"ngày nộp": given, "y": given}) == {
        "ngày nộp": value,
        "y": given,
    }


def test_an_input_that_is_not_of_its_type_is_null():
    xml = file(input_data("n", "number"), decision("d", literal("n = null"), inputs=["n"]))
    decisions = parse_decisions(xml, path="d.dmn")
    assert decisions.decide("d", {"n": "x"}).value is True
    assert decisions.decide("d", {"n": [1]}).value is False


def test_allowed_values_that_are_no_feel_are_found():
    xml = file(typed("tBad", of_type("string", "1 +")), decision("d", literal("1")))
    with pytest.raises(DecisionInvalid, match="The allowed values are not FEEL"):
        parse_decisions(xml, path="d.dmn")


CONSTRAINTS = [
    ("123, 456", 123),
    ("[1..1000]", 123),
    ("-", 123),
    ("not(456, 789)", 123),
    ("not(123)", None),
    ('"x", string length(string(?)) = 3', 123),
    ("1 = 1", None),
    ("true", None),
    ("> 100", 123),
    ("?", 123),
]


@pytest.mark.parametrize(("allowed", "value"), CONSTRAINTS)
def test_input_values_are_unary_tests_of_the_input(allowed, value):
    logic = table([("123", allowed)], ["x"], ("null", "null"), ("-", "123"), policy="FIRST")
    decisions = parse_decisions(file(decision("d", logic)), path="d.dmn")
    assert decisions.decide("d", {}).value == value


def test_priority_may_come_from_the_values_of_the_outputs_type():
    logic = table([], ["x"], ('"b"',), ('"a"',), policy="PRIORITY")
    logic = logic.replace('name="x"', 'name="x" typeRef="tKind"')
    decisions = parse_decisions(file(KIND, decision("d", logic)), path="d.dmn")
    assert decisions.decide("d", {}).value == "a"


def test_a_type_made_from_a_list_is_a_list_itself():
    xml = file(
        typed("tDays", of_type("date"), isCollection="true"),
        typed("tOff", of_type("tDays")),
        typed("tWeeks", of_type("tDays"), isCollection="true"),
        input_data("off", "tOff"),
        input_data("weeks", "tWeeks"),
        decision("one", literal('@"2026-11-22"'), type_ref="tOff"),
        decision("other", literal('"a"'), type_ref="tOff"),
        decision("year", literal("off[1].year"), inputs=["off"]),
        decision("years", literal("weeks[1][1].year"), inputs=["weeks"]),
    )
    decisions = read_decisions(xml, path="d.dmn")
    assert decisions.decide("one", {}).value == [dt.date(2026, 11, 22)]
    assert decisions.decide("other", {}).value is None
    for given in (["2026-11-22"], "2026-11-22"):
        assert decisions.decide("year", decisions.read({"off": given})).value == 2026
    given = decisions.read({"weeks": [["2026-11-22"], ["2027-01-01"]]})
    assert decisions.decide("years", given).value == 2026


HELD = [
    ("number", "", '"a"', None, 'The output “x” gives a "string" where a "number" is needed'),
    ("number", "", "[1]", 1, ""),
    ("string", "", "1", 1, "it is kept"),
    ("tKind", "", '"z"', None, "not of the type of the output “x”"),
    ("", '"a", "b"', '"z"', None, 'The output “x” does not declare the value "z"'),
]


@pytest.mark.parametrize("is_default", [False, True])
@pytest.mark.parametrize(("type_ref", "listed", "source", "value", "told"), HELD)
def test_a_column_holds_results_and_defaults_to_its_type_and_values(
    type_ref, listed, source, value, told, *, is_default
):
    """DMN 1.5, 8.3.3 and 10.3.2.9.4."""
    rule = ("2", "null") if is_default else ("-", source)
    logic = table(["n"], [("x", listed, source if is_default else "")], rule)
    logic = logic.replace("<output ", f'<output typeRef="{type_ref}" ', 1)
    decisions = parse_decisions(file(TYPES, decision("d", logic)), path="d.dmn")
    hit = decisions.decide("d", {"n": 1}, warn=True)
    assert hit.value == value
    assert [told in str(said) for _, said in hit.warnings] == ([True] if told else [])


def test_an_input_that_its_column_does_not_declare_is_told():
    logic = table([("n", "1, 2")], ["x"], ("-", "n"))
    decisions = parse_decisions(file(decision("d", logic)), path="d.dmn")
    assert decisions.decide("d", {"n": 1}, warn=True).warnings == ()
    ((_, said),) = decisions.decide("d", {"n": 3}, warn=True).warnings
    assert said.fields == {"column": "n", "value": "3"}
