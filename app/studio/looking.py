"""Looking at files of which nothing is deployed: what a drawing lacks that was never to be run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from lxml import etree
from sqlalchemy.orm import Session

from app import drawings, web
from app.apart import Broken, TooHard, apart, beyond
from app.studio import examining, operations, queries
from engine import bpmn_reader, deploying
from engine.check import Catalogue, Files, Finding, Purpose, check_all, in_order
from engine.check.finding import packed, unpacked

MOST_FILES = 20
"""Files that are looked at together; a process has three or four."""

_ENDS = (".bpmn", ".dmn", ".form", ".typ", ".xml")
_BESIDE = {".form", ".dmn", ".typ"}
"""Endings of files that are none without a drawing."""


@dataclass(frozen=True)
class Looked:
    """The first drawing among some files, as the viewer draws it, and all that was found.

    diagram: the drawing as BPMN, laid out where it was not; empty where none can be read.
    has_drawing: whether one was given at all; tables and forms can be looked at alone.
    """

    name: str
    diagram: str
    findings: list[Finding]
    elements: Mapping[str, str] = field(default_factory=dict)
    has_drawing: bool = True

    @property
    def errors(self) -> int:
        return sum(f.severity == "error" for f in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors

    @property
    def marks(self) -> dict[str, Any]:
        """What the drawing shows beside its elements."""
        return {"findings": queries.found_at(self.findings)}


def look(session: Session, uploads: Sequence[tuple[str, bytes]], language: str) -> Looked:
    """Looks at files as if they were to be run here, whatever they say; keeps nothing of them.

    uploads: names and contents. Raises a refusal naming the first that cannot be looked at.
    """
    contents = {_name(name): _content(name, content) for name, content in uploads[:MOST_FILES]}
    if not contents:
        raise operations.NothingUploaded
    # Read here: the other process must leave this one's connection alone.
    known = deploying.catalogue(session, web.engine().surroundings)
    try:
        records = apart(lambda: _records(contents, known, language))
    except (TooHard, Broken) as problem:
        findings = [beyond(name, problem) for name in contents]
        return Looked(next(iter(contents)), "", findings)
    shown, *told = records
    given = [unpacked(record) for record in told]
    is_there = not {PurePosixPath(name).suffix.lower() for name in contents} <= _BESIDE
    name = shown["name"] if is_there else ", ".join(contents)
    return Looked(name, shown["diagram"], in_order(given), shown["elements"], is_there)


def _records(
    contents: Mapping[str, bytes], known: Catalogue, language: str
) -> Iterator[dict[str, Any]]:
    """The first drawing that can be shown, then the findings. Files from anywhere may hold
    anything: this is done in a process that may take so much time and memory and no more.
    """
    files = Files(contents)
    purpose = Purpose(is_deployed=False, is_import=True)
    findings = check_all(files, lambda: known, purpose)
    shown: dict[str, Any] = {"name": next(iter(contents)), "diagram": "", "elements": {}}
    for path in files.drawings:
        # The viewer reads UTF-8 alone, and files come in what their editors like.
        plain = etree.tostring(bpmn_reader.parse_xml(contents[path], path), encoding="unicode")
        names = examining.names_in(files.drawings[path])
        shown = {"name": path, "diagram": drawings.shown(plain, language), "elements": names}
        break
    yield shown
    yield from map(packed, findings)


def _name(name: str) -> str:
    last = PurePosixPath(name.replace("\\", "/")).name
    if PurePosixPath(last).suffix.lower() not in _ENDS:
        raise operations.FileNotOfProcess(name=last)
    return last


def _content(name: str, content: bytes) -> bytes:
    if len(content) > operations.MOST_BYTES:
        raise operations.FileTooBig(name=name)
    return content
