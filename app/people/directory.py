"""The directory of people: searched with and without marks, in the order of Vietnamese names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app import arrivals, who
from app.corrections import queries as corrections
from app.corrections.models import Correction
from app.people import queries
from app.people.accounts import holding
from app.people.models import Account, AccountLog, Grant, Person, Post
from app.people.rights import in_force
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from engine.errors import NotFound
from engine.fold import fold
from engine.ports import Actor


@dataclass(frozen=True)
class Entry:
    """One account in the list of people, with what its holder is in the unit today."""

    id: int
    name: str
    full_name: str
    unit: str | None
    kind: str
    status: str
    title: str
    email: str | None
    last_login_at: datetime | None
    locked_until: datetime | None
    deleted_at: datetime | None
    key: str


@dataclass(frozen=True)
class Page:
    """Some entries, how many there are in all, and where the next page begins."""

    rows: list[Entry]
    total: int
    more: str | None


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: words of a name, account or address; a unit; a state."""

    text: str = ""
    unit: str | None = None
    status: str | None = None
    after: str | None = None  # what `Page.more` said


def visible_units(actor: Actor, permission: str = "people.view") -> frozenset[str]:
    """The codes of the units whose people the actor may see."""
    return frozenset(actor.rights.get(permission, ()))


def people(session: Session, actor: Actor, wanted: Wanted, on: date, *, limit: int = 50) -> Page:
    """The accounts of units that the actor may see; those written with the same marks first.

    Those of enterprises and citizens, who are of no unit, are among what is found by words.
    """
    units = visible_units(actor)
    if wanted.unit:
        units &= in_force.below(session, {wanted.unit}, on).get(wanted.unit, frozenset())
    # Thousands of enterprises would hide the people: they are found by their code or a name.
    is_sought = bool(wanted.text.strip()) and not wanted.unit
    seen = _looked_after(units) if is_sought else Account.unit_code.in_(sorted(units))
    conditions = [seen, *_text(wanted.text)]
    if wanted.status == "deleted":
        conditions.append(Account.deleted_at.is_not(None))
    elif wanted.status in ("active", "suspended", "closed"):
        conditions += [Account.status == wanted.status, Account.deleted_at.is_(None)]
    total = session.scalar(
        sa.select(sa.func.count()).select_from(Account).join(Person).where(*conditions)
    )
    key = (_rank(wanted.text) + Person.sort_key).label("key")
    if wanted.after:
        key_after, _, id_after = wanted.after.rpartition("-")
        last = (key_after, _number(id_after))
        conditions.append(sa.tuple_(key, Account.id) > sa.tuple_(*map(sa.literal, last)))
    found = session.execute(
        sa.select(Account, key)
        .join(Account.person)
        .options(joinedload(Account.person))
        .where(*conditions)
        .order_by(key, Account.id)
        .limit(limit + 1)
    ).all()
    titles = _titles(session, (account for account, _ in found), on)
    rows = [_entry(account, key, titles) for account, key in found[:limit]]
    more = f"{rows[-1].key}-{rows[-1].id}" if len(found) > limit else None
    return Page(rows, total or 0, more)


def officials(
    session: Session, actor: Actor, words: str, *, besides: Iterable[str] = (), limit: int = 20
) -> tuple[list[Account], int]:
    """The first accounts at work, of officials whom the actor may see, that meet the words, with
    their persons; and how many do in all. besides: names of accounts that are left out.
    """
    conditions = [
        Account.unit_code.in_(sorted(visible_units(actor))),
        Account.kind == "internal",
        Account.status == "active",
        *(sa.not_(queries.named(name)) for name in besides),
        *_text(words),
    ]
    total = sa.select(sa.func.count()).select_from(Account).join(Person).where(*conditions)
    found = session.scalars(
        sa.select(Account)
        .join(Account.person)
        .options(joinedload(Account.person))
        .where(*conditions)
        .order_by(_rank(words) + Person.sort_key, Account.id)
        .limit(limit)
    )
    return list(found), session.scalar(total) or 0


def _looked_after(units: frozenset[str]) -> sa.ColumnElement[bool]:
    """Whether an account is of one of the units, or of none and has or had its rights in one."""
    served = sa.select(Grant.id).where(
        Grant.account_id == Account.id, Grant.unit_code.in_(sorted(units))
    )
    of_none = sa.and_(Account.unit_code.is_(None), served.exists())
    return sa.or_(Account.unit_code.in_(sorted(units)), of_none)


def _number(text: str) -> int:
    try:
        return arrivals.row_number(text)
    except ValueError:
        return 0


def _text(text: str) -> list[sa.ColumnElement[bool]]:
    """Every word must stand in the name, the account's name, the address or the phone."""
    return [
        sa.or_(
            Person.search.contains(word, autoescape=True),
            Account.user_name.contains(word, autoescape=True),
            Person.email.contains(word, autoescape=True),
            Person.phone.contains(word.lstrip("0"), autoescape=True) if word.isdigit() else False,
        )
        for word in fold(text).split()
    ]


