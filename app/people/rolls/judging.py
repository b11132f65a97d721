"""Rows of a list judged one by one: who is to have which account, or what stands in the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from app.people.accounts import (
    Application,
    contact_differs,
    former,
    normal_email,
    normal_phone,
    usernames,
)
from app.people.models import INTERNAL, Account, Person, ReservedName, UnitSpan
from app.people.organisation import managing
from app.people.rights import grants, groups, training
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from app.people.rolls import cells
from app.people.rolls.cells import Fault
from app.people.rolls.columns import Layout
from app.people.rolls.reading import Cell
from engine.fold import fold
from engine.ports import Actor

LONGEST = {"full_name": 200, "position": 200, "address": 500, "phone": 30, "email": 200,
           "label": 200, "wanted": 100, "training": 300}  # fmt: skip
AT_ONCE = 200
"""How many rows are set beside the accounts there are in one statement."""

_Contacts = dict[tuple[Any, ...], set[tuple[str | None, str | None]]]
MayGive = Callable[[str, str], bool]
"""Whether a group, by its key, may be asked for in a unit."""


@dataclass(frozen=True)
class Desk:
    """Whose list it is: the units whose people it may name, and the groups it may ask for.

    units: code -> name of each unit in reach. may_give: whether a group may be asked for in a
    unit. default_groups: keys of those for rows that name none. asks_training: whether each row
    has to prove training for groups that administer; else the request does for all of them.
    """

    units: Mapping[str, str]
    groups: Mapping[str, groups.Group]
    may_give: MayGive
    default_groups: tuple[str, ...] = ()
    asks_training: bool = True

    @classmethod
    def of(
        cls, session: Session, actor: Actor, now: datetime, default: Iterable[str] = ()
    ) -> Desk:
        """That of an administrator: units where they grant rights, groups that they may give."""
        held = actor.rights.get("rights.grant", frozenset())
        reach = grants.Reach(actor.rights, grants.workplaces(session, now))

        known = groups.on_day(session, now)

        @cache
        def may_give(group: str, unit: str) -> bool:
            powers = {"rights.grant"} | (known[group].permissions & grants.POWERS)
            covers = all(reach.covers(power, frozenset({unit})) for power in powers)
            return covers and managing.may_name(session, actor, [known[group]], unit, now)

        return cls(_units(session, held, now), known, may_give, tuple(default))

    @classmethod
    def of_units(
        cls, session: Session, codes: Iterable[str], now: datetime, default: Iterable[str] = ()
    ) -> Desk:
        """That of a request which others decide: every group for internal accounts, of these
        units.
        """
        found = groups.on_day(session, now)
        return cls(_units(session, codes, now), found, lambda _group, _unit: True, tuple(default))


def _units(session: Session, codes: Iterable[str], now: datetime) -> dict[str, str]:
    spans = sa.select(UnitSpan.unit_code, UnitSpan.name).where(
        holds(UnitSpan, now), UnitSpan.unit_code.in_(sorted(codes))
    )
    return dict(session.execute(spans).all())


@dataclass(frozen=True)
class Judged:
    """A row of a list. row: its number as a spreadsheet counts, from 1.

    status: good; wrong, with its faults; there, where the person has an account already, whose
    name stands in `account` if the desk reaches its unit; twice, where an earlier row, `twin`,
    names the person; skipped, where one cell alone is filled and it is not the name.
    """

    row: int
    status: str
    application: Application
    faults: tuple[Fault, ...] = ()
    account: str | None = None
    twin: int | None = None


def judge(
    session: Session, rows: list[list[Cell]], layout: Layout, desk: Desk, now: datetime
) -> Iterator[Judged]:
    """Every row below the header that is not empty, in order; nothing is changed.

    now: the instant at which the accounts are to be opened. Two or three statements for each
    `AT_ONCE` rows.
    """
    reader = _Reader(desk, layout, day_of(now))
    seen: dict[tuple[Any, ...], int] = {}
    pending: list[Judged] = []
    for number, row in enumerate(rows, start=1):
        filled = _filled(row, layout) if number > layout.header + 1 else {}
        if len(filled) == 1 and "full_name" not in filled:
            pending.append(reader.skip(number, *filled.items()))
        elif filled:
            pending.append(reader.read(number, row))
        if len(pending) == AT_ONCE:
            yield from _compared(session, pending, desk, seen)
            pending = []
    if pending:
        yield from _compared(session, pending, desk, seen)


def _filled(row: list[Cell], layout: Layout) -> dict[str, str]:
    """What the row says, by the column's key."""
    said = {key: cells.text(_at(row, index)) for index, key in layout.fields.items()}
    return {key: text for key, text in said.items() if text}


def _at(row: list[Cell], index: int) -> Cell:
    return row[index] if index < len(row) else None


