"""What a request may carry: numbers that can name a row, characters that can be kept.

Everything else is turned away at the door with 404 or 400. A database would refuse it deep within
a page, and the two databases at different places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from flask import Flask, request
from werkzeug.datastructures import FileStorage
from werkzeug.routing import IntegerConverter, ValidationError

from app import refusals
from app.web import HAND
from engine.errors import Refusal
from engine.files import FileEmpty, FileTooLarge, FileTypeRefused
from engine.forms import Message

_DAY = re.compile(r"([0-9]{1,2}) ?[/.-] ?([0-9]{1,2}) ?[/.-] ?([0-9]{4})")
LARGEST = 2**31 - 1
"""The largest number of a row: ids are 32 bits wide on PostgreSQL."""


class OddCharacters(Refusal):
    """What was sent holds a character that no text has (a NUL or half a character). Type it anew and send it again."""  # noqa: E501

    status = 400


class DayUnreadable(Refusal):
    """ "{day}" is no day of the calendar. Write it as day/month/year, like 22/11/2026."""

    status = 422


def row_number(text: str) -> int:
    """The number, for `type=` where fields are read. Raises ValueError if no row can have it."""
    digits = text.strip()
    if not digits.isdecimal() or len(digits) > len(str(LARGEST)) or int(digits) > LARGEST:
        raise ValueError(f"{digits[:20]} is the number of no row")
    return int(digits)


def day(text: str) -> date:
    """The day typed as 22/11/2026, 1-2-2026 or 1.2.2026, or as in addresses, 2026-11-22.

    Raises DayUnreadable for no day, and for one of another age: beyond these years an instant at
    the edge of the day, in UTC, may not exist.
    """
    given = text.strip()
    typed = _DAY.fullmatch(given)
    try:
        found = date(*map(int, typed.groups()[::-1])) if typed else date.fromisoformat(given)
    except ValueError:
        raise DayUnreadable(day=text) from None
    if not 1900 <= found.year <= 2999:
        raise DayUnreadable(day=text)
    return found


def day_asked(name: str, problems: dict[str, str]) -> date | None:
    """The day that the address asks for; what cannot be read is left out, and told."""
    text = request.args.get(name, "").strip()
    try:
        return day(text) if text else None
    except DayUnreadable as refusal:
        problems[name] = refusals.words(refusal)
        return None


def posted() -> dict[str, str | list[str]]:
    """The fields of a form as they were posted, without its security code and for whom it
    was opened.

    {"choice": "grant", "days": ["1", "2"]}: a name that was sent more than once has a list.
    """
    return {
        name: values if len(values) > 1 else values[0]
        for name, values in request.form.lists()
        if name not in ("csrf_token", HAND)
    }


Take = Callable[[FileStorage, str], int]
"""Keeps a file that was sent for the input of that name; returns its id."""


def filled_in(take: Take) -> tuple[dict[str, Any], dict[str, list[Message]]]:
    """The form as it was posted, files among its values as their ids; and, by the names of their
    inputs, why files were not taken.
    """
    values: dict[str, Any] = posted()
    refused: dict[str, list[Message]] = {}
    for name, files in request.files.lists():
        kept = []
        for file in files:
            if not file.filename:
                continue
            try:
                kept.append(str(take(file, name)))
            except (FileEmpty, FileTooLarge, FileTypeRefused) as refusal:
                refused.setdefault(name, []).append((refusal.template, refusal.fields))
        if kept:
            before = values.get(name, [])
            values[name] = [*(before if isinstance(before, list) else [before]), *kept]
    return values, refused


class RowNumber(IntegerConverter):
    """`<int:...>` in the routes: an address with a larger number does not exist."""

    def to_python(self, value: str) -> int:
        try:
            return row_number(value)
        except ValueError:
            raise ValidationError() from None


def refuse_odd_characters() -> None:
    """Nothing of the request's address, fields or file names is unfit for a text."""
    if any(_is_odd(text) for text in _texts()):
        raise OddCharacters()


def _texts() -> Iterator[str]:
    yield request.path
    for values in (request.args, request.form):
        for name, given in values.lists():
            yield name
            yield from given
    for name, file in request.files.items(multi=True):
        yield name
        yield file.filename or ""


def _is_odd(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)


def register(app: Flask) -> None:
    """Addresses of `app` hold numbers of rows, and no page sees what is unfit.

    It comes before the parts that have routes: a route takes its converters when it is made.
    """
    app.url_map.converters["int"] = RowNumber
    app.before_request(refuse_odd_characters)
