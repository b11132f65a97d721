"""Finds the files that a drawing anywhere on disk names: forms, decisions, called processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from engine.wellformed import as_text

MOST_FILES = 500
MOST_BYTES = 20_000_000
_SCHEME = re.compile(r"^(camunda-forms|embedded|classpath|bpmn|deployment|app):", re.IGNORECASE)


class Places:
    """Folders that are looked in, in their order: beside the drawing, then the shipped tree.

    A drawing in DIR/processes/bpmn has its forms in DIR/forms and its tables in DIR/processes/dmn;
    any other has all that it names beside it, or in folders forms, dmn and bpmn there.
    """

    def __init__(self, beside: Path | None, *, shipped: Path | None = None) -> None:
        self._forms: list[Path] = []
        self._decisions: list[Path] = []
        self._drawings: list[Path] = []
        if beside is not None:
            self._beside(beside)
        if shipped is not None:
            self._tree(shipped)

    def _beside(self, place: Path) -> None:
        self._drawings += [place, place / "bpmn"]
        self._decisions += [place, place / "dmn"]
        self._forms += [place, place / "forms"]
        if place.parts[-2:] == ("processes", "bpmn"):
            self._tree(place.parent.parent)

    def _tree(self, root: Path) -> None:
        self._drawings.append(root / "processes/bpmn")
        self._decisions.append(root / "processes/dmn")
        self._forms.append(root / "forms")

    def form(self, name: str) -> str | None:
        """The form of that name "KEY/NAME", file name or id."""
        while _SCHEME.match(name):
            name = name.partition(":")[2]
        wanted = name.removesuffix(".form")
        for place in self._forms:
            path = place / f"{wanted}.form"
            if _within(path, place) and (text := _text(path)) is not None:
                return text
        mark = re.compile(rf'"id"\s*:\s*"{re.escape(wanted)}"')
        return next((t for t in _texts(self._forms, ".form") if mark.search(t)), None)

    def decision(self, decision_id: str) -> tuple[str, str] | None:
        """Name and text of the file with that decision."""
        return self._marked(self._decisions, (".dmn",), decision_id)

    def drawing(self, process_id: str) -> tuple[str, str] | None:
        """Name and text of the drawing with that process."""
        return self._marked(self._drawings, (".bpmn", ".bpmn20.xml", ".bpmn2"), process_id)

    def _marked(
        self, places: list[Path], suffixes: tuple[str, ...], name: str
    ) -> tuple[str, str] | None:
        for place in places:
            for suffix in suffixes:
                path = place / f"{name}{suffix}"
                if _within(path, place) and (text := _text(path)) and _names(text, name):
                    return path.name, text
        for suffix in suffixes:
            for text in _texts(places, suffix):
                if _names(text, name):
                    return f"{name}{suffix}", text
        return None


def _names(text: str, name: str) -> bool:
    return f'id="{name}"' in text or f"id='{name}'" in text


def _within(path: Path, place: Path) -> bool:
    try:
        return path.resolve().is_relative_to(place.resolve())
    except (OSError, ValueError):
        return False


def _text(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        return as_text(path.read_bytes())
    except (OSError, ValueError):
        return None


def _texts(places: list[Path], suffix: str) -> Iterator[str]:
    for place in places:
        try:
            found = sorted(p for p in place.iterdir() if p.name.endswith(suffix))[:MOST_FILES]
        except OSError:
            continue
        for path in found:
            if (text := _text(path)) is not None:
                yield text