@dataclass
class _Reader:
    """Reads rows for one desk; units and groups are looked up by their folded names."""

    desk: Desk
    layout: Layout
    today: date
    units: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code, name in self.desk.units.items():
            for word in {fold(code), fold(name)}:
                self.units.setdefault(word, []).append(code)
        for key, group in self.desk.groups.items():
            for word in (key, group.name, group.name_en):
                self.groups[fold(word)] = key

    def skip(self, number: int, said: tuple[str, str]) -> Judged:
        """A row of one cell is none of the people: lists end with signatures and notes."""
        key, text = said
        nobody = self.read(number, []).application
        return Judged(number, "skipped", nobody, (Fault("one_cell", key, text[:80]),))

    def read(self, number: int, row: list[Cell]) -> Judged:
        given = {key: _at(row, index) for index, key in self.layout.fields.items()}
        faults: list[Fault] = []
        unit = self._unit(given, faults)
        application = Application(
            full_name=cells.name(given, faults),
            unit=unit,
            birth_date=cells.day(given, faults, self.today),
            sex=cells.sex(given, faults),
            address=cells.text(given.get("address")),
            position=cells.text(given.get("position")),
            phone=cells.phone(given, faults),
            email=cells.email(given, faults),
            label=cells.text(given.get("label")),
            wanted=cells.wanted(given, faults),
            groups=self._groups(given, unit, faults),
            training=cells.text(given.get("training")),
        )
        if self._is_untrained(application):
            faults.append(Fault("training_missing", "training", ""))
        for key, most in LONGEST.items():
            if len(said := cells.text(given.get(key))) > most:
                faults.append(Fault("too_long", key, said[:80], {"most": most}))
        if not _can_be_told(application) and not faults:
            faults.append(Fault("namesakes", "birth_date", ""))
        return Judged(number, "wrong" if faults else "good", application, tuple(faults))

    def _is_untrained(self, application: Application) -> bool:
        """Whether the row asks for a group that administers and proves no training (KH-11.1b)."""
        asked = (self.desk.groups.get(one.group) for one in application.groups)
        return (
            self.desk.asks_training
            and not application.training
            and any(group is not None and training.asked(group) for group in asked)
        )

    def _unit(self, given: Mapping[str, Cell], faults: list[Fault]) -> str | None:
        said = cells.text(given.get("unit"))
        codes = self.units.get(fold(said), []) if said else []
        if len(codes) == 1:
            return codes[0]
        code = "unit_missing" if not said else "unit_twice" if codes else "unit_unknown"
        faults.append(Fault(code, "unit", said, {"codes": ", ".join(sorted(codes))}))
        return None

    def _groups(
        self, given: Mapping[str, Cell], unit: str | None, faults: list[Fault]
    ) -> tuple[grants.Membership, ...]:
        said = cells.text(given.get("groups"), keep_lines=True)
        keys = [] if said else list(self.desk.default_groups)
        whole = self.groups.get(fold(said))
        words = [said] if whole else [part for part in re.split(r"[;\n]+", said) if part.strip()]
        for word in words:
            key = self.groups.get(fold(word))
            if key is None:
                faults.append(Fault("group_unknown", "groups", word.strip()))
            elif key not in keys:
                keys.append(key)
        for key in keys:
            group = self.desk.groups.get(key)
            if group is None or "internal" not in group.kinds:
                faults.append(Fault("group_other_kind", "groups", group.name if group else key))
            elif unit is not None and not self.desk.may_give(key, unit):
                faults.append(Fault("group_not_yours", "groups", group.name))
        return tuple(grants.Membership(key, unit) for key in keys) if unit else ()


def _can_be_told(application: Application) -> bool:
    """Whether the person can be told from others of the name, so that nobody is entered twice."""
    return bool(application.birth_date or application.email or application.phone)


def _marks(application: Application) -> list[tuple[Any, ...]]:
    """By what a person is known; see `accounts.holder`."""
    found: list[tuple[Any, ...]] = []
    if application.birth_date and application.full_name:
        named = Person(full_name=application.full_name)
        found.append(("named", named.sort_key, application.birth_date))
    if email := normal_email(application.email):
        found.append(("email", email))
    phone = normal_phone(application.phone)
    if phone and re.fullmatch(r"\+84[35789]\d{8}", phone):
        found.append(("phone", phone))
    return found


