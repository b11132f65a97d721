"""Values of FEEL as JSON: what is written loses nothing, what is read is exact."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from engine.feel import FeelError, YearsMonths, parse
from engine.feel.json_values import keys_within, read_json, to_json

WRITTEN = [
    ("1 + 1", 2),
    ("0.1 + 0.2", 0.3),
    ("9007199254740992", 9007199254740992),
    ("9007199254740993", "9007199254740993"),
    ("1 / 3", "0.3333333333333333333333333333333333"),
    ("10 / 4", 2.5),
    ("1.00", 1),
    ("null", None),
    ("true", True),
    ('"a"', "a"),
    ("[1, [2]]", [1, [2]]),
    ('{a: 1, "b c": {d: null}}', {"a": 1, "b c": {"d": None}}),
    ('@"2026-11-22"', "2026-11-22"),
    ('@"08:30:00"', "08:30:00"),
    ('@"2026-11-22T08:30:00Z"', "2026-11-22T08:30:00Z"),
    ('@"2026-11-22T08:30:00@Asia/Ho_Chi_Minh"', "2026-11-22T08:30:00+07:00"),
    ('@"P1DT2H"', "P1DT2H"),
    ('@"P1Y2M"', "P1Y2M"),
    ("[1..5)", "[1..5)"),
    ("function(a, b) a", "function(a, b)"),
]


@pytest.mark.parametrize(("source", "expected"), WRITTEN, ids=[case[0] for case in WRITTEN])
def test_a_value_is_written_as_json_without_loss(source, expected):
    written = to_json(parse(source).evaluate({}))
    assert (written, type(written)) == (expected, type(expected))
    json.dumps(written)


READ = [
    ("1", 1),
    ("0.1", Decimal("0.1")),
    ("1e2", Decimal("1E+2")),
    ('"@\\"2026-11-22\\""', dt.date(2026, 11, 22)),
    ('"@\\"P1M\\""', YearsMonths(1)),
    ('"@\\"so\\""', '@"so"'),
    ('"2026-11-22"', "2026-11-22"),
    ('{"a": [1.5, "@\\"08:00:00\\""]}', {"a": [Decimal("1.5"), dt.time(8)]}),
]


@pytest.mark.parametrize(("text", "expected"), READ, ids=[case[0] for case in READ])
def test_json_is_read_exactly(text, expected):
    found = read_json(text)
    assert (found, type(found)) == (expected, type(expected))


WRONG = [
    ("{", "The data is not JSON"),
    ("NaN", "no number of FEEL"),
    ("[" * 5000, "nested too deep"),
    ("[" * 100 + "]" * 100, "nested too deep"),
    ("9" * 10_000, "too long"),
    ("1e99999", "too large"),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[case[1] for case in WRONG])
def test_what_is_no_json_is_said_in_words(text, words):
    with pytest.raises(FeelError, match=words):
        read_json(text)


def test_the_keys_of_what_comes_in_are_names_as_feel_compares_them():
    found = read_json('{"nga\u0300y  nộp": {"a-b": [{"c": 1}]}}')
    assert found == {"ngày nộp": {"a-b": [{"c": 1}]}}
    assert list(keys_within(found)) == ["ngày nộp", "a-b", "c"]
