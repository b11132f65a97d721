"""Acting for another: chosen for one stay, with the rights of that other and none of one's own.

Who acts is worked out anew at each request, and once more by the engine under the lock of the case
that is about to change: what has ended gives nothing, not even to a form that was open before.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.acting import delegations, scopes
from app.people.log import Origin, record
from app.people.models import Delegation, Login
from app.people.rights import in_force
from app.people.rights.groups import day_of
from engine.errors import Refusal
from engine.ports import Actor, Mandate

WORK = frozenset(("inbox.work", "cases.view"))
"""What of the other's permissions comes along: doing tasks and seeing their cases. To start,
assign, cancel and administer are for people themselves."""


class NoSuchMandate(Refusal):
    """You may not act for anybody by this permission: it is another's, has ended, or has not
    begun.
    """

    status = 403


def actor_for(
    session: Session, row: Delegation, now: datetime, *, address: str | None = None
) -> Actor | None:
    """The grantee acting for the grantor within the delegation's scope; None when it gives
    nothing at that instant.

    row: with both accounts and their persons loaded.
    """
    if not _holds(row, now):
        return None
    units = scopes.units_on(session, row.units, now)
    groups = None if row.groups is None else frozenset(row.groups)
    known = groups if groups is not None else scopes.had(session, row)
    own = in_force.actor_for(session, row.grantor, now, groups=known)
    candidacies = {
        who for who in own.candidacies if units is None or who.partition("@")[2] in units
    }
    if groups is None:  # A task for the person themselves is of no group.
        candidacies.add(f"={own.name}")
    seen = {name: held for name, held in own.rights.items() if name in WORK}
    if units is not None and "cases.view" in seen:
        seen["cases.view"] &= units
    return Actor(
        name=row.grantee.name,
        label=row.grantee.person.full_name,
        unit=own.unit,
        candidacies=frozenset(candidacies),
        rights=seen,
        behalf_of=own.name,
        address=address,
        persons=(in_force.person_key(row.grantee.person_id), *own.persons),
        mandate=Mandate(
            number=row.number,
            processes=None if row.processes is None else frozenset(row.processes),
            units=units,
            groups=groups,
        ),
        # Who supervises does nothing in cases for another either.
        only_sees=own.only_sees or in_force.only_sees(session, row.grantee, now),
    )


def _holds(row: Delegation, now: datetime) -> bool:
    is_its_time = row.valid_from <= day_of(now) <= row.valid_to
    is_ended = row.ended_at is not None and row.ended_at <= now
    return (
        is_its_time
        and not is_ended
        and row.grantor.status == "active"
        and row.grantee.status == "active"
    )


def standing(session: Session, actor: Actor, now: datetime) -> Actor | None:
    """The actor as they stand now, asked by the engine inside the transaction of a step.

    The delegation's row stays locked until the commit, so that ending it waits for the step, or
    the step finds it ended.
    """
    if actor.mandate is None:
        return actor
    locked = sa.select(Delegation.id).where(Delegation.number == actor.mandate.number)
    delegation_id = session.scalar(locked.with_for_update(read=True))
    if delegation_id is None:
        return None
    row = delegations.find(session, delegation_id, afresh=True)
    if row is None or row.grantee.name != actor.name:
        return None
    if row.ended_at is not None:  # Whichever clock was ahead: the end was committed before us.
        return None
    return actor_for(session, row, now, address=actor.address)


def begin(session: Session, login: Login, delegation_id: int, *, origin: Origin) -> Delegation:
    """The stay acts for the grantor until it stops or the delegation ends. Raises
    NoSuchMandate.
    """
    row = delegations.find(session, delegation_id)
    if row is None or row.grantee_id != login.account_id or not _holds(row, origin.now):
        raise NoSuchMandate()
    _set(session, login, row.id)
    _log(session, "acting_begun", row, origin)
    return row


def stop(session: Session, login: Login, *, origin: Origin) -> Delegation | None:
    """The stay acts for its own holder again; the delegation by which it acted, if it did."""
    if login.delegation_id is None:
        return None
    row = delegations.find(session, login.delegation_id)
    _set(session, login, None)
    if row is not None:
        _log(session, "acting_ended", row, origin)
    return row


def _set(session: Session, login: Login, delegation_id: int | None) -> None:
    changed = sa.update(Login).where(Login.id == login.id).values(delegation_id=delegation_id)
    session.execute(changed.execution_options(synchronize_session=False))


def _log(session: Session, event: str, row: Delegation, origin: Origin) -> None:
    record(
        session,
        event,
        row.grantee.name,
        origin=origin,
        unit=row.grantee.unit_code,
        behalf_of=row.grantor.name,
        number=row.number,
    )