def _compared(
    session: Session, rows: list[Judged], desk: Desk, seen: dict[tuple[Any, ...], int]
) -> Iterator[Judged]:
    """The rows set beside the accounts there are, and beside the rows before them."""
    marks = {one.row: _marks(one.application) for one in rows}
    present = _present(session, [mark for found in marks.values() for mark in found])
    taken = _taken(session, (one.application.wanted for one in rows))
    closed = _present(session, [mark for found in marks.values() for mark in found], closed=True)
    contacts = _contacts(session, present, marks.values())
    for one in rows:
        mine = marks[one.row]
        twin = next((seen[mark] for mark in mine if mark in seen), None)
        account = _first(present, mine)
        wanted = one.application.wanted
        if wanted and account is None and twin is None and wanted in taken:
            faults = (*one.faults, Fault("wanted_taken", "wanted", wanted))
            one = replace(one, status="wrong", faults=faults)
        elif wanted and one.status == "good":
            taken.add(wanted)
        for mark in mine:
            seen.setdefault(mark, one.row)
        if one.status == "good" and account is not None:
            name, unit = account
            shown = name if unit in desk.units else None
            one = replace(one, status="there", account=shown)
        elif one.status == "good" and twin is not None:
            fault = Fault("twice", "full_name", one.application.full_name, {"row": twin})
            one = replace(one, status="twice", twin=twin, faults=(fault,))
        elif one.status == "good" and (before := _first(closed, mine)):
            known = {"account": f": {before[0]}" if before[1] in desk.units else ""}
            fault = Fault("closed_before", "full_name", one.application.full_name, known)
            one = replace(one, status="wrong", faults=(fault,))
        elif one.status == "good" and _differs(one.application, contacts, mine):
            fault = Fault("contact_known", "full_name", one.application.full_name)
            one = replace(one, status="wrong", faults=(fault,))
        yield one


def _differs(application: Application, contacts: _Contacts, marks: list[tuple[Any, ...]]) -> bool:
    """See `accounts.require_contact`, which asks again when the row is entered."""
    email, phone = normal_email(application.email), normal_phone(application.phone)
    return any(contact_differs(email, phone, contacts.get(mark, set())) for mark in marks)


def _contacts(
    session: Session,
    present: Mapping[tuple[Any, ...], Any],
    marks: Iterable[list[tuple[Any, ...]]],
) -> _Contacts:
    """By name and birth date, the contact data of who holds an account of any kind or state."""
    named = {mark for found in marks for mark in found if mark[0] == "named"} - set(present)
    query = sa.select(Person.sort_key, Person.birth_date, Person.email, Person.phone).where(
        Person.sort_key.in_({key for _, key, _ in named}),
        sa.exists().where(Account.person_id == Person.id, Account.deleted_at.is_(None)),
    )
    known: _Contacts = {}
    for key, birth_date, email, phone in session.execute(query) if named else ():
        known.setdefault(("named", key, birth_date), set()).add((email, phone))
    return known


FOR_ANOTHER = "moved"
"""How `account-close` says that the holder is to get a new account (KH-12.4a5)."""

_Held = dict[tuple[Any, ...], tuple[str, str | None]]


def _first(held: _Held, marks: list[tuple[Any, ...]]) -> tuple[str, str | None] | None:
    return next((held[mark] for mark in marks if mark in held), None)


def _present(session: Session, marks: list[tuple[Any, ...]], *, closed: bool = False) -> _Held:
    """By mark, the name and unit of the open account of whoever is known by it; or of the closed
    one, which is opened again under its old name (KH-12.4a6), unless it was closed for a new one.
    """
    by_kind: dict[str, list[Any]] = {"named": [], "email": [], "phone": []}
    for kind, *rest in marks:
        by_kind[kind].append(rest[0])
    query = (
        sa.select(Account)
        .join(Account.person)
        .options(contains_eager(Account.person))
        .where(
            Account.kind == "internal",
            Account.deleted_at.is_(None),
            Account.status == "closed" if closed else Account.status != "closed",
            sa.or_(
                Person.email.in_(by_kind["email"]),
                Person.phone.in_(by_kind["phone"]),
                Person.sort_key.in_(by_kind["named"]),
            ),
        )
    )
    found: dict[tuple[Any, ...], tuple[str, str | None]] = {}
    for account in session.scalars(query):
        if closed and (former.closing(session, account) or {}).get("reason") == FOR_ANOTHER:
            continue
        person, what = account.person, (account.name, account.unit_code)
        found[("named", person.sort_key, person.birth_date)] = what
        found[("email", person.email)] = what
        found[("phone", person.phone)] = what
    return found


def _taken(session: Session, wanted: Iterable[str]) -> set[str]:
    names = {name for name in wanted if name}
    if not names:
        return set()
    query = sa.select(ReservedName.user_name).where(
        ReservedName.realm == INTERNAL, ReservedName.user_name.in_(sorted(names))
    )
    return set(session.scalars(query)) | (names & usernames.NEVER)


def as_rows(judged: Iterable[Judged]) -> list[dict[str, Any]]:
    """Good rows as case data: the parameters of `accounts.create`, without a basis."""
    return [parameters(one.application) for one in judged if one.status == "good"]


def parameters(application: Application) -> dict[str, Any]:
    """An application as `accounts.create` takes it, without a basis."""
    groups_asked = [{"group": one.group, "unit": one.unit} for one in application.groups]
    names = ("full_name", "unit", "birth_date", "sex", "address", "position", "phone", "email",
             "label", "wanted", "training")  # fmt: skip
    return {name: getattr(application, name) for name in names} | {"groups": groups_asked}
