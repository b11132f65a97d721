"""Rights changed by an approved request: groups of an account, duties of a group (KH-19.3).

Each in the caller's transaction. A change for some days ends by itself: what it gave ends on its
last day, and what it took comes back on the day after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people.accounts.changes import NotInUse
from app.people.log import Origin, record
from app.people.models import Account, Grant, GroupChange
from app.people.rights import duties, grants, groups, lineage, training
from app.people.rights.groups import day_of
from engine.errors import Refusal


class RightGone(Refusal):
    """A right that is to be withdrawn is no longer the account's. Choose from what it has now."""

    status = 409


class NothingAsked(Refusal):
    """The request names no right to be given and none to be withdrawn."""

    status = 422


class DaysWrong(Refusal):
    """A change of rights ends on or after the day on which it takes effect."""

    status = 422


class DutyUnknown(Refusal):
    """The duty "{duty}" cannot be given to the group "{group}", or withdrawn from it."""

    status = 422


class GroupChangesLater(Refusal):
    """The group "{group}" is to change again on {day}. Choose a day after that."""

    status = 409


@dataclass(frozen=True)
class Order:
    """What is to become of an account's rights.

    adds: groups to be in, and how far. ends: numbers of grants to be withdrawn. until: the last
    day of a change for some days; None is for good. trained: proof of training.
    """

    adds: tuple[grants.Membership, ...]
    ends: tuple[int, ...]
    basis: str
    until: date | None = None
    trained: str = ""


@dataclass(frozen=True)
class GroupOrder:
    """What is to become of a group's duties: permissions given to it, and withdrawn from it."""

    group: str
    adds: tuple[str, ...]
    ends: tuple[str, ...]
    basis: str
    until: date | None = None


def carry_out(
    session: Session, account: Account, order: Order, *, origin: Origin, day: date | None = None
) -> None:
    """The account has the rights as ordered, from that day on (today).

    What is withdrawn ends at once, with what continues it: where a change of its unit is planned,
    the right has days before and after. Raises NotInUse, NothingAsked, DaysWrong, RightGone, and
    what `grants.grant` raises, separation of duties among it.
    """
    begins = day or day_of(origin.now)
    if account.status != "active":
        raise NotInUse(account=account.name)
    _require_sense(order.adds, order.ends, begins=begins, until=order.until)
    ended = ending(session, account, order.ends, day_of(origin.now))
    if order.until is not None:
        # What begins after the last day of the withdrawal is none of it.
        ended = [row for row in ended if row.valid_from <= order.until or row.id in order.ends]
    for row in ended:
        grants.revoke(session, row, account, origin=origin, basis=order.basis, until=order.until)
    span = {"origin": origin, "basis": order.basis}
    for membership in order.adds:
        grants.grant(
            session, account, membership, valid_from=begins, valid_to=order.until,
            trained=order.trained, **span,
        )  # fmt: skip
    for row in ended if order.until else ():
        if row.valid_to is None or row.valid_to > order.until:
            # A right that was still to come does not come sooner for it.
            again = max(order.until + timedelta(days=1), row.valid_from)
            membership = grants.Membership.of(row)
            grants.grant(
                session, account, membership, valid_from=again, valid_to=row.valid_to,
                trained=None, continues=row, **span,
            )  # fmt: skip


def _require_sense(
    adds: Sequence[object], ends: Sequence[object], *, begins: date, until: date | None
) -> None:
    if not adds and not ends:
        raise NothingAsked()
    if until is not None and until < begins:
        raise DaysWrong()


def ending(session: Session, account: Account, numbers: Sequence[int], on: date) -> list[Grant]:
    """The account's grants of these numbers and those that continue them, as far as they give
    something on that day or later. Raises RightGone.
    """
    found: dict[int, Grant] = {}
    asked = {number: session.get(Grant, number) for number in sorted(numbers)}
    own_rows = [row for row in asked.values() if row is not None and row.account_id == account.id]
    lineage.lock(session, own_rows)
    for row in asked.values():
        rows = lineage.going_on(session, row, on) if row is not None else []
        own = [one for one in rows if one.account_id == account.id]
        if row is None or row.account_id != account.id or not own:
            raise RightGone()
        found |= {one.id: one for one in own}
    return list(found.values())


