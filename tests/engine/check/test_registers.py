"""Registers as content: read, held against the columns of the process, part of the bundle."""

from __future__ import annotations

import json

import pytest

from engine import Bundle
from engine.check import Catalogue, check_bundle
from engine.registers import Entered, RegisterInvalid, parse, register_path
from tests.engine.drawings import text

COLUMNS = "number:number, author:text=paper.author, arrived:date"
LINES = "start s\nend e\ns > e"
DESCRIBED = {
    "title": "Sổ đăng ký văn bản đến",
    "title_en": "Register of incoming documents",
    "legal_basis": "Phụ lục IV Nghị định 30/2020/NĐ-CP",
    "columns": [
        {"name": "arrived", "label": "Ngày đến", "label_en": "Arrived"},
        {"name": "number", "label": "Số đến", "label_en": "Number", "width": 8},
        {"name": "author", "label": "Tác giả", "label_en": "Author"},
        {"label": "Ký nhận", "label_en": "Signature"},
    ],
    "sort": "-number",
    "given": "number",
    "period": "arrived",
    "filter": ["author"],
}


def findings(register, columns=COLUMNS):
    files = {"processes/bpmn/p.bpmn": text(LINES, "p", registers="den", columns=columns)}
    if register is not None:
        written = register if isinstance(register, str) else json.dumps(register)
        files[register_path("den")] = written
    told = check_bundle(Bundle("p", files), Catalogue())
    return [(f.rule, str(f.fields.get("problem", ""))) for f in told if f.severity == "error"]


def test_a_register_is_read_in_the_order_of_the_law():
    register = parse(json.dumps(DESCRIBED))
    assert [c.label for c in register.columns] == ["Ngày đến", "Số đến", "Tác giả", "Ký nhận"]
    assert (register.sort, register.is_descending) == ("number", True)
    assert (register.paper, register.orientation) == ("A4", "landscape")
    assert register.named == ["arrived", "number", "author"]
    assert findings(DESCRIBED) == []


def test_a_register_that_is_not_there_is_told():
    assert findings(None) == [("unknown-register", "")]


@pytest.mark.parametrize("missing", ["number", "author", "arrived"])
def test_a_column_that_the_process_does_not_declare_is_told(missing):
    columns = ", ".join(c for c in COLUMNS.split(", ") if not c.startswith(missing))
    ((rule, problem),) = findings(DESCRIBED, columns)
    assert rule == "register-columns"
    assert f"no column {missing};" in problem


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ("{", "JSON"),
        ("[1]", "_schema"),
        ({**DESCRIBED, "colour": "red"}, "colour"),
        ({**DESCRIBED, "columns": []}, "columns"),
        ({**DESCRIBED, "columns": [{"label": "x"}]}, "label_en"),
        ({**DESCRIBED, "print": {"paper": "A0"}}, "paper"),
        ({**DESCRIBED, "sort": None}, "sort"),
    ],
)
def test_a_description_that_cannot_be_used_says_why(wrong, word):
    with pytest.raises(RegisterInvalid, match=word):
        parse(wrong if isinstance(wrong, str) else json.dumps(wrong))
    ((rule, _problem),) = findings(wrong)
    assert rule == "register-invalid"


ENTERED = Entered(("arrived", "number", "author"),
                  {"arrived": "date", "number": "number", "author": "text"})  # fmt: skip


@pytest.mark.parametrize(
    ("new", "formerly", "told"),
    [
        ("number:number", {}, []),
        ("number:text", {}, ["register-column-gone number", "register-entries-gone number"]),
        ("no:number", {}, ["register-column-gone number", "register-entries-gone no"]),
        ("no:number", {"no": ["number"]}, []),
        (
            "no:text",
            {"no": ["number"]},
            ["register-column-gone number", "register-entries-gone no"],
        ),
        (
            "no:number",
            {"mo": ["number"]},
            ["register-column-gone number", "register-columns mo", "register-entries-gone no"],
        ),
    ],
)
def test_what_cases_of_earlier_versions_would_lose_is_told(new, formerly, told):
    name = new.partition(":")[0]
    written = json.dumps(DESCRIBED).replace("number", name)
    register = {**json.loads(written), "formerly": formerly}
    columns = COLUMNS.replace("number:number", new)
    files = {
        "processes/bpmn/p.bpmn": text(LINES, "p", registers="den", columns=columns),
        register_path("den"): json.dumps(register),
    }
    found = check_bundle(Bundle("p", files), Catalogue(entered={"den": ENTERED}))
    said = [
        f"{f.rule} {f.fields.get('column') or f.fields['problem'].fields['name']}"
        for f in found
        if f.rule.startswith("register-")
    ]
    assert sorted(said) == told


def test_a_time_must_be_a_day():
    assert findings({**DESCRIBED, "period": "author"}) == [
        ("register-columns", "author is no day")
    ]


def test_what_is_narrowed_by_without_being_a_column_says_its_label():
    columns = f"{COLUMNS}, kind:text"
    ((rule, problem),) = findings({**DESCRIBED, "filter": ["author", "kind"]}, columns)
    assert (rule, problem) == (
        "register-columns",
        "kind of the filter is no column and has no label",
    )
    kind = {"name": "kind", "label": "Tên loại", "label_en": "Type"}
    register = parse(json.dumps({**DESCRIBED, "filter": ["author", kind]}))
    assert (register.filters, register.unseen[0].label) == (("author", "kind"), "Tên loại")
    assert findings({**DESCRIBED, "filter": ["author", kind]}, columns) == []


def test_a_register_goes_with_the_version_of_the_process(tmp_path):
    drawn = text(LINES, "p", registers="den, gone", columns=COLUMNS)
    for path, content in (
        ("processes/bpmn/p.bpmn", drawn),
        (register_path("den"), json.dumps(DESCRIBED)),
        (register_path("other"), "{}"),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    bundle = Bundle.read(tmp_path, "p")
    assert set(bundle.files) == {"processes/bpmn/p.bpmn", register_path("den")}
