"""Built-in functions on numbers. Source: DMN 1.5, 10.3.4.5 (numeric functions)."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.calendar import negate_span
from engine.feel.library.registry import built_in
from engine.feel.numbers import CONTEXT, COST, Number, guarded, modulo, rounded, whole
from engine.feel.order import is_whole
from engine.feel.runtime import Run
from engine.feel.values import Value, YearsMonths
from engine.feel.wide import is_span, nanos_of


@built_in("decimal(n: number, scale: whole|cut)")
def decimal(run: Run, n: Number, scale: int) -> Number | None:
    """n rounded to `scale` digits after the point, a half to the even neighbour."""
    return rounded(n, scale, "half even")


@built_in("floor(n: number, scale?!: whole|cut)")
def floor(run: Run, n: Number, scale: int | None) -> Number | None:
    return rounded(n, scale or 0, "floor")


@built_in("ceiling(n: number, scale?!: whole|cut)")
def ceiling(run: Run, n: Number, scale: int | None) -> Number | None:
    return rounded(n, scale or 0, "ceiling")


@built_in("round up(n: number, scale?!: whole|cut)")
def round_up(run: Run, n: Number, scale: int | None) -> Number | None:
    return rounded(n, scale or 0, "up")


@built_in("round down(n: number, scale?!: whole|cut)")
def round_down(run: Run, n: Number, scale: int | None) -> Number | None:
    return rounded(n, scale or 0, "down")


@built_in("round half up(n: number, scale?!: whole|cut)")
def round_half_up(run: Run, n: Number, scale: int | None) -> Number | None:
    return rounded(n, scale or 0, "half up")


@built_in("round half down(n: number, scale?!: whole|cut)")
def round_half_down(run: Run, n: Number, scale: int | None) -> Number | None:
    return rounded(n, scale or 0, "half down")


@built_in(
    "abs(n: number)",
    "abs(n: days and time duration)",
    "abs(n: years and months duration)",
)
def absolute(run: Run, n: Value) -> Value:
    if isinstance(n, YearsMonths):
        return YearsMonths(abs(n.total))
    if is_span(n):
        return negate_span(n) if nanos_of(n) < 0 else n
    return n.copy_abs() if isinstance(n, Decimal) else abs(n)


@built_in("modulo(dividend: number, divisor: number)")
def remainder(run: Run, dividend: Number, divisor: Number) -> Number | None:
    return modulo(dividend, divisor)


@built_in("sqrt(number: number)")
def square_root(run: Run, number: Number) -> Number | None:
    if number < 0:
        return None
    run.charge(COST)
    return guarded(lambda: whole(CONTEXT.sqrt(number)))


@built_in("log(number: number)")
def logarithm(run: Run, number: Number) -> Number | None:
    if number <= 0:
        return None
    run.charge(COST)
    return guarded(lambda: whole(CONTEXT.ln(number)))


@built_in("exp(number: number)")
def exponential(run: Run, number: Number) -> Number | None:
    run.charge(COST)
    return guarded(lambda: whole(CONTEXT.exp(number)))


@built_in("odd(number: number)")
def is_odd(run: Run, number: Number) -> bool | None:
    rest = modulo(number, 2)
    return None if rest is None else is_whole(number) and rest == 1


@built_in("even(number: number)")
def is_even(run: Run, number: Number) -> bool | None:
    rest = modulo(number, 2)
    return None if rest is None else rest == 0
