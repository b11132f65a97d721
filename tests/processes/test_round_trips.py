"""What our drawings, tables and forms mean stays the same when an editor opens and saves them."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app import config
from engine import bpmn_reader
from engine.decisions import parse_decisions
from engine.forms import Field, Form
from tests.processes import edited

PACKAGES = config.ROOT / "app" / "frontend"
SHIPPED = {
    str(path.relative_to(config.ROOT)): path.read_text(encoding="utf-8")
    for pattern in ("processes/bpmn/*.bpmn", "processes/dmn/*.dmn", "forms/*/*.form")
    for path in sorted(config.ROOT.glob(pattern))
}
FILES = {**SHIPPED, **edited.FILES}
DEFAULTS = {"hitPolicy": "UNIQUE"}
"""What an editor leaves out, since the standard says it where nothing is said (DMN 1.3, 8.2.8)."""


@pytest.fixture(scope="module")
def saved() -> dict[str, dict[str, Any]]:
    """Every file as the editors save it, with their warnings; one run for all."""
    node = shutil.which("node") or str(config.ROOT / ".venv" / "bin" / "node")
    if not (PACKAGES / "node_modules" / "@bpmn-io" / "form-js-viewer").is_dir():
        pytest.fail("The packages of the front end are not installed: ./run once.")
    script = Path(__file__).with_name("saved.mjs")
    answer = subprocess.run(
        [node, str(script), str(PACKAGES)],
        input=json.dumps(FILES),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found: dict[str, dict[str, Any]] = json.loads(answer.stdout)
    return found


@pytest.mark.parametrize("path", FILES)
def test_an_editor_opens_and_saves_the_file_without_a_warning(path, saved):
    assert saved[path]["warnings"] == []


@pytest.mark.parametrize("path", FILES)
def test_what_an_editor_saves_means_the_same(path, saved):
    again = saved[path]["text"]
    assert again != ""
    assert meaning(path, again) == meaning(path, FILES[path])


def meaning(path: str, text: str) -> Any:
    """What we read in a file, without where in the file it stands."""
    if path.endswith(".form"):
        form = Form.parse(text, path=path)
        return form.title, [each.message for each in form.warnings], fields(form.fields)
    if path.endswith(".dmn"):
        parse_decisions(text.encode(), path=path)
        return elements(etree.fromstring(text.encode()))
    return bare(bpmn_reader.read(text, path)), elements(etree.fromstring(text.encode()))


def bare(value: Any) -> Any:
    """A value of the reader without lines."""
    if dataclasses.is_dataclass(value):
        found = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return type(value).__name__, bare({k: v for k, v in found.items() if k != "line"})
    if isinstance(value, dict):
        return {key: bare(inner) for key, inner in value.items()}
    return [bare(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def elements(element: Any) -> tuple[Any, ...]:
    """XML without what does not matter in it: prefixes, spaces between elements, comments, the
    order of attributes, that of children of different kinds, and what is said anyway.
    """
    inner = [elements(child) for child in element if isinstance(child.tag, str)]
    words = (element.text or "").strip()
    said = {name: value for name, value in element.attrib.items() if DEFAULTS.get(name) != value}
    return element.tag, said, words, sorted(inner, key=lambda child: child[0])


def fields(found: tuple[Field, ...]) -> list[Any]:
    """The fields of a form; a row that one field has for itself is no row, and how a row is called
    is the editor's to choose.
    """
    rows = [each.row for each in found]
    return [
        dataclasses.replace(
            each,
            row=str(rows.index(each.row)) if each.row and rows.count(each.row) > 1 else None,
            children=tuple(fields(each.children)),
        )
        for each in found
    ]
