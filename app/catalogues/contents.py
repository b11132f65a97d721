"""The contents of an entry: held to the description of its catalogue, and compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.orm import Session

from app.people.organisation import units
from engine.catalogues import OWN, Catalogue, Column
from engine.fold import fold
from engine.values import Record, Value

MOST = 20_000
"""Letters of one content: a procedure's steps fill some pages."""
_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Change:
    """A content before and after. is_basic: only a new version may bring it."""

    column: Column
    before: Value
    after: Value
    is_basic: bool


class _Wrong(Exception):
    """Why a content cannot be kept, in the language of the drawings."""


def read(
    session: Session, described: Catalogue, given: Mapping[str, Any], on: date
) -> tuple[Record, list[str]]:
    """The contents as they are kept, every column among them, and all that is wrong with them.

    What every entry has beside its columns is passed over, so that an entry that was read can be
    given back.
    """
    problems = [f"“{name}” không phải nội dung của danh mục." for name in given
                if name not in described.by_name and name not in OWN]  # fmt: skip
    found: Record = {}
    for column in described.columns:
        try:
            found[column.name] = _value(session, column, given.get(column.name), on)
        except _Wrong as wrong:
            problems.append(f"“{column.label}” {wrong}.")
    return found, problems


def changes(described: Catalogue, before: Record, after: Record) -> list[Change]:
    """What differs. A basic content that says the same in other spelling is not changed basically:
    a slip of the pen may be corrected.
    """
    return [
        Change(
            column,
            before.get(column.name),
            after.get(column.name),
            column.is_basic and not _says_the_same(before.get(column.name), after[column.name]),
        )
        for column in described.columns
        if before.get(column.name) != after.get(column.name)
    ]


def _says_the_same(before: Value, after: Value) -> bool:
    if isinstance(before, str) and isinstance(after, str):
        return _plain(before) == _plain(after) and re.findall(r"\d+", before) == re.findall(
            r"\d+", after
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_says_the_same, before, after))
    return False


def _plain(text: str) -> str:
    return _LETTERS.sub("", fold(text))


def _value(session: Session, column: Column, given: Any, on: date) -> Value:
    if given is None or given == "" or given == []:
        if column.is_required:
            raise _Wrong("phải có nội dung")
        return None
    kept: Value = _KINDS[column.type](given)
    if column.type == "choice" and kept not in [choice.value for choice in column.choices]:
        raise _Wrong("không nằm trong các giá trị được chọn")
    if column.type == "unit" and not units.known_on(session, [str(kept)], on):
        raise _Wrong(f"ghi đơn vị “{kept}” không có vào ngày {on:%d/%m/%Y}")
    return kept


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise _Wrong("phải là chữ")
    if len(given) > MOST:
        raise _Wrong(f"dài quá {MOST} ký tự")
    return given.strip()


def _number(given: Any) -> Value:
    try:
        found = Decimal(str(given).strip().replace(",", "."))
    except InvalidOperation:
        raise _Wrong("phải là số") from None
    if isinstance(given, bool) or not found.is_finite():
        raise _Wrong("phải là số")
    return int(found) if found == found.to_integral_value() else found


def _date(given: Any) -> date:
    if type(given) is date:
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise _Wrong("phải là ngày") from None


def _list(given: Any) -> Value:
    """A list of texts, or one text of several lines."""
    parts = given.splitlines() if isinstance(given, str) else given
    if not isinstance(parts, list):
        raise _Wrong("phải là danh sách")
    return [said for said in map(_text, parts) if said]


_KINDS = {
    "text": _text, "number": _number, "date": _date, "list": _list, "choice": _text,
    "unit": _text,
}  # fmt: skip
