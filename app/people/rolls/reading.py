"""Reads a spreadsheet in a process of its own that may take so much time and memory and no more.

A small file may say that it is huge, and its reader then asks for more memory than there is, which
ends the whole process. The child is this file run as a program: it needs nothing else of the
application and so begins quickly. It gets the book's bytes and gives JSON: {"failed": word}, or
{"rows": [...]} whose days and times are lists of a word and a text.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

Cell = str | int | float | bool | date | datetime | time | timedelta | None
MOST_ROWS, MOST_COLUMNS = 20_000, 60
MOST_LETTERS = 20_000_000
"""In all cells of the sheet; one text may stand in many cells of a small file."""
MEGABYTES, SECONDS = 600, 15
WAITED = 3 * SECONDS
"""Of time on the wall, since the machine may be busy; SECONDS are the processor's."""
_KINDS: dict[str, Any] = {"datetime": datetime, "date": date, "time": time}


class Failed(Exception):
    """The book cannot be read. word: locked, unreadable, empty, large."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def rows_of(data: bytes) -> list[list[Cell]]:
    """The rows of the first visible sheet, cut after MOST_COLUMNS cells. Raises Failed."""
    program = [sys.executable, "-I", __file__]
    options: dict[str, Any] = {"capture_output": True, "timeout": WAITED, "check": True}
    try:
        done = subprocess.run(program, input=data, **options)  # noqa: S603  # It is this file.
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        # The reader has no other way to say that it was refused memory or time than to die.
        raise Failed("large") from error
    answer = json.loads(done.stdout)
    if "failed" in answer:
        raise Failed(answer["failed"])
    return [[_cell(cell) for cell in row] for row in answer["rows"]]


def _cell(said: Any) -> Cell:
    if not isinstance(said, list):
        return said  # type: ignore[no-any-return]  # JSON's own kinds are cells as they are.
    kind, text = said
    if kind == "span":
        return timedelta(seconds=text)
    return _KINDS[kind].fromisoformat(text)  # type: ignore[no-any-return]


def _said(cell: Any) -> Any:
    if cell == "":
        return None
    for kind, of in _KINDS.items():  # A datetime is a date too, and is asked first.
        if isinstance(cell, of):
            return [kind, cell.isoformat()]
    return ["span", cell.total_seconds()] if isinstance(cell, timedelta) else cell


def _read(data: bytes) -> list[list[Any]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        shown = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
        if not shown:
            raise Failed("empty")
        sheet = book.get_sheet_by_name(shown[0])
        if sheet.height > MOST_ROWS + 100:
            raise Failed("large")
        rows = sheet.to_python(skip_empty_area=False)
    except PasswordError as error:
        raise Failed("locked") from error
    except CalamineError as error:
        raise Failed("unreadable") from error
    found = [[_said(cell) for cell in row[:MOST_COLUMNS]] for row in rows]
    if sum(len(cell) for row in found for cell in row if isinstance(cell, str)) > MOST_LETTERS:
        raise Failed("large")
    return found


def _main() -> None:
    """What the child does; where it is refused memory or time it dies without an answer."""
    most = MEGABYTES * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer: dict[str, Any] = {"rows": _read(sys.stdin.buffer.read())}
    except Failed as failed:
        answer = {"failed": failed.word}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main()
