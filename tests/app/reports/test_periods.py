"""Report periods: windows of their data, and when each level must have sent."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise

import pytest

from app.operations.models import Setting
from app.reports import periods
from tests.clocks import VIETNAM
from tests.worlds import BASIS

CUT_OFF = 14
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("cycle", "key", "label", "first", "last"),
    [
        ("month", "2026-M01", "tháng 1 năm 2026", date(2025, 12, 15), date(2026, 1, 14)),
        ("month", "2026-M03", "tháng 3 năm 2026", date(2026, 2, 15), date(2026, 3, 14)),
        ("quarter", "2026-Q1", "quý I năm 2026", date(2025, 12, 15), date(2026, 3, 14)),
        ("quarter", "2026-Q4", "quý IV năm 2026", date(2026, 9, 15), date(2026, 12, 14)),
        ("half_year", "2026-H1", "6 tháng đầu năm 2026", date(2025, 12, 15), date(2026, 6, 14)),
        ("half_year", "2026-H2", "6 tháng cuối năm 2026", date(2026, 6, 15), date(2026, 12, 14)),
        ("nine_months", "2026-9M", "9 tháng năm 2026", date(2025, 12, 15), date(2026, 9, 14)),
        ("year", "2026", "năm 2026", date(2025, 12, 15), date(2026, 12, 14)),
    ],
)
def test_a_window_is_that_of_the_decree(cycle, key, label, first, last):
    for on in (first, last):
        found = periods.of(cycle, on, CUT_OFF)
        assert (found["key"], found["label"]) == (key, label)
        assert (found["from"], found["to"]) == (first, last)
    outside = periods.of(cycle, date.fromordinal(last.toordinal() + 1), CUT_OFF)
    assert outside is None or outside["key"] != key


def test_data_may_end_with_the_calendar_month():
    found = periods.of("month", date(2028, 2, 29), 0)
    assert (found["from"], found["to"]) == (date(2028, 2, 1), date(2028, 2, 29))


def test_every_day_of_ten_years_lies_in_one_month_and_one_quarter():
    for cycle in ("month", "quarter", "half_year", "year"):
        found = periods.between(cycle, date(2020, 1, 1), date(2030, 12, 31), CUT_OFF)
        for before, after in pairwise(found):
            assert (after["from"] - before["to"]).days == 1


def test_what_is_to_be_reported_is_what_has_ended():
    assert periods.closed("quarter", date(2026, 3, 14), CUT_OFF)["key"] == "2025-Q4"
    assert periods.closed("quarter", date(2026, 3, 15), CUT_OFF)["key"] == "2026-Q1"
    with pytest.raises(periods.CycleUnknown):
        periods.closed("week", date(2026, 3, 15), CUT_OFF)


@ONE_DATABASE
def test_each_level_has_its_own_day_and_none_falls_on_a_day_off(engine, world, clock):
    facts = engine.surroundings.facts
    with engine.writing() as session:
        lines = ["commune => 2", "province => day 21"]
        session.add(
            Setting(
                name="reports.due", value=lines, effective_from=date(2026, 1, 1),
                legal_basis=BASIS, changed_by="x", changed_at=clock(),
            )
        )  # fmt: skip
    with engine.reading() as session:
        month = facts["report_period"](session, clock(), "month", date(2026, 11, 14))

        def due(tier):
            return facts["report_due"](session, clock(), month, tier)

        # The data end on Saturday 14 November; the 21st is a Saturday too.
        assert due("commune") == datetime(2026, 11, 17, 17, tzinfo=VIETNAM)
        assert due("province") == datetime(2026, 11, 23, 17, tzinfo=VIETNAM)
        with pytest.raises(ValueError, match="department"):
            due("department")
