"""Which Python values the literals of FEEL are."""

import datetime as dt
from decimal import Decimal

import pytest

from engine import feel
from engine.feel import Range, YearsMonths

HANOI = dt.timezone(dt.timedelta(hours=7))
LITERALS = [
    ("1", 1, int),
    ("-12", -12, int),
    ("1.50", Decimal("1.50"), Decimal),
    (".5", Decimal("0.5"), Decimal),
    ("1e3", Decimal(1000), Decimal),
    ('"Đề nghị"', "Đề nghị", str),
    (r'"a\"b\\c\n\u0041\U01F600"', 'a"b\\c\nA😀', str),
    (r'"\uD83D\uDE00"', "😀", str),
    ("true", True, bool),
    ("null", None, type(None)),
    ("[1, [2]]", [1, [2]], list),
    ('{a: 1, "b c": {d: null}}', {"a": 1, "b c": {"d": None}}, dict),
    ('@"2026-11-22"', dt.date(2026, 11, 22), dt.date),
    ('@"08:30:00"', dt.time(8, 30), dt.time),
    ('@"08:30:00.25+07:00"', dt.time(8, 30, 0, 250_000, HANOI), dt.time),
    ('@"2026-11-22T08:30:00"', dt.datetime(2026, 11, 22, 8, 30), dt.datetime),
    ('@"2026-11-22T01:30:00Z"', dt.datetime(2026, 11, 22, 1, 30, tzinfo=dt.UTC), dt.datetime),
    ('@"P1DT2H3M4.5S"', dt.timedelta(1, 7384, 500_000), dt.timedelta),
    ('@"-PT90M"', dt.timedelta(minutes=-90), dt.timedelta),
    ('@"P1Y2M"', YearsMonths(14), YearsMonths),
    ('@"-P3M"', YearsMonths(-3), YearsMonths),
    ("[1..5)", Range(1, 5, True, False), Range),
    ("]1..5[", Range(1, 5, False, False), Range),
    ("(>= 5)", Range(5, None, True, False), Range),
    ("(< 5)", Range(None, 5, False, False), Range),
]


@pytest.mark.parametrize(("text", "value", "kind"), LITERALS, ids=[line[0] for line in LITERALS])
def test_a_literal_is_the_python_value_of_its_kind(text, value, kind):
    found = feel.parse(text).evaluate({})
    assert found == value
    assert type(found) is kind


@pytest.mark.parametrize("text", ["2 + 3", "2 * 3", "6 / 2", "2 ** 3", "floor(2.5)", "count([1])"])
def test_whole_results_are_ints(text):
    assert type(feel.parse(text).evaluate({})) is int


def test_tenths_add_up_exactly():
    assert feel.parse("0.1 + 0.2").evaluate({}) == Decimal("0.3")


def test_a_product_of_more_than_34_digits_is_rounded_to_34():
    value = feel.parse("n * n").evaluate({"n": 10**33 + 1})
    assert value == Decimal("1.000000000000000000000000000000002E+66")


def test_a_named_zone_stays_with_its_instant():
    value = feel.parse('@"2026-11-22T08:30:00@Asia/Ho_Chi_Minh"').evaluate({})
    assert value.utcoffset() == dt.timedelta(hours=7)
    assert value.tzinfo.key == "Asia/Ho_Chi_Minh"


def test_a_float_from_outside_is_no_number_of_feel():
    assert feel.parse("x + 1").evaluate({"x": 1.5}) is None


def test_a_lent_functions_float_and_tuple_become_decimal_and_list():
    lent = {"f": lambda: (1.5, 2)}
    assert feel.parse("f()").evaluate({}, lent) == [Decimal("1.5"), 2]
