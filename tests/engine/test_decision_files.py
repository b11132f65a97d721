"""Reading DMN files: boxes, functions, services, declared types, and what is refused."""

import pytest

from engine.decisions import (
    DecisionFailed,
    DecisionInvalid,
    Hit,
    parse_decisions,
    read_decisions,
)
from engine.feel import FeelBudgetExceeded
from tests.engine.dmn_files import (
    decide,
    decision,
    file,
    imports,
    input_data,
    knowledge,
    literal,
    service,
    table,
)

BOXES = [
    (
        "<context>"
        f'<contextEntry><variable name="tổng"/>{literal("a + 1")}</contextEntry>'
        f'<contextEntry><variable name="b"/>{literal("tổng * 2")}</contextEntry>'
        "</context>",
        {"tổng": 2, "b": 4},
    ),
    (
        "<context>"
        f'<contextEntry><variable name="t"/>{literal("a + 1")}</contextEntry>'
        f"<contextEntry>{literal('t * 10')}</contextEntry></context>",
        20,
    ),
    (f"<list>{literal('a')}{literal('a + 1')}</list>", [1, 2]),
    (
        '<relation><column name="x"/><column name="y"/>'
        f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('a')}</row>"
        "</relation>",
        [{"x": 1, "y": 2}, {"x": 3, "y": 1}],
    ),
    (
        f"<conditional><if>{literal('a > 5')}</if><then>{literal('1')}</then>"
        f"<else>{literal('2')}</else></conditional>",
        2,
    ),
    (
        f"<filter><in>{literal('[1,2,3]')}</in><match>{literal('item > a')}</match></filter>",
        [2, 3],
    ),
    (
        f'<for iteratorVariable="i"><in>{literal("1..3")}</in>'
        f"<return>{literal('i * 2')}</return></for>".replace("1..3", "[1..3]"),
        [2, 4, 6],
    ),
    (
        f'<some iteratorVariable="i"><in>{literal("[1,2]")}</in>'
        f"<satisfies>{literal('i > a')}</satisfies></some>",
        True,
    ),
    (
        f'<every iteratorVariable="i"><in>{literal("[1,2]")}</in>'
        f"<satisfies>{literal('i > a')}</satisfies></every>",
        False,
    ),
]


@pytest.mark.parametrize(("logic", "value"), BOXES, ids=[box[0][1:11] for box in BOXES])
def test_a_boxed_expression_has_its_value(logic, value):
    assert decide(logic, {"a": 1}).value == value


def test_a_business_knowledge_model_is_called_by_text_and_by_box():
    fee = knowledge(
        "lệ phí", ["n"], table(["n"], ["x"], ("> 1", "n * 100"), ("-", "0"), policy="FIRST")
    )
    call = (
        f"<invocation>{literal('lệ phí')}<binding><parameter name='n'/>{literal('pages')}"
        "</binding></invocation>"
    )
    xml = file(fee, decision("text", literal("lệ phí(pages)")), decision("box", call))
    decisions = parse_decisions(xml, path="d.dmn")
    for key in decisions.ids:
        assert decisions.decide(key, {"pages": 3}) == Hit(300, (("lệ phí-id", "r1"),))
    assert decisions.uses("text").calls == []


def test_functions_may_call_each_other_and_an_endless_round_is_stopped():
    xml = file(
        knowledge("f", ["n"], literal("if n > 3 then n else g(n)")),
        knowledge("g", ["n"], literal("f(n + 1)")),
        knowledge("h", ["n"], literal("h(n)")),
        decision("ends", literal("f(1)")),
        decision("endless", literal("h(1)")),
    )
    decisions = parse_decisions(xml, path="d.dmn")
    assert decisions.decide("ends", {}).value == 4
    with pytest.raises(FeelBudgetExceeded, match="levels deep"):
        decisions.decide("endless", {})


