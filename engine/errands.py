"""The engine's own errands: handing over messages and signals, and beginning cases by events.

Each is one transaction, done under the lease of its job.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine import (
    cases,
    correlation,
    deploying,
    erasing,
    expressions,
    guarding,
    handing,
    jobs,
    messages,
    recounting,
    succession,
)
from engine.errors import CaseClosed, NobodyWaits
from engine.jobs import Held
from engine.moves import Step, own_data
from engine.ports import SYSTEM
from engine.values import Record, check

if TYPE_CHECKING:
    from engine.api import Engine

CONDITION_AGAIN = timedelta(minutes=5)
"""How often a conditional start event looks whether its condition has become true."""


def too_early(engine: Engine, held: Held) -> timedelta | None:
    """How long until a message that nobody waits for is offered again; None when it has been kept
    for as long as the setting messages.kept_days says.
    """
    with engine.reading() as session:
        days = int(engine._setting(session, engine.clock(), "messages.kept_days", 30))
    attempts = timedelta(days=days) // jobs.EARLY_MESSAGE_AGAIN
    return None if held.attempts >= attempts else jobs.EARLY_MESSAGE_AGAIN


def _deliver(engine: Engine, held: Held) -> None:
    order, now = held.payload, engine.clock()
    post = messages.Post(
        order["message"],
        correlation.of_errand(order),
        order.get("data", {}),
        SYSTEM,
        now,
        order.get("unit"),
        _source(held),
        order.get("case"),
    )
    check(post.data, "data")

    def work(session: Session) -> None:
        if not jobs.still_held(session, held):
            return
        try:
            messages.deliver(session, engine.mover, post)
        except NobodyWaits:
            # Whoever waited when it was sent has gone on by itself; see `telling.tell`.
            if order.get("keep", True):
                raise
        jobs.finish(session, held, now)

    engine._write(work)


def _source(held: Held) -> str | None:
    """The errand that the journal names: of one for a case by itself, that of the message."""
    if "case" not in held.payload:
        return held.key
    source = held.key.rpartition(":")[0]
    return None if source.startswith("message:") else source


def _signal(engine: Engine, held: Held) -> None:
    """A signal goes to every other case that waits for it, each by an errand of its own, and
    begins the cases whose start events wait for it.
    """
    order, now = held.payload, engine.clock()

    def work(session: Session) -> None:
        if not jobs.still_held(session, held):
            return
        for case_id in messages.waiting_for_signal(session, order["name"]):
            if case_id != order.get("from"):
                payload = {**order, "case": case_id}
                key = f"{held.key}:{case_id}"
                jobs.enqueue(session, "signal_to", payload, key=key, at=now, due_at=None)
        unit = order.get("unit")
        post = messages.Post(order["name"], None, order["data"], SYSTEM, now, unit, held.key)
        messages.start_by_signal(session, engine.mover, post)
        jobs.finish(session, held, now)

    engine._write(work)


def _signal_to(engine: Engine, held: Held) -> None:
    order, now = held.payload, engine.clock()
    given: Record = {
        "kind": "signal_received",
        "name": order["name"],
        "data": own_data(order["data"]),
        "errand": held.key.rpartition(":")[0],  # That of the signal, not of its way to this case.
    }
    step = Step(given, SYSTEM, now)

    def work(session: Session) -> None:
        # The case is locked before the job, as everywhere.
        try:
            opened = engine.mover.lock(session, order["case"])
        except CaseClosed:
            jobs.finish(session, held, now)
            return
        if jobs.still_held(session, held):
            engine.mover.move(session, opened, step)
            jobs.finish(session, held, now)

    engine._write(work)


def _start(engine: Engine, held: Held) -> None:
    """A timer start event is due: a case begins, and a cycle is set to its next time."""
    order: Any = held.payload
    now: datetime = engine.clock()

    def work(session: Session) -> None:
        if not jobs.still_held(session, held):
            return
        version = deploying.in_force(session, order["process"], now)
        if version.id == order["version"]:
            _begin(engine, session, order, "timer")
            deploying.next_timer_start(session, order, now)
        jobs.finish(session, held, now)

    engine._write(work)


def _begin(engine: Engine, session: Session, order: Any, kind: str) -> None:
    begins: Record = {"trigger": {"kind": kind, "name": None}} if order.get("parallel") else {}
    start = cases.Start(
        order["process"], {}, SYSTEM, engine.clock(), None, order["element"], begins
    )
    cases.start(session, engine.mover, start)


def _start_when(engine: Engine, held: Held) -> None:
    """A conditional start event: a case begins when its condition has become true. It sees no
    case, only what facts say (§10.5.2).
    """
    order: Any = held.payload
    now: datetime = engine.clock()

    def work(session: Session) -> None:
        if not jobs.still_held(session, held):
            return
        version = deploying.in_force(session, order["process"], now)
        if version.id != order["version"]:
            jobs.finish(session, held, now)
            return
        world = engine.mover.outside(session, now)
        holds = expressions.evaluate(order["condition"], {}, world, order["element"]) is True
        if holds and not order["was"]:
            _begin(engine, session, order, "conditional")
        payload = {**order, "was": holds}
        jobs.again(session, held, due_at=now + CONDITION_AGAIN, payload=payload)

    engine._write(work)


def _guard(engine: Engine, held: Held) -> None:
    """Cases are kept to whom a version names that is in force now, unless it was called off."""
    order: Any = held.payload
    now: datetime = engine.clock()

    def work(session: Session) -> None:
        if not jobs.still_held(session, held):
            return
        if deploying.in_force(session, order["process"], now).id == order["version"]:
            guarding.close(session, order["process"], order["permission"])
        jobs.finish(session, held, now)

    engine._write(work)


def application(engine: Engine, name: str) -> Callable[[Engine, Held], None] | None:
    """The application's errand of that name, done in one transaction with the job itself."""
    errand = engine.surroundings.errands.get(name)
    if errand is None:
        return None

    def carry_out(engine: Engine, held: Held) -> None:
        now = engine.clock()

        def work(session: Session) -> None:
            if jobs.still_held(session, held):
                errand(session, held.payload, now)
                jobs.finish(session, held, now)

        engine._write(work)

    return carry_out


OWN: dict[str, Callable[[Engine, Held], None]] = {
    "deliver": _deliver,
    "signal": _signal,
    "signal_to": _signal_to,
    "start": _start,
    "start_when": _start_when,
    "recount": recounting.carry_out,
    "succeed": succession.carry_out,
    "hand_on": handing.hand_on,
    guarding.ERRAND: _guard,
    erasing.ERRAND: erasing.destroy,
}
"""The engine's errands by name; every other name is a remote operation."""
