"""What check says of FEEL's signs is what they do, for values of every two kinds."""

from __future__ import annotations

from itertools import product

import pytest

from engine import feel
from engine.check.operators import results
from engine.check.types import Reading

SAMPLES = {
    "number": ("2.5",),
    "string": ('"a"',),
    "boolean": ("true",),
    "date": ('@"2026-01-02"',),
    "time": ('@"10:00:00"', '@"10:00:00Z"'),
    "date and time": ('@"2026-01-02T10:00:00"', '@"2026-01-02T10:00:00Z"'),
    "days and time duration": ('@"P1D"',),
    "years and months duration": ('@"P1Y"',),
    "context": ("{a: 1}",),
    "range": ("[1..2]",),
    "function": ("(function(x) x)",),
    "list": ("[1]", '["a"]'),
}


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "**", "<", "="])
def test_a_sign_is_said_to_give_null_where_it_always_does(sign):
    for left, right in product(SAMPLES, SAMPLES):
        given, problems = set(), 0
        for one, other in product(SAMPLES[left], SAMPLES[right]):
            read = feel.parse(f"{one} {sign} {other}")
            reading = Reading({})
            kind = reading.of(read.tree)
            found = read.evaluate({})
            problems += bool(reading.problems)
            assert found is None or kind == feel.kind_of(found)
            given.add(found is not None)
        assert (True in given) == (not problems), (left, sign, right)


def test_of_a_value_that_is_not_known_a_sign_says_what_it_gives_with_any():
    assert results("+", None, "string") == {"string"}
    assert results("-", None, "string") == frozenset()
    assert results("*", None, "number") > {"number"}
    assert results("**", None, None) == {"number"}
