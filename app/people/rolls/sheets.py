"""Files of lists as rows of cells: spreadsheets (XLSX, ODS, XLS) and text (CSV)."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass

from app.people.rolls import encodings, reading
from app.people.rolls.reading import MOST_COLUMNS, MOST_ROWS, Cell
from engine.errors import Refusal

MOST_BYTES, MOST_UNPACKED = 10_000_000, 100_000_000


class SheetUnreadable(Refusal):
    """The file "{file}" is neither a spreadsheet (XLSX, ODS, XLS) nor text (CSV). Save it as one of these and try again."""  # noqa: E501

    status = 422


class SheetLocked(Refusal):
    """The file "{file}" is protected by a password. Save it without one and try again."""

    status = 422


class SheetTooLarge(Refusal):
    """The file "{file}" holds more than can be read at once: {rows} rows, {megabytes} MB. Keep only the list in it, or divide it."""  # noqa: E501

    status = 413


class SheetEmpty(Refusal):
    """The file "{file}" holds no row. Check that the list stands on the first sheet."""

    status = 422


@dataclass(frozen=True)
class Sheet:
    """What a file holds: rows of cells of a spreadsheet, or the bytes of a text."""

    file: str
    rows: list[list[Cell]] | None
    data: bytes = b""

    def texts(self) -> dict[str, str]:
        """By encoding that the file may be in, a sample of its text before `letters`."""
        if self.rows is not None:
            words = " ".join(c for row in self.rows[:400] for c in row if isinstance(c, str))
            return {key: words for key in encodings.ENCODINGS if key != encodings.WINDOWS}
        found = {key: encodings.text_of(self.data, key) for key in encodings.ENCODINGS}
        return {key: text[:50_000] for key, text in found.items() if text is not None}

    def guess(self) -> str:
        """The encoding that the file seems to be in."""
        return encodings.guess(self.texts())

    def decoded(self, encoding: str) -> list[list[Cell]]:
        """All rows with the letters that the encoding means. Raises SheetUnreadable."""
        rows = self.rows
        if rows is None:
            text = encodings.text_of(self.data, encoding)
            if text is None:
                raise SheetUnreadable(file=self.file)
            rows = _rows_of_text(text, self.file)
        return [
            [encodings.letters(c, encoding) if isinstance(c, str) else c for c in row]
            for row in rows
        ]


def read(data: bytes, file: str) -> Sheet:
    """The first visible sheet of a spreadsheet, or a text; what it is, its bytes say.

    Raises SheetUnreadable, SheetLocked, SheetTooLarge, SheetEmpty.
    """
    file = file[-120:]
    if len(data) > MOST_BYTES:
        raise _too_large(file)
    if not data.strip(b"\0 \r\n\t"):
        raise SheetEmpty(file=file)
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Sheet(file, _rows_of_book(data, file))
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SheetUnreadable(file=file)
    return Sheet(file, None, data)


def _too_large(file: str) -> SheetTooLarge:
    return SheetTooLarge(file=file, rows=MOST_ROWS, megabytes=MOST_BYTES // 1_000_000)


def _rows_of_book(data: bytes, file: str) -> list[list[Cell]]:
    _require_sound(data, file)
    try:
        return _some(reading.rows_of(data), file)
    except reading.Failed as failed:
        raise _refusal(failed.word, file) from failed


def _refusal(word: str, file: str) -> Refusal:
    if word == "large":
        return _too_large(file)
    kinds = {"locked": SheetLocked, "empty": SheetEmpty, "unreadable": SheetUnreadable}
    return kinds[word](file=file)


def _require_sound(data: bytes, file: str) -> None:
    """A small file that unpacks to a huge one is refused before it is unpacked."""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise _too_large(file)
    except zipfile.BadZipFile as error:
        raise SheetUnreadable(file=file) from error


def _rows_of_text(text: str, file: str) -> list[list[Cell]]:
    """The rows of a CSV; what parts its cells is the sign that parts most rows into most cells."""
    first = text[:20_000]
    mark = max(";\t,|", key=lambda sign: _parted(first, sign))
    rows: list[list[Cell]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
            rows.append([cell.strip() or None for cell in row])
            if len(rows) > MOST_ROWS + 100:
                raise _too_large(file)
    except csv.Error as error:
        raise SheetUnreadable(file=file) from error
    return _some(rows, file)


def _parted(text: str, mark: str) -> tuple[int, int]:
    """How many rows are parted into as many cells as the longest of them, and into how many."""
    try:
        lengths = [len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark)]
    except csv.Error:
        return 0, 0
    longest = max(lengths, default=0)
    return (lengths.count(longest), longest) if longest > 1 else (0, 0)


def _some(rows: list[list[Cell]], file: str) -> list[list[Cell]]:
    rows = [row[:MOST_COLUMNS] for row in rows]
    if not any(cell is not None for row in rows for cell in row):
        raise SheetEmpty(file=file)
    return rows
