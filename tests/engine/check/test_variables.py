"""Variables and types: what nothing writes, what cannot be compared, and what is left in peace."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from engine import feel
from engine.check import Catalogue, Files, Purpose, check_all
from engine.check.types import Reading
from tests.engine.check.drawn import END, START, TASK, findings, flows, process, rules, whole

FORM = {
    "components": [
        {"type": "number", "key": "amount", "id": "f1", "label": "A"},
        {"type": "textfield", "key": "reason", "id": "f2", "label": "R"},
        {"type": "checkbox", "key": "agreed", "id": "f3", "label": "G"},
        {"type": "textfield", "key": "request.title", "id": "f4", "label": "T"},
        {"type": "taglist", "key": "tags", "id": "f5", "label": "L",
         "values": [{"label": "a", "value": "a"}]},
    ],
    "type": "default",
    "id": "f",
    "schemaVersion": 16,
}  # fmt: skip


def said(
    expression: str, *, start: str = START, more: str = "", out: str = ""
) -> list[tuple[str, str]]:
    """(rule, English sentence) about a script after a task whose form fills in variables; out: an
    expression in the outputs of that task.
    """
    script = expression.replace("<", "&lt;")
    output = f'<camunda:outputParameter name="o">={out or 1}</camunda:outputParameter>'
    content = process(
        start + '<userTask id="a" camunda:formKey="p/f" camunda:assignee="an"><extensionElements>'
        f"<camunda:inputOutput>{output}</camunda:inputOutput></extensionElements></userTask>"
        '<scriptTask id="c" scriptFormat="feel" camunda:resultVariable="result">'
        f"<script>{script}</script></scriptTask>{more}" + END + flows("s a c e")
    )  # fmt: skip
    files = {"p/f.form": json.dumps(FORM).encode(), "x.bpmn": whole(content).encode()}
    found = check_all(Files(files), Catalogue, Purpose(is_deployed=False))
    wanted = {"type-error", "unwritten-variable", "bad-expression", "foreign-expression"}
    return [(f.rule, f.record()["message"]) for f in found if f.rule in wanted]


@pytest.mark.parametrize(
    "expression",
    [
        "amount + 1",
        'reason + "!"',
        "amount > 5 and agreed",
        'if agreed then "yes" else "no"',
        "request.title = reason",
        'count(tags) > 1 and list contains(tags, "a")',
        "some t in tags satisfies t = reason",
        "amount = null",
        "initiator",
        "unit = case",
        'date("2026-11-22") + duration("P1D") > today()',
        "tags[item = reason]",
        "{total: amount * 2, words: string(amount)}.total",
        # Names of an expression's own, and parts of items, are not the variables of that name.
        'for amount in tags return amount + "a"',
        '{amount: "x", long: amount + "a"}',
        '{f: function(amount) amount + "a"}',
        'tags[amount = "x"]',
        "amount in (1, reason)",
        "agreed in (true, false)",
        "amount in tags",
        "amount in [1..5]",
        "{abs: function(a, b) a + b, both: abs(1, 2)}",
        "count(amount) + sum(1, 2) + max(tags)",
        'sort(tags, function(x, y) x < y)[1] + get or else(reason, "")',
        "substring(string: reason, start position: 2)",
        "upper case(null)",
        "for x in 5 return x + 1",
    ],
)
def test_what_can_work_is_left_in_peace(expression):
    assert said(expression) == []


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("amount = reason", "number"),
        ("amount < agreed", "boolean"),
        ("reason * 2", "string"),
        ('amount + "đ"', "string"),
        ("-reason", "string"),
        ("amount and agreed", "number"),
        ("if amount then 1 else 2", "number"),
        ("amount.size", "size"),
        ("amount between reason and 5", "string"),
        ('date("2026-11-22") > amount', "date"),
        ("today() + 1", "date"),
        ("string length(reason) = reason", "string"),
        ('{x: {y: amount + "a"}}', "string"),
        ('for t in tags return amount + "a"', "string"),
        ('for i in 1..3 return i + "a"', "string"),
        ('some t in tags satisfies amount = "a"', "string"),
        ("every t in tags satisfies amount", "number"),
        ('tags[1 + "a" = item]', "string"),
        ('tags["a"]', "string"),
        ('{f: function(x: number) x + "a"}', "string"),
        ('reason in (1 + "a")', "string"),
        ("reason in (1, 2)", "number"),
        ("amount in [reason..reason]", "string"),
        ("abs(1, 2)", "abs(n: number)"),
        ("contains(reason)", "contains(string: string, match: string)"),
        ("upper case(amount)", "upper case(string: string)"),
        ("{a: sqrt(m: 4)}", "sqrt(number: number)"),
        ("get value({a: 1})", "get value(m: context, key: string)"),
        ('number("abc")', "abc"),
        ("not(amount)", "not(negand: boolean)"),
    ],
)
def test_what_can_never_work_is_an_error_with_the_types(expression, words):
    ((rule, sentence),) = said(expression)
    assert rule == "type-error"
    assert words in sentence


@pytest.mark.parametrize(
    ("script", "drawn", "is_wrong"),
    [
        ("5", 'dueDate="=n"', True),
        ('"P5D"', 'dueDate="=n"', False),
        ("5", 'priority="=n"', False),
        ("string(5)", 'priority="=n"', True),
        ("5 +", 'priority="=n"', False),
    ],
)
def test_what_a_script_gives_its_variable_has_a_type(script, drawn, is_wrong):
    content = process(
        START + '<scriptTask id="a" scriptFormat="feel" camunda:resultVariable="n">'
        f'<script>{script}</script></scriptTask><userTask id="b" camunda:{drawn}/>'
        + END + flows("s a b e")
    )  # fmt: skip
    assert [f.element for f in findings(content) if f.rule == "type-error"] == ["b"] * is_wrong


@pytest.mark.parametrize(
    ("until", "is_wrong"),
    [("loopCounter", True), ("nrOfCompletedInstances &gt;= 2", False), ("loopCounter = n", False)],
)
def test_what_is_counted_of_a_loop_is_a_number(until, is_wrong):
    task = (
        '<userTask id="a"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>'
        f"<completionCondition>{until}</completionCondition></multiInstanceLoopCharacteristics>"
        "</userTask>"
    )
    content = process(START + task + END + flows("s a e"))
    assert ("type-error" in rules(content)) is is_wrong


@pytest.mark.parametrize(
    ("column", "is_wrong"),
    [('x:number="a"', True), ("x:number=1", False), ("x:date=5", True), ("x=5", False)],
)
def test_a_column_takes_what_its_kind_says(column, is_wrong):
    column = column.replace('"', "&quot;")
    own = f'<camunda:properties><camunda:property name="columns" value="{column}"/>'
    own = f"<extensionElements>{own}</camunda:properties></extensionElements>"
    content = process(own + START + TASK + END + flows("s a e"))
    assert ("type-error" in rules(content)) is is_wrong


def test_a_misspelt_variable_is_told_with_the_one_that_is_meant():
    content = said("amuont + 1")
    assert content[0][0] == "unwritten-variable"


def test_who_has_done_a_task_is_known_to_its_outputs_alone():
    assert said("1", out="done_by.account") == []
    assert [rule for rule, _ in said("done_by.account")] == ["unwritten-variable"]


@pytest.mark.parametrize(
    "start",
    [
        '<startEvent id="s"><messageEventDefinition/></startEvent>',
        '<startEvent id="s"><signalEventDefinition/></startEvent>',
    ],
)
def test_a_message_may_bring_any_variable_but_a_likely_mistake_is_told(start):
    assert said("elsewhere + 1") != []
    assert said("elsewhere + 1", start=start) == []
    assert said("amuont + 1", start=start) != []


def test_an_expression_of_another_engine_is_told_apart_from_a_mistake():
    assert [rule for rule, _ in said("${amount > 5}")] == ["foreign-expression"]
    assert [rule for rule, _ in said("amount >")] == ["bad-expression"]


def test_what_a_condition_must_give_is_said():
    gateway = (
        '<exclusiveGateway id="g" default="g-f"/><endEvent id="f"/>' + flows("a g f")
        + '<sequenceFlow id="c1" sourceRef="g" targetRef="f"><conditionExpression '
        'xsi:type="tFormalExpression">amount + 1</conditionExpression></sequenceFlow>'
    )  # fmt: skip
    assert [rule for rule, _ in said("1", more=gateway)] == ["type-error"]


NULL = """sum("a", "b"); sum(["a", "b"]); sum(1, t); sum([1], [2]); sum(xs, 1); sum([[1]])
min("a", 1); max([1, "a"]); max([true]); max({a: 1}); mean("a"); all(1, 2); any(["a"])
median(t); stddev(["a", "b"]); product(1, "2"); mode(["a"]); sort([1, "a"])
sort([true, false]); string join([1, 2]); string join(5); string join(["a", 1], ",")
abs(["a"]); abs([1, 2]); abs([]); contains(["ab", "c"], "a"); sum(split("1,2", ","))
sum(for i in [1, 2] return "a"); sum(if n > 1 then ["a"] else ["b"]); context merge([1])
context([1]); get value({a: 1}, ["a", 1]); context put({}, 5, 1); sum(list: ["a"])
max(date("2026-01-01"), n); sum(sort(["b", "a"])); sum([null, "a"], n); sum(unknown, "a")"""
SENSE = """sum(1, 2); sum(5); sum(xs); sum(unknown, 1); min("a", t); max([1, n])
min(date("2026-01-01"), today()); sum(duration("P1D"), duration("P2D")) > duration("P1D")
abs(duration("-P1D")) = duration("P1D"); all(false, 1); any(true, "a"); all([])
all(n = 5, 1 < n); string join(["a", null, "b"]); string join("a")
string join(split("a b", " "), "-"); concatenate(1, ["a"]); append([1], "a"); sort([3, 1])
sort([2, 1], null); sort([1, "a"], function(a, b) true); count("a"); count([1, "a"])
list contains([1, 2], 2); abs([-1]); sum(for i in [1, 2] return i * 2) + 1
max(sort([1, 2])); sum(if n > 1 then [1] else [2]); union([1], ["a"])
distinct values([1, "a"]); context merge([{a: 1}, {b: 2}])
get value({a: {b: 1}}, ["a", "b"]); mode([1, 1]); context([{key: "a", value: 1}])
sum([unknown, 1]); ["a", 1][1]; (for i in xs return i)[1] + 1"""


@pytest.mark.parametrize(("texts", "is_null"), [(NULL, True), (SENSE, False)])
def test_a_function_over_items_that_it_can_do_nothing_with_is_told(texts, is_null):
    types = {"xs": "list", "n": "number", "t": "string"}
    data = {"xs": [1], "n": 5, "t": "a", "unknown": 2}
    now = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    for text in texts.replace("\n", "; ").split("; "):
        parsed, reading = feel.parse(text), Reading(types)
        reading.of(parsed.tree)
        assert (parsed.evaluate(data, now=now) is None) is is_null, text
        assert bool(reading.problems) is is_null, text


def test_what_is_in_a_list_that_a_script_writes_is_known_to_the_next():
    made = '<scriptTask id="m" scriptFormat="feel" camunda:resultVariable="made"><script>'
    for items, told in (("[1]", []), ('["a"]', ["type-error"])):
        script = f"{made}{items}</script></scriptTask>" + flows("e m")
        assert [rule for rule, _ in said("sum(made) + 1", more=script)] == told


def test_every_built_in_function_has_the_type_that_it_gives():
    from engine.check.kinds import RESULTS

    for kind, names in RESULTS.items():
        for name in names:
            assert not feel.parse(f"{name}(1)").calls, (kind, name)


@pytest.mark.parametrize(
    ("field", "finds"),
    [
        ({"key": "initiator"}, True),
        ({"key": "case.code"}, True),
        ({"key": "unit", "readonly": True}, False),
        ({"key": "unit", "disabled": True}, False),
        ({"key": "request.unit"}, False),
    ],
)
def test_what_people_enter_under_a_name_that_cases_own_would_be_lost(field, finds):
    form = {"components": [{"type": "textfield", "label": "x", **field}], "type": "default"}
    task = '<userTask id="a" camunda:formKey="p/f" camunda:candidateGroups="x"/>'
    files = {
        "p/f.form": json.dumps(form).encode(),
        "x.bpmn": whole(process(START + task + END + flows("s a e"))).encode(),
    }
    found = check_all(Files(files), Catalogue, Purpose(is_deployed=False, is_import=True))
    told = [(f.element, f.severity) for f in found if f.rule == "own-field"]
    assert told == ([("a", "error")] if finds else [])


@pytest.mark.parametrize(
    ("component", "wrong"),
    [
        ({"type": "expression", "key": "twice", "expression": '=age * "2"'}, ["twice"]),
        ({"type": "textfield", "key": "n", "conditional": {"hide": '=age < "x"'}}, ["n"]),
        ({"type": "text", "id": "t", "text": '{{age - "x"}}'}, ["t"]),
        ({"type": "textfield", "key": "n", "conditional": {"hide": "=age * 2 < 3"}}, []),
        ({"type": "expression", "key": "twice", "expression": '=unknown * "2"'}, ["twice"]),
        ({"type": "expression", "key": "twice", "expression": '=unknown + "2"'}, []),
        ({"type": "number", "key": "age", "serializeToString": True, "id": "again"}, []),
    ],
)  # fmt: skip
def test_the_expressions_of_a_form_are_held_to_the_types_of_its_fields(component, wrong):
    components = [{"type": "number", "key": "age", "id": "age"}, component]
    form = json.dumps({"type": "default", "schemaVersion": 16, "components": components})
    found = check_all(Files({"f.form": form.encode()}), Catalogue, Purpose(is_deployed=False))
    told = [f for f in found if f.rule == "type-error"]
    assert [f.element for f in told] == wrong
    assert {f.severity for f in told} <= {"warning"}
