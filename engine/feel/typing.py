"""Whether a value is of a type, for `instance of` and for typed parameters of functions.

Null is of no type but Null; within lists and contexts it may stand for any missing value.
Source: DMN 1.5, 10.3.2.9.
"""

from __future__ import annotations

import datetime as dt

from engine.feel.inferred import is_subtype
from engine.feel.order import check_nesting
from engine.feel.runtime import Run
from engine.feel.tree import Type
from engine.feel.values import Function, Value, kind_of
from engine.feel.wide import combine, is_date

ALIASES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "Null": "null",
}


def is_instance(
    run: Run, value: Value, wanted: Type, depth: int = 0, *, allowing: bool = True
) -> bool:
    """Whether a value is of a type.

    allowing: false for `instance of`, since allowed values are no part of a type.
    """

    def fits(part: Value, inner: Type) -> bool:
        return conforms(run, part, inner, depth + 1, allowing=allowing)

    if wanted.name == "Any":
        return value is not None
    declared = run.types.get(wanted.name)
    if declared is not None:
        return value is not None and declared.conforms(value, run, allowing=allowing)
    kind = kind_of(value)
    if kind != kind_named(wanted):
        return False
    check_nesting(depth)
    run.charge()
    if kind == "list" and wanted.inner is not None:
        return all(fits(item, wanted.inner) for item in value)
    if kind == "range" and wanted.inner is not None:
        return all(fits(end, wanted.inner) for end in (value.start, value.end))
    if kind == "context":
        return all(
            key in value and fits(value[key], inner) for key, inner in wanted.fields.items()
        )
    return kind != "function" or function_fits(value, wanted)


def function_fits(value: Function, wanted: Type) -> bool:
    """Whether a function takes and gives what its type says; FEEL's own fit any that they may."""
    if wanted.inner is not None and value.type is not None:
        return is_subtype(value.type, wanted)
    known = value.parameters is not None and bool(wanted.parameters)
    return not known or len(value.parameters or ()) == len(wanted.parameters)


def kind_named(wanted: Type) -> str:
    return ALIASES.get(wanted.name, wanted.name)


def conforms(
    run: Run, value: Value, wanted: Type | None, depth: int = 0, *, allowing: bool = True
) -> bool:
    """Whether a value may stand where a type is asked for: null may stand anywhere."""
    if value is None or wanted is None:
        return True
    return is_instance(run, value, wanted, depth, allowing=allowing)


def coerced(run: Run, value: Value, wanted: Type | None) -> Value:
    """The value as a typed parameter takes it; null if it does not conform.

    A list of one stands for its item, an item for a list of one, and a date for its first instant
    in UTC where a date and time is asked for. Source: DMN 1.5, 10.3.2.9.4.
    """
    if conforms(run, value, wanted):
        return value
    if isinstance(value, list) and len(value) == 1 and conforms(run, value[0], wanted):
        return value[0]
    if wanted is not None and is_date(value) and kind_named(wanted) == "date and time":
        return combine(value, dt.time(tzinfo=dt.UTC))
    if wanted is not None and wanted.name == "list" and conforms(run, [value], wanted):
        return [value]
    return None
