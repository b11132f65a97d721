"""What a unary test without an operator says of the tested value.

Source: DMN 1.5, 7.3.8 and 10.3.2.8: the value equals the test's, or lies in its range, or is in
its list; or the test is a condition that came out true.
"""

from __future__ import annotations

from engine.feel.order import equal, within
from engine.feel.runtime import Run
from engine.feel.values import Range, Value


def holds(run: Run, value: Value, expected: Value) -> bool | None:
    """Whether the tested value meets what a test's expression came to."""
    if isinstance(expected, Range):
        return within(value, expected)
    if isinstance(expected, list):
        return in_list(run, value, expected)
    if isinstance(expected, bool) and not isinstance(value, bool) and value is not None:
        return expected
    return equal(run, value, expected)


def in_list(run: Run, value: Value, expected: list[Value]) -> bool:
    """Whether a list holds the value, or a range of the list does, or the lists are equal."""
    run.charge(len(expected) // 8)
    if isinstance(value, list) and equal(run, value, expected) is True:
        return True
    return any(
        (within(value, item) if isinstance(item, Range) else equal(run, value, item)) is True
        for item in expected
    )
