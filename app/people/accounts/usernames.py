"""User names: four policies of the regulations as shipped patterns, and one way to take a name.

A policy is a list of patterns, tried in their order; one with {sequence} goes on for ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.people import vietnamese
from app.people.models import CUSTOMER, ReservedName
from app.people.rights.groups import DATA
from engine.errors import Refusal
from engine.fold import fold


class NameTaken(Refusal):
    """The user name "{name}" was given out before; no name is given twice. Choose another."""

    status = 409


class NameImpossible(Refusal):
    """No user name can be made of "{given}": it has no Latin letter. Correct the request."""

    status = 422


class PlaceMissing(NameImpossible):
    """No user name can be made: the setting of what stands after the dot is empty. Fill it in."""


class EnterpriseCodeWrong(NameImpossible):
    """The enterprise code "{given}" has neither 10 nor 13 digits. Correct the request."""


class WantedNameOdd(NameImpossible):
    """The user name "{given}" has other signs than small letters without marks, digits and dots between them. Choose another."""  # noqa: E501


# Nobody may be taken for the system in a journal, and no account have a page's address.
_PAGES = ("groups", "imports", "log", "log.csv", "rights", "statistics")
NEVER = frozenset(("system", "admin", "administrator", "root", *_PAGES))


@dataclass(frozen=True)
class Subject:
    """Whom a name is made for. place: what stands after the dot by YC-4.3a."""

    full_name: str
    birth_date: date | None = None
    place: str = ""
    enterprise_code: str = ""
    organisation: str = ""


@dataclass(frozen=True)
class Policy:
    """How a tenant names accounts; realm: the name space in which names are unique."""

    key: str
    realm: str
    patterns: tuple[str, ...]
    source: str


@cache
def policies() -> dict[str, Policy]:
    """The shipped policies by key (requirements 8)."""
    raw = json.loads((DATA / "username_policies.json").read_text(encoding="utf-8"))
    return {
        key: Policy(key, row["realm"], tuple(row["patterns"]), row["source"])
        for key, row in raw.items()
    }


@cache
def _legal_forms() -> tuple[tuple[str, ...], ...]:
    raw = json.loads((DATA / "legal_forms.json").read_text(encoding="utf-8"))
    forms = (tuple(fold(form).split()) for form in raw)
    return tuple(sorted(forms, key=len, reverse=True))


class Held:
    """Names held for accounts of a list that is not written yet; nobody else sees them held."""

    def __init__(self) -> None:
        self._names: set[tuple[str, str]] = set()

    def take(self, session: Session, realm: str, name: str) -> bool:
        """Whether the name is free and was not held; if so it is held now."""
        if (realm, name) in self._names or session.get(ReservedName, (realm, name)) is not None:
            return False
        self._names.add((realm, name))
        return True

    def give_out(self, session: Session, now: datetime) -> None:
        """The names are taken for ever. Raises IntegrityError where somebody was quicker."""
        rows = [
            {"realm": realm, "user_name": name, "given_at": now}
            for realm, name in sorted(self._names)
        ]
        if rows:
            session.execute(sa.insert(ReservedName), rows)


def allocate(
    session: Session,
    policy: Policy,
    subject: Subject,
    now: datetime,
    *,
    held: Held | None = None,
) -> str:
    """The first free name that the policy gives, taken for ever in the caller's transaction.

    held: where the name is only held, until the list is written.

    Two transactions never get the same name: the second waits for the first at the primary key and
    goes on with the next. Raises NameTaken when the policy has one name only (HP-3.3b),
    NameImpossible.
    """
    for name in candidates(session, policy, subject):
        if reserve(session, policy.realm, name, now, held=held):
            return name
    raise NameTaken(name=name)


def candidates(session: Session, policy: Policy, subject: Subject) -> Iterator[str]:
    """The names that the policy gives the subject, best first, without those long taken."""
    words = _words(subject)
    for pattern in policy.patterns:
        _require(pattern, subject, words)
        if "{sequence" not in pattern:
            yield pattern.format_map(words)
            continue
        head = pattern[: pattern.index("{sequence")].format_map(words)
        taken = set(
            session.scalars(
                sa.select(ReservedName.user_name).where(
                    ReservedName.realm == policy.realm, ReservedName.user_name.startswith(head)
                )
            )
        )
        names = (pattern.format_map(words | {"sequence": number}) for number in count(1))
        yield from (name for name in names if name not in taken)


def _words(subject: Subject) -> dict[str, Any]:
    family, middle, given = vietnamese.name_parts(subject.full_name)
    return {
        "full_name": vietnamese.slug(subject.full_name),
        "given": vietnamese.slug(given),
        "initials": "".join(vietnamese.slug(word)[:1] for word in f"{family} {middle}".split()),
        "birth_year": str(subject.birth_date.year) if subject.birth_date else "",
        "place": vietnamese.slug(subject.place),
        "organisation": vietnamese.slug(without_legal_form(subject.organisation)),
        "enterprise_code": _enterprise_code(subject.enterprise_code),
    }


def _require(pattern: str, subject: Subject, words: dict[str, Any]) -> None:
    """Raises the refusal that says which word of the pattern is missing."""
    needed: list[tuple[str, type[NameImpossible], str]] = [
        ("full_name", NameImpossible, subject.full_name),
        ("given", NameImpossible, subject.full_name),
        ("organisation", NameImpossible, subject.organisation),
        ("place", PlaceMissing, subject.place),
        ("enterprise_code", EnterpriseCodeWrong, subject.enterprise_code),
    ]
    for word, refusal, given in needed:
        if f"{{{word}}}" in pattern and not words[word]:
            raise refusal(given=given)


def _enterprise_code(code: str) -> str:
    """The digits of a code with 10 of them, or 13 with the branch; else nothing (HP-3.3b)."""
    match = re.fullmatch(r"(\d{10})(?:-?(\d{3}))?", code.strip())
    return "".join(part or "" for part in match.groups()) if match else ""


def without_legal_form(organisation: str) -> str:
    """A name without "Công ty TNHH MTV" and the like, as often as they begin it."""
    words = vietnamese.tidy(organisation).split()
    while True:
        folded = tuple(fold(word.strip(".,")) for word in words)
        form = next((form for form in _legal_forms() if folded[: len(form)] == form), None)
        if form is None or len(form) == len(words):
            return " ".join(words)
        words = words[len(form) :]


def take_wanted(
    session: Session, realm: str, name: str, now: datetime, *, held: Held | None = None
) -> str:
    """The name that was asked for, taken for ever. Raises NameTaken, NameImpossible."""
    wanted = fold(name)
    if not re.fullmatch(r"[a-z][a-z0-9]*(\.[a-z0-9]+)*", wanted):
        raise WantedNameOdd(given=name)
    if not reserve(session, realm, wanted, now, held=held):
        raise NameTaken(name=wanted)
    return wanted


def following(session: Session, realm: str, old: str, now: datetime) -> str:
    """A new name for the holder of `old`, taken for ever: its stem and the next free number.

    A customer's has three digits, any other two behind a dot: "abc001", "0200123456.01".
    """
    digits, mark = (3, "") if realm == CUSTOMER else (2, ".")
    stem = re.sub(rf"{re.escape(mark)}\d{{{digits}}}$", "", old) or old
    names = (f"{stem}{mark}{number:0{digits}}" for number in count(1))
    return next(name for name in names if reserve(session, realm, name, now))


def reserve(
    session: Session, realm: str, name: str, now: datetime, *, held: Held | None = None
) -> bool:
    """Whether the name was free; if so it is taken now, for ever (or held, see `allocate`)."""
    if name in NEVER:
        return False
    if held is not None:
        return held.take(session, realm, name)
    statement = _taking(session.get_bind().dialect.name)
    # Waits for a transaction that is about to take the same name, then finds it taken or free.
    done = session.execute(statement, {"realm": realm, "user_name": name, "given_at": now})
    return done.scalar_one_or_none() is not None


@cache
def _taking(dialect: str) -> sa.ReturningInsert[tuple[str]]:
    """Built once: a long list takes thousands of names."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    table = ReservedName.__table__
    return insert(table).on_conflict_do_nothing().returning(table.c.user_name)
