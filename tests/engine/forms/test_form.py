"""A form as a whole: what is shown, what is computed, how records nest, what a file may hold."""

from datetime import date
from decimal import Decimal

import pytest
from werkzeug.datastructures import MultiDict

from engine.forms import Form, FormInvalid, sample
from tests.engine.forms.files import (
    NOW,
    SCAN,
    choices,
    field,
    findings,
    form_of,
    load,
    refused,
    text_of,
)

DECISION = field("radio", "decision", values=choices("yes", "no"), validate={"required": True})
REASON = field(
    "textarea",
    "reason",
    conditional={"hide": '=decision != "no"'},
    validate={"required": True},
)
ROWS = {
    "type": "dynamiclist",
    "path": "rows",
    "label": "Rows",
    "components": [
        field("textfield", "name", id="name", validate={"required": True}),
        field("number", "count", id="count"),
        {
            **field("expression", "double", id="double"),
            "expression": "=if count = null then null else count * 2",
        },
        field("textfield", "why", id="why", conditional={"hide": "=not(count > 10)"}),
    ],
}


def test_a_reason_is_asked_for_only_when_it_is_shown():
    form = form_of(DECISION, REASON)
    assert load(form, {"decision": "yes", "reason": "left over"}) == {"decision": "yes"}
    assert load(form, {"decision": "no", "reason": "late"}) == {"decision": "no", "reason": "late"}
    assert list(refused(form, {"decision": "no"})) == ["reason"]
    assert form.visible({"decision": "no"}, {}, {}, now=NOW) == {"Field_0", "Field_1"}


def test_conditions_that_follow_from_each_other_settle():
    chain = [field("checkbox", "c0")]
    for n in range(1, 8):
        chain.insert(0, field("checkbox", f"c{n}", conditional={"hide": f"=c{n - 1} != true"}))
    form = form_of(*chain)
    ticked = {f"c{n}": "true" for n in range(8)}
    assert load(form, ticked) == {f"c{n}": True for n in range(8)}
    assert load(form, {**ticked, "c0": ""}) == {"c0": False}


def test_a_circle_of_conditions_gives_the_same_answer_each_time():
    circle = form_of(
        field("checkbox", "a", conditional={"hide": "=b = true"}),
        field("checkbox", "b", conditional={"hide": "=a = true"}),
    )
    posted = {"a": "true", "b": "true"}
    assert load(circle, posted) == load(circle, posted)


def test_keys_with_dots_and_paths_of_groups_nest():
    form = form_of(
        field("textfield", "request.full_name"),
        {
            "type": "group",
            "path": "request.home",
            "components": [field("textfield", "street", id="s"), field("number", "no.of", id="n")],
        },
    )
    nested = {"request": {"full_name": "An", "home": {"street": "Lê Lợi", "no": {"of": 5}}}}
    flat = {
        "request.full_name": "An",
        "request.home.street": "Lê Lợi",
        "request.home.no.of": "5",
        "csrf_token": "x",
        "_close": "1",
    }
    assert load(form, flat) == nested
    assert load(form, nested) == nested
    assert load(form, MultiDict(flat)) == nested
    assert form.keys == {"request.full_name", "request.home.street", "request.home.no.of"}
    assert list(refused(form, {**flat, "request.age": "5"})) == ["request.age"]


def test_computed_fields_are_computed_and_never_taken_from_outside():
    form = form_of(
        field("number", "price"),
        field("number", "count"),
        {**field("expression", "total"), "expression": "=price * count"},
        {**field("expression", "with_tax"), "expression": "=total * 1.1"},
    )
    found = load(form, {"price": "2,5", "count": "4", "total": "1"})
    assert found["total"] == Decimal("10.0")
    assert found["with_tax"] == 11
    assert load(form, {"price": "", "count": "4"})["total"] is None


def test_read_only_fields_keep_the_cases_value():
    form = form_of(
        field("textfield", "a", readonly=True),
        field("textfield", "b", disabled="=lock = true"),
        field("textfield", "c", readonly=True, defaultValue="given"),
        field("textfield", "d", disabled=True, defaultValue="never"),
    )
    posted = {"a": "hacked", "b": "changed", "c": "hacked"}
    assert load(form, posted, context={"a": "old", "lock": True}) == {"c": "given"}
    assert load(form, posted, context={"lock": False}) == {"b": "changed", "c": "given"}
    assert load(form, posted, context={"c": "kept", "lock": True}) == {}


