"""Grants in force, and the Actor they make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Account, Grant, GroupChange, UnitSpan
from app.people.organisation.organisations import Organisation
from app.people.rights import duties
from app.people.rights.groups import Group, catalogue, changed, day_of, on_day
from app.people.rights.reach import Scope, holds, reach
from engine.calendar import ZONE
from engine.ports import Actor


def person_key(number: int) -> str:
    """How the engine keeps the person of that number: "person:17"."""
    return f"person:{number}"


def groups(session: Session) -> frozenset[str]:
    """Keys of all groups, as drawings may name them; one to come may be drawn before."""
    known = on_day(session, date.max)
    return frozenset(key for key, group in known.items() if not group.is_ended)


def instant_of(on: date) -> datetime:
    """The instant itself; for a day its end, so that what was ended on it counts as ended."""
    if isinstance(on, datetime):
        return on
    return datetime.combine(on + timedelta(days=1), time(), ZONE).astimezone(UTC)


def grants_in_force(on: date) -> sa.ColumnElement[bool]:
    """Whether a grant gives its rights at an instant, or at the end of a day."""
    not_revoked = sa.or_(Grant.revoked_at.is_(None), Grant.revoked_at > instant_of(on))
    return sa.and_(holds(Grant, on), not_revoked)


def below(session: Session, roots: set[str], on: date) -> dict[str, frozenset[str]]:
    """For each root, its own code and those of all units below it on that day; one statement."""
    if not roots:
        return {}
    spans = UnitSpan.__table__
    tree = (
        sa.select(spans.c.unit_code.label("root"), spans.c.unit_code.label("code"))
        .where(spans.c.unit_code.in_(sorted(roots)), holds(spans, on))
        .cte("tree", recursive=True)
    )
    # UNION, not UNION ALL: even a tree that somebody bent into a ring comes to an end.
    tree = tree.union(
        sa.select(tree.c.root, spans.c.unit_code)
        .join(tree, spans.c.parent_code == tree.c.code)
        .where(holds(spans, on))
    )
    found: dict[str, set[str]] = defaultdict(set)
    for root, code in session.execute(sa.select(tree.c.root, tree.c.code)):
        found[root].add(code)
    return {root: frozenset(codes) for root, codes in found.items()}


@dataclass(frozen=True)
class Held:
    """A group that an account is in on a day, and how far."""

    group: Group
    scope: Scope


def held(session: Session, account: Account, on: date) -> list[Held]:
    """The groups in which an account is on that day, if they are for its kind; one statement."""
    day = day_of(on)
    # Columns and not objects: this is asked at each request, of some people hundreds of rows.
    query = (
        sa.select(
            Grant.id,
            Grant.group_key,
            Grant.unit_code,
            Grant.with_below,
            Grant.field_code,
            Grant.everywhere,
            GroupChange.id.label("change"),
            GroupChange.name,
            GroupChange.name_en,
            GroupChange.kinds,
            GroupChange.permissions,
        )
        .outerjoin(
            GroupChange,
            sa.and_(GroupChange.group_key == Grant.group_key, GroupChange.effective_from <= day),
        )
        .where(Grant.account_id == account.id, grants_in_force(on))
        .order_by(Grant.id, GroupChange.effective_from, GroupChange.id)
    )
    rows: dict[int, tuple[Any, Group | None]] = {}
    for row in session.execute(query):
        before = rows[row.id][1] if row.id in rows else catalogue().get(row.group_key)
        rows[row.id] = (row, before if row.change is None else changed(before, row))
    return [
        Held(group, Scope(row.unit_code, row.with_below, row.field_code, row.everywhere))
        for row, group in rows.values()
        if group is not None and account.kind in group.kinds
    ]


def unbarred(kind: str, found: Iterable[Held]) -> tuple[list[tuple[Held, frozenset[str]]], bool]:
    """What separation of duties leaves: (group, its permissions), and whether the account only
    sees.
    """
    rows = list(found)
    bound = duties.binding(kind, (row.group for row in rows))
    left = []
    for row in rows:
        group = row.group
        if any(group.key in rule.barred_groups for rule in bound):
            continue
        gone = frozenset[str]().union(*(rule.barred_permissions for rule in bound))
        left.append((row, group.permissions - gone))
    return left, any(rule.only_sees for rule in bound)


def only_sees(session: Session, account: Account, on: date) -> bool:
    """Whether the account does nothing in cases on that day, whatever it may see."""
    return unbarred(account.kind, held(session, account, on))[1]


def actor_for(
    session: Session,
    account: Account,
    on: date,
    *,
    address: str | None = None,
    groups: Set[str] | None = None,
) -> Actor:
    """Who an account is on that day: groups and rights spread over units; two statements, one or
    two more where a grant is of a field or everywhere.

    account: with its person loaded. on: an instant or a local day. groups: those by which alone
    the account is looked at; None is all.
    A grant whose group is not for this kind of account gives nothing: an administrator never works
    in cases, whatever was granted (HP-6.3).
    """
    left, only_sees = unbarred(account.kind, held(session, account, on))
    if groups is not None:
        left = [one for one in left if one[0].group.key in groups]
    units = reach(session, (row.scope for row, _ in left), on)
    candidacies: set[str] = set()
    rights: dict[str, set[str]] = defaultdict(set)
    for row, permissions in left:
        codes = units[row.scope]
        candidacies.update([f"{row.group.key}@{code}" for code in codes])
        for permission in permissions:
            rights[permission] |= codes
    return Actor(
        name=account.name,
        label=account.person.full_name,
        unit=account.unit_code,
        candidacies=frozenset(candidacies),
        rights={permission: frozenset(codes) for permission, codes in rights.items()},
        address=address,
        persons=(person_key(account.person_id),),
        stands_for=_stands_for(session, account),
        only_sees=only_sees,
    )


def _stands_for(session: Session, account: Account) -> frozenset[str]:
    """The number of the enterprise whose account it is; one statement for those alone."""
    if account.organisation_id is None:
        return frozenset()
    number = sa.select(Organisation.enterprise_code).where(
        Organisation.id == account.organisation_id
    )
    return frozenset(session.scalars(number))
