"""What carries out each clause of the five regulations: `processes/clauses.csv` beside drawings.

An element carries a clause out by naming it in its `legal_basis`; a rule, page or test by standing
in the clause's own row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine import bpmn_reader
from engine.bpmn import Drawing
from engine.bundles import Bundle, drawing_path

CLAUSES = "processes/clauses.csv"


@dataclass(frozen=True)
class Named:
    """An element that names clauses; `name`: what stands in the drawing, if anything."""

    process: str
    element: str
    name: str


@dataclass(frozen=True)
class Carrier:
    """A rule, page or test that carries a clause out: a file, and what it is called there."""

    path: str
    name: str


@dataclass(frozen=True)
class Row:
    """One clause. `kind`: as in the catalogue of requirements, such as "P:REP, R"."""

    id: str
    text: str
    text_en: str
    kind: str
    elements: tuple[Named, ...] = ()
    carriers: tuple[Carrier, ...] = ()

    @property
    def is_carried(self) -> bool:
        return bool(self.elements or self.carriers)

    def line(self) -> dict[str, Any]:
        """The clause as one object: {id, text, kind, elements}."""
        named = [{"process": one.process, "element": one.element} for one in self.elements]
        carried = [{"path": one.path, "name": one.name} for one in self.carriers]
        return {"id": self.id, "text": self.text, "kind": self.kind, "elements": named + carried}


def of_folder(root: Path) -> list[Row]:
    """Every clause with what carries it out in the content that lies under `root`.

    Raises DrawingUnreadable, BundleIncomplete.
    """
    drawn = {
        key: (root / drawing_path(key)).read_text(encoding="utf-8") for key in Bundle.keys(root)
    }
    return covered(root, drawn)


def covered(root: Path, drawn: Mapping[str, str]) -> list[Row]:
    """Every clause, in the order of its file, with the elements of these drawings that name it.

    drawn: the text of each drawing by the key of its process.
    """
    found: dict[str, list[Named]] = {}
    for key in sorted(drawn):
        for mark, element in _marks(key, drawn[key]):
            found.setdefault(mark, []).append(element)
    return [
        Row(
            id=row["id"],
            text=row["text"],
            text_en=row["text_en"],
            kind=row["kind"],
            elements=tuple(found.get(row["id"], ())),
            carriers=tuple(_carriers(row["carried_by"])),
        )
        for row in clauses(root)
    ]


def clauses(root: Path) -> list[dict[str, str]]:
    """The rows of the catalogue as they stand in its file: id, text, text_en, kind, carried_by."""
    with (root / CLAUSES).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def split(legal_basis: str) -> list[str]:
    """The marks that a `legal_basis` such as "HP-8.4a; QN-6.5" names, each once."""
    parts = (part.strip() for part in re.split(r"[;\n]", legal_basis))
    return list(dict.fromkeys(filter(None, parts)))


# A drawing never changes under its text: what it names is read once a process of the server.
@lru_cache(maxsize=256)
def _marks(key: str, text: str) -> tuple[tuple[str, Named], ...]:
    drawing = bpmn_reader.read(text, drawing_path(key))
    return tuple(
        (mark, Named(key, element, name))
        for element, name, basis in _elements(drawing)
        for mark in split(basis)
    )


def _elements(drawing: Drawing) -> Iterable[tuple[str, str, str]]:
    for process in drawing.callable:
        for one in (process, *process.nodes()):
            basis = one.properties.get("legal_basis")
            if basis:
                yield one.id, one.name, basis


def _carriers(text: str) -> Iterable[Carrier]:
    for part in split(text):
        path, _, name = part.partition("::")
        yield Carrier(path, name)
