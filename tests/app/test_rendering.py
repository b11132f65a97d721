"""Forms on the page: a form accepts exactly what its page can send, in both languages."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html
from werkzeug.datastructures import MultiDict

from app import i18n, refusals, shell
from app.rendering import error_summary, render_form, render_values, submit_label
from app.words import many
from engine.forms import Form, FormErrors, FormInvalid, sample
from engine.scenario_words import Said
from engine.scenarios import ScenarioResult
from tests.engine.forms.files import choices, field, form_of, load

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
FILE = {
    "file": 0,
    "name": "mau.pdf",
    "size": 1,
    "sha256": "0" * 64,
    "media_type": "application/pdf",
}
WORLD = {"context": {}, "functions": {}, "now": NOW, "files": {0: FILE}}


@pytest.fixture(scope="module")
def speaking():
    i18n.compile_catalogues()
    app = Flask("app", root_path=str(i18n.FOLDER))
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, i18n.folders()))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["filesize"] = shell.filesize
    app.jinja_env.filters["many"] = many
    Babel(app, default_locale="vi")

    def speaking(say, *arguments, language="vi", **more):
        with app.test_request_context(), force_locale(language):
            return say(*arguments, **more)

    return speaking


def tree(markup):
    return html.fragment_fromstring(str(markup), create_parent="form")


def sent(markup):
    """What a browser would send for the page as it stands: the successful controls."""
    pairs = MultiDict()
    for control in tree(markup).iter("input", "select", "textarea"):
        name, kind = control.get("name"), control.get("type")
        if not name or kind == "file":
            continue
        if control.tag == "textarea":
            # The first line end within a textarea is the source's, not the value's.
            pairs.add(name, (control.text or "").removeprefix("\n"))
        elif control.tag == "select":
            chosen = [
                o.get("value") for o in control.iter("option") if o.get("selected") is not None
            ]
            pairs.add(name, chosen[0] if chosen else "")
        elif kind not in ("checkbox", "radio") or control.get("checked") is not None:
            pairs.add(name, control.get("value") or "")
    return pairs


@st.composite
def components(draw, names=("a", "b", "c", "d"), above=""):
    """Components as a form editor could write them, some of them shown only on a condition."""
    found = []
    for name in names[: draw(st.integers(1, len(names)))]:
        kind = draw(
            st.sampled_from(sorted(KINDS) + (["group", "dynamiclist"] if len(above) < 2 else []))
        )
        if kind in KINDS:
            made = {**field(kind, name), **KINDS[kind]}
        else:
            inner = draw(components(("x", "y"), above + name))
            made = {"type": kind, "path": name, "label": name, "components": inner}
        if kind in KINDS and draw(st.booleans()):
            made["validate"] = {**made.get("validate", {}), "required": True}
        if found and draw(st.booleans()):
            made["conditional"] = {"hide": f"={found[0].get('key', 'nothing')} = null"}
        made["id"] = f"id_{above}{name}"
        found.append(made)
    return found


KINDS = {
    "textfield": {},
    "textarea": {"validate": {"maxLength": 500}},
    "number": {"decimalDigits": 2},
    "datetime": {"subtype": "datetime"},
    "checkbox": {},
    "radio": {"values": choices("one", 2)},
    "select": {"values": choices("one", "two")},
    "checklist": {"values": choices("one", "two", "three")},
    "taglist": {"values": choices("one")},
    "filepicker": {"multiple": True},
}
FORMS = components().map(lambda found: form_of(*found))
PROPERTY = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@PROPERTY
@given(form=FORMS)
def test_what_a_page_sends_back_loads_as_it_was(speaking, form):
    record = sample(form, now=NOW)
    page = speaking(render_form, form, form.dump(record), {}, **WORLD)
    assert form.load(sent(page), **WORLD) == record


@PROPERTY
@given(form=FORMS, data=st.data())
def test_whatever_is_typed_loads_or_is_refused_beside_its_field(speaking, form, data):
    page = speaking(render_form, form, {}, {}, **WORLD)
    typed = sent(page)
    for name in list(typed):
        if not data.draw(st.booleans()):
            continue
        found = [
            e.get("value") for e in tree(page).xpath(f'//*[@name="{name}"]') if e.get("value")
        ]
        if tree(page).xpath(f'//input[@type="text"][@name="{name}"]|//textarea[@name="{name}"]'):
            typed[name] = data.draw(
                st.sampled_from(["", "5", "chữ", "1.234,5", "22/11/2026", "8:30"])
            )
        elif found:
            typed.setlist(name, ["", data.draw(st.sampled_from(found))])
    try:
        form.load(typed, **WORLD)
    except FormErrors as refusal:
        again = speaking(render_form, form, typed, refusal.errors, **WORLD)
        ids = set(tree(again).xpath("//@id"))
        described = {i for each in tree(again).xpath("//@aria-describedby") for i in each.split()}
        targets = {each["field"] for each in speaking(error_summary, form, refusal.errors)}
        assert described <= ids
        assert targets <= ids
        assert len(tree(again).xpath('//p[@class="govuk-error-message"]')) >= len(refusal.errors)
        assert set(typed) - set(sent(again)) <= hidden_by(form, typed)


def hidden_by(form, typed):
    """The names that what was typed has hidden: they need not be on the next page."""
    page = form.page(typed, **WORLD)
    names = {spot.name for spot in page.walk()}
    return {name for name in typed if name not in names and name.removesuffix("._") not in names}


@PROPERTY
@given(form=FORMS)
def test_what_a_page_cannot_send_is_refused(speaking, form):
    page = speaking(render_form, form, form.dump(sample(form, now=NOW)), {}, **WORLD)
    posted = sent(page)
    with pytest.raises(FormErrors):
        form.load({**posted.to_dict(flat=False), "stranger": "x"}, **WORLD)
    for control in tree(page).xpath('//input[@type="radio"]|//select|//input[@type="checkbox"]'):
        with pytest.raises(FormErrors):
            form.load({**posted.to_dict(flat=False), control.get("name"): "not offered"}, **WORLD)
    for control in tree(page).xpath('//input[@type="text"]'):
        with pytest.raises(FormErrors):
            form.load({**posted.to_dict(flat=False), control.get("name"): ["1", "2"]}, **WORLD)


def test_rows_come_and_go_by_their_buttons_without_scripts(speaking):
    form = form_of(
        {
            "type": "dynamiclist",
            "path": "rows",
            "label": "Rows",
            "components": [field("textfield")],
        }
    )
    page = tree(speaking(render_form, form, {}, {}, **WORLD))
    assert page.xpath("//button[@name='_add']/@value") == ["rows"]
    assert page.xpath("//button[@name='_remove']/@value") == ["rows.0"]
    # Enter presses the first button, which must be the one that sends.
    assert page.xpath("(//button)[1]/@name") == []
    added = form.rearranged({**sent(html.tostring(page, encoding="unicode")), "_add": "rows"})
    again = tree(speaking(render_form, form, added, {}, **WORLD))
    assert again.xpath("//input[@type='text']/@name") == ["rows.0.x", "rows.1.x"]


def test_words_are_those_of_the_readers_language(speaking):
    form = form_of(
        field(
            "radio",
            label="Kết luận",
            description="Chọn một",
            values=[{"value": "no", "label": "Trả lại"}],
            properties={
                "label_en": "Decision",
                "description_en": "Pick one",
                "value_en.no": "Send back",
                "choice_note.no": "Vụ việc về nơi gửi",
                "choice_note_en.no": "The case goes back",
            },
            validate={"required": True},
        ),
        {"type": "button", "label": "Gửi đi", "properties": {"label_en": "Send off"}},
    )
    errors = {"x": [('Nothing is chosen for "{label}"; choose one.', {"label": "Kết luận"})]}
    page = str(speaking(render_form, form, {}, errors, **WORLD))
    for words in ("Kết luận", "Chọn một", "Trả lại", "Vụ việc về nơi gửi", "Chưa chọn “Kết luận”"):
        assert words in page
    page = str(speaking(render_form, form, {}, errors, language="en", **WORLD))
    for words in (
        "Decision",
        "Pick one",
        "Send back",
        "The case goes back",
        "chosen for &#34;Dec",
    ):
        assert words in page
    assert speaking(submit_label, form) == "Gửi đi"
    assert speaking(submit_label, form, language="en") == "Send off"
    assert speaking(error_summary, form, errors) == [
        {"field": "f-x", "text": "Chưa chọn “Kết luận”; hãy chọn một mục."}
    ]


def test_what_is_wrong_in_a_list_names_the_row(speaking):
    rows = field("dynamiclist", "", path="rows", components=[field("textfield", "name")])
    errors = {"rows.1.name": [('Nothing is chosen for "{label}"; choose one.', {"label": "NAME"})]}
    [told] = speaking(error_summary, form_of(rows), errors)
    assert told["text"] == "Dòng 2: Chưa chọn “NAME”; hãy chọn một mục."


def test_facts_show_what_was_entered_and_not_the_defaults(speaking):
    form = form_of(
        field("textfield", "name", defaultValue="mặc định"),
        field("number", "sum", properties={"format": "money"}),
        field("textfield", "phone", properties={"format": "phone"}),
        field("datetime", "on", subtype="date"),
        field("textfield", "hidden", conditional={"hide": "=sum > 5"}),
    )
    record = load(form, {"name": "", "sum": "1500000", "phone": "0912345678", "on": "22/11/2026"})
    page = speaking(render_values, form, record, now=NOW)
    assert [dd.text_content() for dd in tree(page).iter("dd")] == [
        "Chưa nhập",
        "1.500.000 đồng",
        "0912 345 678",
        "22/11/2026",
    ]


def test_a_computed_value_without_a_name_is_no_fact(speaking):
    total = {"type": "expression", "key": "line_total", "expression": "=1 + 1"}
    named = {**total, "key": "named", "label": "Tổng"}
    rows = {"type": "dynamiclist", "path": "rows", "label": "R", "components": [total, named]}
    form = form_of(rows, {**total, "key": "whole_total"})
    page = tree(speaking(render_form, form, {}, {}, **WORLD, readonly=True))
    assert [dt.text for dt in page.iter("dt")] == ["Tổng"]


def test_who_may_do_a_task_reads_its_texts_and_whole_tables_before_taking_it(speaking):
    form = form_of(
        {"type": "text", "text": "Lưu ý {{who}}"},
        {"type": "table", "label": "Danh sách", "dataSource": "=people", "rowCount": 2,
         "columns": [{"key": "name", "label": "Họ tên"}]},
        field("textfield", "name"),
    )  # fmt: skip
    context = {"who": "An", "people": [{"name": f"Người {number}"} for number in range(5)]}
    world = {**WORLD, "context": context, "readonly": True}
    page = tree(speaking(render_form, form, {}, {}, whole=True, **world))
    assert "Lưu ý An" in page.text_content()
    assert [cell.text for cell in page.iter("td")] == [f"Người {n}" for n in range(5)]
    assert {cell.get("data-label") for cell in page.iter("td")} == {"Họ tên"}
    assert not list(page.iter("button"))
    problem = {"type": "text", "text": "Vì sao", "properties": {"shown_as": "problem"}}
    for problems in (True, False):
        told = speaking(
            render_form, form_of(problem), {}, {}, whole=True, problems=problems, **world
        )
        assert ("Vì sao" in told) is problems
    onlooker = speaking(render_form, form, {}, {}, **world)
    assert [dt.text for dt in tree(onlooker).iter("dt")] == [dt.text for dt in page.iter("dt")]
    assert "An" not in onlooker and "Người" not in onlooker


def test_pairs_of_short_fields_share_a_line_and_dependent_ones_are_marked(speaking):
    form = form_of(
        field("textfield", "a", layout={"row": "R1", "columns": 8}),
        field("textfield", "b", layout={"row": "R1", "columns": 8}),
        field("textfield", "c", properties={"width": "half"}),
        field("textfield", "d", properties={"width": "half"}),
        field("textfield", "e", conditional={"hide": "=a = null"}),
    )
    page = tree(speaking(render_form, form, {"a": "x"}, {}, **WORLD))
    pairs = [line.xpath(".//input/@name") for line in page.xpath("//div[@class='qt-line']")]
    assert pairs == [["a", "b"], ["c", "d"]]
    assert page.xpath("//div[@data-affects]//input/@name") == ["a"]


def test_texts_fill_their_holes_and_nothing_entered_becomes_markup(speaking):
    form = form_of(
        {"type": "text", "text": "# Kính gửi {{name}}\n**Hạn** {{due}}"},
        {"type": "html", "content": "<p onclick='x()'>{{name}}<script>alert(1)</script></p>"},
        {"type": "text", "text": "{{#loop rows}}- {{this.n}}\n{{/loop}}{{#if late}}Muộn{{/if}}"},
    )
    name = "[An](https://x.vn) <b>*"
    context = {"name": name, "due": NOW, "rows": [{"n": 1}, {"n": 2}], "late": True}
    page = str(speaking(render_form, form, {}, {}, **{**WORLD, "context": context}))
    assert tree(page).xpath("string(//h2)") == f"Kính gửi {name}"
    assert tree(page).xpath("string(//strong)") == "Hạn"
    assert tree(page).xpath("//li/text()") == ["1", "2"]
    assert not tree(page).xpath("//a|//b|//script|//@onclick")
    assert "23/11/2026 08:00" in page


def test_files_are_kept_by_boxes_and_show_their_names(speaking):
    form = form_of(field("filepicker", "scan", multiple=True, accept=".pdf"))
    page = tree(
        speaking(
            render_form,
            form,
            {"scan": ["", "0"]},
            {},
            upload_url="/up",
            file_url=lambda number: f"/files/{number}",
            **WORLD,
        )
    )
    assert page.xpath("//input[@type='checkbox'][@checked]/@value") == ["0"]
    assert page.xpath("//a/@href") == ["/files/0"]
    assert page.xpath("//input[@type='file']/@data-upload-url") == ["/up?field=scan"]
    assert page.xpath("//input[@type='file']/@accept") == [".pdf"]


def test_every_sentence_of_forms_has_its_vietnamese_twin():
    """The texts of this area's own catalogue cover what the engine's forms can say."""
    import ast
    import re
    from pathlib import Path

    from babel.messages.pofile import read_po

    path = i18n.FOLDER / "forms/translations/vi/LC_MESSAGES/messages.po"
    with path.open("rb") as lines:
        known = {message.id for message in read_po(lines) if message.id and message.string}
    said = set()
    for source in (Path(i18n.FOLDER).parent / "engine/forms").glob("*.py"):
        for call in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Unreadable":
                said.add(ast.literal_eval(call.args[0]))
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "note":
                said |= {
                    ast.literal_eval(a) for a in call.args[2:4] if isinstance(a, ast.Constant)
                }
        for name in re.findall(r"template = ('[^\n]+')\n", source.read_text(encoding="utf-8")):
            said.add(ast.literal_eval(name))
    for template in (i18n.FOLDER / "templates/forms").glob("*.html"):
        said |= set(re.findall(r'_\("([^"]+)"', template.read_text(encoding="utf-8")))
    said |= set(re.findall(r'gettext\("([^"]+)"', (i18n.FOLDER / "spots.py").read_text("utf-8")))
    assert said <= known


def test_what_is_wrong_with_a_form_is_said_in_the_readers_language_to_its_end(speaking):
    text = '{"components": [{"type": "textfield", "key": "x", "validate": {"pattern": "(a"}}]}'
    with pytest.raises(FormInvalid) as caught:
        Form.parse(text, path="a.form")
    broken = next(each for each in caught.value.findings if each.rule == "pattern")
    assert speaking(refusals.sentence, broken.message, broken.fields) == (
        "Không dùng được mẫu “(a” của “x”. Trong mẫu có một nhóm chưa đóng ngoặc."
    )


def test_a_form_without_a_heading_or_a_button_has_none(speaking):
    form = Form.parse('{"components": []}', path="a")
    assert form.title is None
    assert speaking(submit_label, form) is None
    assert str(speaking(render_form, form, {}, {}, **WORLD)).strip() == ""


def test_what_a_scenario_says_is_told_in_the_readers_language_within_the_finding(speaking):
    open_at = Said("The case is still open at {open}.", {"open": "Ký"})
    says = (open_at, Said("It is no list of steps.", {}, at="#3"))
    found = ScenarioResult("Duyệt", False, "a.json", 2, says).finding()
    told = speaking(refusals.sentence, found.message, found.fields)
    assert "still" not in told and "Ký" in told and "; #3: " in told
    in_english = speaking(refusals.sentence, found.message, found.fields, language="en")
    assert in_english.endswith("The case is still open at Ký.; #3: It is no list of steps.")
