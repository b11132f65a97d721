"""Rights in a unit that changes: they end, go on where their holder goes, or become ordinary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.log import Origin, record
from app.people.models import Account, Grant
from app.people.organisation import heirs
from app.people.organisation.plans import Plan
from app.people.rights import grants, groups


def leads(row: Grant, known: Mapping[str, groups.Group]) -> bool:
    """Whether the grant is over others, so that it gains power in a larger unit: by what the group
    may do, or because it reaches the units below or those of a field.
    """
    group = known.get(row.group_key)
    is_over = group is not None and not grants.LEADING.isdisjoint(group.permissions)
    return not row.everywhere and (is_over or row.with_below or row.field_code is not None)


def move_grants(
    session: Session, plan: Plan, staff: Mapping[int, Account], origin: Origin
) -> None:
    """Grants within the unit end on the day before; by choice they go on where their holder
    goes, those of people from elsewhere where the unit goes.
    """
    known = groups.on_day(session, plan.day)
    new = {unit.code for unit in plan.new_units}
    still = sa.or_(Grant.valid_to.is_(None), Grant.valid_to >= plan.day)
    query = (
        sa.select(Grant, Account)
        .join(Account, Account.id == Grant.account_id)
        .options(joinedload(Account.person))
        .where(Grant.unit_code == plan.unit, still, Grant.revoked_at.is_(None))
        .order_by(Grant.id)
    )
    lost: list[_Lost] = []
    for row, account in session.execute(query).all():
        elsewhere = plan.into if plan.ends else plan.unit
        target = plan.people.get(account.id, plan.into) if account.id in staff else elsewhere
        if target == plan.unit:
            continue
        on = heirs.with_account(account.id)
        way = heirs.way(session, target, max(plan.day, row.valid_from), on)
        is_wider = way.unit not in new and leads(row, known)
        chosen = [plan.kept(), *way.passed]
        moves = all(one["moves_grants"] for one in chosen) and account.status != "closed"
        goes_on = moves and (not is_wider or all(one["keeps_wider"] for one in chosen))
        instead = next((one["instead"] for one in chosen if one.get("instead")), None)
        if way.unit is not None and instead is not None and moves and not goes_on:
            membership = grants.Membership(instead, way.unit)
            lost.append(_Lost(row, account, membership, row.valid_to))
        goal = way.unit if goes_on else None
        _move_grant(session, plan, row, account, target=goal, origin=origin)
    for each in lost:
        _give_instead(session, plan, each, origin)


@dataclass(frozen=True)
class _Lost:
    """A right over others that ended, until when it was to hold, and what its holder may have."""

    row: Grant
    account: Account
    instead: grants.Membership
    until: date | None


def _give_instead(session: Session, plan: Plan, lost: _Lost, origin: Origin) -> None:
    """Whom the end of a right over others leaves with nothing is in an ordinary group instead."""
    session.flush()  # What was moved and given just now is theirs.
    account, begins = lost.account, max(plan.day, lost.row.valid_from)
    found = groups.on_day(session, begins).get(lost.instead.group)
    if found is None or account.kind not in found.kinds:
        return
    if not grants.not_over(session, account, begins):
        grants.grant(
            session, account, lost.instead, origin=origin, valid_from=begins,
            valid_to=lost.until, basis=plan.basis, trained=None, continues=lost.row,
            is_decided=True,
        )  # fmt: skip


def _move_grant(
    session: Session,
    plan: Plan,
    row: Grant,
    account: Account,
    *,
    target: str | None,
    origin: Origin,
) -> None:
    until, begins = row.valid_to, max(plan.day, row.valid_from)
    if row.valid_from < plan.day:
        row.valid_to = plan.day - timedelta(days=1)
        record(
            session, "right_ended", account.name, origin=origin, unit=row.unit_code,
            group=row.group_key, valid_to=row.valid_to, basis=plan.basis or None,
        )  # fmt: skip
    else:
        grants.revoke(session, row, account, origin=origin, basis=plan.basis)
    if target is None:
        return
    membership = grants.Membership(
        row.group_key, target, row.with_below, row.field_code, row.everywhere
    )
    grants.grant(
        session, account, membership, origin=origin, valid_from=begins, valid_to=until,
        basis=plan.basis, trained=None, continues=row, is_decided=True,
    )  # fmt: skip