def test_a_decision_service_is_a_function_of_its_inputs():
    service = (
        '<decisionService id="s" name="service"><outputDecision href="#out"/>'
        '<inputDecision href="#given"/><inputData href="#data"/></decisionService>'
    )
    data = '<inputData id="data" name="x"><variable name="x" typeRef="number"/></inputData>'
    xml = file(
        data,
        service,
        decision("out", literal("x + given"), requires=["given"]),
        decision("given", literal("1000")),
        decision("positional", literal("service(1, 2)")),
        decision("named", literal("service(given: 2, x: 1)")),
        decision("wrong", literal("service(1)")),
    )
    decisions = parse_decisions(xml, path="d.dmn")
    assert decisions.decide("positional", {"x": 50}).value == 3
    assert decisions.decide("named", {}).value == 3
    assert decisions.decide("wrong", {}).value is None
    assert decisions.decide("out", {"x": 5}).value == 1005


TYPES = (
    '<itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef>'
    "</itemDefinition>"
    '<itemDefinition name="tPerson"><itemComponent name="full name"><typeRef>string</typeRef>'
    '</itemComponent><itemComponent name="age"><typeRef>number</typeRef></itemComponent>'
    '</itemDefinition><itemDefinition name="tKind"><typeRef>string</typeRef>'
    '<allowedValues><text>"a", "b"</text></allowedValues></itemDefinition>'
)
COERCED = [
    ("string", "1 + 1", None),
    ("string", '["x"]', "x"),
    ("number", "[7]", 7),
    ("tNumbers", "5", [5]),
    ("tNumbers", '[1, "x"]', None),
    (
        "tPerson",
        '{full name: "Lan", age: 3, extra: 1}',
        {"full name": "Lan", "age": 3, "extra": 1},
    ),
    ("tPerson", '{full name: "Lan"}', None),
    ("tKind", '"a"', "a"),
    ("tKind", '"c"', None),
    ("feel:string", '"x"', "x"),
    ("unknown", "5", 5),
]


@pytest.mark.parametrize(("type_ref", "source", "value"), COERCED)
def test_a_result_is_coerced_to_its_declared_type_or_null(type_ref, source, value):
    xml = file(TYPES, decision("d", literal(source), type_ref=type_ref))
    assert parse_decisions(xml, path="d.dmn").decide("d", {}).value == value


TABLE = table(["n"], ["x"], ("-", "1"))
INVALID = [
    (b"<definitions", "not well-formed"),
    (b"<html/>", "holds no DMN definitions"),
    (b'<!DOCTYPE d [<!ENTITY e "x">]>' + file(), "document type"),
    (b'<!DOCTYPE d SYSTEM "file:///etc/passwd">' + file(), "document type"),
    (file(imports("other", "urn:n"), decision("d", TABLE)), "imports “other”"),
    (file(decision("d", literal("1 +"))), "“1 \\+” is not FEEL"),
    (file(decision("d", table(["n"], ["x"], (">>", "1")))), "“>>” is not FEEL"),
    (file(decision("d", table(["n"], ["x"], ("-", "1", "2")))), "Rule 1 has not one cell"),
    (file(decision("d", table([""], ["x"], ("-", "1")))), "has no expression"),
    (file(decision("d", table(["n"], []))), "has no output"),
    (file(decision("d", table(["n"], ["x", "x"], ("-", "1", "2")))), "needs a name of its own"),
    (file(decision("d", table(["n"], ["x"], policy="BEST"))), "hit policy BEST"),
    (
        file(decision("d", table(["n"], ["x", "y"], policy="COLLECT", aggregation="SUM"))),
        "SUM needs a table with one output",
    ),
    (
        file(decision("d", TABLE, requires=["other"])),
        "“other”, which is required, is not in this file",
    ),
    (file(decision("d", TABLE, requires=["d"])), "requires itself"),
    (
        file(decision("a", TABLE, requires=["b"]), decision("b", TABLE, requires=["a"])),
        "requires itself",
    ),
    (
        file(
            decision(
                "d",
                literal("a").replace("Expression>", 'Expression expressionLanguage="juel">', 1),
            )
        ),
        "written in juel",
    ),
    (
        file(decision("d", '<functionDefinition kind="Java"/>')),
        "Java or PMML are not run",
    ),
    (file(f"<decision name='x'>{TABLE}</decision>"), "needs an id"),
    (file(decision("d", TABLE), decision("d", TABLE)), "“d” is used twice"),
    (file(service("s", ["nobody"])), "“nobody”, which is required, is not in this file"),
    (file(decision("d", TABLE, inputs=["nobody"])), "“nobody”, which is required"),
    (
        file(decision("d", f"<invocation>{literal('f')}<binding/></invocation>")),
        "name of the parameter is missing",
    ),
    (file(decision("d", "<list>" * 100 + "</list>" * 100)), "nested too deep"),
]


