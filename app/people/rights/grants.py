"""Grants: who is in which group, in which unit, from when until when, by whose hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.log import Origin, line, record
from app.people.models import Account, AccountLog, FieldOfWork, Grant, UnitSpan
from app.people.organisation import units
from app.people.rights import duties, groups, lineage, training
from app.people.rights.groups import day_of
from app.people.rights.reach import Scope, holds
from engine.errors import NotPermitted, Refusal

# Pages ask these rights without a unit: held in one unit, they reach into every other.
_EVERYWHERE_SEEN = frozenset(("cases.view_all", "operations.view", "studio.view"))
_EVERYWHERE_DONE = frozenset(
    ("settings.manage", "operations.manage", "studio.deploy", "audit.view")
)
POWERS = _EVERYWHERE_SEEN | _EVERYWHERE_DONE | {"rights.grant", "units.manage"}
"""What may be handed on only by those whose own rights reach as far."""
LEADING = POWERS | {"tasks.assign", "cases.cancel", "people.manage"}
"""What a group gives over others: who has it decides on the requests of those around them."""


class GroupUnknown(Refusal):
    """There is no group "{group}". Choose one of the list."""

    status = 422


class GroupNotForKind(Refusal):
    """The group "{group}" is not for this kind of account: administration and work in cases stay apart. Use the person's other account."""  # noqa: E501

    status = 422


class FieldUnknown(Refusal):
    """There is no field of work "{field}". Choose one of the list."""

    status = 422


class BackDated(Refusal):
    """A right cannot be given from {day}, which has passed: who could do what until today would become untrue. Choose today or a later day."""  # noqa: E501

    status = 422


class AlreadyHeld(Refusal):
    """The account has this right already from {first} to {last}. Choose later days, or revoke that one first."""  # noqa: E501

    status = 409


class RightGone(Refusal):
    """This right was revoked already: {basis}. Nothing is left to be revoked."""

    status = 409


class OwnRights(Refusal):
    """Nobody changes the rights of their own account. Ask another administrator."""

    status = 403


class MightierAccount(Refusal):
    """The account {account} leads or administers, or has powers that yours lacks. Ask an administrator of the unit above, or one who has these powers."""  # noqa: E501

    status = 403


@dataclass(frozen=True)
class Membership:
    """A group within a unit; below: and all units below it; field: of these only those that work
    in it; everywhere: in every unit.
    """

    group: str
    unit: str
    below: bool = False
    field: str | None = None
    everywhere: bool = False

    @property
    def scope(self) -> Scope:
        return Scope(self.unit, self.below and not self.field, self.field, self.everywhere)

    @classmethod
    def of(cls, row: Grant) -> Membership:
        return cls(row.group_key, row.unit_code, row.with_below, row.field_code, row.everywhere)


def require_group(session: Session, kind: str, group: str, on: date) -> groups.Group:
    """The group of that key on that day, if accounts of that kind may be in it (HP-6.3, HP-8.3).

    Raises GroupUnknown, GroupNotForKind.
    """
    return require_group_of(groups.on_day(session, on), kind, group)


def require_group_of(known: Mapping[str, groups.Group], kind: str, group: str) -> groups.Group:
    """`require_group` where the groups of the day are at hand."""
    found = known.get(group)
    if found is None:
        raise GroupUnknown(group=group)
    if kind not in found.kinds:
        raise GroupNotForKind(group=found.name)
    return found


def over(session: Session, key: str, days: duties.Days) -> list[groups.Group]:
    """The group as it is on each of these days, once for each way that it is."""
    parts = duties.parts(session, days)
    return list(dict.fromkeys(known[key] for _part, known in parts if key in known))


