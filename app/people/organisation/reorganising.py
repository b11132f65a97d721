"""A unit is merged into another, split, or closed from a day on, and what it holds moves along.

What has dates (units, posts, grants, fields) is written at once for the day, so that the day
before and the day itself answer differently from the moment of the decision. What has none, the
unit of accounts and of open cases, moves when the day comes: where the unit that was chosen has
ended by then, to the one that took over from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.log import Origin, record
from app.people.models import Account, Person, Post, UnitChange, UnitSpan
from app.people.organisation import fields, heirs, moving, traces, units
from app.people.organisation.heirs import above
from app.people.organisation.plans import Plan
from app.people.rights.groups import day_of
from engine import Engine
from engine.calendar import ZONE
from engine.errors import Refusal
from engine.succession import Succession, order_succession

TAKE_EFFECT = "units.take_effect"


class BackDated(Refusal):
    """A change of units cannot begin on {day}, which has passed: who could do what until today would become untrue. Choose today or a later day."""  # noqa: E501

    status = 422


class IntoItself(Refusal):
    """What "{unit}" holds cannot go to the unit itself, which is no more. Choose another unit."""

    status = 422


class ChangesLater(Refusal):
    """Unit "{unit}" is to change again on {day}. Choose a day after that."""

    status = 422


class NobodyAbove(Refusal):
    """No unit stands above “{unit}” that could keep its accounts. Choose where they go."""

    status = 422


def decide(session: Session, engine: Engine, plan: Plan, *, origin: Origin) -> UnitChange:
    """The change is decided: what has dates is written for the day, the rest waits for it.

    Raises BackDated, IntoItself, ChangesLater, UnitUnknown, and what the grants raise.
    """
    units.lock(session)
    with traces.traced(session) as trace:
        span = _examined(session, plan, origin.now)
        plan = _with_work(session, plan)
        _write(session, plan, span, origin)
        return _begin(session, engine, plan, trace, origin=origin)


def _with_work(session: Session, plan: Plan) -> Plan:
    """The plan with a place for open work: in a unit that ends nobody could do it, so without
    another choice it goes where people go, else to the unit above.
    """
    if not plan.ends:
        return plan
    work_to = plan.work_to or plan.into or above(session, plan.unit, plan.day)
    by_process = {key: to or work_to for key, to in plan.by_process.items()}
    return replace(plan, work_to=work_to, by_process=by_process)


def _write(session: Session, plan: Plan, span: UnitSpan, origin: Origin) -> None:
    for position, new in enumerate(plan.new_units):
        units.require_free(session, new.code)
        units.set_unit(
            session, new.code, name=new.name, name_en=new.name_en, kind=span.kind,
            parent=span.parent_code, position=span.position + position, valid_from=plan.day,
            origin=origin, basis=plan.basis,
        )  # fmt: skip
    for target in {plan.into, plan.below_to, plan.work_to, *plan.people.values()} - {None}:
        units.require_unit(session, str(target), plan.day)
    if plan.ends:
        _move_below(session, plan, span, origin)
    staff = _staff(session, plan.unit)
    _move_posts(session, plan, staff, origin)
    moving.move_grants(session, plan, staff, origin)
    if plan.ends:
        _close(session, plan, span, origin)
    if plan.ends and plan.work_to is not None:
        heirs.bequeath(session, plan.unit, plan.work_to, plan.day, basis=plan.basis)


def require_not_past(day: date, now: datetime) -> None:
    """Raises BackDated for a day before today."""
    if day < day_of(now):
        raise BackDated(day=day.strftime("%d/%m/%Y"))


def _examined(session: Session, plan: Plan, now: datetime) -> UnitSpan:
    require_not_past(plan.day, now)
    span = units.require_unit(session, plan.unit, plan.day)
    targets = {plan.into, plan.below_to, plan.work_to, *plan.people.values()}
    if plan.ends and plan.unit in targets | set(plan.by_process.values()):
        raise IntoItself(unit=span.name)
    later = sa.select(sa.func.min(UnitSpan.valid_from)).where(
        UnitSpan.unit_code == plan.unit, UnitSpan.valid_from > plan.day
    )
    again = session.scalar(later) or (plan.day if span.valid_from == plan.day else None)
    if plan.ends and again is not None:
        raise ChangesLater(unit=span.name, day=again.strftime("%d/%m/%Y"))
    is_left = plan.ends and plan.into is None and _staff(session, plan.unit).keys() - plan.people
    if is_left and above(session, plan.unit, plan.day) is None:
        raise NobodyAbove(unit=span.name)
    return span


def _move_below(session: Session, plan: Plan, span: UnitSpan, origin: Origin) -> None:
    """The units below belong to another from the day on, those that were to come there too.

    One of them that takes over hangs where the unit hung, and not below itself.
    """
    over = plan.below_to or plan.into or span.parent_code
    if over is not None and plan.unit in units.above(session, over, plan.day):
        _hang(session, units.require_unit(session, over, plan.day), span.parent_code, plan, origin)
    until = UnitSpan.valid_to
    still = sa.or_(until.is_(None), sa.and_(until >= plan.day, until >= UnitSpan.valid_from))
    children = session.scalars(
        sa.select(UnitSpan).where(UnitSpan.parent_code == plan.unit, still)
    ).all()
    for child in children:
        _hang(session, child, span.parent_code if child.unit_code == over else over, plan, origin)


def _hang(session: Session, unit: UnitSpan, over: str | None, plan: Plan, origin: Origin) -> None:
    """The unit, as that span of it says, belongs to another from the day of the plan on."""
    begins = max(plan.day, unit.valid_from)
    units.set_unit(
        session, unit.unit_code, name=unit.name, name_en=unit.name_en, kind=unit.kind,
        parent=heirs.home(session, over, begins) if over is not None else None,
        position=unit.position, valid_from=begins, origin=origin, basis=plan.basis,
    )  # fmt: skip


def _staff(session: Session, unit: str, *, with_closed: bool = False) -> dict[int, Account]:
    """The accounts of a unit by id; without those that are closed, unless they are wanted."""
    query = sa.select(Account).options(joinedload(Account.person)).order_by(Account.id)
    if not with_closed:
        query = query.where(Account.status != "closed")
    found = session.scalars(query.where(Account.unit_code == unit))
    return {account.id: account for account in found}


def _move_posts(
    session: Session, plan: Plan, staff: Mapping[int, Account], origin: Origin
) -> None:
    """Posts in the unit end on the day before; who goes somewhere holds one there."""
    holders = {account.person_id: account.id for account in staff.values()}
    places = {person: plan.people.get(number, plan.into) for person, number in holders.items()}
    still = sa.or_(Post.valid_to.is_(None), Post.valid_to >= plan.day)
    posts = session.scalars(sa.select(Post).where(Post.unit_code == plan.unit, still)).all()
    for post in posts:
        target = places.get(post.person_id, plan.into if plan.ends else plan.unit)
        if target == plan.unit:
            continue
        until, begins = post.valid_to, max(plan.day, post.valid_from)
        last = plan.day - timedelta(days=1)
        units.cut_post(session, post, last, origin=origin, basis=plan.basis)
        on = heirs.with_account(holders.get(post.person_id, 0))
        goal = heirs.way(session, target, begins, on).unit
        if goal is not None:
            kind = plan.head_as if post.kind == "head" else post.kind
            # Who is head no more keeps no head's title; the unit that takes them has its own head.
            title = post.title if kind == post.kind else ""
            units.give_post(
                session, session.get_one(Person, post.person_id), goal, kind=kind, title=title,
                valid_from=begins, valid_to=until, origin=origin, basis=plan.basis,
            )  # fmt: skip


def _close(session: Session, plan: Plan, span: UnitSpan, origin: Origin) -> None:
    """The unit is no more from the day on; its fields are those of the one that takes over."""
    span.valid_to = plan.day - timedelta(days=1)
    own = set(fields.of_units(session, plan.day).get(plan.unit, ()))
    if own:
        fields.set_fields(session, plan.unit, set(), plan.day, origin=origin, basis=plan.basis)
    if own and plan.into is not None:
        wider = own | set(fields.of_units(session, plan.day).get(plan.into, ()))
        fields.set_fields(session, plan.into, wider, plan.day, origin=origin, basis=plan.basis)
    fields.hand_on(session, plan.unit, plan.into, plan.day, basis=plan.basis)
    record(
        session, "unit_closed", "", origin=origin, unit=plan.unit, name=span.name,
        valid_to=span.valid_to, basis=plan.basis or None,
    )  # fmt: skip
    session.flush()  # What is asked of the tree next is asked of the tree without it.


def _begin(
    session: Session, engine: Engine, plan: Plan, trace: traces.Trace, *, origin: Origin
) -> UnitChange:
    """The change has its row; what has no dates moves now, or when the day comes."""
    change = keep(
        session, plan.kind, plan.unit, plan.day, plan=plan.kept(), origin=origin, basis=plan.basis
    )
    due_at = datetime.combine(plan.day, time(), ZONE)
    if due_at <= origin.now:
        take_effect(session, {"change": change.id}, origin.now)
    else:
        key = f"unit-change:{change.id}"
        engine.enqueue(session, TAKE_EFFECT, {"change": change.id}, key=key, run_at=due_at)
        trace.errands.append(key)
    change.wrote = trace.kept()
    return change


def keep(
    session: Session,
    kind: str,
    unit: str,
    day: date,
    *,
    plan: dict[str, Any],
    origin: Origin,
    basis: str,
) -> UnitChange:
    """What was decided of a unit has its row."""
    change = UnitChange(
        kind=kind, unit_code=unit, day=day, plan=plan, basis=basis,
        decided_at=origin.now, decided_by=origin.actor,
    )  # fmt: skip
    session.add(change)
    session.flush()  # The errand names the row.
    return change


def take_effect(session: Session, payload: Any, now: datetime) -> None:
    """The day of a change has come: the accounts of the unit are those of where they go.

    Where the unit is no more, so are posts, rights and fields that were given in it since the
    decision: they go on from the day that was decided, also where that is carried out later.
    """
    units.lock(session)
    change = session.get_one(UnitChange, payload["change"])
    plan, origin = Plan.of(change), Origin(change.decided_by, now)
    staff = _staff(session, change.unit_code)
    if plan.ends:
        _move_posts(session, plan, staff, origin)
        moving.move_grants(session, plan, staff, origin)
        fields.hand_on(session, plan.unit, plan.into, plan.day, basis=plan.basis)
    today = max(plan.day, day_of(now))
    for account in _staff(session, plan.unit, with_closed=plan.ends).values():
        target = _belongs(session, plan, account.id, today)
        if target is None or target == account.unit_code:
            continue
        account.unit_code = target
        record(
            session, "account_changed", account.name, origin=origin, unit=target,
            basis=change.basis or None,
        )  # fmt: skip
    _send_work(session, plan, today, origin)
    change.took_effect_at = now


def _belongs(session: Session, plan: Plan, account: int, today: date) -> str | None:
    """The unit of an account once the change is in effect; None where it stays.

    Whom nobody was chosen for stays within reach of the unit above, without post or right.
    """
    target = plan.people.get(account, plan.into)
    way = heirs.way(session, target, today, heirs.with_account(account))
    left = way.left or (plan.unit if plan.ends else None)
    return way.unit or (above(session, left, today) if left is not None else None)


def _send_work(session: Session, plan: Plan, today: date, origin: Origin) -> None:
    """Open cases are on their way to where they were to go, or to who took over from there."""
    if plan.work_to is None and not any(plan.by_process.values()):
        return
    way = heirs.way(session, plan.work_to, today, heirs.with_work())
    processes = {*plan.by_process, *(key for passed in way.passed for key in passed["by_process"])}
    by_process = {
        key: heirs.way(
            session, plan.by_process.get(key, plan.work_to), today, heirs.with_work(key)
        ).unit
        for key in sorted(processes)
    }
    order = Succession(plan.unit, way.unit, by_process, origin.actor, plan.basis)
    order_succession(session, order, now=origin.now)


def changes(session: Session, codes: Iterable[str] | None = None) -> list[UnitChange]:
    """Decided changes, the latest day first; of these units only, if any are named."""
    query = sa.select(UnitChange).order_by(UnitChange.day.desc(), UnitChange.id.desc())
    if codes is not None:
        query = query.where(UnitChange.unit_code.in_(sorted(codes)))
    return list(session.scalars(query))
