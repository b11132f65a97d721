"""Decisions of DMN files: hit policies, requirements, boxes, functions, and what is refused."""

import datetime as dt
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest

from engine.decisions import DecisionFailed, DecisionInvalid, Hit, parse_decisions
from engine.feel import Budget, FeelBudgetExceeded, FeelError

DMN13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"
NAMESPACES = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    DMN13,
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
]


def file(*parts, namespace=DMN13):
    body = "".join(parts)
    return f'<definitions xmlns="{namespace}" id="d" name="d">{body}</definitions>'.encode()


def text(source):
    return f"<text>{escape(source)}</text>"


def literal(source, type_ref=""):
    declared = f' typeRef="{type_ref}"' if type_ref else ""
    return f"<literalExpression{declared}>{text(source)}</literalExpression>"


def decision(key, logic, *, requires=(), name="", type_ref=""):
    links = "".join(
        f'<informationRequirement><requiredDecision href="#{other}"/></informationRequirement>'
        for other in requires
    )
    variable = f'<variable name="{name or key}" typeRef="{type_ref}"/>' if type_ref else ""
    return f'<decision id="{key}" name="{name or key}">{variable}{links}{logic}</decision>'


def table(inputs, outputs, *rules, policy="UNIQUE", aggregation=""):
    """inputs: expressions, or (expression, allowed); outputs: names, or (name, values, default);
    rules: cells from left to right, named r1, r2, ... by their place."""
    columns = "".join(input_column(source) for source in inputs)
    columns += "".join(output_column(output) for output in outputs)
    rows = "".join(row(n, cells, len(inputs)) for n, cells in enumerate(rules, 1))
    extra = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable hitPolicy="{policy}"{extra}>{columns}{rows}</decisionTable>'


def input_column(source):
    expression, allowed = source if isinstance(source, tuple) else (source, "")
    values = f"<inputValues>{text(allowed)}</inputValues>" if allowed else ""
    return f"<input><inputExpression>{text(expression)}</inputExpression>{values}</input>"


def output_column(output):
    name, values, default = output if isinstance(output, tuple) else (output, "", "")
    inner = f"<outputValues>{text(values)}</outputValues>" if values else ""
    inner += f"<defaultOutputEntry>{text(default)}</defaultOutputEntry>" if default else ""
    return f'<output name="{name}">{inner}</output>'


def row(number, cells, inputs):
    conditions = "".join(f"<inputEntry>{text(cell)}</inputEntry>" for cell in cells[:inputs])
    results = "".join(f"<outputEntry>{text(cell)}</outputEntry>" for cell in cells[inputs:])
    return f'<rule id="r{number}">{conditions}{results}</rule>'


def decide(logic, context, **extra):
    return parse_decisions(file(decision("d", logic)), path="d.dmn").decide("d", context, **extra)


def fired(*rules):
    return tuple(("d", rule) for rule in rules)


BANDS = (("< 10", '"small"'), ("[10..100]", '"medium"'), ("> 100", '"large"'))


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_files_of_every_version_are_read(namespace):
    xml = file(decision("d", table(["amount"], ["size"], *BANDS)), namespace=namespace)
    assert parse_decisions(xml, path="d.dmn").decide("d", {"amount": 10}).value == "medium"


def test_a_unique_table_gives_the_value_of_its_rule_and_names_it():
    logic = table(["amount"], ["size"], *BANDS)
    assert decide(logic, {"amount": 500}) == Hit("large", fired("r3"))


def test_no_rule_gives_null():
    assert decide(table(["amount"], ["size"], ("< 10", '"small"')), {"amount": 50}) == Hit(
        None, ()
    )


def test_no_rule_gives_the_default_output():
    logic = table(["amount"], [("size", "", '"other"')], ("< 10", '"small"'))
    assert decide(logic, {"amount": 50}) == Hit("other", ())


def test_two_rules_of_a_unique_table_are_an_error_that_names_both():
    logic = table(["n"], ["x"], ("> 1", "1"), ("> 2", "2"))
    with pytest.raises(DecisionFailed, match="The rules r1, r2 of “d” apply at once") as caught:
        decide(logic, {"n": 3})
    assert caught.value.rules == ("r1", "r2")


def test_any_takes_rules_that_agree_and_names_them_all():
    logic = table(["n"], ["x"], ("> 1", '"a"'), ("> 2", '"a"'), ("> 3", '"b"'), policy="ANY")
    assert decide(logic, {"n": 3}) == Hit("a", fired("r1", "r2"))
    with pytest.raises(DecisionFailed, match="give different results"):
        decide(logic, {"n": 4})


