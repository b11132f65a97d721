"""Types that a file declares: `instance of` and typed parameters ask what they mean."""

import pytest

from engine.feel import FeelSyntaxError, parse
from engine.feel.runtime import Run


class Short:
    """The texts of at most three letters."""

    def conforms(self, value, run, *, allowing=True):
        return isinstance(value, str) and (not allowing or len(value) <= 3)


NAMES = ["short text", "i.tShort", "date range"]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('"abc" instance of short text', True),
        ('"abcd" instance of short text', True),
        ("1 instance of short text", False),
        ('"abc" instance of i.tShort and true', True),
        ("null instance of i.tShort", False),
        ('(function(a: short text) a)("abcd")', None),
        ('(function(a: short text) a)("abc")', "abc"),
        ('["a", "abcd"] instance of list<short text>', True),
        ('["a", 1] instance of list<short text>', False),
        ('@"2026-11-22" instance of date', True),
        ('"abc" instance of date range', True),
    ],
)
def test_a_declared_type_is_known_by_its_name(source, value):
    run = Run()
    run.types = dict.fromkeys(NAMES, Short())
    assert parse(source, types=NAMES).run({}, run) == value


def test_a_type_that_nobody_declares_is_a_mistake():
    with pytest.raises(FeelSyntaxError, match="is not a type"):
        parse("1 instance of short text")
