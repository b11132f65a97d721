"""What a case has kept several times, such as each report that was sent, two of them compared.

The property `versions` of a process names the list in its cases' data; `labels` says what of an
entry is shown and in which order: "versions.summary" is a value of an entry, "versions.rows.value"
one of each record in its list `rows`, which are told apart by their `name`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request

from app import web
from app.cases import queries
from app.cases.pages import blueprint
from app.cases.showing import Sheet, value_words, versions_of
from app.i18n import language
from app.web import SIGNED_IN, permission
from engine.errors import NotFound


@dataclass(frozen=True)
class Line:
    """One value beside the other, in words; `differs` where they are not the same."""

    label: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


def compared(
    sheet: Sheet, variable: str, first: Mapping[str, Any], second: Mapping[str, Any]
) -> list[Line]:
    """All that the drawing names of an entry, of both, in the order of its labels."""
    found: list[Line] = []
    for path, label in sheet.names.items():
        head, _dot, rest = path.partition(".")
        if head == variable and rest:
            found += _lines(label, rest, first, second)
    return found


def _lines(
    label: str, path: str, first: Mapping[str, Any], second: Mapping[str, Any]
) -> Iterator[Line]:
    key, _dot, inner = path.partition(".")
    if not inner:
        yield Line(label, value_words(first.get(key)), value_words(second.get(key)))
        return
    before, after = _by_name(first.get(key)), _by_name(second.get(key))
    for name in dict.fromkeys((*before, *after)):
        values = (value_words(one.get(name, {}).get(inner)) for one in (before, after))
        line = Line(f"{name}: {label}", *values)
        if line.before or line.after:
            yield line


def _by_name(records: Any) -> dict[str, Mapping[str, Any]]:
    rows = [one for one in records or () if isinstance(one, Mapping)]
    return {str(one.get("name")): one for one in rows}


@blueprint.get("/cases/<int:case_id>/versions")
@permission(SIGNED_IN)
def versions(case_id: int) -> str:
    """Two of what the case has kept, side by side: the last two, or those that were chosen."""
    seen = queries.view(web.reading(), case_id, web.signed_in())
    entries = versions_of(seen.program, seen.data)
    if len(entries) < 2:
        raise NotFound(thing=str(case_id))
    first, second = (_chosen(name, entries) for name in ("first", "second"))
    sheet = Sheet(seen.program, seen.data, web.engine().clock(), language())
    variable = seen.program.process.properties["versions"]
    lines = compared(sheet, variable, entries[first - 1], entries[second - 1])
    return render_template(
        "cases/versions.html",
        row=seen.row,
        count=len(entries),
        first=first,
        second=second,
        lines=lines,
        differing=sum(line.differs for line in lines),
    )


def _chosen(name: str, entries: list[Mapping[str, Any]]) -> int:
    """Which one was asked for, counted from 1; without a choice the last, or the one before."""
    asked = request.args.get(name, "")
    if asked.isdecimal() and 1 <= int(asked[:9]) <= len(entries):
        return int(asked)
    return len(entries) - (name == "first")
