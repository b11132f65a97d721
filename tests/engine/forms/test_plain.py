"""What goes the short way through a form is what the long way accepts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms import FormErrors
from tests.engine.forms.files import choices, field, form_of, load

FIELDS = (
    field("textfield", "a.name", validate={"required": True, "minLength": 2, "maxLength": 5}),
    field("textfield", "a.code", validate={"pattern": "^[A-Z]{2}[0-9]*$"}),
    field("textarea", "note", validate={"maxLength": 6}),
    field("textfield", "mail", validate={"validationType": "email"}),
    field("number", "amount", validate={"min": 1, "max": 9}, decimalDigits=1),
    field("number", "free"),
    field("datetime", "day", subtype="date"),
    field("checkbox", "sure", validate={"required": True}),
    field("select", "kind", values=choices("x", "y")),
    field("checklist", "kinds", values=choices("x", "y")),
)
NAMES = ("a.name", "a.code", "note", "mail", "amount", "free", "day", "sure", "kind", "kinds")
TEXTS = st.sampled_from(
    ["", "An", "A", "AB1", "ab", "Nguyễn", "  An ", "1", "1,5", "0.55", "12", "x", "true", "z",
     "2026-11-22", "22/11/2026", "a@b.vn", "\x00", "\n"]
)  # fmt: skip
GIVEN = st.one_of(TEXTS, st.lists(TEXTS, max_size=2), st.none(), st.booleans(), st.integers(0, 9))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*NAMES, "other", "_draft", "a"]), GIVEN))
def test_the_short_way_gives_nothing_or_what_the_long_way_gives(posted):
    form = form_of(*FIELDS)
    taken = form.take(posted)
    if taken is not None:
        assert taken == load(form, posted)


GOOD = {
    "a.name": "An", "a.code": "AB1", "note": "", "mail": "a@b.vn", "amount": "1,5", "free": "",
    "day": "2026-11-22", "sure": ["", "true"], "kind": "x", "kinds": ["", "y"], "csrf_token": "t",
}  # fmt: skip


def test_a_form_that_is_filled_in_rightly_takes_the_short_way():
    form = form_of(*FIELDS)
    assert form.take(GOOD) == load(form, GOOD)
    assert form.take(GOOD)["kinds"] == ["y"]


@pytest.mark.parametrize(
    "wrong", [{"a.name": "A"}, {"a.code": "1"}, {"amount": "10"}, {"sure": ""}, {"kind": "z"}]
)
def test_what_breaks_a_limit_is_left_to_the_long_way(wrong):
    form = form_of(*FIELDS)
    assert form.take(GOOD | wrong) is None
    with pytest.raises(FormErrors):
        load(form, GOOD | wrong)


@pytest.mark.parametrize(
    "unusual",
    [
        field("textfield", "b", conditional={"hide": "=free = 1"}),
        field("textfield", "b", readonly=True),
        field("textfield", "b", disabled=True),
        field("number", "b", validate={"min": "=free"}),
        field("select", "b", valuesExpression="=[1, 2]"),
        field("datetime", "b", subtype="date", disallowPassedDates=True),
        field("filepicker", "b"),
        field("expression", "b", expression="=free", computeOn="change"),
        {"type": "dynamiclist", "path": "b", "components": [field("textfield", "c")]},
    ],
)
def test_a_form_that_depends_on_anything_else_is_never_taken_the_short_way(unusual):
    assert form_of(*FIELDS, unusual).take(GOOD | {"b": "1"}) is None
