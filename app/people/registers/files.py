"""A register as a file that other software reads: XLSX, or CSV in UTF-8 with its sign in front.

No cell is taken for a formula, codes keep their zeros, days are days. Rows are written as they
are read, so that any number of them takes the same memory.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, BinaryIO

import xlsxwriter

from app.people.rights.groups import DATA
from engine.calendar import ZONE

Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """key: what of a row stands there. name: its header, in Vietnamese as the law has it."""

    key: str
    name: str
    width: int


@cache
def columns(register: str) -> tuple[Column, ...]:
    """The columns of a register in the order of its form (requirements 7.1, 7.2, 7.5)."""
    return tuple(Column(**one) for one in _described()[register]["columns"])


def file_name(register: str, days: str, kind: str) -> str:
    """What a file of the register is called where it is saved: nguoi-dung-2026-11-24.xlsx."""
    return f"{_described()[register]['file']}-{days}.{kind}"


@cache
def _described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (DATA / "register_columns.json").read_text(encoding="utf-8")
    )
    return found


_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")
"""With what a cell begins that a spreadsheet may reckon, in the full width of East Asia too."""


def plain(text: str) -> str:
    """The text as a cell of a CSV that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in _SIGNS or text.lstrip()[:1] in _SIGNS else text


def csv_lines(register: str, rows: Iterable[Row], *, mark: str) -> Iterator[bytes]:
    """The file in pieces. mark: what stands between two cells."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark)
    shown = columns(register)
    # Spreadsheets take a file for UTF-8 by its first bytes.
    yield b"\xef\xbb\xbf"
    writer.writerow([column.name for column in shown])
    for number, row in enumerate(rows, start=1):
        values = (number if c.key == "number" else row.get(c.key) for c in shown)
        writer.writerow([_written(value) for value in values])
        if out.tell() > 60_000:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value) if isinstance(value, int) else plain(str(value))


def workbook(out: BinaryIO, register: str, rows: Iterable[Row], *, title: str) -> int:
    """The file is written; how many rows it has.

    title: the sheet's name.
    """
    numbered = ({**row, "number": at} for at, row in enumerate(rows, start=1))
    return book_of(out, columns(register), numbered, title=title)


def book_of(out: BinaryIO, shown: Sequence[Column], rows: Iterable[Row], *, title: str) -> int:
    """A file with these columns is written; how many rows it has."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(title[:31])
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        instant = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        text = book.add_format({"num_format": "@"})
        on_paper(sheet)
        for place, column in enumerate(shown):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.name, head)
        put = _cells(sheet, day=day, instant=instant, text=text)
        for row in rows:
            count += 1
            for place, column in enumerate(shown):
                put(count, place, row.get(column.key))
    return count


def on_paper(sheet: Any) -> None:
    """The sheet is printed on A4 across, as wide as the page; its head stays in sight and stands
    on every page, with the page's number below.
    """
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4, by its number in spreadsheets.
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P/&N")


def _cells(sheet: Any, *, day: Any, instant: Any, text: Any) -> Callable[[int, int, Any], None]:
    """Writes a value into a cell: days as days, numbers as numbers, all else as text."""

    def put(row: int, place: int, value: Any) -> None:
        if isinstance(value, datetime):
            local = value.astimezone(ZONE).replace(tzinfo=None)
            sheet.write_datetime(row, place, local, instant)
        elif isinstance(value, date):
            sheet.write_datetime(row, place, value, day)
        elif isinstance(value, int | Decimal):
            sheet.write_number(row, place, value)
        elif value not in (None, ""):
            sheet.write_string(row, place, str(value), text)

    return put
