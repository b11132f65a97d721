"""The operators + - * / ** and unary minus on any two values; null where they have no meaning.

Source: DMN 1.5, 10.3.2.11, tables 55 to 60.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.feel import numbers
from engine.feel.calendar import (
    add_temporal,
    divide_temporal,
    multiply_temporal,
    negate_span,
    subtract_temporal,
)
from engine.feel.runtime import Run
from engine.feel.values import Value, YearsMonths
from engine.feel.wide import is_span

NUMERIC = frozenset((int, Decimal))


def add(run: Run, left: Value, right: Value) -> Value:
    """The sum of numbers, a moved date or time, a longer duration, or two texts joined."""
    if type(left) in NUMERIC and type(right) in NUMERIC:
        return numbers.add(left, right)
    if isinstance(left, str):
        if not isinstance(right, str):
            return None
        run.check_letters(len(left) + len(right))
        return left + right
    return add_temporal(left, right)


def subtract(run: Run, left: Value, right: Value) -> Value:
    if type(left) in NUMERIC and type(right) in NUMERIC:
        return numbers.subtract(left, right)
    return subtract_temporal(left, right)


def multiply(run: Run, left: Value, right: Value) -> Value:
    if type(left) in NUMERIC and type(right) in NUMERIC:
        return numbers.multiply(left, right)
    return multiply_temporal(left, right)


def divide(run: Run, left: Value, right: Value) -> Value:
    if type(left) in NUMERIC and type(right) in NUMERIC:
        return numbers.divide(left, right)
    return divide_temporal(left, right)


def power(run: Run, left: Value, right: Value) -> Value:
    if type(left) in NUMERIC and type(right) in NUMERIC:
        run.charge(2 if type(right) is int and abs(right) <= 1_000 else numbers.COST)
        return numbers.power(left, right)
    return None


OPERATORS: dict[str, Callable[[Run, Value, Value], Value]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def negate(value: Value) -> Value:
    if type(value) is int:
        return -value
    if isinstance(value, Decimal):
        return value.copy_negate()
    if is_span(value):
        return negate_span(value)
    return YearsMonths(-value.total) if isinstance(value, YearsMonths) else None
