"""Who is who: what drawings and pages ask about units, persons and accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from app.people import vietnamese
from app.people.models import INTERNAL, Account, Person, Post, UnitHeir, UnitSpan
from app.people.organisation.organisations import Organisation, digits
from app.people.rights import in_force
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from engine.forms.formats import local_phone
from engine.ports import Actor, Fact
from engine.values import Value

__all__ = ["actor_of", "facts", "find_account"]


def split_name(name: str) -> tuple[str, str]:
    """(realm, user name) of an account's name: "customer:nguyenvana" is a customer's."""
    realm, colon, user_name = name.partition(":")
    return (realm, user_name) if colon else (INTERNAL, name)


def account_name(realm: str, user_name: str) -> str:
    """The name of an account in cases, of which `split_name` is the reverse."""
    return user_name if realm == INTERNAL else f"{realm}:{user_name}"


def named(name: str) -> sa.ColumnElement[bool]:
    """The condition that an account goes by that name."""
    realm, user_name = split_name(name)
    return sa.and_(Account.realm == realm, Account.user_name == user_name)


def find_account(session: Session, name: str) -> Account | None:
    """The account of that name with its person loaded, whatever its status."""
    return session.scalar(
        sa.select(Account).options(joinedload(Account.person)).where(named(name))
    )


def names_of_accounts(session: Session) -> frozenset[str]:
    """Every account that is not closed, as drawings name it."""
    query = sa.select(Account.realm, Account.user_name).where(Account.status != "closed")
    return frozenset(account_name(realm, name) for realm, name in session.execute(query))


def accounts_of_holder(session: Session, name: str) -> frozenset[str]:
    """All accounts of the person who holds the account of that name, in whatever state; the name
    alone where there is no such account. One statement.
    """
    return frozenset([name, *(own for own, _person in _of_holder(session, name))])


def hand_of(session: Session, name: str) -> frozenset[str]:
    """`accounts_of_holder` and the person, as the engine keeps who did a step
    (`Actor.persons`).
    """
    found = _of_holder(session, name)
    return frozenset([name, *(each for row in found for each in row)])


def _of_holder(session: Session, name: str) -> list[tuple[str, str]]:
    person = sa.select(Account.person_id).where(named(name)).scalar_subquery()
    query = sa.select(Account.realm, Account.user_name, Account.person_id)
    return [
        (account_name(realm, user_name), in_force.person_key(number))
        for realm, user_name, number in session.execute(query.where(Account.person_id == person))
    ]


def is_own_account(session: Session, actor: Actor, account: Account) -> bool:
    """Whether the account is the actor's, or another one of the same person."""
    return account.name in accounts_of_holder(session, actor.name)


def actor_of(session: Session, account: Account | str, on: date) -> Actor:
    """Who an account is at an instant or on a local day; at most three statements.

    account: the row with its person loaded, or the account's name. An account that is not active,
    or that does not exist, has neither groups nor rights.
    """
    found = find_account(session, account) if isinstance(account, str) else account
    if found is None:
        return Actor(name=str(account), label=str(account))
    if found.status != "active":
        return Actor(name=found.name, label=found.person.full_name, unit=found.unit_code)
    return in_force.actor_for(session, found, on)


def facts() -> dict[str, Fact]:
    """What drawings may ask about people, by the name they use in FEEL."""
    return {
        "head_of": head_of,
        "deputy_of": deputy_of,
        "parent": parent,
        "unit_of": unit_of,
        "unit_name": unit_name,
        "person_name": person_name,
        "account_label": account_label,
        "enterprises_now": enterprises_now,
        "enterprise_account": enterprise_account,
        "enterprise_of": enterprise_of,
        "email_of": email_of,
        "phone_of": phone_of,
        "people_of": people_of,
        "people_now": people_now,
        "accounts_of": accounts_of,
        "units_below": units_below,
        "units_above": units_above,
    }


def head_of(session: Session, now: datetime, unit: Value) -> Value:
    """The account of the unit's head on that day; of a unit that is gone, of the one that took it
    over. None if the post is empty.
    """
    return _holder(session, now, unit, kind="head")


def deputy_of(session: Session, now: datetime, unit: Value) -> Value:
    """The account of the unit's deputy who holds the post longest; None if there is none."""
    return _holder(session, now, unit, kind="deputy")


def _holder(session: Session, now: datetime, unit: Value, *, kind: str) -> Value:
    query = (
        sa.select(Account.user_name)
        .join(Post, Post.person_id == Account.person_id)
        .where(Post.kind == kind, holds(Post, now), *_AT_WORK)
        .order_by(Post.valid_from, Post.id)
        .limit(1)
    )
    found = session.scalar(query.where(Post.unit_code == unit))
    heir = _heir(session, now, str(unit)) if found is None else None
    return found if heir is None else session.scalar(query.where(Post.unit_code == heir))


