"""The form of a list: its columns in order, with the units and groups that may be named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

import xlsxwriter

from app.people.registers import files
from app.people.rolls import columns

_WIDTHS = {"full_name": 28, "unit": 32, "address": 36, "email": 30, "groups": 36}


def write(out: BinaryIO, units: Mapping[str, str], groups: Mapping[str, str]) -> None:
    """A spreadsheet of three sheets: the empty list, units and groups by code and name."""
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("Danh sách")
        files.on_paper(sheet)
        for place, column in enumerate(columns().values()):
            # Cells of text, so that numbers keep their first zero.
            sheet.set_column(place, place, _WIDTHS.get(column.key, 18), text)
            sheet.write_string(0, place, column.name, head)
        _named(book, "Đơn vị", ("Mã đơn vị", "Đơn vị"), units, head)
        _named(book, "Nhóm quyền", ("Mã nhóm", "Nhóm quyền"), groups, head)


def _named(
    book: Any, title: str, header: tuple[str, str], rows: Mapping[str, str], head: Any
) -> None:
    sheet = book.add_worksheet(title)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 50)
    for place, name in enumerate(header):
        sheet.write_string(0, place, name, head)
    for number, (code, name) in enumerate(rows.items(), start=1):
        sheet.write_string(number, 0, code)
        sheet.write_string(number, 1, name)
