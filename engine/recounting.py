"""Deadlines of open cases, counted again after the calendar has changed.

A case is run again from its journal as if the calendar had always been what it is now: what its
entries learnt of the calendar is asked anew, all else that they learnt stands. Where it comes to
rest at the same places, the instants that are now others (variables, due dates of tasks, timers)
are given to the case as one input of its journal. A case that would have gone another way keeps
its deadlines: what has happened stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs, journal, spiff
from engine.apply import MOVES, RECOUNTED, apply, summary
from engine.errors import CaseClosed, QuytrinhError
from engine.jobs import Held
from engine.moves import Mover, Opened, Step
from engine.ports import SYSTEM
from engine.proof import FORGED
from engine.tables import Case, Entry
from engine.values import Record, Value
from engine.world import RecordDiffers, RecordedWorld

if TYPE_CHECKING:
    from engine.api import Engine

log = logging.getLogger(__name__)
BATCH = 20
"""Cases of one turn of the errand, so that it keeps its lease and other jobs get their turn."""

Ask = Callable[[str, list[Value]], Value]


class RecountedWorld(RecordedWorld):
    """Gives the answers that an entry recorded, but asks the calendar of today anew."""

    def __init__(self, entry: Entry, counted: frozenset[str], ask: Ask) -> None:
        super().__init__(entry.at, {str(fact[0]): None for fact in entry.facts}, entry.facts)
        self._counted, self._ask = counted, ask

    def _next(self, name: str, arguments: list[Value]) -> Any:
        """The answer in its turn, whatever was asked: a new deadline is passed on to others."""
        if len(self.facts) >= len(self._record):
            raise RecordDiffers(asked=name, recorded="nothing more")
        recorded, _arguments, answer = self._record[len(self.facts)]
        if recorded != name:
            raise RecordDiffers(asked=name, recorded=recorded)
        return self._ask(name, arguments) if name in self._counted else answer


def recount(session: Session, mover: Mover, case_id: int, now: datetime) -> bool:
    """Whether the case's deadlines are others now; its journal says so."""
    try:
        opened = mover.lock(session, case_id)
    except CaseClosed:
        return False
    given = _input(session, mover, opened, now)
    if given is None:
        return False
    mover.move(session, opened, Step(given, SYSTEM, now))
    return True


def _input(session: Session, mover: Mover, opened: Opened, now: datetime) -> Record | None:
    entries = list(journal.entries(session, opened.row.id))
    if not any(_is_other(session, mover, entry) for entry in entries):
        return None
    again = spiff.new(opened.program, opened.program.process.id, opened.row.code)
    try:
        for entry in entries:
            if entry.kind in MOVES and entry.kind != RECOUNTED:
                ask = mover.outside(session, entry.at).ask
                world = RecountedWorld(entry, mover.surroundings.counted, ask)
                apply(again, journal.given(entry), world)
        found = spiff.moved(opened.workflow, again)
    except QuytrinhError as problem:
        log.warning("case %s keeps its deadlines: %s", opened.row.code, problem.message)
        return None
    if found is None:
        log.warning("case %s keeps its deadlines: it would have gone elsewhere", opened.row.code)
        return None
    frames, tokens = found
    world_now = mover.world(session, opened.row, Step({}, SYSTEM, now))
    if not frames and not tokens and _due(opened, again, world_now) == opened.row.due_at:
        return None
    return {"kind": RECOUNTED, "frames": frames, "tokens": tokens}


def _due(opened: Opened, again: Any, world: Any) -> datetime | None:
    return summary(opened.program, again, world).due_at


def _is_other(session: Session, mover: Mover, entry: Entry) -> bool:
    """Whether today's calendar answers something else than what an entry was told, or an earlier
    change of it stands in the journal, which this one may take back.
    """
    if entry.kind == RECOUNTED:
        return True
    ask = mover.outside(session, entry.at).ask
    for name, arguments, answer in entry.facts:
        if name not in mover.surroundings.counted:
            continue
        try:
            if ask(name, arguments) != answer:
                return True
        except QuytrinhError:
            return True  # The calendar no longer reaches that far: running it again says so.
    return False


def carry_out(engine: Engine, held: Held) -> None:
    """The next open cases are recounted, each in a transaction of its own; the errand goes on with
    those after them until there are none.
    """
    after, now = int(held.payload.get("after", 0)), engine.clock()
    query = sa.select(Case.id).where(Case.status == "open", Case.id > after)
    with engine.reading() as session:
        ids = list(session.scalars(query.order_by(Case.id).limit(BATCH)))
    for case_id in ids:
        _one(engine, case_id, now)

    def work(session: Session) -> None:
        if len(ids) < BATCH:
            jobs.finish(session, held, now)
        else:
            jobs.again(session, held, due_at=now, payload={"after": ids[-1]})

    engine._write(work)


def _one(engine: Engine, case_id: int, now: datetime) -> None:
    """What is wrong with one case must not keep the others from their deadlines."""
    try:
        engine._write(lambda session: recount(session, engine.mover, case_id, now))
    except (QuytrinhError, *FORGED) as problem:
        log.warning("case %s keeps its deadlines: %s", case_id, problem)
