"""Unary tests: the cells of decision tables."""

import datetime as dt
from decimal import Decimal

import pytest

from engine import feel

DAY = dt.date(2026, 11, 22)
CASES = [
    ("-", 1, True),
    ("", None, True),
    ("  ", "x", True),
    ("5", 5, True),
    ("5", Decimal("5.0"), True),
    ("5", 6, False),
    ("5", "5", None),
    ('"a"', "a", True),
    ('"a", "b"', "b", True),
    ('"a", "b"', "c", False),
    ("< 5", 4, True),
    ("<= 5, > 10", 11, True),
    ("<= 5, > 10", 7, False),
    ("!= 5", 6, True),
    ("= 5", 5, True),
    ("< 5", None, None),
    ("< 5", "a", None),
    ("[1..5]", 5, True),
    ("[1..5)", 5, False),
    ("]1..5[", 1, False),
    ("[1..3], [5..7]", 6, True),
    ("[1..limit]", 5, True),
    ("[1..nothing]", 5, None),
    ("not(5)", 6, True),
    ("not(5)", 5, False),
    ('not("a", "b")', "c", True),
    ("not([1..5])", 3, False),
    ("not(< 5)", None, None),
    ("null", None, True),
    ("null", 1, False),
    ("not(null)", 1, True),
    ("not(null)", None, False),
    ("true", True, True),
    ("false", False, True),
    ("false", True, False),
    ("? > 5", 6, True),
    ("? > 5", 5, False),
    ("? > 5 and ? < limit", 7, True),
    ('contains(?, "đơn")', "có đơn", True),
    ('not(contains(?, "đơn"))', "có đơn", False),
    ("some x in ? satisfies x > 2", [1, 3], True),
    ("count(?) > 1", [1, 2], True),
    ("limit", 10, True),
    ("limit + 1", 11, True),
    ("> limit", 11, True),
    ("kinds", "b", True),
    ("kinds", "z", False),
    ("flag", "anything", True),
    ('@"2026-11-22"', DAY, True),
    ('[@"2026-01-01"..@"2026-12-31"]', DAY, True),
    ('> date("2026-01-01")', DAY, True),
    ('< @"P5D"', dt.timedelta(days=3), True),
    ("[1, 2]", [1, 2], True),
    ("{a: 1}", {"a": 1}, True),
    ("?.a > 1", {"a": 2}, True),
    ("(< 5)", 3, True),
    ('"a" , -1', -1, True),
    ("-1", -1, True),
    ("not(true)", False, True),
    ("? in (1, 2)", 2, True),
    ('matches(?, "^KH")', "KH-1", True),
]


@pytest.mark.parametrize(
    ("tests", "value", "expected"), CASES, ids=[f"{case[0]} of {case[1]}" for case in CASES]
)
def test_a_value_meets_a_cell_or_not_or_cannot_be_compared(tests, value, expected):
    context = {"limit": 10, "kinds": ["a", "b"], "flag": True}
    assert feel.parse_unary(tests).matches(value, context) is expected


@pytest.mark.parametrize("text", ["5,", "not(5", "[1..", "< ", "a b c d(", ">> 5"])
def test_a_malformed_cell_is_told(text):
    with pytest.raises(feel.FeelSyntaxError):
        feel.parse_unary(text)
