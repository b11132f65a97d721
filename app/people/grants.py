"""Grants: who is in which group, in which unit, from when until when, by whose hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.people import rights, units
from app.people.log import Origin, record
from app.people.models import Account, Grant
from engine.errors import NotPermitted, Refusal

# What one may hand on only if one has it oneself: nobody makes an account mightier than theirs.
POWERS = frozenset(
    ("rights.grant", "settings.manage", "operations.manage", "studio.deploy", "audit.view")
)


class GroupUnknown(Refusal):
    """There is no group "{group}". Choose one of the list."""

    status = 422


class GroupNotForKind(Refusal):
    """The group "{group}" is not for this kind of account: administration and work in cases stay apart. Use the person's other account."""  # noqa: E501

    status = 422


class OwnRights(Refusal):
    """Nobody changes the rights of their own account. Ask another administrator."""

    status = 403


class MightierAccount(Refusal):
    """The account {account} has powers that yours lacks. Ask an administrator who has them."""

    status = 403


class BasisMissing(Refusal):
    """A change needs its basis. Name the document or the request on which it rests."""

    status = 422


class DayUnreadable(Refusal):
    """ "{day}" is no day. Choose one from the calendar, or type it as 2026-11-22."""

    status = 422


@dataclass(frozen=True)
class Membership:
    """A group within a unit, or within it and all units below."""

    group: str
    unit: str
    below: bool = False


def require_group(kind: str, group: str) -> rights.Group:
    """The group of that key, if accounts of that kind may be in it (HP-6.3, HP-8.3)."""
    found = rights.catalogue().get(group)
    if found is None:
        raise GroupUnknown(group=group)
    if kind not in found.kinds:
        raise GroupNotForKind(group=found.name)
    return found


def grant(
    session: Session,
    account: Account,
    membership: Membership,
    *,
    origin: Origin,
    valid_from: date | None = None,
    valid_to: date | None = None,
    basis: str = "",
) -> Grant:
    """The account is in the group within the unit, from that day (today) to that day.

    Both days are included. Raises GroupUnknown, GroupNotForKind, UnitUnknown.
    """
    begins = valid_from or rights.day_of(origin.now)
    require_group(account.kind, membership.group)
    units.require_unit(session, membership.unit, begins)
    row = Grant(
        account_id=account.id,
        group_key=membership.group,
        unit_code=membership.unit,
        with_below=membership.below,
        valid_from=begins,
        valid_to=valid_to,
        granted_at=origin.now,
        granted_by=origin.actor,
        basis=basis,
    )
    session.add(row)
    reach = {"group": membership.group, "below": membership.below, "basis": basis or None}
    span = {"valid_from": begins, "valid_to": valid_to}
    unit = membership.unit
    record(session, "granted", account.name, origin=origin, unit=unit, **reach, **span)
    return row


def revoke(session: Session, row: Grant, account: Account, *, origin: Origin, basis: str) -> None:
    """The grant gives nothing any more, from this instant; what it gave before stays on record."""
    if row.revoked_at is not None:
        return
    row.revoked_at, row.revoked_by, row.revoked_basis = origin.now, origin.actor, basis
    record(
        session,
        "revoked",
        account.name,
        origin=origin,
        unit=row.unit_code,
        group=row.group_key,
        basis=basis or None,
    )


def require_may_grant(
    account: Account,
    membership: Membership,
    *,
    spread: frozenset[str],
    held: Mapping[str, frozenset[str]],
) -> None:
    """Whether somebody with the rights `held` may put the account into the group there.

    spread: the codes of all units that the membership reaches. Raises NotPermitted unless the
    right to grant reaches as far (HP-8.3b), and so does every power that the group brings.
    """
    group = require_group(account.kind, membership.group)
    for permission in sorted({"rights.grant"} | (group.permissions & POWERS)):
        if not spread <= held.get(permission, frozenset()):
            raise NotPermitted(right=permission)