@pytest.mark.parametrize(("xml", "words"), INVALID, ids=[words for _, words in INVALID])
def test_a_file_that_cannot_be_used_is_refused_in_words(xml, words):
    with pytest.raises(DecisionInvalid, match=words) as caught:
        parse_decisions(xml, path="processes/dmn/d.dmn")
    assert caught.value.path == "processes/dmn/d.dmn"


def test_a_refusal_names_the_element_and_its_line():
    logic = table(["n"], ["x"], ("-", "1"), ("5 5", "1")).replace("<rule", "\n<rule")
    with pytest.raises(DecisionInvalid) as caught:
        parse_decisions(file(decision("d", logic)), path="d.dmn")
    assert (caught.value.element, caught.value.line) == ("r2", 3)


def test_an_unknown_decision_is_an_error():
    with pytest.raises(DecisionFailed, match="no decision “other”"):
        parse_decisions(file(decision("d", TABLE)), path="d.dmn").decide("other", {})


def test_what_cannot_be_read_keeps_no_other_decision_from_being_made():
    xml = file(
        decision("good", literal("1")),
        decision("bad", table(["n"], ["x"], ("5 5", "1 +"))),
        decision("around", literal("bad"), requires=["bad"]),
        knowledge("java", ["n"], "").replace(
            "<encapsulatedLogic", '<encapsulatedLogic kind="Java"'
        ),
        decision("calls", literal("java(1)")),
        decision("does not", literal("if false then java(1) else 2")),
    )
    decisions = read_decisions(xml, path="d.dmn")
    assert [problem.element for problem in decisions.problems] == ["r1", "r1", "java-id"]
    assert decisions.decide("good", {}).value == 1
    assert decisions.decide("does not", {}).value == 2
    for name in ("bad", "around"):
        with pytest.raises(DecisionInvalid, match="5 5"):
            decisions.decide(name, {})


def test_what_the_standard_makes_null_is_told_as_a_mistake_and_decided_as_null():
    java = knowledge("java", ["n"], "").replace(
        "<encapsulatedLogic", '<encapsulatedLogic kind="Java"'
    )
    xml = file(
        java,
        decision("calls", literal("java(1)")),
        decision("no date", literal('@"mai"')),
        decision("twice", literal("{a: 1, a: 2}")),
        decision("two", literal("1, 2")),
    )
    decisions = read_decisions(xml, path="d.dmn")
    assert [problem.severity for problem in decisions.problems] == ["error"] * 4
    for name, value, words in (
        ("calls", None, "Java"),
        ("no date", None, "“mai” is no date"),
        ("twice", None, "two entries “a”"),
    ):
        hit = decisions.decide(name, {}, warn=True)
        assert hit.value == value
        assert [words in str(said) for _, said in hit.warnings] == [True]
    assert decisions.decide("two", {}).value == [1, 2]
    with pytest.raises(DecisionInvalid):
        parse_decisions(xml, path="d.dmn")


def test_a_decision_without_logic_is_given_like_an_input():
    xml = file(
        decision("d", literal("lời phê + 1"), requires=["phe"]),
        decision("phe", "", name="lời phê"),
    )
    decisions = parse_decisions(xml, path="d.dmn")
    assert decisions.decide("d", {"lời phê": 1}).value == 2
    assert decisions.decide("d", {}).value is None
    (problem,) = decisions.problems
    assert (problem.severity, problem.element) == ("warning", "phe")


def test_a_service_and_a_function_are_decided_with_arguments_from_the_data():
    xml = file(
        input_data("x", "number"),
        knowledge("f", ["a", "b"], literal("[a, b]")),
        decision("given", literal("99")),
        decision("out", literal("x + given"), requires=["given"], inputs=["x"]),
        decision("other", literal("x"), inputs=["x"]),
        service("one", ["out"], inputs=["x"], given=["given"]),
        service("two", ["out", "other"], inputs=["x"], given=["given"]),
    )
    decisions = parse_decisions(xml, path="d.dmn")
    assert decisions.decide("one-id", {"x": 1, "given": 2}).value == 3
    assert decisions.decide("two-id", {"x": 1, "given": 2}).value == {"out": 3, "other": 1}
    assert decisions.decide("f-id", {"b": 1}).value == [None, 1]


