"""Values of FEEL as JSON, for the command line and whoever asks from outside.

    to_json(Decimal("0.1"))            # 0.1
    to_json(dt.date(2026, 11, 22))     # "2026-11-22"
    read_json('{"n": 0.1, "d": "@\\"2026-11-22\\""}')   # a Decimal and a date

A number is a JSON number where a reader that knows binary fractions only loses nothing, else a
string of its digits. Dates, times and durations are ISO 8601 strings, which know no names of
zones but their offsets; contexts are objects, ranges and functions the text that FEEL writes for
them. What comes in keeps its JSON type; a string of the form `@"..."` is the date, time or
duration that FEEL reads there, and keys are names as FEEL compares them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from engine.feel.errors import FeelError
from engine.feel.names import normal
from engine.feel.numbers import CONTEXT, format_number, whole
from engine.feel.order import MAX_NESTING
from engine.feel.temporal import FORMS, format_iso, parse_temporal
from engine.feel.values import Value, kind_of
from engine.feel.written import text_of

# The whole numbers that a binary fraction of 64 bits holds one by one.
EXACT = 2**53
# Larger ones are held where their digits end in enough zeros, up to about this one.
LARGEST = 10**308
AT_LITERAL = re.compile(r'\s*@\s*"([^"]*)"\s*')


def to_json(value: Value, depth: int = 0) -> Any:
    """The value as `json.dumps` takes it, without loss; FeelError for one too deep."""
    if depth > MAX_NESTING:
        raise FeelError("The value is nested too deep to be written.")
    kind = kind_of(value)
    if kind == "number":
        return json_number(value)
    if kind == "list":
        return [to_json(item, depth + 1) for item in value]
    if kind == "context":
        return {key: to_json(item, depth + 1) for key, item in value.items()}
    if kind in ("null", "boolean", "string"):
        return value
    if kind == "function":
        return f"function({', '.join(value.parameters or ())})"
    return format_iso(value) if kind in FORMS else text_of(value)


def json_number(value: int | Decimal) -> int | float | str:
    """A JSON number where it loses nothing, else the digits as a string."""
    if isinstance(value, int) or value == value.to_integral_value():
        number = int(value)
        is_held = abs(number) <= EXACT or (abs(number) < LARGEST and int(float(number)) == number)
        return number if is_held else format_number(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else format_number(value)


def read_json(text: str) -> Value:
    """The value that a JSON text writes. Raises FeelError where it is no JSON."""
    try:
        found = json.loads(
            text, parse_float=exact, parse_int=exact, parse_constant=refuse_constant
        )
        return from_json(found)
    except json.JSONDecodeError as problem:
        raise FeelError(
            "The data is not JSON at line {line}, column {column}.",
            position=problem.pos,
            line=problem.lineno,
            column=problem.colno,
        ) from None
    except RecursionError:
        raise FeelError("The data is nested too deep to be read.") from None


def exact(digits: str) -> int | Decimal:
    """A number as FEEL has it: exact, of at most 34 digits."""
    if len(digits) > CONTEXT.prec * 200:
        raise FeelError("A number of the data is too long to be read.")
    try:
        number = CONTEXT.create_decimal(digits)
    except ArithmeticError:
        raise FeelError("A number of the data is too large.") from None
    return whole(number) if digits.lstrip("-").isdigit() else number


def refuse_constant(name: str) -> NoReturn:
    raise FeelError("{name} is no number of FEEL.", name=name)


def from_json(value: Any, depth: int = 0) -> Value:
    """A JSON value with its `@"..."` strings read."""
    if depth > MAX_NESTING:
        raise FeelError("The data is nested too deep to be read.")
    if isinstance(value, str):
        literal = AT_LITERAL.fullmatch(value)
        moment = parse_temporal(literal[1]) if literal else None
        return value if moment is None else moment
    if isinstance(value, list):
        return [from_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {normal(key): from_json(item, depth + 1) for key, item in value.items()}
    return value


def keys_within(value: Value) -> Iterator[str]:
    """The keys of all contexts within a value, as `parse(fields=)` takes them."""
    if isinstance(value, dict):
        yield from value
    inner = value.values() if isinstance(value, dict) else value
    for item in inner if isinstance(value, list | dict) else ():
        yield from keys_within(item)
