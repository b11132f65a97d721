"""Who has what a unit that is no more left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import UnitChange, UnitHeir, UnitSpan
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from engine.ports import Fact
from engine.values import Value

NAMING_SETTINGS = (
    "agency.office_unit",
    "data.department_unit",
    "data.province_unit",
    "dossiers.desk_unit",
)
"""Settings whose value is the code of a unit."""


def standing(setting: Fact) -> Fact:
    """The fact of settings, where a setting that names a unit names the one that took it over from
    the day on which it is no more: drawings find the Office after a reorganisation too.
    """

    def of_today(session: Session, now: datetime, name: Value) -> Value:
        found = setting(session, now, name)
        if name not in NAMING_SETTINGS or not found:
            return found
        return home(session, str(found), day_of(now)) or found

    return of_today


def home(session: Session, unit: str, day: date) -> str | None:
    """The unit to which somebody of a unit belongs on a day: the unit itself while it stands, else
    the one that took over what it left, else the nearest above; None where none is left.
    """
    seen: set[str] = set()
    found: str | None = unit
    while found is not None and found not in seen:
        seen.add(found)
        if _stands(session, found, day):
            return found
        heir = sa.select(UnitHeir.heir_code).where(
            UnitHeir.unit_code == found, holds(UnitHeir, day)
        )
        last = session.scalar(heir.order_by(UnitHeir.id.desc()).limit(1))
        found = last or above(session, found, day)
    return None


def beside(session: Session, unit: str, day: date) -> str | None:
    """The unit itself while it stands on that day, else the one to which its work has gone; None
    where that is one that stood above it, or none is left.
    """
    seen: set[str] = set()
    found = unit
    while found not in seen:
        seen.add(found)
        if _stands(session, found, day):
            return found
        heir = sa.select(UnitHeir.heir_code).where(
            UnitHeir.unit_code == found, holds(UnitHeir, day)
        )
        last = session.scalar(heir.order_by(UnitHeir.id.desc()).limit(1))
        if last is None or last in _over(session, found, day):
            return None
        found = last
    return None


def _over(session: Session, unit: str, day: date) -> set[str]:
    """The units above one that is no more on a day, as they last were."""
    query = sa.select(UnitSpan.parent_code).where(UnitSpan.valid_from < day)
    seen: set[str] = set()
    found: str | None = unit
    while found is not None:
        last = query.where(UnitSpan.unit_code == found).order_by(UnitSpan.valid_from.desc())
        found = session.scalar(last.limit(1))
        if found is None or found in seen:
            break
        seen.add(found)
    return seen


def above(session: Session, unit: str, day: date) -> str | None:
    """The nearest unit above one that is no more on a day, as the tree was before, that still is
    on it; None at the top.
    """
    query = sa.select(UnitSpan.parent_code).where(UnitSpan.valid_from < day)
    seen: set[str] = set()
    found: str | None = unit
    while found is not None and found not in seen:
        seen.add(found)
        last = query.where(UnitSpan.unit_code == found).order_by(UnitSpan.valid_from.desc())
        found = session.scalar(last.limit(1))
        if found is not None and _stands(session, found, day):
            return found
    return None


def _stands(session: Session, unit: str, day: date) -> bool:
    here = sa.select(UnitSpan.id).where(UnitSpan.unit_code == unit, holds(UnitSpan, day))
    return session.scalar(here.limit(1)) is not None


@dataclass(frozen=True)
class Way:
    """Where something that was decided to go to a unit goes on its day.

    unit: None where it ends, because a unit on the way was closed and nothing took over. left: the
    last unit that was no more. passed: the plans of the changes that ended units on the way.
    """

    unit: str | None
    left: str | None = None
    passed: tuple[dict[str, Any], ...] = ()


def way(
    session: Session, unit: str | None, day: date, onward: Callable[[dict[str, Any]], str | None]
) -> Way:
    """To the unit itself while it stands on that day; else on by what was decided when it ended.

    onward: where the plan of such a change sends what is on its way.
    """
    left: str | None = None
    passed: list[dict[str, Any]] = []
    while unit is not None and not _stands(session, unit, day):
        plan = _ended_by(session, unit, day)
        if plan is None or plan in passed:
            return Way(home(session, unit, day), unit, tuple(passed))
        left, unit = unit, onward(plan)
        passed.append(plan)
    return Way(unit, left, tuple(passed))


def _ended_by(session: Session, unit: str, day: date) -> dict[str, Any] | None:
    """The plan of the change that ended a unit by that day."""
    decided = sa.select(UnitChange.plan).where(
        UnitChange.unit_code == unit, UnitChange.day <= day, UnitChange.called_off_at.is_(None)
    )
    plans = session.scalars(decided.order_by(UnitChange.day.desc(), UnitChange.id.desc()))
    return next((plan for plan in plans if plan.get("ends")), None)


def with_account(number: int) -> Callable[[dict[str, Any]], str | None]:
    """Where a change sends the holder of an account."""
    return lambda plan: plan["people"].get(str(number), plan["into"])


def with_work(process: str = "") -> Callable[[dict[str, Any]], str | None]:
    """Where a change sends the open cases of a process."""
    return lambda plan: plan["by_process"].get(process) or plan["work_to"]


def bequeath(session: Session, unit: str, heir: str, day: date, *, basis: str) -> None:
    """What the unit leaves, and what it had taken over itself, is the heir's from the day on.

    A unit that goes on keeps what is its own: of it only the open cases go.
    """
    own = sa.select(UnitHeir).where(UnitHeir.heir_code == unit, holds(UnitHeir, day))
    former = list(session.scalars(own.order_by(UnitHeir.id)))
    for row in former:
        row.valid_to = day - timedelta(days=1)
    # Nothing comes back to a unit that it has left itself.
    left = dict.fromkeys((unit, *(row.unit_code for row in former)))
    for one in left:
        if one != heir:
            session.add(UnitHeir(unit_code=one, heir_code=heir, valid_from=day, basis=basis))