def _rank(text: str) -> sa.ColumnElement[str]:
    """ "0" for who is written just so, "1" for the others, before the sort key."""
    lowered = " ".join(text.lower().split())
    if not lowered or lowered == fold(text):
        return sa.literal("")
    return sa.case((Person.search.contains(lowered, autoescape=True), "0"), else_="1")


def _titles(session: Session, accounts: Iterable[Account], on: date) -> dict[int, str]:
    """By person, the title of the post held on that day; heads and deputies before members."""
    people_ids = {account.person_id for account in accounts if account.kind == "internal"}
    if not people_ids:
        return {}
    rank = sa.case((Post.kind == "head", 0), (Post.kind == "deputy", 1), else_=2)
    posts = session.execute(
        sa.select(Post.person_id, Post.title)
        .where(Post.person_id.in_(sorted(people_ids)), holds(Post, on))
        .order_by(rank.desc(), Post.id)
    )
    return {person: title for person, title in posts if title}


def _entry(account: Account, key: str, titles: dict[int, str]) -> Entry:
    return Entry(
        id=account.id,
        name=account.name,
        full_name=account.person.full_name,
        unit=account.unit_code,
        kind=account.kind,
        status=account.status,
        title=titles.get(account.person_id)
        or ("" if account.label == account.person.full_name else account.label),
        email=account.person.email,
        last_login_at=account.last_login_at,
        locked_until=account.locked_until,
        deleted_at=account.deleted_at,
        key=key,
    )


def account_seen_by(
    session: Session, actor: Actor, name: str, *, permission: str = "people.view"
) -> Account:
    """The account if the actor may see it; else NotFound, so that nobody learns that it exists."""
    account = queries.find_account(session, name)
    if account is None or not is_seen(session, actor, account, permission):
        raise NotFound(thing=name)
    return account


def held_by(session: Session, actor: Actor, name: str, permission: str = "people.view") -> Account:
    """As `account_seen_by`, and nobody else changes the account before this transaction ends."""
    holding.hold(session, account_seen_by(session, actor, name, permission=permission))
    return account_seen_by(session, actor, name, permission=permission)


def is_seen(session: Session, actor: Actor, account: Account, permission: str) -> bool:
    """Whether the permission reaches the account: in its unit, and of an enterprise or a citizen,
    who is of no unit, where it has its rights.
    """
    units = visible_units(actor, permission)
    if account.unit_code is not None:
        return account.unit_code in units
    query = sa.select(Account.id).where(Account.id == account.id, _looked_after(units))
    return session.scalar(query) is not None


def grants_of(session: Session, account: Account) -> list[Grant]:
    """Every grant the account ever had, the newest first."""
    return list(
        session.scalars(
            sa.select(Grant)
            .where(Grant.account_id == account.id)
            .order_by(Grant.valid_from.desc(), Grant.id.desc())
        )
    )


def hands(
    session: Session, held: Iterable[Grant], lines: Iterable[AccountLog] = (), *others: str | None
) -> who.Holders:
    """Who gave and withdrew these rights, and did what these lines of the log tell to whom."""
    named = {name for row in held for name in (row.granted_by, row.revoked_by)}
    named |= {name for line in lines for name in (line.account, line.actor)}
    return who.holders_of(session, named.union(others))


def is_in_force(grant: Grant, on: date) -> bool:
    """Whether the grant gives its rights at an instant, or at the end of a day."""
    today = day_of(on)
    began = grant.valid_from <= today
    is_over = grant.valid_to is not None and grant.valid_to < today
    is_revoked = grant.revoked_at is not None and grant.revoked_at <= in_force.instant_of(on)
    return began and not is_over and not is_revoked


def sorted_by_day(held: Iterable[Grant], on: date) -> tuple[list[Grant], list[Grant], list[Grant]]:
    """Grants that are in force at an instant or at the end of a day, that begin later, and that
    have ended, each in their order.
    """
    held_now, coming, past = [], [], []
    for grant in held:
        if is_in_force(grant, on):
            held_now.append(grant)
        elif grant.revoked_at is None and grant.valid_from > day_of(on):
            coming.append(grant)
        else:
            past.append(grant)
    return held_now, coming, past


def posts_of(session: Session, account: Account, on: date | None = None) -> list[Post]:
    """Every post of the account's holder, or those held on a day, the newest first."""
    query = sa.select(Post).where(Post.person_id == account.person_id)
    if on is not None:
        query = query.where(holds(Post, on))
    return list(session.scalars(query.order_by(Post.valid_from.desc(), Post.id.desc())))


def heads(session: Session, on: date) -> dict[str, str]:
    """By unit, the full name of its head on that day."""
    found = session.execute(
        sa.select(Post.unit_code, Person.full_name)
        .join(Person, Person.id == Post.person_id)
        .where(Post.kind == "head", holds(Post, on))
        .order_by(Post.valid_from.desc())
    )
    return dict(found.all())


def corrected(session: Session, account: Account) -> list[Correction]:
    """What approved requests have changed of who holds the account now, the latest first."""
    since = holding.held_since(session, account.name)
    return corrections.history(session, "person", [account.name], since=since)
