"""What differs between two bundles: elements of the drawing, fields of forms, scenarios, files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from flask_babel import gettext, ngettext

from app.studio import describing, tables
from engine import bpmn_reader
from engine.bpmn import Flow, Node
from engine.errors import Refusal

MOST_LETTERS = 160
AROUND = 24
_DRAWN = (Node, Flow)


@dataclass(frozen=True)
class Change:
    """One difference. kind: added, changed, removed; part: what of the thing, in words.

    element: its id, None for a file or the process itself.
    """

    kind: str
    what: str
    part: str
    before: str
    after: str
    element: str | None = None

    @property
    def excerpts(self) -> tuple[str, str]:
        """Before and after; of long texts the stretch that differs, with a little around it."""
        old, new = self.before, self.after
        if not (old and new) or max(len(old), len(new)) <= MOST_LETTERS:
            return _short(old), _short(new)
        start = _same(old, new)
        end = _same(old[start:][::-1], new[start:][::-1])
        return _stretch(old, start, end), _stretch(new, start, end)


def _same(one: str, other: str) -> int:
    """How many letters two texts begin with in common."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _stretch(text: str, start: int, end: int) -> str:
    first, last = max(0, start - AROUND), min(len(text), len(text) - end + AROUND)
    found = _short(text[first:last])
    return f"{'…' if first else ''}{found}{'…' if last < len(text) else ''}"


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"


def compare(old: Mapping[str, str], new: Mapping[str, str], path: str) -> list[Change]:
    """All differences from `old` to `new`; the drawing at `path` setting by setting."""
    found = list(_drawing(old.get(path), new.get(path), path))
    for name in sorted({*old, *new} - {path}):
        found += _file(name, old.get(name), new.get(name))
    if not found and old.get(path) != new.get(path) and path in old:
        found.append(_looks(path.rpartition("/")[2]))
    return found


def _drawing(old: str | None, new: str | None, path: str) -> Iterator[Change]:
    if old is None or new is None or old == new:
        return
    before, after = _elements(old, path), _elements(new, path)
    if before is None or after is None:
        return
    names = {**before, **after}
    for element_id, element in after.items():
        what = describing.name(element, after)
        if element_id not in before:
            yield Change("added", what, "", "", _summary(element), element_id)
            continue
        # Under the same names, so that a renamed step does not change the flows that lead to it.
        was = describing.settings(before[element_id], names)
        now = describing.settings(element, names)
        place = element_id if isinstance(element, _DRAWN) else None
        for part in [*was, *(p for p in now if p not in was)]:
            if was.get(part) != now.get(part):
                yield Change("changed", what, part, was.get(part, ""), now.get(part, ""), place)
    for element_id, element in before.items():
        if element_id not in after:
            what = describing.name(element, before)
            yield Change("removed", what, "", _summary(element), "", element_id)


def _summary(element: Any) -> str:
    kind, lane = describing.kind(element), getattr(element, "lane", None)
    return f"{kind}, {lane}" if lane else kind


def _elements(text: str, path: str) -> dict[str, Any] | None:
    """Processes, nodes and flows by id, or None of a drawing that cannot be read."""
    try:
        drawing = bpmn_reader.read(text, path)
    except Refusal:
        return None
    named = {process.id: process for process in drawing.processes}
    return named | describing.elements(drawing.processes)


def _file(path: str, old: str | None, new: str | None) -> Iterator[Change]:
    name = path.rpartition("/")[2]
    if old is None:
        yield Change("added", name, "", "", gettext("new file"))
    elif new is None:
        yield Change("removed", name, "", gettext("file"), "")
    elif old != new:
        yield from _parts(path, name, old, new) or [_rest(name, old, new)]


def _looks(name: str) -> Change:
    """That a file differs in nothing that is set in its elements."""
    part = gettext("Layout, order or comments")
    now = gettext("drawn or ordered otherwise; no setting differs")
    return Change("changed", name, part, gettext("as it was"), now)