def grant(
    session: Session,
    account: Account,
    membership: Membership,
    *,
    origin: Origin,
    valid_from: date | None = None,
    valid_to: date | None = None,
    basis: str = "",
    trained: str | None = "",
    continues: Grant | None = None,
    event: str = "granted",
    is_decided: bool = False,
) -> Grant:
    """The account is in the group within the unit, from that day (today) to that day, inclusive.

    continues: the grant of which it is the rest. event: what the log calls it. trained: proof of
    training, for a group that administers, unless it was shown before; None where the holder was
    in the group already. is_decided: the days are those of a decision that was made before them
    and is carried out now, maybe a day or more late.

    Raises what `require_group` raises, TrainingMissing, DutiesClash, UnitUnknown or FieldUnknown,
    BackDated for a first day before today unless it was decided, and EndsBeforeItBegins.
    """
    span = duties.Days(valid_from or day_of(origin.now), valid_to)
    _require_order(span, None if is_decided else day_of(origin.now))
    units.lock(session, shared=True)
    if membership.group not in groups.catalogue():
        groups.lock(session, shared=True)  # It may be ending; those of the regulations never do.
    group = require_group(session, account.kind, membership.group, span.first)
    for each in over(session, group.key, span) if trained is not None else ():
        training.require(account.person, each, trained)
    duties.require_apart(session, account, group.key, days=span)
    units.require_unit(session, membership.unit, span.first)
    require_field(session, membership)
    granting = Granting(origin, span, basis)
    columns, said = granting.columns(account, membership, group)
    row = Grant(**columns, continues_id=continues.id if continues is not None else None)
    session.add_all([row, AccountLog(**said | {"event": event})])
    return row


def require_new(
    session: Session, account: Account, membership: Membership, days: duties.Days
) -> None:
    """Raises AlreadyHeld where the account has the same right on one of these days.

    Of two that are equal each would have to be revoked, and whoever revokes one thinks that the
    right is gone.
    """
    until = sa.true() if days.last is None else Grant.valid_from <= days.last
    same = sa.select(Grant).where(
        Grant.account_id == account.id, Grant.group_key == membership.group,
        Grant.revoked_at.is_(None), until,
        sa.or_(Grant.valid_to.is_(None), Grant.valid_to >= days.first),
        sa.or_(Grant.valid_to.is_(None), Grant.valid_to >= Grant.valid_from),
    )  # fmt: skip
    for row in session.scalars(same.order_by(Grant.id)):
        if Membership.of(row).scope == membership.scope:
            last = f"{row.valid_to:%d/%m/%Y}" if row.valid_to else "…"
            raise AlreadyHeld(first=f"{row.valid_from:%d/%m/%Y}", last=last)


def _require_order(days: duties.Days, today: date | None) -> None:
    if today is not None and days.first < today:
        raise BackDated(day=days.first.strftime("%d/%m/%Y"))
    units.require_order(days.first, days.last)


