"""Separation of duties (requirements §11), as shipped data in `data/duties.json`.

Rules for accounts say what a holder of some groups, or an account of some kind, does not do beside
it: what they bar is refused when it is granted, and gives nothing if it stands there all the same.
Rules for cases go to the engine, which keeps the hands of one case apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Account, Grant
from app.people.rights import groups
from engine.duties import Apart
from engine.errors import Refusal

DATA = Path(__file__).parents[1] / "data" / "duties.json"


class DutiesClash(Refusal):
    """The group "{group}" does not go with what {holder} already has: {rule} ({source}). End that first, or choose somebody else."""  # noqa: E501

    status = 422


@dataclass(frozen=True)
class Rule:
    """What an account of these kinds, or in one of these groups, does not do.

    only_sees: it does nothing in cases at all. of_person: all accounts of a person count together.
    """

    key: str
    name: str
    name_en: str
    source: str
    kinds: frozenset[str]
    groups: frozenset[str]
    barred_groups: frozenset[str]
    barred_permissions: frozenset[str]
    only_sees: bool = False
    of_person: bool = False

    def binds(self, kind: str, groups: Iterable[str]) -> bool:
        """Whether the rule is about such an account."""
        return kind in self.kinds or not self.groups.isdisjoint(groups)

    def bars(self, group: str, permissions: frozenset[str]) -> bool:
        """Whether somebody whom the rule is about may not be in such a group."""
        return group in self.barred_groups or bool(permissions & self.barred_permissions)


@cache
def _shipped() -> dict[str, Any]:
    shipped: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return shipped


@cache
def rules() -> tuple[Rule, ...]:
    """The rules for accounts."""
    return tuple(
        Rule(
            key=row["key"],
            name=row["name"],
            name_en=row["name_en"],
            source=row["source"],
            kinds=frozenset(row["holder"].get("kinds", ())),
            groups=frozenset(row["holder"].get("groups", ())),
            barred_groups=frozenset(row["bars"].get("groups", ())),
            barred_permissions=frozenset(row["bars"].get("permissions", ())),
            only_sees=row.get("only_sees", False),
            of_person=row.get("of_person", False),
        )
        for row in _shipped()["accounts"]
    )


def in_cases() -> tuple[Apart, ...]:
    """The rules for cases, as the engine keeps them."""
    return tuple(Apart(row["first"], row["second"], row["source"]) for row in _shipped()["cases"])


def binding(kind: str, groups: Iterable[str]) -> list[Rule]:
    """The rules that are about an account of that kind in those groups."""
    held = frozenset(groups)
    return [rule for rule in rules() if rule.binds(kind, held)]


@dataclass(frozen=True)
class Days:
    """From the first day to the last, both included; None is for ever."""

    first: date
    last: date | None = None


def require_apart(
    session: Session, account: Account, group: str, permissions: frozenset[str], *, days: Days
) -> None:
    """Raises DutiesClash when the group does not go with what the account, or its person, has on
    one of these days.
    """
    own = _groups(session, account, days, of_person=False)
    everywhere = _groups(session, account, days, of_person=True)
    known = groups.on_day(session, days.first)
    for rule in rules():
        held = everywhere if rule.of_person else own
        is_bound = any(rule.binds(kind, names) for kind, names in held)
        is_barred = is_bound and rule.bars(group, permissions)
        if is_barred or (rule.binds(account.kind, {group}) and _has_barred(rule, held, known)):
            raise DutiesClash(group=group, holder=account.name, rule=rule.name, source=rule.source)


def _has_barred(
    rule: Rule, held: list[tuple[str, set[str]]], known: Mapping[str, groups.Group]
) -> bool:
    return any(
        rule.bars(name, known[name].permissions if name in known else frozenset())
        for _kind, names in held
        for name in names
    )


def _groups(
    session: Session, account: Account, days: Days, *, of_person: bool
) -> list[tuple[str, set[str]]]:
    """Kind and groups of each account that counts, with grants of these days not revoked."""
    whose = Account.person_id == account.person_id if of_person else Account.id == account.id
    counts = sa.and_(
        Grant.account_id == Account.id,
        Grant.revoked_at.is_(None),
        sa.or_(Grant.valid_to.is_(None), Grant.valid_to >= days.first),
    )
    if days.last is not None:
        counts = sa.and_(counts, Grant.valid_from <= days.last)
    rows = session.execute(
        sa.select(Account.id, Account.kind, Grant.group_key)
        .outerjoin(Grant, counts)
        .where(whose, Account.status != "closed")
    )
    found: dict[int, tuple[str, set[str]]] = {}
    for number, kind, group in rows:
        names = found.setdefault(number, (kind, set()))[1]
        if group:
            names.add(group)
    return list(found.values())
