"""FEEL inside forms: conditions, computed fields, sources of options, limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine import feel
from engine.calendar import ZONE
from engine.errors import ValueRefused
from engine.values import Record, Value, check


@dataclass(frozen=True)
class Scope:
    """What an expression of a form may see: names, the world's functions, the instant.

    language: in which the reader sees labels and texts, "vi" or "en".
    """

    names: Mapping[str, Any]
    functions: Mapping[str, Callable[..., Any]]
    now: datetime
    language: str = "vi"

    def within(self, names: Mapping[str, Any]) -> Scope:
        """The same scope with some names shadowed, as a row of a list has."""
        return replace(self, names={**self.names, **names})

    def today(self) -> date:
        return self.now.astimezone(ZONE).date()


@dataclass(frozen=True)
class Expression:
    """A FEEL expression of a form; `text` is without the leading "="."""

    text: str
    program: Any = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Raises feel.FeelError when the text is not FEEL."""
        bare = text.strip().removeprefix("=").strip()
        return cls(bare, feel.parse(bare))

    @property
    def names(self) -> frozenset[str]:
        """The names of data that it may read."""
        return frozenset(self.program.variables | self.program.possible)

    def evaluate(self, scope: Scope) -> Any:
        """The value, or None where the expression fails: FEEL's own answer to what cannot be told.

        A form is shown while it is half filled in, so that an expression over fields that are
        still empty must not take the page down.
        """
        try:
            return self.program.evaluate(scope.names, scope.functions, now=scope.now)
        except feel.FeelError:
            return None


Setting = Value | Expression
"""A property of a component that may be given as it is or computed."""


def settle(setting: Setting, scope: Scope) -> Any:
    """The value of a property, computed where it is an expression."""
    return setting.evaluate(scope) if isinstance(setting, Expression) else setting


def is_expression(value: object) -> bool:
    """Whether a text of the file is to be evaluated rather than taken as it is."""
    return isinstance(value, str) and value.lstrip().startswith("=")


def kept(value: Any) -> Value:
    """What FEEL gave, as case data may hold it; None for spans, ranges and functions, and for an
    instant that UTC cannot tell.
    """
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, datetime):
        try:
            return (value if value.tzinfo else value.replace(tzinfo=ZONE)).astimezone(UTC)
        except OverflowError:
            return None
    if isinstance(value, list):
        return [kept(item) for item in value]
    if isinstance(value, dict):
        return {str(key): kept(item) for key, item in value.items()}
    if isinstance(value, (timedelta, float)):
        return Decimal(str(value)) if isinstance(value, float) else None
    try:
        return check(value)
    except ValueRefused:
        return None


def find(record: Any, path: tuple[str, ...]) -> Any:
    """What lies at a path of nested records; None when nothing does."""
    for part in path:
        # Asking an abstract class is slow, and nearly all records are plain.
        if type(record) is not dict and not isinstance(record, Mapping):
            return None
        if part not in record:
            return None
        record = record[part]
    return record


def put(record: Record, path: tuple[str, ...], value: Value) -> None:
    """Make `record` hold the value at the path, making the records on the way."""
    for part in path[:-1]:
        inner = record.get(part)
        if not isinstance(inner, dict):
            inner = record[part] = {}
        record = inner
    record[path[-1]] = value


def overlay(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Both records as one: nested records are joined, everything else comes from `over`."""
    joined = dict(under)
    for key, value in over.items():
        below = joined.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            joined[key] = overlay(below, value)
        else:
            joined[key] = value
    return joined