def test_what_is_not_posted_keeps_what_the_page_would_show():
    form = form_of(
        field("textfield", "kept", validate={"required": True}),
        field("number", "chosen", defaultValue=3),
        field("textfield", "cleared"),
        field("checkbox", "box"),
    )
    context = {"kept": "old", "cleared": "old"}
    assert load(form, {"cleared": ""}, context=context) == {
        "chosen": 3,
        "cleared": None,
        "box": False,
    }
    shown = form.initial(context=context, functions={}, now=NOW)
    assert shown == {"kept": "old", "chosen": "3", "cleared": "old", "box": ""}
    assert load(form, shown) == {"kept": "old", "chosen": 3, "cleared": "old", "box": False}


def test_choices_come_from_data_and_from_expressions():
    form = form_of(
        field("select", "unit", valuesKey="catalogue.units"),
        field("radio", "size", valuesExpression="=for n in 1..3 return n * 10"),
        field("checklist", "people", valuesExpression='=list_people("vp")'),
    )
    context = {"catalogue": {"units": [{"value": "vp", "label": "Văn phòng"}, "dt"]}}
    functions = {"list_people": lambda unit: [{"value": f"an.{unit}", "label": "An"}]}
    world = {"context": context, "functions": functions}
    posted = {"unit": "dt", "size": "20", "people": ["", "an.vp"]}
    assert load(form, posted, **world) == {"unit": "dt", "size": 20, "people": ["an.vp"]}
    assert "choices" in refused(form, {**posted, "unit": "xx"}, **world)["unit"]


def test_limits_may_be_computed():
    form = form_of(
        field("number", "low"),
        field("number", "high", validate={"min": "=low", "required": "=low > 5"}),
    )
    assert "at least 3" in refused(form, {"low": "3", "high": "2"})["high"]
    assert load(form, {"low": "3", "high": ""}) == {"low": 3, "high": None}
    assert "enter it" in refused(form, {"low": "6", "high": ""})["high"]


def test_rows_are_read_in_order_each_with_its_own_conditions():
    form = form_of(ROWS)
    posted = {
        "rows": "",
        "rows.0.name": "a",
        "rows.0.count": "2",
        "rows.5.name": "b",
        "rows.5.count": "20",
        "rows.5.why": "many",
    }
    rows = [
        {"name": "a", "count": 2, "double": 4},
        {"name": "b", "count": 20, "double": 40, "why": "many"},
    ]
    assert load(form, posted) == {"rows": rows}
    assert load(form, {"rows": rows}) == {"rows": rows}
    assert load(form, form.dump({"rows": rows})) == {"rows": rows}
    assert load(form, {"rows": ""}) == {"rows": []}
    assert list(refused(form, {**posted, "rows.5.name": ""})) == ["rows.1.name"]
    assert list(refused(form, {**posted, "rows.5.odd": "1"})) == ["rows.1.odd"]


def test_lists_hold_lists():
    inner = {**ROWS, "path": "parts", "id": "parts"}
    form = form_of({"type": "dynamiclist", "path": "lots", "label": "Lots", "components": [inner]})
    found = load(
        form, {"lots.0.parts.0.name": "a", "lots.0.parts.1.name": "b", "lots.1.parts": ""}
    )
    assert [[part["name"] for part in lot["parts"]] for lot in found["lots"]] == [
        ["a", "b"],
        [],
    ]
    assert list(refused(form, {"lots.0.parts.1.name": "", "lots.0.parts.0.name": "a"})) == [
        "lots.0.parts.1.name"
    ]


def test_rows_that_may_not_change_in_number_do_not():
    form = form_of({**ROWS, "allowAddRemove": False, "defaultRepetitions": 2})
    names = {"rows.0.name": "a", "rows.1.name": "b"}
    assert len(load(form, names)["rows"]) == 2
    assert "cannot be added" in refused(form, {**names, "rows.2.name": "c"})["rows"]
    case = {"rows": [{"name": "a"}]}
    assert "cannot be added" in refused(form, names, context=case)["rows"]


def test_rows_that_may_not_change_in_number_keep_what_the_form_does_not_show():
    shown = field("textfield", "name", id="name", readonly=True)
    form = form_of({**ROWS, "components": [shown], "allowAddRemove": False})
    case = {"rows": [{"name": "a", "unit": "x"}, {"name": "b", "unit": "y"}]}
    assert load(form, {}, context=case) == case
    assert load(form, {"rows.0._": "", "rows.1._": ""}, context=case) == case
    free = form_of({**ROWS, "components": [shown]})
    assert load(free, {}, context=case) == {"rows": [{"name": "a"}, {"name": "b"}]}


