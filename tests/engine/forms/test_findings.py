"""Whatever a form file holds: it is a form, or it is said what is wrong with it, and soon."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms import Form, FormErrors, FormInvalid, sample
from engine.forms.fields import TYPES
from engine.forms.findings import Reading
from engine.forms.keys import known_to
from engine.forms.source import MAX_FILE, decode
from tests.engine.forms.files import EDITED, FRAME, NOW, choices, field, findings, form_of

ROWS = {"type": "dynamiclist", "path": "rows", "label": "R"}


def read(text):
    """(rule, severity) of everything that is said about a file; the form where it is one."""
    try:
        form = Form.parse(text, path="forms/a.form")
    except FormInvalid as refusal:
        return None, [(each.rule, each.severity) for each in refusal.findings]
    return form, [(each.rule, each.severity) for each in form.warnings]


@pytest.mark.parametrize(
    ("component", "found"),
    [
        (field("textfield", lable="X"), ("unknown-name", "x", "warning")),
        (field("textfield", validate={"requierd": True}), ("unknown-name", "x", "warning")),
        (field("textfield", validate={"min": 1}), ("limit-without-effect", "x", "warning")),
        (field("textarea", validate={"pattern": "a"}), ("limit-without-effect", "x", "warning")),
        (field("textfield", validate="required"), ("shape", "x", "error")),
        (field("textfield", label=5), ("shape", "x", "error")),
        (field("textfield", validate={"required": "yes"}), ("shape", "x", "error")),
        (
            field("textfield", validate={"validationType": "url"}),
            ("validationType", "x", "error"),
        ),
        (
            field("textfield", validate={"minLength": 9, "maxLength": 3}),
            ("impossible", "x", "error"),
        ),
        (field("textfield", validate={"minLength": 5000}), ("impossible", "x", "error")),
        (field("textfield", validate={"maxLength": -1}), ("limit", "x", "error")),
        (field("textfield", validate={"maxLength": "1e99999999"}), ("limit", "x", "error")),
        (field("number", validate={"min": 9, "max": 3}), ("impossible", "x", "error")),
        (
            field("number", validate={"min": 1, "max": 4}, increment=5),
            ("impossible", "x", "error"),
        ),
        (field("number", increment="0"), ("limit", "x", "error")),
        (field("number", decimalDigits=-1), ("range", "x", "error")),
        (field("number", defaultValue=7, validate={"max": 3}), ("default", "x", "warning")),
        (field("datetime", subtype="time", timeInterval=0), ("range", "x", "error")),
        (field("textfield", layout={"columns": 99}), ("layout", "x", "warning")),
        (field("filepicker", accept="pdf"), ("accept", "x", "error")),
        (field("expression", expression="=1", computeOn="never"), ("computeOn", "x", "error")),
        (field("select", values=choices("  ")), ("options", "x", "error")),
        (field("select", values="a, b"), ("shape", "x", "error")),
        (field("textfield", "csrf_token"), ("key", "csrf_token", "error")),
        (field("textfield", "rows.0"), ("key", "rows.0", "error")),
        ({**ROWS, "defaultRepetitions": 10**6, "components": []}, ("range", "rows", "error")),
        ({**ROWS, "components": []}, ("empty", "rows", "warning")),
        ({"type": "table", "label": "T", "dataSource": "=a"}, ("columns", "Field_0", "error")),
        (
            {"type": "table", "label": "T", "columns": [{"label": "A"}]},
            ("columns", "Field_0", "error"),
        ),
        (
            {"type": "table", "label": "T", "columns": [{"key": "a"}]},
            ("empty", "Field_0", "warning"),
        ),
        ({"type": "image", "alt": "A"}, ("empty", "Field_0", "warning")),
        ({"type": "text", "text": "{{#if a}}" * 20}, ("template", "Field_0", "error")),
        ({"type": "text", "text": "Xin {{name"}, ("template", "Field_0", "warning")),
        ({"type": "text", "text": "{{a}}" * 600}, ("template", "Field_0", "error")),
        (field("textfield", label="{{a b c(}}"), ("expression", "x", "error")),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_found(component, found):
    assert found in findings(component)


@pytest.mark.parametrize(
    ("component", "found"),
    [
        (field("textfield", conditional={"hide": "a = 1"}), ("condition", "x", "warning")),
        (field("textfield", conditional={"hide": "=khoann = 1"}),
         ("unknown-field", "x", "warning")),
        (field("textfield", label="{{f(1)}}"), ("unknown-function", "x", "warning")),
        (field("expression", expression="=x + 1"), ("circle", "x", "warning")),
        (field("expression", expression="=computed"), ("circle", "computed", "warning")),
        (field("select", values=choices("a"), valuesKey="list"), ("options", "x", "warning")),
        ({"type": "spacer", "height": -1}, ("range", "Field_1", "warning")),
        ({"type": "table", "label": "T", "dataSource": "=a",
          "columns": [{"key": "a"}, {"key": "a"}]}, ("columns", "Field_1", "warning")),
    ],
)  # fmt: skip
def test_what_a_form_reads_and_shows_is_looked_at_as_a_whole(component, found):
    beside = field("number", "khoan"), field("expression", "computed", expression="=x")
    assert found in findings(beside[0], component, beside[1])


def test_of_several_sources_of_choices_one_is_taken_as_form_js_takes_it():
    every = {"values": choices("a"), "valuesKey": "list", "valuesExpression": '=["c"]'}
    for left, offered in (({}, ["b"]), ({"valuesKey"}, ["a"]), ({"valuesKey", "values"}, ["c"])):
        sources = {name: each for name, each in every.items() if name not in left}
        form = form_of(field("select", **sources))
        (spot,) = form.page({}, context={"list": ["b"]}, functions={}, now=NOW).spots
        assert [option.key for option in spot.options] == offered


def test_rows_and_the_data_of_every_case_are_no_misspellings():
    named = field("textfield", "units"), field("textfield", "cases")
    rows = {**ROWS, "components": [field("number", "n", readonly="=parent.unit = case.n")]}
    hidden = field("textfield", "last", conditional={"hide": '=unit = "a"'})
    assert not [rule for rule, *_ in findings(*named, rows, hidden) if rule == "unknown-field"]


def test_ids_are_given_once_in_the_whole_form():
    inner = {**field("textfield", "a"), "id": "twice"}
    rows = {**ROWS, "id": "rows", "components": [inner]}
    assert ("duplicate", "b", "error") in findings(
        rows, {**field("textfield", "b"), "id": "twice"}
    )


def test_everything_that_the_editor_writes_is_known():
    assert findings(*EDITED, **FRAME) == [("iframe", "Field_10", "warning")]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[" * 100_000, "size"),
        ('{"components": ' + "[" * 900 + "]" * 900 + "}", "size"),
        ('{"components": [{"type": "group", "components": ' * 5, "json"),
        (" " * 2_000_000, "size"),
        ('{"components": [{"type": "number", "key": "x", "defaultValue": NaN}]}', "json"),
        ('{"components": [{"type": "number", "key": "x", "defaultValue": 1e999999999}]}', "json"),
        ('{"components": [], "schemaVersion": ' + "9" * 5000 + "}", "json"),
        ('{"components": [], "components": []}', "duplicate-name"),
        ('{"components": [{"type": "text", "text": "\\ud800"}]}', "json"),
        ('{"components": [{"type": "text", "text": "\x00"}]}', "json"),
        ("\x00", "json"),
        ("\ufeff{", "json"),
        ("<xml/>", "json"),
    ],
)
def test_hostile_files_are_refused_with_a_rule(text, rule):
    form, found = read(text)
    assert form is None
    assert (rule, "error") in found


def nested_group(levels):
    group = {"type": "group", "label": "G", "components": []}
    return {"components": [{**group, **(nested_group(levels - 1) if levels else {})}]}


def test_groups_nest_twelve_deep():
    assert read(json.dumps(nested_group(11)))[0] is not None
    assert ("size", "error") in read(json.dumps(nested_group(14)))[1]


def test_an_expensive_file_is_read_in_bounded_time():
    inner = [{"label": "x" * 5, "value": f"v{n}"} for n in range(20_000)]
    expensive = [
        {"components": [{**field("select"), "values": inner}]},
        {"components": [{**field("textfield", f"k{n}"), "id": "same"} for n in range(5_000)]},
        {"components": [{**field("textfield"), "label": "{{" + "{a} " * 100_000}]},
        {"components": [field("textfield", validate={"pattern": "(?:" * 40 + "){500}" * 40})]},
        {"components": [{"type": "text", "text": "=" + "(" * 100_000}]},
    ]
    for form in expensive:
        began = time.process_time()
        read(json.dumps(form))
        assert time.process_time() - began < 3


NAMES = "hide required min maxLength pattern row columns key value label".split()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.sampled_from(
        ["", "x", "=a", "=a >", "{{a}}", "{{#if a}}", "text", "1e9999", ".pdf", "\x00", "đ"]
    ),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@st.composite
def components(draw, depth=0):
    """Components as no editor writes them: any value behind any name."""
    kind = draw(st.sampled_from(sorted(TYPES)))
    known = sorted(known_to(kind))
    made = {name: draw(JSON) for name in draw(st.sets(st.sampled_from(known), max_size=5))}
    made |= {"type": kind} | ({"key": draw(st.sampled_from("abc"))} if draw(st.booleans()) else {})
    if depth < 2 and draw(st.booleans()):
        made["components"] = draw(st.lists(components(depth=depth + 1), max_size=2))
    return made


@settings(max_examples=150, deadline=None)
@given(st.lists(components(), max_size=3))
def test_whatever_stands_behind_a_name_is_found_or_works(made):
    form, _ = read(json.dumps({"components": made}))
    if form is None:
        return
    form.page({}, context={"a": 1}, functions={}, now=NOW)
    try:
        record = sample(form, now=NOW)
    except FormErrors:
        return
    assert form.load(form.dump(record), context={}, functions={}, now=NOW) is not None


@pytest.mark.parametrize(
    ("component", "words"),
    [
        (
            field("textfield", validate={"pattern": "(a"}),
            'The pattern "(a" of "x" cannot be used. A group in it is not closed.',
        ),
        (
            field("textfield", conditional={"hide": "=a >"}),
            'The expression "=a >" of "x" cannot be read. The expression ends too early.',
        ),
    ],
)
def test_a_problem_within_a_sentence_is_a_sentence_of_its_own(component, words):
    with pytest.raises(FormInvalid) as caught:
        Form.parse(json.dumps({"components": [component]}), path="a.form")
    (finding,) = caught.value.findings
    assert finding.message.format(**finding.fields) == words
    assert finding.fields["problem"].template


def test_the_types_that_there_are_are_named_to_the_last_letter():
    with pytest.raises(FormInvalid) as caught:
        Form.parse(json.dumps({**FRAME, "components": [field("textfeild")]}), path="forms/a.form")
    (said,) = [each for each in caught.value.findings if "types" in each.fields]
    assert said.fields["types"] == ", ".join(sorted(TYPES))


def test_a_file_that_is_too_large_is_refused_without_a_walk_over_it():
    reading = Reading('"' * (MAX_FILE + 1))
    assert decode(reading.text, reading) is None
    assert [f.rule for f in reading.findings] == ["size"]
    assert "_lines" not in vars(reading)