def change_group(
    session: Session, order: GroupOrder, *, origin: Origin, day: date | None = None
) -> None:
    """The group gives these duties from that day (today) on to everybody who is in it.

    Raises NothingAsked, DaysWrong, GroupUnknown, DutyUnknown, GroupChangesLater, PairApart,
    DutiesClash, TrainingMissing.
    """
    begins = day or day_of(origin.now)
    _require_sense(order.adds, order.ends, begins=begins, until=order.until)
    groups.lock(session)
    before = groups.on_day(session, begins).get(order.group)
    if before is None or before.is_ended:
        raise grants.GroupUnknown(group=order.group)
    for duty in (*order.adds, *order.ends):
        is_known = duty in groups.permissions()
        if not is_known or (duty in before.permissions) == (duty in order.adds):
            raise DutyUnknown(duty=duty, group=before.name)
    ends_on = require_last(session, before, begins)
    after = (before.permissions | set(order.adds)) - set(order.ends)
    days = duties.Days(begins, order.until)
    changed = replace(before, permissions=frozenset(after))
    require_apart(session, changed, frozenset(order.adds), days)
    if not training.asked(before):
        _require_trained(session, changed, days)
    dated = {begins: after}
    back = order.until + timedelta(days=1) if order.until is not None else None
    if back is not None and (ends_on is None or back < ends_on):
        dated[back] = before.permissions
    for effective_from, permissions in dated.items():
        session.add(row_of(before, permissions, effective_from, order.basis, origin=origin))
    record(
        session, "group_changed", "", origin=origin, group=order.group,
        given=", ".join(order.adds) or None, withdrawn=", ".join(order.ends) or None,
        valid_from=begins, valid_to=order.until, basis=order.basis or None,
    )  # fmt: skip


def require_last(session: Session, group: groups.Group, begins: date) -> date | None:
    """The day on which the group ends by what is decided already, if it does.

    Raises GroupChangesLater where something else was decided for a later day: it would undo this
    change on that day.
    """
    later = sa.select(GroupChange).where(
        GroupChange.group_key == group.key, GroupChange.effective_from > begins
    )
    ends_on = None
    for row in session.scalars(later.order_by(GroupChange.effective_from)):
        if row.kinds:
            day = row.effective_from.strftime("%d/%m/%Y")
            raise GroupChangesLater(group=group.name, day=day)
        ends_on = ends_on or row.effective_from
    return ends_on


def require_apart(
    session: Session, group: groups.Group, gained: frozenset[str], days: duties.Days
) -> None:
    """Raises PairApart when the group, as it is to be, would bring what separation of duties keeps
    apart, and DutiesClash when somebody in it must not have what it is to give.
    """
    if not gained:
        return
    for rule in duties.rules():
        # A rule for a kind binds whoever of that kind may ever be in the group.
        binds = any(rule.binds(kind, [group]) for kind in group.kinds)
        newly = rule.is_about(group) and rule.bars(group.key, group.permissions)
        if newly or (binds and rule.bars(group.key, gained)):
            raise _apart(rule, group, gained)
    for account in _members(session, group, days):
        duties.require_apart(session, account, group.key, gained, days=days, changed=group)


def _apart(rule: duties.Rule, group: groups.Group, gained: frozenset[str]) -> Refusal:
    """What is refused, by the names of the two rights where it is a pair."""
    words = {"group": group.name, "rule": rule.name, "source": rule.cited}
    pair = [
        # What is asked for is named rather than what was there.
        sorted(group.permissions & some, key=lambda one: (one not in gained, one))
        for some in (rule.permissions, rule.barred_permissions)
    ]
    if all(pair):
        return duties.PairApart(first=pair[0][0], second=pair[1][0], **words)
    return duties.DutiesClash(holder=group.name, **words)


def _require_trained(session: Session, group: groups.Group, days: duties.Days) -> None:
    """Whoever is in a group that is to administer has shown proof of training (KH-11.1b)."""
    for account in _members(session, group, days) if training.asked(group) else ():
        training.check(account.person, group)


def _members(session: Session, group: groups.Group, days: duties.Days) -> sa.ScalarResult[Account]:
    held = sa.and_(
        Grant.account_id == Account.id,
        Grant.group_key == group.key,
        Grant.revoked_at.is_(None),
        sa.or_(Grant.valid_to.is_(None), Grant.valid_to >= days.first),
    )
    query = (
        sa.select(Account)
        .where(sa.select(Grant.id).where(held).exists(), Account.status != "closed")
        .options(joinedload(Account.person))
        .order_by(Account.id)
    )
    return session.scalars(query)


def row_of(
    group: groups.Group, permissions: frozenset[str], day: date, basis: str, *, origin: Origin
) -> GroupChange:
    """What is said of the group from that day on."""
    return GroupChange(
        group_key=group.key,
        name=group.name,
        name_en=group.name_en,
        kinds=sorted(group.kinds),
        permissions=sorted(permissions),
        effective_from=day,
        basis=basis,
        changed_at=origin.now,
        changed_by=origin.actor,
    )