def test_first_takes_the_first_rule_of_the_table():
    logic = table(["n"], ["x"], ("> 2", '"b"'), ("> 1", '"a"'), ("-", '"c"'), policy="FIRST")
    assert decide(logic, {"n": 3}) == Hit("b", fired("r1"))
    assert decide(logic, {"n": 0}) == Hit("c", fired("r3"))


def test_priority_takes_the_output_that_stands_first_in_the_list():
    rules = (("> 1", '"yes"'), ("> 2", '"no"'))
    logic = table(["n"], [("x", '"no", "yes"', "")], *rules, policy="PRIORITY")
    assert decide(logic, {"n": 3}) == Hit("no", fired("r2"))
    assert decide(logic, {"n": 2}) == Hit("yes", fired("r1"))


def test_priority_of_several_outputs_goes_column_by_column():
    outputs = [("x", '"A", "B"', ""), ("y", '"p", "q"', "")]
    rules = (("-", '"B"', '"p"'), ("-", '"A"', '"q"'), ("-", '"A"', '"p"'))
    logic = table(["n"], outputs, *rules, policy="PRIORITY")
    assert decide(logic, {"n": 1}) == Hit({"x": "A", "y": "p"}, fired("r3"))


def test_rule_order_gives_all_results_in_the_order_of_the_rules():
    rules = (("> 1", "1"), ("> 2", "2"), ("> 9", "9"))
    logic = table(["n"], ["x"], *rules, policy="RULE ORDER")
    assert decide(logic, {"n": 3}) == Hit([1, 2], fired("r1", "r2"))
    assert decide(logic, {"n": 0}) == Hit([], ())


def test_output_order_gives_all_results_in_the_order_of_the_values():
    rules = (("> 1", '"low"'), ("> 2", '"high"'), ("> 0", '"low"'))
    logic = table(["n"], [("x", '"high", "low"', "")], *rules, policy="OUTPUT ORDER")
    assert decide(logic, {"n": 3}) == Hit(["high", "low", "low"], fired("r2", "r1", "r3"))


COLLECTED = [
    ("", [30, 10, 20]),
    ("SUM", 60),
    ("MIN", 10),
    ("MAX", 30),
    ("COUNT", 3),
]


@pytest.mark.parametrize(("aggregation", "value"), COLLECTED)
def test_collect_gathers_or_adds_up_all_results(aggregation, value):
    rules = (("> 0", "30"), ("> 1", "10"), ("> 2", "20"), ("> 9", "5"))
    logic = table(["n"], ["x"], *rules, policy="COLLECT", aggregation=aggregation)
    assert decide(logic, {"n": 3}) == Hit(value, fired("r1", "r2", "r3"))


@pytest.mark.parametrize(
    ("aggregation", "value"), [("", []), ("SUM", None), ("MIN", None), ("MAX", None), ("COUNT", 0)]
)
def test_collect_without_any_rule_gives_what_nothing_comes_to(aggregation, value):
    logic = table(["n"], ["x"], ("> 9", "1"), policy="COLLECT", aggregation=aggregation)
    assert decide(logic, {"n": 3}) == Hit(value, ())


def test_several_outputs_give_a_context_by_name():
    logic = table(["kind"], ["approver", "days"], ('"a", "b"', '"chief"', "2 * factor"))
    assert decide(logic, {"kind": "b", "factor": Decimal("1.5")}).value == {
        "approver": "chief",
        "days": Decimal("3.0"),
    }


def test_collect_of_several_outputs_gives_a_list_of_contexts():
    logic = table(["n"], ["x", "y"], ("-", "1", "2"), ("-", "3", "4"), policy="COLLECT")
    assert decide(logic, {}).value == [{"x": 1, "y": 2}, {"x": 3, "y": 4}]


def test_all_cells_of_a_rule_must_hold_and_an_empty_cell_holds_for_all():
    rules = ((">= 3", '"north"', "1"), ("", "-", "2"))
    logic = table(["rank", "area"], ["x"], *rules, policy="FIRST")
    assert decide(logic, {"rank": 3, "area": "north"}).value == 1
    assert decide(logic, {"rank": 3, "area": "south"}).value == 2
    assert decide(logic, {}).value == 2


