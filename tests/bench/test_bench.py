"""Every bench runs and says what it found; counts of statements are certain, so they must hold.

Times are never held here: a busy machine must not make a test fail.
"""

from __future__ import annotations

import json

import pytest

from tests.bench import statements
from tests.bench.__main__ import main
from tests.bench.figures import Bar, Figure, Sheet, ratios, table
from tests.bench.places import Place
from tests.bench.registry import BENCHES

KEYS = {"bench", "name", "value", "unit", "min", "max", "bar", "holds"}


@pytest.fixture
def place(bind, database, tmp_path) -> Place:
    """This test's database, as a bench sees one."""
    return Place(database, bind, tmp_path)


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_runs_and_says_each_figure_on_one_line(name, place):
    figures = list(BENCHES[name].figures(place, quick=True))
    lines = [json.loads(figure.as_json()) for figure in figures]
    assert lines
    for line in lines:
        assert set(line) == KEYS
        assert line["bench"] == name
        assert line["name"].startswith(place.name)
        assert line["min"] <= line["value"] <= line["max"]
        assert (line["bar"] is None) == (line["holds"] is None)


def test_no_door_speaks_too_often_to_the_database_and_age_changes_nothing(place):
    figures = [f for f in statements.run(place, statements.Effort(oldest=12)) if f.bar is not None]
    assert [figure.name for figure in figures if not figure.holds] == []
    assert len(figures) == 12


def test_what_a_long_case_keeps_is_small_and_verifies(place):
    found = {f.name.partition(": ")[2]: f for f in BENCHES["age"].figures(place, quick=True)}
    assert found["state beyond live data"].holds
    assert found["differences found by verify"].holds


def test_the_command_prints_lines_for_programs_and_says_whether_all_bars_hold(capsys):
    status = main(["statements", "--json", "--quick"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["name"].split(":")[0] for line in lines} == {"sqlite", "postgres"}
    assert status == (0 if all(line["holds"] is not False for line in lines) else 1)


def test_a_bench_that_is_not_there_is_named(capsys):
    assert main(["speed"]) == 2
    assert f"There is no bench speed; there are {', '.join(BENCHES)}." in capsys.readouterr().err


def test_a_figure_is_the_median_of_its_rounds_held_against_its_bar():
    figure = Sheet("age", "sqlite").figure("old / new", [1.4, 1.0, 1.1], "x", Bar("<=", 1.2))
    assert (figure.value, figure.least, figure.most, figure.holds) == (1.1, 1.0, 1.4, True)
    assert ratios([4.0, 9.0], [2.0, 3.0]) == [2.0, 3.0]


def test_people_read_a_table_and_see_at_once_what_does_not_hold():
    slow = Figure("age", "sqlite: old / new", 1.5, "x", 1.25, 2000, Bar("<=", 1.2))
    head, row = table([slow])
    assert head.split() == ["bench", "figure", "median", "min", "max", "unit", "bar", "holds"]
    assert row.endswith("1.5  1.25  2000  x     <= 1.2  NO")
