"""Every line of `tables/`: an expression and the value that it must have.

The values were written by hand from the standard and compared with another implementation of it,
where that one follows the standard. Values are written as FEEL literals, whose own meaning
`test_literals.py` pins to Python values.
"""

import datetime as dt
from pathlib import Path

import pytest

from engine import feel

NOW = dt.datetime(2026, 11, 22, 1, 30, tzinfo=dt.UTC)
TABLES = sorted((Path(__file__).parent / "tables").glob("*.txt"))
LINES = [
    pytest.param(*line.rpartition(" => ")[::2], id=f"{table.stem}: {line}")
    for table in TABLES
    for line in table.read_text("utf-8").splitlines()
    if line and not line.startswith("# ")
]


@pytest.mark.parametrize(("expression", "expected"), LINES)
def test_an_expression_has_the_value_that_the_standard_gives_it(expression, expected):
    value, wanted = feel.parse(expression).evaluate({}, now=NOW), feel.parse(expected).evaluate({})
    assert value == wanted
    assert feel.kind_of(value) == feel.kind_of(wanted)


def test_the_tables_hold_some_hundred_expressions():
    assert len(LINES) > 600
