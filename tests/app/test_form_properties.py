"""A form accepts exactly what its page can send: for forms of all types and whatever is typed."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.rendering import render_form
from engine.forms import FormErrors, sample
from engine.forms.fields import TYPES
from tests.app.test_rendering import NOW, WORLD, sent, speaking, tree
from tests.engine.forms.files import choices, field, form_of

__all__ = ["speaking"]
PROPERTY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CONTEXT = {"case": {"kept": "of the case", "n": 7}, "kept": "of the case"}
IN_CASE = {**WORLD, "context": CONTEXT}
KINDS = {
    "textfield": [
        {},
        {"validate": {"minLength": 2, "maxLength": 4}},
        {"validate": {"validationType": "email"}},
        {"validate": {"pattern": "^[a-z]+$"}},
    ],
    "textarea": [{}, {"validate": {"maxLength": 6}}],
    "number": [
        {},
        {"decimalDigits": 1},
        {"validate": {"min": 2, "max": 9}},
        {"increment": "0.5"},
        {"serializeToString": True},
    ],
    "datetime": [
        {"subtype": "date", "disallowPassedDates": True},
        {"subtype": "time", "timeInterval": 15},
        {"subtype": "datetime"},
    ],
    "checkbox": [{}, {"defaultValue": True}],
    "radio": [{"values": choices("one", 2, True)}],
    "select": [{"values": choices(" one ", "two")}, {"valuesExpression": '=["x", "y"]'}],
    "checklist": [{"values": choices("one", "two")}],
    "taglist": [{"valuesKey": "none_there"}],
    "filepicker": [{"multiple": True}, {"accept": ".pdf"}],
    "expression": [{"expression": "=1 + 1"}, {"expression": "=case.n", "computeOn": "presubmit"}],
}
DISPLAYS = [
    {"type": "text", "text": "{{#if a = null}}Không{{/if}} {{case.kept}}"},
    {"type": "html", "content": "<b>{{case.kept}}</b>"},
    {"type": "separator"},
    {"type": "spacer", "height": 10},
    {"type": "image", "source": "/x.png", "alt": "X"},
    {"type": "button", "label": "Reset", "action": "reset"},
    {"type": "iframe", "label": "F", "url": "https://example.vn/{{case.n}}"},
    {"type": "documentPreview", "label": "P", "dataSource": "=papers"},
    {
        "type": "table",
        "label": "T",
        "dataSource": "=for i in 1..5 return {n: i}",
        "columns": [{"key": "n"}],
        "rowCount": 2,
    },
]
DAYS = ["22/11/2026", "23/11/2026", "8:30", "8:31"]
WORDS = ["ab", "abc1", "abcdefgh", "a@b.vn", "one", "\x00", "1" * 40]
TYPED = ["", " ", "5", "2,5", "0,25", "-1", *DAYS, *WORDS]


def test_forms_of_every_type_are_tried_here():
    shown = {display["type"] for display in DISPLAYS}
    assert shown | {*KINDS, "group", "dynamiclist"} == TYPES


@st.composite
def components(draw, names=("a", "b", "c", "d"), above=""):
    """Components of any type, with limits, conditions, rows, and some that may not be changed."""
    found = []
    for name in names[: draw(st.integers(1, len(names)))]:
        kind = draw(st.sampled_from([*KINDS, "group", "dynamiclist", "display"]))
        if kind == "display":
            made = dict(draw(st.sampled_from(DISPLAYS)))
        elif kind in KINDS:
            made = {**field(kind, name), **draw(st.sampled_from(KINDS[kind]))}
            if draw(st.booleans()):
                made["validate"] = {**made.get("validate", {}), "required": True}
            if draw(st.integers(0, 4)) == 0:
                made[draw(st.sampled_from(["readonly", "disabled"]))] = "=case.n = 7"
        elif len(above) < 2:
            inner = draw(components(("x", "y"), above + name))
            made = {"type": kind, "path": name, "label": name, "components": inner}
            if kind == "dynamiclist":
                made["allowAddRemove"] = draw(st.booleans())
        else:
            continue
        if found and draw(st.integers(0, 2)) == 0:
            made["conditional"] = {"hide": f"={found[0].get('key', 'nothing')} = null"}
        if draw(st.booleans()):
            made["layout"] = {"row": "R", "columns": draw(st.sampled_from([None, 4, 8, 16]))}
        made["id"] = f"id_{above}{name}"
        found.append(made)
    return found


FORMS = components().map(lambda found: form_of(*found))


def verdict(form, posted):
    """The record that the form makes of what was posted, or the names that it refuses."""
    try:
        return form.load(posted, **IN_CASE), None
    except FormErrors as refusal:
        return None, refusal.errors


def filled_in(data, page):
    """What a browser sends after somebody has typed, chosen and ticked as they like."""
    posted = sent(page)
    for control in tree(page).xpath("//input|//textarea|//select"):
        name, kind = control.get("name"), control.get("type")
        if not name or kind in ("hidden", "file") or not data.draw(st.booleans()):
            continue
        if control.tag == "select":
            posted[name] = data.draw(st.sampled_from(control.xpath(".//option/@value")))
        elif kind == "radio":
            posted.setlist(name, ["", control.get("value")])
        elif kind == "checkbox":
            before = [value for value in posted.getlist(name) if value != control.get("value")]
            posted.setlist(name, before + data.draw(st.sampled_from([[], [control.get("value")]])))
        else:
            posted[name] = data.draw(st.sampled_from(TYPED))
    return posted


@PROPERTY
@given(form=FORMS, data=st.data())
def test_whatever_the_page_sends_is_taken_or_refused_at_a_field_of_the_page(speaking, form, data):
    page = speaking(render_form, form, {}, {}, **IN_CASE)
    posted = filled_in(data, page)
    record, errors = verdict(form, posted)
    if errors is None:
        page = speaking(render_form, form, form.dump(record), {}, **IN_CASE)
        assert form.load(sent(page), **IN_CASE) == record
        return
    again = tree(speaking(render_form, form, posted, errors, **IN_CASE))
    names = set(again.xpath("//@name")) | set(again.xpath("//button/@value"))
    for name in errors:
        assert name in names or any(other.startswith(f"{name}.") for other in names), name


@PROPERTY
@given(form=FORMS, data=st.data())
def test_what_the_page_does_not_offer_has_no_effect(speaking, form, data):
    posted = filled_in(data, speaking(render_form, form, {}, {}, **IN_CASE))
    record, errors = verdict(form, posted)
    spots = list(form.page(posted, **IN_CASE).walk())
    offered = {spot.name for spot in spots if spot.editable}
    fixed = [f.name for f in form.fields if f.holds_value and f.name not in offered]
    for name in fixed:
        crafted = {**posted.to_dict(flat=False), name: "crafted"}
        assert verdict(form, crafted)[0] == record or errors is not None, name
    assert verdict(form, {**posted.to_dict(flat=False), "stranger": "x"})[0] is None
    inner = {**posted.to_dict(flat=False), "csrf_token": "t", "_turned": "id_a:1", "_close": "1"}
    assert verdict(form, inner)[0] == record


@PROPERTY
@given(form=FORMS)
def test_a_page_that_nobody_touches_keeps_what_it_shows(speaking, form):
    record = sample(form, context=CONTEXT, now=NOW) if solvable(form) else None
    if record is None:
        return
    page = speaking(render_form, form, form.dump(record), {}, **IN_CASE)
    assert form.load(sent(page), **IN_CASE) == record


def solvable(form):
    """Whether anything can be sent at all: choices that nobody has cannot be made."""
    try:
        sample(form, context=CONTEXT, now=NOW)
    except FormErrors:
        return False
    return True


NUMBERS = st.decimals(-30, 30, places=1)


@st.composite
def limited(draw):
    """A number with limits that something meets."""
    least, most = sorted([draw(st.integers(-9, 9)), draw(st.integers(-9, 9))])
    made = field("number", validate={})
    if draw(st.booleans()):
        made["validate"]["min"] = least
    if draw(st.booleans()):
        made["validate"]["max"] = most
    if draw(st.booleans()):
        made["decimalDigits"] = draw(st.sampled_from([0, 1]))
    elif draw(st.booleans()):
        made["increment"] = "0.5"
    return made


@PROPERTY
@given(component=limited(), value=NUMBERS)
def test_a_number_is_taken_exactly_when_the_words_beside_it_allow_it(speaking, component, value):
    form = form_of(component)
    page = tree(speaking(render_form, form, {}, {}, language="en", **WORLD))
    hint = page.xpath("string(//*[@id='f-x-hint'])")
    said = value.normalize()
    wrong = []
    if found := re.search(r"From (-?\d+)", hint):
        wrong += ["least"] * (said < int(found[1]))
    if found := re.search(r"(?:to|At most) (-?\d+)(?! decimals)", hint):
        wrong += ["most"] * (said > int(found[1]))
    if "A whole number" in hint:
        wrong += ["whole"] * (said % 1 != 0)
    if found := re.search(r"In steps of ([\d,]+)", hint):
        wrong += ["steps"] * (said % Decimal(found[1].replace(",", ".")) != 0)
    _, errors = verdict(form, {"x": str(value).replace(".", ",")})
    words = " ".join(template for template, _ in (errors or {}).get("x", []))
    assert [reason in words for reason in ("{least}", "{most}", "whole", "steps")] == [
        reason in wrong for reason in ("least", "most", "whole", "steps")
    ]


@PROPERTY
@given(st.integers(0, 5), st.integers(1, 8), st.text("ab c", max_size=10))
def test_a_text_is_taken_exactly_when_the_words_beside_it_allow_it(speaking, least, more, text):
    limits = {"minLength": least, "maxLength": least + more}
    form = form_of(field("textfield", validate=limits))
    page = tree(speaking(render_form, form, {}, {}, language="en", **WORLD))
    hint = page.xpath("string(//*[@id='f-x-hint'])")
    shown = re.search(r"(?:(\d+) to|At most) ?(\d+) letters", hint)
    length = len(text.strip())
    allowed = length == 0 or int(shown[1] or 0) <= length <= int(shown[2])
    assert (verdict(form, {"x": text})[1] is None) == allowed


def test_the_pages_of_a_table_turn_without_scripts(speaking):
    form = form_of(DISPLAYS[-1])
    shown, posted = [], {}
    for _ in range(3):
        page = tree(speaking(render_form, form, posted, {}, **WORLD))
        shown.append(page.xpath("//tbody//td/text()"))
        onward = page.xpath("(//button[@name='_turn'])[last()]/@value")
        posted = form.rearranged({**sent(page_text(page)), "_turn": onward[0]})
    assert shown == [["1", "2"], ["3", "4"], ["5"]]
    assert page.xpath("//button[@name='_turn']/@value") == ["Field_0:1"]


def page_text(page):
    from lxml import html

    return html.tostring(page, encoding="unicode")


@pytest.mark.parametrize(
    ("widths", "lines"),
    [
        ([8, 8], [[8, 8]]),
        ([None, None, None], [[5, 5, 5]]),
        ([4, None], [[4, 12]]),
        ([10, 10], [[10], [10]]),
        ([16, None], [[16], [2]]),
    ],
)
def test_fields_of_a_row_share_its_sixteen_columns(speaking, widths, lines):
    fields = [
        field("textfield", f"k{n}", layout={"row": "R", "columns": width})
        for n, width in enumerate(widths)
    ]
    page = tree(speaking(render_form, form_of(*fields), {}, {}, **WORLD))
    found = [
        [int(share.rpartition("--")[2]) for share in line.xpath("./div/@class")]
        for line in page.xpath("//div[@class='qt-line']")
    ]
    assert [line for line in lines if line != [16]] == found
