"""One text for each value, the same for two values exactly when they are equal.

Source: DMN 1.5, 10.3.2.3.2 and table 53, as `order.equal` has it.
"""

from __future__ import annotations

import json
from decimal import Decimal

from engine.feel.order import KEYS, check_nesting
from engine.feel.values import Value, YearsMonths, kind_of

WIDEST = 40
"""Zeros that a number is written with rather than with an exponent."""


def canonical(value: Value, depth: int = 0) -> str:
    """The text of any value but a function, which equals nothing.

    Raises FeelBudgetExceeded for values that are nested too deep.
    """
    check_nesting(depth)
    kind = kind_of(value)
    if kind == "number":
        return _number(value)
    if kind in ("null", "boolean", "string"):
        return _quoted(value)
    if kind == "list":
        return f"[{','.join(canonical(item, depth + 1) for item in value)}]"
    if kind == "context":
        entries = [f"{_quoted(k)}:{canonical(v, depth + 1)}" for k, v in sorted(value.items())]
        return f"{{{','.join(entries)}}}"
    if kind == "range":
        start, end = canonical(value.start, depth + 1), canonical(value.end, depth + 1)
        left, right = "[" if value.start_included else "(", "]" if value.end_included else ")"
        return f"range {left}{start}..{end}{right}"
    key = value.total if isinstance(value, YearsMonths) else KEYS[kind](value)
    return f"{kind} {key}"


def _quoted(value: str | bool | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(value: int | Decimal) -> str:
    sign, digits, exponent = Decimal(value).as_tuple()
    text = "".join(map(str, digits))
    short = text.rstrip("0")
    if not short:
        return "0"
    assert isinstance(exponent, int)  # FEEL's numbers are finite.
    exponent += len(text) - len(short)
    if abs(exponent) > WIDEST:
        return f"{'-' * sign}{short}e{exponent}"
    return format(Decimal((sign, tuple(map(int, short)), exponent)), "f")