def test_no_list_grows_without_end():
    form = form_of(ROWS)
    assert "at most 200" in refused(form, {f"rows.{n}.name": "a" for n in range(201)})["rows"]


def test_rows_are_added_and_removed_by_their_buttons():
    form = form_of(ROWS)
    posted = {"rows.0.name": "a", "rows.1.name": "b"}
    assert form.rearranged(posted) is None
    added = form.rearranged({**posted, "_add": "rows"})
    assert load(form, {**added, "rows.2.name": "c"})["rows"][2]["name"] == "c"
    removed = form.rearranged({**posted, "_remove": "rows.0"})
    assert [row["name"] for row in load(form, removed)["rows"]] == ["b"]
    for nonsense in ("rows.9", "other.0", "rows", "", "rows.x"):
        assert form.rearranged({**posted, "_remove": nonsense}) is not None


def test_dump_gives_what_loads_back():
    form = form_of(
        field("datetime", "day", subtype="date"),
        field("datetime", "at", subtype="datetime"),
        field("number", "amount"),
        field("checklist", "some", values=choices("a", "b")),
        field("filepicker", "scan", multiple=True),
    )
    record = {
        "day": date(2026, 2, 3),
        "at": NOW,
        "amount": Decimal("1234.50"),
        "some": ["b"],
        "scan": [SCAN],
    }
    shown = form.dump(record)
    assert shown["day"] == "03/02/2026"
    assert shown["amount"] == "1.234,50"
    assert shown["at"] == {"date": "23/11/2026", "time": "08:00"}
    assert load(form, shown, files={7: SCAN}) == record


def test_messages_name_the_field_in_the_readers_language():
    form = form_of(
        field("textfield", properties={"label_en": "Name"}, validate={"required": True})
    )
    for language, label in (("vi", "X"), ("en", "Name")):
        with pytest.raises(Exception) as caught:
            form.load({}, context={}, functions={}, now=NOW, language=language)
        assert caught.value.errors["x"][0][1]["label"] == label


def test_a_broken_expression_does_not_take_the_page_down():
    form = form_of(
        field("textfield", "a", conditional={"hide": "=ask()"}),
        {**field("expression", "b"), "expression": "=unknown.part[5].x"},
    )
    assert load(form, {"a": "shown"}) == {"a": "shown", "b": None}


def test_sample_gives_what_the_form_accepts():
    form = form_of(
        DECISION,
        {**REASON, "conditional": {"hide": '=decision != "yes"'}},
        field("textfield", "code", validate={"required": True, "pattern": r"^[A-Z]{2}-\d{4}$"}),
        field("textfield", "long", validate={"required": True, "minLength": 12}),
        field("number", "n", validate={"required": True, "min": 7}, increment=5),
        field("datetime", "d", validate={"required": True}, disallowPassedDates=True),
        field("datetime", "t", subtype="datetime", validate={"required": True}, timeInterval=30),
        field("textfield", "phone", properties={"format": "phone"}, validate={"required": True}),
        field("textfield", "tax", properties={"format": "tax_code"}, validate={"required": True}),
        field("textfield", "mail", validate={"required": True, "validationType": "email"}),
        field("filepicker", "scan", accept="image/*", validate={"required": True}),
        field("checkbox", "agreed", validate={"required": True}),
        field("taglist", "tags", values=choices("a"), validate={"required": True}),
        ROWS,
    )
    record = sample(form, now=NOW)
    assert record["n"] == 10
    assert record["reason"]
    assert load(form, record) == record
    assert sample(form_of(field("textfield"))) == {"x": None}


def test_the_first_heading_is_the_title():
    assert form_of({"type": "text", "text": "# Đề nghị cấp tài khoản\nHãy..."}).title == (
        "Đề nghị cấp tài khoản"
    )
    assert form_of(field("textfield")).title is None


