"""The values of FEEL and the Python types that carry them.

number                      int where exact and whole, otherwise decimal.Decimal
string, boolean, null       str, bool, None
list, context               list, dict with str keys
date, time                  datetime.date, datetime.time
date and time               datetime.datetime, aware or (FEEL's local date-times) naive
days and time duration      datetime.timedelta
                            (years before 1 and after 9999 and nanoseconds: see `wide`)
years and months duration   YearsMonths
range                       Range
function                    Function
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.feel.wide import WideDate, WideDateTime, WideSpan, WideTime, make_date_time

if TYPE_CHECKING:
    from engine.feel.runtime import Run
    from engine.feel.tree import Type

# FEEL is dynamically typed; kind_of() is its type test.
Value: TypeAlias = Any


@dataclass(frozen=True, order=True)
class YearsMonths:
    """A duration of calendar months; `total` counts months and may be negative."""

    total: int

    @property
    def years(self) -> int:
        return abs(self.total) // 12 * (1 if self.total >= 0 else -1)

    @property
    def months(self) -> int:
        return abs(self.total) % 12 * (1 if self.total >= 0 else -1)


@dataclass(frozen=True)
class Range:
    """All values between two ends; an end that is None is unbounded."""

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True


@dataclass(frozen=True, eq=False)
class Function:
    """A function value. `parameters` names its parameters, None where it takes any number.

    `invoke` gets the run (which carries the budget and the clock) and one value a parameter.
    `type` is what its text declares, where it has one.
    """

    parameters: tuple[str, ...] | None
    invoke: Callable[[Run, list[Value]], Value]
    call_named: Callable[[Run, Mapping[str, Value]], Value] | None = None
    type: Type | None = None


KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    dt.datetime: "date and time",
    dt.date: "date",
    dt.time: "time",
    dt.timedelta: "days and time duration",
    WideDateTime: "date and time",
    WideDate: "date",
    WideTime: "time",
    WideSpan: "days and time duration",
    YearsMonths: "years and months duration",
    Range: "range",
    Function: "function",
}


def kind_of(value: Value) -> str:
    """The FEEL type of a value; "foreign" for a Python object that FEEL does not know.

    A float is foreign on purpose: binary fractions are not the decimals that FEEL computes with.
    """
    kind = KINDS.get(type(value))
    if kind is not None:
        return kind
    for known, name in KINDS.items():
        if isinstance(value, known):
            return name
    return "context" if isinstance(value, Mapping) else "foreign"


def admit(value: Value) -> Value:
    """A value from outside as FEEL has it: floats become decimals, tuples become lists."""
    if isinstance(value, float):
        number = Decimal(repr(value))
        return number if number.is_finite() else None
    if isinstance(value, tuple):
        return [admit(item) for item in value]
    return value


def narrowed(value: Value) -> Value:
    """The value with instants cut to the microsecond, as clocks and records of ours have them."""
    if isinstance(value, list):
        return [narrowed(item) for item in value]
    if isinstance(value, dict):
        return {key: narrowed(item) for key, item in value.items()}
    if isinstance(value, WideDateTime):
        return make_date_time(value.nanos - value.nanos % 1000, value.tzinfo)
    return value
