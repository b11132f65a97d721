"""Which clause is carried out by what: the command and the page."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path

from click.testing import CliRunner

from app import config, coverage
from app.cli_coverage import show
from engine import bpmn_reader
from engine.bundles import Bundle, drawing_path
from tests.app.studio.uploads import said
from tests.worlds import auditor, clerk

ROWS = coverage.of_folder(config.ROOT)
ROW = {row.id: row for row in ROWS}


def test_every_clause_has_a_short_text_in_both_languages_and_a_kind():
    assert len(ROW) == len(ROWS) == 414
    assert [row.id for row in ROWS if not (row.text and row.text_en and row.kind)] == []


def test_every_mark_in_a_drawing_is_a_clause_of_the_catalogue():
    unknown = {}
    for key in Bundle.keys(config.ROOT):
        path = drawing_path(key)
        drawing = bpmn_reader.read((config.ROOT / path).read_text(encoding="utf-8"), path)
        for process in drawing.callable:
            for one in (process, *process.nodes()):
                for mark in coverage.split(one.properties.get("legal_basis", "")):
                    if mark[:3] in ("HP-", "BD-", "QN-", "YC-", "KH-") and mark not in ROW:
                        unknown[f"{key}: {one.id}"] = mark
    assert unknown == {}


def test_what_is_said_to_carry_a_clause_is_there():
    named = [(row.id, one) for row in ROWS for one in row.carriers]
    gone = [f"{mark}: {one.path}::{one.name}" for mark, one in named if not _is_there(one)]
    assert gone == []


def _is_there(carrier: coverage.Carrier) -> bool:
    path = config.ROOT / carrier.path
    if not carrier.name or not path.is_file():
        return False
    text = path.read_text(encoding="utf-8")
    return carrier.name in (_python_names(text) if path.suffix == ".py" else text)


@cache
def _python_names(text: str) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)}
    named = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
    return found | {node.id for node in named if isinstance(node.ctx, ast.Store)}


def test_the_command_gives_each_clause_with_the_elements_that_name_it():
    answer = CliRunner().invoke(show, ["--json"])
    assert answer.exit_code == 0
    lines = {line["id"]: line for line in json.loads(answer.output)}
    assert list(lines) == [row.id for row in ROWS]
    assert set(lines["QN-6.5"]) == {"id", "text", "kind", "elements"}
    drawing = bpmn_reader.read(
        (config.ROOT / drawing_path("account-close")).read_text(encoding="utf-8"), "account-close"
    )
    named = {
        node.id
        for process in drawing.callable
        for node in (process, *process.nodes())
        if "QN-6.5" in coverage.split(node.properties.get("legal_basis", ""))
    }
    elements = lines["QN-6.5"]["elements"]
    assert named
    assert {e["element"] for e in elements if e.get("process") == "account-close"} == named


def test_the_command_can_list_what_nothing_names_yet():
    text = CliRunner().invoke(show, ["--missing"]).output
    missing = [row for row in ROWS if not row.is_carried]
    assert text.count("nothing yet") == len(missing)
    assert f"{len(ROWS) - len(missing)} of {len(ROWS)} clauses" in text


def test_the_page_goes_by_the_drawings_in_force(page, requests):
    window = page.as_(auditor)
    text = said(window.get("/clauses?q=HP-8.5a").text)
    assert "Đề nghị văn phòng phẩm : Duyệt đề nghị, Đồng ý?" in text
    assert "Khoản 5 Điều 8" in text
    assert "Chưa có gì thực hiện" in said(window.get("/clauses?q=HP-4.2f").text)


def test_the_list_is_narrowed_by_regulation_by_state_and_by_words(page, requests):
    window = page.as_(auditor)
    text = window.get("/clauses?source=QN&shown=missing").text
    assert 'id="QN-3.1"' in text
    assert 'id="HP-' not in text
    assert 'id="HP-8.5a"' not in window.get("/clauses?shown=missing").text
    assert 'id="QN-6.5"' in window.get("/clauses?q=ngay lam viec").text
    assert "Không có điều khoản nào khớp" in window.get("/clauses?q=xyzzy").text


def test_who_may_not_read_processes_may_not_read_this_either(page, requests):
    assert page.as_(clerk).get("/clauses").status_code == 403


def test_a_clause_named_by_a_file_of_ours_says_where(tmp_path: Path):
    (tmp_path / "processes").mkdir()
    (tmp_path / "processes/clauses.csv").write_text(
        "id,text,text_en,kind,carried_by\n"
        "HP-5.4a,Phông chữ,Encoding,R,app/x.py::read; tests/y.py::test_z\n",
        encoding="utf-8",
    )
    (row,) = coverage.of_folder(tmp_path)
    assert row.line() == {
        "id": "HP-5.4a",
        "text": "Phông chữ",
        "kind": "R",
        "elements": [
            {"path": "app/x.py", "name": "read"},
            {"path": "tests/y.py", "name": "test_z"},
        ],
    }
