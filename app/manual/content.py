"""What the manual says: files of content in both languages, with examples that the tests run.

content/SECTION.toml holds one table an entry, in the order in which they are shown:

    [KEY]
    group = "…"                       heading under which the section lists it (a key of GROUPS)
    name = {vi = "…", en = "…"}       left out where the key is the name (functions, rules)
    vi = "…"  en = "…"                Markdown
    source = "BPMN 2.0.2, 10.3.3"     where the standard says so
    signature = ["floor(n, scale?)"]  how a function is called; "?" marks what may be left out
    [[KEY.examples]]                  shapes: see app/manual/README.md
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from engine.bpmn import BPMN, CAMUNDA
from engine.errors import NotFound
from engine.forms import Form

FOLDER = Path(__file__).parent / "content"
SECTIONS = ("guides", "elements", "functions", "hit-policies", "fields", "operations", "rules")
_DECLARATION = re.compile(r' xmlns(:\w+)?="[^"]*"')


@dataclass(frozen=True)
class Entry:
    """One page of the manual. `texts` and `names` by language."""

    section: str
    key: str
    group: str
    names: Mapping[str, str]
    texts: Mapping[str, str]
    source: str
    signature: tuple[str, ...]
    examples: tuple[Mapping[str, Any], ...]

    def name(self, language: str) -> str:
        return self.names.get(language) or self.key

    def text(self, language: str) -> str:
        return self.texts.get(language) or self.texts["en"]


@cache
def section(name: str) -> dict[str, Entry]:
    """The entries of a section by key. Raises NotFound for another name."""
    if name not in SECTIONS:
        raise NotFound(thing=name)
    content = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    return {key: _entry(name, key, row) for key, row in content.items()}


def _entry(section_name: str, key: str, row: Mapping[str, Any]) -> Entry:
    return Entry(
        section=section_name,
        key=key,
        group=row.get("group", ""),
        names=row.get("name", {}),
        texts={language: row[language].strip() for language in ("vi", "en")},
        source=row.get("source", ""),
        signature=tuple(row.get("signature", ())),
        examples=tuple(row.get("examples", ())),
    )


def entry(section_name: str, key: str) -> Entry:
    """One entry. Raises NotFound."""
    found = section(section_name).get(key)
    if found is None:
        raise NotFound(thing=key)
    return found


def drawing(example: Mapping[str, Any], key: str = "example") -> str:
    """A whole BPMN file from the example's `bpmn`, what stands within a process.

    `roots` stands before the process: messages, signals, errors. Attributes of the process are in
    `process`. A text that is a whole file already stays as it is.
    """
    body: str = example["bpmn"]
    if body.lstrip().startswith(("<?xml", "<definitions", "<bpmn:definitions")):
        return body.strip()
    attributes = {"id": key, "isExecutable": "true"} | example.get("process", {})
    words = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    return (
        f'<definitions xmlns="{BPMN}" xmlns:camunda="{CAMUNDA}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' targetNamespace="http://example.vn">\n{example.get("roots", "")}'
        f"<process {words}>\n{body.strip()}\n</process></definitions>"
    )


def shown(example: Mapping[str, Any]) -> str:
    """The drawing of an example to be read: each element on a line of its own, without the
    namespaces; the process itself only beside messages and the like, or with attributes.
    """
    root = etree.fromstring(drawing(example).encode())
    parts = list(root)
    if len(parts) == 1 and not example.get("process"):
        parts = list(parts[0])
    for part in parts:
        etree.indent(part, "  ")
    return "\n".join(
        _DECLARATION.sub("", etree.tostring(part, encoding="unicode", with_tail=False))
        for part in parts
    )


def form(example: Mapping[str, Any]) -> Form:
    """The form of the example's `components`, which are JSON with commas between them."""
    text = f'{{"type": "default", "id": "example", "components": [{example["components"]}]}}'
    return Form.parse(text, path="example.form")