def _heir(session: Session, now: datetime, unit: str) -> str | None:
    """Which unit of that day has taken over one that is gone; None if there is none, or it is not
    gone.
    """
    seen = {unit}
    here: str | None = unit
    while here is not None and not _is_there(session, now, here):
        here = session.scalar(
            sa.select(UnitHeir.heir_code)
            .where(UnitHeir.unit_code == here, holds(UnitHeir, now))
            .order_by(UnitHeir.valid_from.desc(), UnitHeir.id.desc())
            .limit(1)
        )
        if here in seen:
            return None
        seen.add(here or "")
    return None if here == unit else here


def _is_there(session: Session, now: datetime, unit: str) -> bool:
    query = sa.select(UnitSpan.id).where(UnitSpan.unit_code == unit, holds(UnitSpan, now))
    return session.scalar(query.limit(1)) is not None


# The account with which an official works; the same person's administration account never does.
_AT_WORK = (Account.kind == "internal", Account.realm == INTERNAL, Account.status == "active")


def parent(session: Session, now: date, unit: Value) -> Value:
    """The code of the unit above on that day; None at the root."""
    return session.scalar(
        sa.select(UnitSpan.parent_code).where(UnitSpan.unit_code == unit, holds(UnitSpan, now))
    )


def unit_of(session: Session, _now: datetime, account: Value) -> Value:
    """The code of the unit that an account works for."""
    return session.scalar(sa.select(Account.unit_code).where(named(str(account))))


def unit_name(session: Session, now: datetime, unit: Value) -> Value:
    """What the unit is called on that day; for a unit that no longer is, its last name."""
    spans = sa.select(UnitSpan.name).where(
        UnitSpan.unit_code == unit, UnitSpan.valid_from <= day_of(now)
    )
    return session.scalar(spans.order_by(UnitSpan.valid_from.desc()).limit(1))


def person_name(session: Session, _now: datetime, account: Value) -> Value:
    """The full name of the account's holder."""
    return session.scalar(sa.select(Person.full_name).join(Account).where(named(str(account))))


def account_label(session: Session, _now: datetime, account: Value) -> Value:
    """Who an account stands for: an enterprise by its name, anybody else by the holder's."""
    called = sa.func.coalesce(Organisation.name, Person.full_name)
    query = sa.select(called).select_from(Account).join(Person).outerjoin(Organisation)
    return session.scalar(query.where(named(str(account))))


def enterprises_now(session: Session, _now: datetime) -> Value:
    """The open accounts of enterprises as choices of a field, by the enterprises' names."""
    query = (
        sa.select(Organisation.name, Account.realm, Account.user_name)
        .join(Account, Account.organisation_id == Organisation.id)
        .where(Account.status == "active")
    )
    rows = [(name, account_name(realm, user)) for name, realm, user in session.execute(query)]
    ordered = sorted(rows, key=lambda row: (vietnamese.sort_key(row[0]), row[1]))
    return [{"label": name, "value": account} for name, account in ordered]


def enterprise_account(session: Session, _now: datetime, number: Value) -> Value:
    """The account of the enterprise with that number, if it has one in use; spaces and hyphens in
    the number do not matter.
    """
    query = (
        sa.select(Account.realm, Account.user_name)
        .join(Organisation, Organisation.id == Account.organisation_id)
        .where(Account.status == "active", Organisation.enterprise_code == digits(str(number)))
        .order_by(Account.id.desc())
        .limit(1)
    )
    found = session.execute(query).first()
    return account_name(*found) if found else None


def enterprise_of(session: Session, _now: datetime, account: Value) -> Value:
    """What the desk has verified of the enterprise whose account it is: {"number": "0201234505",
    "name", "address", "phone"}; None for any other account.
    """
    query = sa.select(Organisation).join(Account, Account.organisation_id == Organisation.id)
    found = session.scalar(query.where(named(str(account))))
    if found is None:
        return None
    kept = {"name": found.name, "address": found.address, "phone": found.phone}
    return {"number": found.enterprise_code, **kept}


def email_of(session: Session, _now: datetime, account: Value) -> Value:
    """Where letters to the account's holder go; None if no address is known."""
    return session.scalar(sa.select(Person.email).join(Account).where(named(str(account))))


def phone_of(session: Session, _now: datetime, account: Value) -> Value:
    """The number kept of the account's holder, as it is dialled here; None if none is known."""
    found = session.scalar(sa.select(Person.phone).join(Account).where(named(str(account))))
    return local_phone(found) if found else None


def people_of(session: Session, now: datetime, unit: Value) -> Value:
    """The accounts at work in a unit itself, in the order of Vietnamese names."""
    found: Sequence[str] = session.scalars(
        sa.select(Account.user_name)
        .join(Person)
        .where(Account.unit_code == unit, *_AT_WORK)
        .order_by(Person.sort_key, Account.user_name)
    ).all()
    return list(found)


