"""Open cases of a unit that is merged, split or closed go on in the unit that takes its place.

Each case learns it by one input of its own journal, so that `verify` runs it again like any other
step: its variable `unit`, its candidates and those who may send it messages are the new unit's
from then on. Claims, drafts and deadlines stay. Other variables stay as they were entered.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.apply import SUCCEEDED
from engine.errors import CaseClosed, QuytrinhError
from engine.jobs import Held
from engine.moves import Mover, Step
from engine.ports import SYSTEM
from engine.proof import FORGED
from engine.tables import Candidate, Case, Task, Version
from engine.values import Record

if TYPE_CHECKING:
    from engine.api import Engine

log = logging.getLogger(__name__)


class StayBehind(QuytrinhError):
    """These cases could not go on in another unit and stay in "{unit}": {cases}. The log says why. Mend them, then try again."""  # noqa: E501


BATCH = 20
"""Cases of one turn of the errand, so that it keeps its lease and other jobs get their turn."""


@dataclass(frozen=True)
class OpenWork:
    """What is open in a unit, of one process."""

    process_key: str
    name: str
    name_en: str | None
    cases: int
    tasks: int


@dataclass(frozen=True)
class Succession:
    """Which unit takes the place of `before` in open cases: `after`, but of the processes named in
    `by_process` another one, or none. basis: the decision that says so; by: who entered it.
    """

    before: str
    after: str | None
    by_process: Mapping[str, str | None]
    by: str
    basis: str = ""

    def payload(self) -> Record:
        """As an errand carries it."""
        return {
            "before": self.before,
            "after": self.after,
            "by_process": dict(self.by_process),
            "ordered_by": self.by,
            "basis": self.basis,
        }


def order_succession(
    session: Session, order: Succession, *, now: datetime, due_at: datetime | None = None
) -> str:
    """The open cases of a unit go on in another from `due_at` (at once when left out) on, once the
    caller's transaction is committed. Returns the errand's key.
    """
    key = f"succeed:{order.before}:{uuid4()}"
    jobs.enqueue(session, "succeed", order.payload(), key=key, at=now, due_at=due_at)
    return key


def of_unit(unit: str) -> sa.ColumnElement[bool]:
    """Whether an open case is of the unit, or has an open task for somebody in it."""
    offered = sa.select(Task.case_id).where(Task.status == "open", _offered_to(unit))
    return sa.and_(Case.status == "open", sa.or_(Case.unit == unit, Case.id.in_(offered)))


def _offered_to(unit: str) -> sa.ColumnElement[bool]:
    within = sa.select(Candidate.task_id).where(
        Candidate.who.endswith(f"@{unit}", autoescape=True)
    )
    return sa.or_(Task.unit == unit, Task.id.in_(within))


def open_work(session: Session, unit: str) -> list[OpenWork]:
    """The open cases that `Engine.succeed_unit` would reach, and their open tasks for the unit, by
    process.
    """
    name = sa.func.max(Version.name)
    query = (
        sa.select(
            Case.process_key,
            name,
            sa.func.max(Version.name_en),
            sa.func.count(sa.distinct(Case.id)),
            sa.func.count(sa.distinct(Task.id)),
        )
        .join(Version, Version.id == Case.version_id)
        .outerjoin(
            Task, sa.and_(Task.case_id == Case.id, Task.status == "open", _offered_to(unit))
        )
        .where(of_unit(unit))
        .group_by(Case.process_key)
        .order_by(name, Case.process_key)
    )
    return [OpenWork(*row) for row in session.execute(query)]


def succeed(session: Session, mover: Mover, case_id: int, order: Any) -> bool:
    """Whether the case goes on in another unit now; its journal says so.

    order: as `Succession.payload` gives it, with "now".
    """
    try:
        opened = mover.lock(session, case_id)
    except CaseClosed:
        return False
    after = order["by_process"].get(opened.row.process_key, order["after"])
    if after is None:
        return False
    given: Record = {
        "kind": SUCCEEDED,
        "before": order["before"],
        "after": after,
        "ordered_by": order["ordered_by"],
        "basis": order["basis"],
    }
    mover.move(session, opened, Step(given, SYSTEM, order["now"]))
    return True


def carry_out(engine: Engine, held: Held) -> None:
    """The next open cases of the unit learn it, each in a transaction of its own; the errand goes
    on with those after them until there are none.
    """
    now, order = engine.clock(), held.payload
    query = sa.select(Case.id).where(of_unit(order["before"]), Case.id > int(order.get("past", 0)))
    with engine.reading() as session:
        ids = list(session.scalars(query.order_by(Case.id).limit(BATCH)))
    moving = {**order, "now": now}
    stay = [*order.get("stay", ()), *(one for one in ids if not _one(engine, one, moving))]

    def work(session: Session) -> None:
        if len(ids) == BATCH:
            noted = {**order, "past": ids[-1], "stay": stay}
            jobs.again(session, held, due_at=now, payload=noted)
        elif stay:
            codes = session.scalars(sa.select(Case.code).where(Case.id.in_(stay)))
            problem = StayBehind(cases=", ".join(sorted(codes)), unit=order["before"])
            # Tried again it begins with the first case: what has moved is not found any more.
            begun = {name: given for name, given in order.items() if name not in ("past", "stay")}
            jobs.stick(session, held, problem.message, payload=begun)
        else:
            jobs.finish(session, held, now)

    engine._write(work)


def _one(engine: Engine, case_id: int, order: Any) -> bool:
    """Whether nothing was wrong with the case: it must not keep the others from their new unit."""
    try:
        engine._write(lambda session: succeed(session, engine.mover, case_id, order))
    except (QuytrinhError, *FORGED) as problem:
        log.warning("case %s stays in unit %s: %s", case_id, order["before"], problem)
        return False
    return True