def test_cells_may_speak_of_the_input_by_question_mark_and_by_camundas_name():
    rules = (('contains(?, "x")', "1"), ("cellInput = t", "2"))
    logic = table(["t"], ["x"], *rules, policy="FIRST")
    assert decide(logic, {"t": "axb"}).value == 1
    assert decide(logic, {"t": "b"}).value == 2


def test_vietnamese_names_with_blanks_are_read():
    rules = (("> 1000", "số tiền đề nghị / 2"),)
    assert (
        decide(table(["số tiền đề nghị"], ["x"], *rules), {"số tiền đề nghị": 3000}).value == 1500
    )


def test_dates_and_the_clock_are_those_handed_in():
    logic = table(["deadline"], ["late"], ("< now()", "true"), ("-", "false"), policy="FIRST")
    now = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
    assert decide(logic, {"deadline": now - dt.timedelta(hours=1)}, now=now).value is True
    with pytest.raises(FeelError, match="no instant was given"):
        decide(logic, {"deadline": now})


def test_lent_functions_serve_in_tables():
    logic = table(["unit"], ["head"], ("-", "head_of(unit)"))
    assert (
        decide(logic, {"unit": "u1"}, functions={"head_of": "{}-head".format}).value == "u1-head"
    )


def test_an_input_that_is_not_allowed_counts_as_null():
    logic = table([("kind", '"a", "b"')], ["x"], ("null", "0"), ("-", "1"), policy="FIRST")
    assert decide(logic, {"kind": "a"}).value == 1
    assert decide(logic, {"kind": "z"}).value == 0


def test_an_output_that_is_not_allowed_is_null():
    assert decide(table(["n"], [("x", '"a", "b"', "")], ("-", '"z"')), {}).value is None


def test_required_decisions_are_made_first_and_their_rules_named():
    xml = file(
        decision("approver", table(["Rủi ro"], ["x"], ('"high"', '"head"')), requires=["risk"]),
        decision("risk", table(["amount"], ["r"], ("> 9", '"high"')), name="Rủi ro"),
    )
    decisions = parse_decisions(xml, path="d.dmn")
    assert decisions.ids == ("approver", "risk")
    assert decisions.decide("approver", {"amount": 10}) == Hit(
        "head", (("risk", "r1"), ("approver", "r1"))
    )


def test_a_decision_that_two_others_require_is_made_once():
    xml = file(
        decision("top", literal("a + b"), requires=["a", "b"]),
        decision("a", literal("base + 1"), requires=["base"]),
        decision("b", literal("base + 2"), requires=["base"]),
        decision("base", table(["n"], ["x"], ("-", "n"))),
    )
    assert parse_decisions(xml, path="d.dmn").decide("top", {"n": 10}) == Hit(
        23, (("base", "r1"),)
    )


def test_a_required_decision_is_known_by_its_id_too():
    xml = file(
        decision("top", literal("base_id + 1"), requires=["base_id"]),
        decision("base_id", literal("1"), name="Cơ sở"),
    )
    assert parse_decisions(xml, path="d.dmn").decide("top", {}).value == 2


def test_the_check_learns_what_a_decision_takes_from_the_case():
    xml = file(
        decision("top", literal("low + amount + working_days(3)"), requires=["low"]),
        decision("low", table(["kind"], ["x"], ("limit", "1"))),
    )
    uses = parse_decisions(xml, path="d.dmn").uses("top")
    assert {name for _, name in uses.variables} == {"amount", "kind", "limit"}
    assert [name for _, name in uses.calls] == ["working_days"]


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


def knowledge(name, parameters, logic):
    formal = "".join(f'<formalParameter name="{p}" typeRef="number"/>' for p in parameters)
    return (
        f'<businessKnowledgeModel id="{name}-id" name="{name}"><encapsulatedLogic>{formal}{logic}'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )


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
    '<itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>'
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
    (file(decision("d", "")), "has no logic"),
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
    (file(decision("d", TABLE, requires=["other"])), "“other” is not in this file"),
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


def test_a_decision_has_a_budget():
    logic = literal("count(for i in 1..5000 return i)")
    assert decide(logic, {}).value == 5000
    with pytest.raises(FeelBudgetExceeded):
        decide(logic, {}, budget=Budget(steps=1_000))


def test_a_table_of_a_thousand_rules_is_decided_within_its_budget():
    rules = [(f"[{n}..{n + 1})", str(n)) for n in range(1_000)]
    assert decide(table(["n"], ["x"], *rules), {"n": 999}) == Hit(999, fired("r1000"))