def people_now(session: Session, now: datetime, units: Value) -> Value:
    """The accounts at work in a unit itself, or in each of a list of units, as choices of a field:
    [{"label": "Phạm Thị Anh (anhpt)", "value": "anhpt"}, ...], in the order of Vietnamese names.
    Of a list each one's unit is told besides.
    """
    if not isinstance(units, list):
        return [*people_choices(session, [str(units)])]
    called = {row.code: row.name for row in tree(session, now)}
    return [*people_choices(session, [str(unit) for unit in units], called)]


def people_choices(
    session: Session, units: Sequence[str], called: Mapping[str, str] | None = None
) -> list[dict[str, Value]]:
    """`people_now`; called: the names of the units, where they are to be told. One statement."""
    found = session.execute(
        sa.select(Person.full_name, Account.user_name, Account.unit_code)
        .join(Person, Person.id == Account.person_id)
        .where(Account.unit_code.in_(units), *_AT_WORK)
        .order_by(Person.sort_key, Account.user_name)
    )
    choices: list[dict[str, Value]] = []
    for holder, name, unit in found:
        where = f", {called.get(unit, unit)}" if called is not None else ""
        choices.append({"label": f"{holder} ({name}{where})", "value": name})
    return choices


def accounts_of(session: Session, now: datetime, units: Value, states: Value) -> Value:
    """The accounts of a unit, or of each of a list of units, that are in one of these states, as
    choices of a field, in the order of Vietnamese names; none that was deleted. Of a list of
    several each one's unit is told besides.

    states: active, suspended, closed; one or a list.
    """
    codes = [str(unit) for unit in (units if isinstance(units, list) else [units])]
    rows = session.execute(
        sa.select(Person.full_name, Account.realm, Account.user_name, Account.unit_code)
        .join(Person, Person.id == Account.person_id)
        .where(
            Account.unit_code.in_(codes),
            Account.status.in_(
                [str(one) for one in (states if isinstance(states, list) else [states])]
            ),
            Account.deleted_at.is_(None),
        )
        .order_by(Person.sort_key, Account.user_name)
    )
    called = {row.code: row.name for row in tree(session, now)} if len(codes) > 1 else {}
    found: list[Value] = []
    for full_name, realm, user_name, unit in rows:
        name = account_name(realm, user_name)
        told = ", ".join(filter(None, (name, called.get(unit))))
        found.append({"label": f"{full_name} ({told})", "value": name})
    return found


def units_below(session: Session, now: datetime, unit: Value) -> Value:
    """The codes of a unit and of all units below it on that day, sorted."""
    return sorted(in_force.below(session, {str(unit)}, now).get(str(unit), ()))


def units_above(session: Session, now: datetime, unit: Value) -> Value:
    """The codes of all units above a unit on that day, the nearest first; [] at the root."""
    found: list[Value] = []
    while (above := parent(session, now, found[-1] if found else unit)) not in (None, *found):
        found.append(above)
    return found


@dataclass(frozen=True)
class UnitRow:
    """A unit as it stood on a day, with its depth in the tree."""

    code: str
    name: str
    name_en: str | None
    kind: str
    parent: str | None
    depth: int = 0


# Every page with units asks for their order, and names rarely change.
_order = lru_cache(maxsize=4096)(vietnamese.sort_key)


def tree(session: Session, on: date) -> list[UnitRow]:
    """All units of that day, each followed by those below it, in the order the tenant gave."""
    spans = sorted(
        session.scalars(sa.select(UnitSpan).where(holds(UnitSpan, on))),
        key=lambda span: (span.position, _order(span.name), span.unit_code),
    )
    present = {span.unit_code for span in spans}
    children: dict[str | None, list[UnitSpan]] = {}
    for span in spans:
        # A unit whose parent is gone stands at the top, so that it is seen and can be mended.
        above = span.parent_code if span.parent_code in present else None
        children.setdefault(above, []).append(span)
    rows: list[UnitRow] = []
    waiting = [(span, 0) for span in reversed(children.get(None, []))]
    while waiting:
        span, depth = waiting.pop()
        rows.append(
            UnitRow(
                code=span.unit_code,
                name=span.name,
                name_en=span.name_en,
                kind=span.kind,
                parent=span.parent_code,
                depth=depth,
            )
        )
        waiting += [(child, depth + 1) for child in reversed(children.get(span.unit_code, []))]
    return rows


def units(session: Session, on: date) -> dict[str, UnitRow]:
    """The units of that day by code, in the order of the tree."""
    return {row.code: row for row in tree(session, on)}


def units_ever(session: Session, on: date) -> dict[str, UnitRow]:
    """The units of that day, and those that have ended under the name they bore last, by code."""
    spans = session.scalars(sa.select(UnitSpan).order_by(UnitSpan.valid_from))
    ended = {
        row.unit_code: UnitRow(row.unit_code, row.name, row.name_en, row.kind, row.parent_code)
        for row in spans
    }
    return ended | units(session, on)