def test_decisions_in_a_circle_are_found_and_the_rest_is_made():
    xml = file(
        decision("a", literal("1"), requires=["b"]),
        decision("b", literal("1"), requires=["c"]),
        decision("c", literal("1"), requires=["b"]),
        decision("free", literal("1")),
    )
    decisions = read_decisions(xml, path="d.dmn")
    assert sorted(problem.element for problem in decisions.problems) == ["b", "c"]
    assert decisions.decide("free", {}).value == 1
    with pytest.raises(DecisionInvalid, match="requires itself"):
        decisions.decide("a", {})


def test_a_chain_of_thousands_of_decisions_is_made():
    parts = [decision("d0", literal("1"))]
    parts += [
        decision(f"d{n}", literal(f"d{n - 1}"), requires=[f"d{n - 1}"]) for n in range(1, 2000)
    ]
    assert parse_decisions(file(*parts), path="d.dmn").decide("d1999", {}).value == 1


def test_a_file_that_declares_the_namespace_and_forgets_its_prefix_is_read():
    xml = file(decision("d", TABLE)).decode()
    xml = xml.replace(" xmlns=", ' xmlns="urn:own" xmlns:semantic=', 1)
    assert parse_decisions(xml.encode(), path="d.dmn").decide("d", {}).value == 1


WITH_PREFIX = """<s:definitions xmlns:s="http://www.omg.org/spec/DMN/20151101/dmn.xsd"
  xmlns:camunda="http://camunda.org/schema/1.0/dmn"
  xmlns:feel="http://www.omg.org/spec/FEEL/20140401" xmlns="urn:own" id="f" name="f"
  namespace="urn:own" expressionLanguage="http://www.omg.org/spec/FEEL/20140401">
 <s:extensionElements><x xmlns="urn:x"/></s:extensionElements>
 <s:decision id="d" name="d" camunda:historyTimeToLive="P30D">
  <s:decisionTable hitPolicy="UNIQUE" preferredOrientation="CrossTable">
   <s:input id="i" camunda:inputVariable="số tiền">
    <s:inputExpression typeRef="feel:number"/>
   </s:input>
   <s:output id="o" name="x" typeRef="feel:string"/>
   <s:annotation name="Ghi chú"/>
   <s:rule id="r">
    <s:inputEntry id="c" expressionLanguage="feel"><s:text><![CDATA[> 5]]></s:text></s:inputEntry>
    <s:outputEntry id="e"><s:text>"to"</s:text></s:outputEntry>
    <s:annotationEntry><s:text>Điều 5</s:text></s:annotationEntry>
   </s:rule>
  </s:decisionTable>
 </s:decision>
</s:definitions>"""


def test_parts_with_a_prefix_and_extensions_of_editors_are_read():
    decisions = parse_decisions(WITH_PREFIX.encode(), path="d.dmn")
    hit = decisions.decide("d", {"số tiền": 6})
    assert hit == Hit("to", (("d", "r"),))
    assert decisions.rule("d", "r").notes == ("Điều 5",)


def test_cells_may_call_their_input_by_camundas_input_variable():
    logic = table(["a + b"], ["x"], ("tổng > 5", "1"), ("-", "2"), policy="FIRST").replace(
        "<input>", '<input xmlns:c="http://camunda.org/schema/1.0/dmn" c:inputVariable="tổng">'
    )
    decisions = parse_decisions(file(decision("d", logic)), path="d.dmn")
    assert decisions.decide("d", {"a": 3, "b": 3}).value == 1
    assert decisions.decide("d", {"a": 1, "b": 3}).value == 2
    assert {name for _, name in decisions.uses("d").variables} == {"a", "b"}


def test_parts_of_one_name_are_told_apart_by_a_warning():
    content = file(
        decision("one", literal("1"), name="K"),
        decision("two", literal("2"), name="K"),
        decision("other", literal("3"), name="L"),
    )
    (told,) = read_decisions(content, path="k.dmn").problems
    assert (told.severity, told.element) == ("warning", "two")
    assert told.fields["other"] == "one"