def test_every_expression_is_listed_for_checks():
    form = form_of(
        {"type": "text", "text": "Kính gửi {{name}}{{#if late}}, muộn{{/if}}"},
        field("number", conditional={"hide": "=a > 1"}, validate={"min": "=b"}, readonly="=c"),
        field("select", "s", valuesExpression="=d"),
        {"type": "table", "label": "T", "dataSource": "=e", "columns": [{"key": "k"}]},
    )
    texts = {text for _, _, text in form.expressions}
    assert texts == {"name", "late", "a > 1", "b", "c", "d", "e"}
    assert ("Field_1", "conditional.hide", "a > 1") in form.expressions


@pytest.mark.parametrize(
    ("components", "found"),
    [
        ([{"type": "jsfunction", "key": "x"}], ("type", "x", "error")),
        ([field("textfield", "họ tên")], ("key", "họ tên", "error")),
        ([{"type": "textfield", "label": "X"}], ("key", "Field_0", "error")),
        ([field("textfield"), field("number")], ("duplicate", "x", "error")),
        ([field("textfield"), field("number", "x.y")], ("duplicate", "x.y", "error")),
        ([field("textfield", conditional={"hide": "=a >"})], ("expression", "x", "error")),
        ([{"type": "text", "text": "{{#if a}}b"}], ("template", "Field_0", "error")),
        ([field("textfield", validate={"pattern": "(?=a)b"})], ("pattern", "x", "error")),
        ([field("textfield", validate={"minLength": "some"})], ("limit", "x", "error")),
        ([field("select", values=[])], ("options", "x", "error")),
        ([field("select", values=choices("a", "a"))], ("options", "x", "error")),
        ([field("number", defaultValue="ten")], ("default", "x", "error")),
        ([field("radio", values=choices("a"), defaultValue="b")], ("default", "x", "error")),
        ([field("number", properties={"format": "phone"})], ("format", "x", "error")),
        ([field("datetime", subtype="week")], ("subtype", "x", "error")),
        ([{"type": "expression", "key": "x", "label": "X"}], ("expression", "x", "error")),
        ([{"type": "textfield", "key": "x"}], ("label", "x", "warning")),
        ([{"type": "image", "source": "https://x.vn/a.png"}], ("image", "Field_0", "warning")),
        ([{"type": "iframe", "url": "https://x.vn"}], ("iframe", "Field_0", "warning")),
        ([{"type": "iframe", "url": "javascript:a()"}], ("iframe", "Field_0", "error")),
        ([field("textfield", properties={"lable_en": "X"})], ("property", "x", "warning")),
    ],
)
def test_what_is_wrong_with_a_file_is_found(components, found):
    assert found in findings(*components)


def test_what_is_wrong_is_told_with_the_line_of_the_property():
    wrong = field("number", "c", validate={"min": 5, "max": 1}, conditional={"hide": "= 1 +"})
    inner = field("textfield", "b", subtype="odd", layout={"columns": 40})
    group = {"type": "group", "label": "G", "components": [inner]}
    text = text_of(field("number", decimalDigits=99), group, wrong)
    with pytest.raises(FormInvalid) as caught:
        Form.parse(text, path="forms/a.form")
    rows = [row.strip().rstrip(",") for row in text.splitlines()]
    told = {f.rule: rows[f.line - 1] for f in caught.value.findings}
    assert told == {
        "range": '"decimalDigits": 99', "unknown-name": '"subtype": "odd"',
        "layout": '"layout": {', "impossible": '"min": 5', "expression": '"hide": "= 1 +"',
    }  # fmt: skip


def test_a_key_that_is_wrong_is_told_in_words_with_its_line():
    text = text_of(field("textfield"), field("textfield", "x y"))
    with pytest.raises(FormInvalid) as caught:
        Form.parse(text, path="forms/a.form")
    (finding,) = caught.value.findings
    assert text.splitlines()[finding.line - 1].strip() == '"key": "x y",'
    assert finding.message.format(**finding.fields) == (
        'The key "x y" of "x y" cannot be a name of data.'
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"components": 5}',
        "null",
        '{"type": "other", "components": []}',
        "[" * 5000,
    ],
)
def test_what_is_no_form_is_refused_with_a_finding(text):
    with pytest.raises(FormInvalid) as caught:
        Form.parse(text, path="forms/a.form")
    assert caught.value.findings


def test_newer_files_are_read_with_a_warning():
    assert findings(field("textfield"), schemaVersion=99) == [("schema-version", None, "warning")]
    assert findings(field("textfield"), schemaVersion=0) == [("schema-version", None, "error")]
    assert findings(field("textfield"), schemaVersion=18) == []
