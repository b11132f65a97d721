"""Separation of duties (requirements §11), as shipped data in `data/duties.json`.

Rules for accounts say what a holder of some groups, or an account of some kind, does not do beside
it: what they bar is refused when it is granted, and gives nothing if it stands there all the same.
Rules for cases go to the engine, which keeps the hands of one case apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import law
from app.people.models import Account, Grant, GroupChange, Person
from app.people.rights import groups
from engine.duties import Apart
from engine.errors import Refusal

DATA = Path(__file__).parents[1] / "data" / "duties.json"


class DutiesClash(Refusal):
    """The group "{group}" does not go with what {holder} already has: {rule} ({source}). End that first, or choose somebody else."""  # noqa: E501

    status = 422


class PairApart(Refusal):
    """The group "{group}" cannot have both "{first}" and "{second}": {rule} ({source}). Leave one of them out."""  # noqa: E501

    status = 422


@dataclass(frozen=True)
class Rule:
    """What an account of these kinds, or in such a group, does not do.

    groups: keys of groups that the rule is about; permissions: so is every group that has one of
    these, whoever made it; beyond: unless the regulations themselves give it to the group together
    with what is barred. only_sees: it does nothing in cases at all. of_person: all accounts of a
    person count together.
    """

    key: str
    name: str
    name_en: str
    source: str
    kinds: frozenset[str]
    groups: frozenset[str]
    permissions: frozenset[str]
    barred_groups: frozenset[str]
    barred_permissions: frozenset[str]
    beyond: bool = False
    only_sees: bool = False
    of_person: bool = False

    @property
    def cited(self) -> str:
        """The provisions on which the rule rests, as papers cite them."""
        return "; ".join(law.cited(self.source))

    def binds(self, kind: str, held: Iterable[groups.Group]) -> bool:
        """Whether the rule is about an account of that kind in those groups."""
        return kind in self.kinds or any(map(self.is_about, held))

    def is_about(self, group: groups.Group) -> bool:
        """Whether the rule is about everybody in the group."""
        if group.key in self.groups:
            return True
        given = group.permissions & self.permissions
        if not given or not self.beyond:
            return bool(given)
        shipped = groups.catalogue().get(group.key)
        regular = shipped.permissions if shipped is not None else frozenset()
        return not (given | group.permissions & self.barred_permissions) <= regular

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
            permissions=frozenset(row["holder"].get("permissions", ())),
            barred_groups=frozenset(row["bars"].get("groups", ())),
            barred_permissions=frozenset(row["bars"].get("permissions", ())),
            beyond=row["holder"].get("beyond_regulations", False),
            only_sees=row.get("only_sees", False),
            of_person=row.get("of_person", False),
        )
        for row in _shipped()["accounts"]
    )


def in_cases() -> tuple[Apart, ...]:
    """The rules for cases, as the engine keeps them."""
    return tuple(Apart(row["first"], row["second"], row["source"]) for row in _shipped()["cases"])


@dataclass(frozen=True)
class Said:
    """A rule for cases as pages tell it."""

    name: str
    name_en: str
    source: str


def in_words() -> list[Said]:
    """The rules for cases in words."""
    return [Said(row["name"], row["name_en"], row["source"]) for row in _shipped()["cases"]]


def binding(kind: str, groups: Iterable[groups.Group]) -> list[Rule]:
    """The rules that are about an account of that kind in those groups."""
    # Asked at each request, of some people for hundreds of grants in a few groups.
    held = {group.key: group for group in groups}.values()
    return [rule for rule in rules() if rule.binds(kind, held)]


@dataclass(frozen=True)
class Days:
    """From the first day to the last, both included; None is for ever."""

    first: date
    last: date | None = None


def parts(session: Session, days: Days) -> Iterator[tuple[Days, dict[str, groups.Group]]]:
    """These days, parted where some group changes, with the groups of each part; one statement."""
    rows = list(session.scalars(sa.select(GroupChange)))
    later = {row.effective_from for row in rows if row.effective_from > days.first}
    begins = [days.first, *sorted(day for day in later if not days.last or day <= days.last)]
    for number, first in enumerate(begins, 1):
        until = begins[number] - timedelta(days=1) if number < len(begins) else days.last
        yield Days(first, until), groups.in_force(rows, first)


def _lock(session: Session, person: int) -> None:
    """Of two who give somebody rights at once the second finds what the first has given."""
    query = sa.select(Person.id).where(Person.id == person)
    session.execute(query.with_for_update(key_share=True))


def require_apart(
    session: Session,
    account: Account,
    group: str,
    gained: frozenset[str] = frozenset(),
    *,
    days: Days,
    changed: groups.Group | None = None,
) -> None:
    """Raises DutiesClash when the group does not go with what the account, or its person, has on
    one of these days.

    changed: the group as it is to be, where it is about to give `gained` as well.
    """
    if changed is None:
        _lock(session, account.person_id)
    for part, known in parts(session, days):
        if changed is not None:
            known[group] = changed
        if group not in known:
            continue
        here = known[group]
        of_person = held(session, {account.person_id}, part).get(account.person_id, {})
        kept = Kept(account.kind, of_person.get(account.id), list(of_person.values()))
        new = gained if changed is not None else gained | here.permissions
        rule = clash(kept, here, new, known)
        if rule is not None:
            words = {"rule": rule.name, "source": rule.cited}
            raise DutiesClash(group=here.name, holder=account.name, **words)


def require_holder(session: Session, account: Account, person: int, on: date) -> None:
    """Raises DutiesClash when what the account has does not go with what the person of that number
    has by other accounts, each right on its own days from that day on.
    """
    _lock(session, person)
    theirs = sa.or_(Account.person_id == person, Account.id == account.id)
    rows = session.execute(
        sa.select(Account, Grant)
        .join(Grant, Grant.account_id == Account.id)
        .where(theirs, Account.status != "closed", Grant.revoked_at.is_(None))
        .where(sa.or_(Grant.valid_to.is_(None), Grant.valid_to >= on))
        .order_by(Account.id != account.id, Grant.id)
    )
    for each, row in rows.all():
        for part, known in parts(session, Days(max(row.valid_from, on), row.valid_to)):
            found = held(session, {account.person_id, person}, part)
            together = found.get(person, {}) | {account.id: found[account.person_id][account.id]}
            group = known.get(row.group_key)
            if group is None:
                continue
            kept = Kept(each.kind, together[each.id], list(together.values()))
            rule = clash(kept, group, group.permissions, known)
            if rule is not None:
                words = {"rule": rule.name, "source": rule.cited}
                raise DutiesClash(group=group.name, holder=each.name, **words)


Holding = tuple[str, set[str]]
"""The kind of an account and the keys of its groups."""


@dataclass(frozen=True)
class Kept:
    """What duties an account of that kind has: its own, None where it has ended, and those of all
    accounts of its person.
    """

    kind: str
    own: Holding | None
    of_person: list[Holding]


def clash(
    kept: Kept, group: groups.Group, gained: frozenset[str], known: Mapping[str, groups.Group]
) -> Rule | None:
    """The rule by which a group that gives these permissions does not go with what is kept."""
    own = [kept.own] if kept.own is not None else []
    for rule in rules():
        held = kept.of_person if rule.of_person else own
        is_bound = rule.is_about(group) or any(
            rule.binds(kind, _known(names, known)) for kind, names in held
        )
        is_barred = is_bound and rule.bars(group.key, gained)
        if is_barred or (rule.binds(kept.kind, [group]) and _has_barred(rule, held, known)):
            return rule
    return None


def _known(names: Iterable[str], known: Mapping[str, groups.Group]) -> list[groups.Group]:
    return [known[name] for name in names if name in known]


def _has_barred(rule: Rule, held: list[Holding], known: Mapping[str, groups.Group]) -> bool:
    return any(
        rule.bars(group.key, group.permissions)
        for _kind, names in held
        for group in _known(names, known)
    )


def held(session: Session, persons: Set[int], days: Days) -> dict[int, dict[int, Holding]]:
    """By person and account, kind and groups of each account that counts, with grants of these
    days not revoked.
    """
    counts = sa.and_(
        Grant.account_id == Account.id,
        Grant.revoked_at.is_(None),
        sa.or_(Grant.valid_to.is_(None), Grant.valid_to >= days.first),
    )
    if days.last is not None:
        counts = sa.and_(counts, Grant.valid_from <= days.last)
    rows = session.execute(
        sa.select(Account.person_id, Account.id, Account.kind, Grant.group_key)
        .outerjoin(Grant, counts)
        .where(Account.person_id.in_(sorted(persons)), Account.status != "closed")
    )
    found: dict[int, dict[int, Holding]] = {}
    for person, number, kind, group in rows:
        names = found.setdefault(person, {}).setdefault(number, (kind, set()))[1]
        if group:
            names.add(group)
    return found