def _rest(name: str, old: str, new: str) -> Change:
    """That a file differs which cannot be read part by part."""
    lines = len(old.splitlines())
    was = ngettext("%(num)d line", "%(num)d lines", lines)
    return Change("changed", name, gettext("Content"), was, _lines(old, new))


def _parts(path: str, name: str, old: str, new: str) -> list[Change]:
    """What differs inside a form, decisions or scenarios; nothing of what cannot be read."""
    try:
        if path.endswith(".dmn"):
            rows = tables.compare(old, new, path)
            found = [Change(kind, name, part, was, now) for kind, part, was, now in rows]
            return found or ([_looks(name)] if tables.looks_alone(old, new, path) else [])
        before, after = json.loads(old), json.loads(new)
        if path.endswith(".form"):
            return list(_fields(name, _components(before), _components(after)))
        if isinstance(before, dict) and isinstance(after, dict):
            return list(_scenarios(name, before, after))
    except (ValueError, RecursionError, Refusal):
        pass  # The findings say what is wrong with the file.
    return []


def _fields(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in [*old, *(k for k in new if k not in old)]:
        label = str((new.get(key) or old[key]).get("label") or key)
        part = gettext("Field “%(label)s”", label=label)
        if key not in old:
            yield Change("added", name, part, "", describing.component(new[key]))
        elif key not in new:
            yield Change("removed", name, part, describing.component(old[key]), "")
        else:
            was, now = dict(_flat(old[key])), dict(_flat(new[key]))
            names = [*was, *(n for n in now if n not in was)]
            differing = [n for n in names if was.get(n) != now.get(n)]
            if differing:
                yield Change("changed", name, part, _said(was, differing), _said(now, differing))


def _components(form: Any) -> dict[str, Any]:
    """The fields of a form by key, in whatever group they stand."""
    found: dict[str, Any] = {}
    waiting = [form]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, dict):
            continue
        inside = one.get("components")
        waiting[:0] = inside if isinstance(inside, list) else []
        key = one.get("key") or one.get("path") or one.get("id")
        if one is not form and isinstance(key, str):
            found[key] = {k: v for k, v in one.items() if k not in ("components", "layout", "id")}
    return found


def _flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _said(values: Mapping[str, Any], names: list[str]) -> str:
    said = (
        f"{n}: {v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)}"
        for n, v in ((n, values[n]) for n in names if n in values)
    )
    return "; ".join(said)


def _scenarios(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Scenarios added and removed; those changed alike, as by a renamed task, in one row."""
    alike: dict[tuple[str, str], list[str]] = {}
    for title in [*old, *(t for t in new if t not in old)]:
        part = gettext("Scenario “%(name)s”", name=title)
        if title not in old:
            yield Change("added", name, part, "", _steps(new[title]))
        elif title not in new:
            yield Change("removed", name, part, _steps(old[title]), "")
        elif old[title] != new[title]:
            alike.setdefault(_differing(old[title], new[title]), []).append(title)
    for (before, after), titles in alike.items():
        part = gettext("Scenario “%(name)s”", name=titles[0])
        if len(titles) > 1:
            part = ngettext("%(num)d scenario", "%(num)d scenarios", len(titles))
        yield Change("changed", name, part, before, after)


def _differing(old: Any, new: Any) -> tuple[str, str]:
    """What a scenario says otherwise, each thing once; of other steps only how many there are."""
    was, now = dict(_leaves(old)), dict(_leaves(new))
    if was.keys() != now.keys():
        return _steps(old), _steps(new)
    pairs = dict.fromkeys((was[path], now[path]) for path in was if was[path] != now[path])
    return "; ".join(old for old, _ in pairs), "; ".join(new for _, new in pairs)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from _leaves(inner, f"{path}.{key}")
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _steps(steps: Any) -> str:
    return ngettext("%(num)d step", "%(num)d steps", len(steps)) if isinstance(steps, list) else ""


def _lines(old: str, new: str) -> str:
    """How many lines of a text are no longer what they were."""
    lines = unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    marks = [line[0] for line in lines if line[:3] not in ("---", "+++")]
    count = max(marks.count("+"), marks.count("-"))
    return ngettext("%(num)d line differs", "%(num)d lines differ", count)