@dataclass(frozen=True)
class Granting:
    """By whose hand, for which days and by which decision somebody comes into groups."""

    origin: Origin
    days: duties.Days
    basis: str

    def columns(
        self, account: Account, membership: Membership, group: groups.Group
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The columns of the grant and of its line in the log, once it was found in order."""
        scope, days = membership.scope, self.days
        grant = {
            "account_id": account.id,
            "group_key": group.key,
            "unit_code": membership.unit,
            "with_below": scope.below,
            "field_code": scope.field,
            "everywhere": scope.everywhere,
            "valid_from": days.first,
            "valid_to": days.last,
            "granted_at": self.origin.now,
            "granted_by": self.origin.actor,
            "basis": self.basis,
        }
        said: dict[str, Any] = {"group": group.key, "below": scope.below, "field": scope.field}
        said |= {"everywhere": scope.everywhere or None, "basis": self.basis or None}
        said |= {"valid_from": days.first, "valid_to": days.last}
        if training.asked(group):
            said["training"] = account.person.training
        name, unit = account.name, membership.unit
        return grant, line("granted", name, origin=self.origin, unit=unit, **said)


def require_field(session: Session, membership: Membership) -> None:
    """Raises FieldUnknown where the membership names a field of work that is not there."""
    if membership.field is not None and session.get(FieldOfWork, membership.field) is None:
        raise FieldUnknown(field=membership.field)


def revoke(
    session: Session,
    row: Grant,
    account: Account,
    *,
    origin: Origin,
    basis: str,
    until: date | None = None,
    event: str = "revoked",
) -> None:
    """The grant gives nothing any more, from this instant; what it gave before stays on record.

    until: the last day of a withdrawal for some days; the caller grants what comes after.
    event: what the log calls it.
    """
    lineage.lock(session, [row])  # Another hand may be withdrawing it.
    if row.revoked_at is not None:
        return
    row.revoked_at, row.revoked_by, row.revoked_basis = origin.now, origin.actor, basis
    row.revoked_until = until
    record(
        session,
        event,
        account.name,
        origin=origin,
        unit=row.unit_code,
        group=row.group_key,
        valid_to=until,
        basis=basis or None,
    )


def withdraw(
    session: Session, row: Grant, account: Account, *, origin: Origin, basis: str
) -> None:
    """The account has the right no more, from this instant: with the grant ends what continues it,
    such as in the unit that a planned change gives it to.
    """
    for part in lineage.going_on(session, row, day_of(origin.now)):
        if part.account_id == account.id:
            revoke(session, part, account, origin=origin, basis=basis)


def not_over(session: Session, account: Account, on: date, *, locked: bool = False) -> list[Grant]:
    """The account's grants that give something on that day or later, newest first.

    locked: as `lineage.lock` says.
    """
    if locked:
        lineage.lock(session, not_over(session, account, on))
        session.flush()
    query = sa.select(Grant).where(
        Grant.account_id == account.id,
        Grant.revoked_at.is_(None),
        sa.or_(Grant.valid_to.is_(None), Grant.valid_to >= on),
    )
    ordered = query.order_by(Grant.valid_from.desc(), Grant.id.desc())
    return list(session.scalars(ordered.execution_options(populate_existing=locked)))


def workplaces(session: Session, on: date) -> frozenset[str]:
    """The codes of all units of that day in which somebody has an account."""
    peopled = sa.select(Account.unit_code).where(Account.status != "closed")
    spans = sa.select(UnitSpan.unit_code).where(
        holds(UnitSpan, on), UnitSpan.unit_code.in_(peopled)
    )
    return frozenset(session.scalars(spans.distinct()))


@dataclass(frozen=True)
class Reach:
    """How far somebody's rights go, set against the whole organisation.

    held: permission -> codes of the units where it holds. everywhere: see `workplaces`.
    by: the right on which they act, "rights.grant" or "people.manage".
    """

    held: Mapping[str, frozenset[str]]
    everywhere: frozenset[str]
    by: str = "rights.grant"

    def covers(self, permission: str, spread: frozenset[str]) -> bool:
        """Whether they may hand on the permission in these units, or manage who has it there.

        What is asked without a unit needs the whole organisation. What only lets one see is theirs
        to hand on by `by`: administrators have no rights in cases (HP-6.3) and still let others
        in. The rest one must have oneself: nobody makes an account mightier than theirs.
        """
        if permission in _EVERYWHERE_SEEN:
            return self.everywhere | spread <= self.held.get(self.by, frozenset())
        if permission in _EVERYWHERE_DONE:
            return self.everywhere | spread <= self.held.get(permission, frozenset())
        return spread <= self.held.get(permission, frozenset())


def require_may_grant(
    some: Iterable[groups.Group], *, spread: frozenset[str], reach: Reach
) -> None:
    """Whether somebody whose rights reach so far may put an account into the group there.

    some: the group, as it is on the days for which it is given.
    spread: the codes of all units that the membership reaches. Raises NotPermitted unless the
    right to grant reaches as far (HP-8.3b), and so does every power that the group brings.
    """
    brought = frozenset[str]().union(*(group.permissions for group in some))
    for permission in sorted({"rights.grant"} | (brought & POWERS)):
        if not reach.covers(permission, spread):
            raise NotPermitted(right=permission)
