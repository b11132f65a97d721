"""What drawings may ask of report periods: which there are, and when each level must have sent."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.people.queries import units
from app.people.settings import number, setting
from app.reports import periods
from engine.calendar import ZONE
from engine.ports import Fact
from engine.values import Value

COUNTED = frozenset({"report_due"})
"""Facts that give deadlines by the calendar."""

LEVELS = {"commune": "commune", "department": "department", "authority": "department",
          "province": "province"}  # fmt: skip
"""By the kind of a unit, the line of reports.due that counts; for any other kind "unit"."""


def _day(now: datetime, on: Any) -> date:
    found = now if on is None else on
    return found.astimezone(ZONE).date() if isinstance(found, datetime) else found


def _cut_off(session: Session, now: datetime) -> int:
    return number(session, now, "reports.cut_off_day")


def report_period(session: Session, now: datetime, cycle: str, on: Any = None) -> Value:
    """The period within whose data a day (today when left out) lies; None between two.

    {"cycle": "quarter", "key": "2026-Q1", "label", "label_en", "from": date, "to": date}.
    """
    return periods.of(cycle, _day(now, on), _cut_off(session, now))


def last_report_period(session: Session, now: datetime, cycle: str, on: Any = None) -> Value:
    """The last period whose data ended before a day (today when left out)."""
    return periods.closed(cycle, _day(now, on), _cut_off(session, now))


def report_periods(session: Session, now: datetime, cycle: str, first: Any, last: Any) -> Value:
    """Every period whose data end between two days, earliest first."""
    found = periods.between(cycle, _day(now, first), _day(now, last), _cut_off(session, now))
    return list(found)


def report_due(session: Session, now: datetime, period: Any, tier: str) -> Value:
    """When a level of government must have sent its report for a period.

    period: as the other facts give it, or a cycle: then the last one that has ended.
    tier: a level, or the code of the unit that reports, whose kind says its level. The setting
    reports.due has a line for each level: "commune => 3", working days after the data end, or
    "commune => day 17" of the month in which they end, or the next working day.
    """
    if isinstance(period, str):
        period = periods.closed(period, _day(now, None), _cut_off(session, now))
    end: date = period["to"]
    lines: Any = setting(session, now, "reports.due")
    said = dict(re.split(r"\s*=>\s*", line.strip(), maxsplit=1) for line in lines)
    if tier not in said and (found := units(session, end).get(tier)):
        tier = LEVELS.get(found.kind, "unit")
    if tier not in said:
        raise ValueError(f'the setting reports.due has no line for "{tier}"')
    fixed = re.fullmatch(r"day (\d+)", said[tier])
    if fixed is None:
        return _working_days(session, now, int(said[tier]), end)
    # The first working day from that one on: counted from the day before.
    return _working_days(session, now, 1, end.replace(day=int(fixed[1])) - timedelta(days=1))


def _working_days(session: Session, now: datetime, n: int, after: date) -> Value:
    from app import areas

    midnight = datetime.combine(after, time(), ZONE)
    return areas.facts()["working_days"](session, now, n, midnight)


def facts() -> dict[str, Fact]:
    """What drawings may ask of reports."""
    return {
        "report_period": report_period,
        "last_report_period": last_report_period,
        "report_periods": report_periods,
        "report_due": report_due,
    }
