"""Versions: examined before they are kept, kept for ever, put in force from a moment on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from engine import expressions, guarding, jobs, register_reads
from engine.bundles import Bundle
from engine.calendar import ZONE
from engine.check import Catalogue, check_bundle
from engine.duties import known
from engine.errors import BundleRefused, ForceBackDated, ProcessNotFound
from engine.ports import Actor, Surroundings
from engine.prepared import Prepared
from engine.program import Program
from engine.scenarios import run as run_scenarios
from engine.tables import Activation, Version
from engine.world import World
from engine.writing import lane_of


def catalogue(session: Session, surroundings: Surroundings) -> Catalogue:
    """What drawings may name in this installation."""
    return Catalogue(
        operations=dict(surroundings.operations),
        functions=frozenset(surroundings.facts),
        groups=surroundings.groups(session),
        people=surroundings.people(session),
        duties=known(surroundings.duties),
        permissions=surroundings.permissions,
        templates=surroundings.templates,
        entered=register_reads.entered(session),
    )


def examine(session: Session, bundle: Bundle, surroundings: Surroundings) -> None:
    """Raises BundleRefused with the errors of check, or with the scenarios that fail."""
    known_here = catalogue(session, surroundings)
    if session.scalar(_same(bundle)) is not None:
        # A version that is kept already describes no register anew when it is in force again.
        known_here = replace(known_here, entered={})
    findings = check_bundle(bundle, known_here)
    errors = [f for f in findings if f.severity == "error"]
    if not errors:
        results = run_scenarios(bundle, surroundings=surroundings, session=session)
        errors += [r.finding() for r in results if not r.passed]
    if errors:
        raise BundleRefused(key=bundle.key, findings=errors)


def _same(bundle: Bundle) -> sa.Select[Version]:
    return sa.select(Version).where(
        Version.process_key == bundle.key, Version.sha256 == bundle.sha256
    )


def keep(
    session: Session, bundle: Bundle, *, actor: Actor, now: datetime, legal_basis: str, note: str
) -> Version:
    """The bundle as a version, the one that is there already when its files are the same."""
    _one_at_a_time(session, bundle.key)
    found = session.scalar(_same(bundle))
    if found is not None:
        return found
    last = session.scalar(
        sa.select(sa.func.max(Version.number)).where(Version.process_key == bundle.key)
    )
    program = Program(bundle)
    version = Version(
        process_key=bundle.key,
        number=(last or 0) + 1,
        sha256=bundle.sha256,
        files=dict(bundle.files),
        name=program.process.name or bundle.key,
        name_en=program.process.properties.get("name_en"),
        legal_basis=legal_basis,
        note=note,
        deployed_at=now,
        deployed_by=actor.name,
    )
    session.add(version)
    session.flush()  # Its activation and its timers point to it.
    return version


def _one_at_a_time(session: Session, key: str) -> None:
    """Two deployments of a process do not take the same number, and two activations write one
    row: the second waits for the first. On SQLite there is one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        place = sa.func.hashtextextended(f"deploy:{key}", 0)
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(place)))


def activate(
    session: Session,
    version: Version,
    *,
    actor: Actor,
    now: datetime,
    legal_basis: str,
    active_from: datetime | None = None,
) -> None:
    """New cases start on this version from `active_from` on, from now when that is left out.

    Of two words for one instant the later one counts, so that a version to come is called off by
    putting another in force from the same instant. Doing it again changes nothing. Raises
    ForceBackDated.
    """
    begins = active_from or now
    if begins < now:
        raise ForceBackDated(day=f"{begins.astimezone(ZONE):%d/%m/%Y}")
    _one_at_a_time(session, version.process_key)
    current = version_in_force(session, version.process_key, begins)
    if current is not None and current.id == version.id:
        return
    session.add(
        Activation(
            process_key=version.process_key,
            version_id=version.id,
            active_from=begins,
            at=now,
            by=actor.name,
            legal_basis=legal_basis,
        )
    )
    program = Program(Bundle(version.process_key, version.files))
    guarding.guard(session, version, program, begins, now)
    _set_timers(session, version, program, begins, now)


def _set_timers(
    session: Session, version: Version, program: Program, begins: datetime, now: datetime
) -> None:
    """The version's timer start events are due, counted from when it takes effect."""
    for node in program.process.top.starts():
        for event in node.events:
            order: dict[str, Any] = {
                "process": version.process_key,
                "version": version.id,
                "element": node.id,
            }
            if node.parallel:
                order["parallel"] = True
            if event.kind == "timer":
                world = World(begins, {})
                order["wait"] = expressions.timer(
                    event.timer or "", event.text or "", {}, world, node.id
                )
                _enqueue_start(session, order, now)
            elif event.kind == "conditional":
                order |= {"condition": event.text or "", "was": False}
                key = f"start_when:{version.id}:{node.id}:{now.isoformat()}"
                jobs.enqueue(session, "start_when", order, key=key, at=now, due_at=begins)


def _enqueue_start(session: Session, order: dict[str, Any], now: datetime) -> None:
    due: datetime = order["wait"]["due"]
    key = f"start:{order['version']}:{order['element']}:{due.isoformat()}"
    jobs.enqueue(session, "start", order, key=key, at=now, due_at=due)


def next_timer_start(session: Session, order: dict[str, Any], now: datetime) -> None:
    """The next case of a cyclic timer start event is due at its time."""
    following = expressions.next_cycle(order["wait"], order["element"])
    if following is not None:
        _enqueue_start(session, {**order, "wait": following}, now)


def _in_force(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .join(Activation, Activation.version_id == Version.id)
        .where(
            Activation.process_key == sa.bindparam("key"),
            Activation.active_from <= sa.bindparam("now"),
        )
        .order_by(Activation.active_from.desc(), Activation.id.desc())
        .limit(1)
    )


class InForce(NamedTuple):
    """A version in force, without its files: each start of a case would read them all."""

    id: int
    sha256: str


_IN_FORCE = Prepared(_in_force(Version.id, Version.sha256))


def version_in_force(session: Session, key: str, now: datetime) -> Version | None:
    """The version on which new cases of a process start, with its files."""
    found: Version | None = session.scalar(_in_force(Version), {"key": key, "now": now})
    return found


def in_force(session: Session, key: str, now: datetime) -> InForce:
    """The version on which new cases of a process start. Raises ProcessNotFound."""
    found = _IN_FORCE.run(lane_of(session), {"key": key, "now": now})
    if not found:
        raise ProcessNotFound(key=key)
    return InForce(*found[0])


def all_in_force(session: Session, now: datetime) -> list[Version]:
    """The version in force of every process, by name; its files are read when they are asked for.

    One statement, however many processes: every message that nobody waits for asks this.
    """
    newest = (Activation.active_from.desc(), Activation.id.desc())
    place = sa.func.row_number().over(partition_by=Activation.process_key, order_by=newest)
    ranked = (
        sa.select(Activation.version_id, place.label("place"))
        .where(Activation.active_from <= now)
        .subquery()
    )
    query = (
        sa.select(Version)
        .join(ranked, ranked.c.version_id == Version.id)
        .where(ranked.c.place == 1)
        .options(defer(Version.files))
    )
    return sorted(session.scalars(query), key=lambda v: v.name)
