"""Numbers: exact decimals of 34 digits, with whole numbers as int.

Source: DMN 1.5, 10.3.2.3.1: numbers follow IEEE 754-2008 decimal128, with no NaN and no infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import TypeAlias

Number: TypeAlias = int | Decimal

DIGITS = 34
LIMIT = 10**DIGITS
CONTEXT = Context(
    prec=DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
ROUNDINGS = {
    "half even": ROUND_HALF_EVEN,
    "half up": ROUND_HALF_UP,
    "half down": ROUND_HALF_DOWN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
}
# The steps that a power, a logarithm or the like counts for: 34 digits of one take as long as a
# hundred additions.
COST = 100
MAX_SCALE = 6176
MIN_SCALE = -6111


def fit(value: int) -> Number:
    """A whole number as it is, or rounded to 34 digits where it has more."""
    return value if -LIMIT < value < LIMIT else CONTEXT.create_decimal(value)


def whole(value: Decimal) -> Number:
    """A decimal as int where it is a whole number that 34 digits hold exactly."""
    if value.adjusted() < DIGITS and value == value.to_integral_value():
        return int(value)
    return value


def guarded(operation: Callable[[], Number]) -> Number | None:
    """The result of an operation, or None where it has none (overflow, zero divisor)."""
    try:
        return operation()
    except DecimalException:
        return None


def add(left: Number, right: Number) -> Number | None:
    if type(left) is int and type(right) is int:
        return fit(left + right)
    return guarded(lambda: CONTEXT.add(left, right))


def subtract(left: Number, right: Number) -> Number | None:
    if type(left) is int and type(right) is int:
        return fit(left - right)
    return guarded(lambda: CONTEXT.subtract(left, right))


def multiply(left: Number, right: Number) -> Number | None:
    if type(left) is int and type(right) is int:
        return fit(left * right)
    return guarded(lambda: CONTEXT.multiply(left, right))


def divide(left: Number, right: Number) -> Number | None:
    """left / right, None for a zero divisor; a quotient that comes out whole is an int."""
    if right == 0:
        return None
    return guarded(lambda: whole(CONTEXT.divide(left, right)))


def power(base: Number, exponent: Number) -> Number | None:
    """base ** exponent; None where it is not real or too large."""
    if type(base) is int and type(exponent) is int and exponent == 0:
        return 1
    exact = type(base) is int and type(exponent) is int
    result = guarded(lambda: CONTEXT.power(base, exponent))
    if result is None or not Decimal(result).is_finite():
        return None
    return whole(Decimal(result)) if exact else result


def modulo(dividend: Number, divisor: Number) -> Number | None:
    """dividend - divisor * floor(dividend / divisor): the sign is the divisor's."""
    if divisor == 0:
        return None
    if type(dividend) is int and type(divisor) is int:
        return dividend % divisor
    rest = guarded(lambda: CONTEXT.remainder(dividend, divisor))
    if rest is None or rest == 0 or (rest < 0) == (divisor < 0):
        return rest
    return add(rest, divisor)


def rounded(value: Number, scale: int, mode: str) -> Number | None:
    """value with at most `scale` digits after the point; an int for scale 0 and below.

    Returns None for a scale outside decimal128's.
    """
    if not MIN_SCALE <= scale <= MAX_SCALE:
        return None
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= scale:
        return whole(number) if scale <= 0 else value
    wide = Context(prec=MAX_SCALE * 3, rounding=ROUNDINGS[mode], Emin=-99999, Emax=99999)
    result = wide.quantize(number, Decimal((0, (1,), -scale)))
    return whole(result) if scale <= 0 else result


def parse_number(text: str) -> Number | None:
    """The number that a literal such as `12`, `.5` or `1.2e3` writes, None if it overflows."""
    if text.isascii() and text.isdigit():
        # By way of Decimal: int itself refuses to read more than some thousand digits.
        return fit(int(Decimal(text))) if len(text) <= MAX_SCALE else None
    return guarded(lambda: CONTEXT.create_decimal(text))


def format_number(value: Number) -> str:
    """The shortest plain decimal notation: no exponent, no zeros at the end."""
    if type(value) is int:
        return str(value)
    if value == 0:
        return "0"
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
