"""Looking at files of which nothing is deployed: what a drawing lacks that was never to be run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from lxml import etree
from sqlalchemy.orm import Session

from app import drawings, web
from app.studio import operations, queries
from engine import bpmn_reader, deploying
from engine.check import Files, Finding, Purpose, check_all, in_order

MOST_FILES = 20
"""Files that are looked at together; a process has three or four."""

_ENDS = (".bpmn", ".dmn", ".form", ".xml")


@dataclass(frozen=True)
class Looked:
    """The first drawing among some files, as the viewer draws it, and all that was found.

    diagram: the drawing as BPMN, laid out where it was not; empty where none can be read.
    """

    name: str
    diagram: str
    findings: list[Finding]
    elements: Mapping[str, str] = field(default_factory=dict)

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
    files = Files(contents)
    surroundings = web.engine().surroundings
    purpose = Purpose(is_deployed=False, is_import=True)
    findings = check_all(files, lambda: deploying.catalogue(session, surroundings), purpose)
    for path in files.drawings:
        text = contents[path]
        # The viewer reads UTF-8 alone, and files come in what their editors like.
        plain = etree.tostring(bpmn_reader.parse_xml(text, path), encoding="unicode")
        names = queries.names_in(files.drawings[path])
        return Looked(path, drawings.shown(plain, language), in_order(findings), names)
    return Looked(next(iter(contents)), "", in_order(findings))


def _name(name: str) -> str:
    last = PurePosixPath(name.replace("\\", "/")).name
    if PurePosixPath(last).suffix.lower() not in _ENDS:
        raise operations.FileNotOfProcess(name=last)
    return last


def _content(name: str, content: bytes) -> bytes:
    if len(content) > operations.MOST_BYTES:
        raise operations.FileTooBig(name=name)
    return content
