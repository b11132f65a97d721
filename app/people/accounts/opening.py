"""Accounts opened together: what is there is read once for all of them, each is judged as if those
before it were open already, then all are written.

So a list of any length takes few statements, and one account is a list of one: there is one set of
rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import vietnamese
from app.people.accounts import former, usernames
from app.people.accounts.applications import Application, already, normal_email, normal_phone
from app.people.accounts.known import Known
from app.people.log import Origin, line
from app.people.models import Account, AccountLog, Grant, Person, Post
from app.people.organisation import organisations, units
from app.people.rights import duties, grants, groups, training
from app.people.rights.duties import DutiesClash, Holding
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from app.people.settings import setting
from engine.database import Base
from engine.errors import Refusal

NAMING = "account.username_policy", "account.username_place", "agency.short_name"
"""The settings by which accounts are named."""
_POLICY, _PLACE, _AGENCY = NAMING
AT_ONCE = 500
"""How many accounts are judged and written by one round of statements."""


def open_accounts(
    session: Session,
    applications: Iterable[Application],
    *,
    origin: Origin,
    contact_kept: bool = False,
) -> list[Account | Refusal]:
    """What became of each application, in order: its account, or why there is none.

    A refusal touches none of the others. contact_kept: ContactKnown is a refusal too. What is
    flushed before counts; the accounts are flushed.
    """
    one_at_a_time(session)
    found: list[Account | Refusal] = []
    for some in _together(applications):
        opening = Opening.read(session, some, origin)
        found += opening.opened(some, contact_kept=contact_kept)
    return found


def one_at_a_time(session: Session) -> None:
    """Accounts are opened one after another, so that two requests for one person see each other,
    and nobody comes into a unit that is just ending.

    SQLite writes one after another anyway; on PostgreSQL the lock ends with the transaction.
    """
    units.lock(session, shared=True)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(0x70656F706C65)))


def _together(applications: Iterable[Application]) -> Iterator[list[Application]]:
    """In order; an enterprise stands alone, as it is known by its codes and not by a person."""
    some: list[Application] = []
    for one in applications:
        if len(some) == AT_ONCE:
            yield some
            some = []
        if one.enterprise_code:
            if some:
                yield some
            yield [one]
            some = []
        else:
            some.append(one)
    if some:
        yield some


@dataclass
class Opening:
    """Some accounts on their way: what the database knew when it began, and what was added.

    units: codes of those that are there today. held: what other accounts of a person have.
    posts: in which units a person has one today. groups: as of today; dated: as of today and of
    each later day on which one changes. names: where names are held of accounts that are only
    prepared; None takes them.
    """

    session: Session
    origin: Origin
    known: Known
    units: frozenset[str]
    groups: dict[str, groups.Group]
    dated: list[dict[str, groups.Group]]
    held: dict[Person, list[Holding]] = field(default_factory=dict)
    posts: set[tuple[Person, str]] = field(default_factory=set)
    names: usernames.Held | None = None

    @classmethod
    def read(cls, session: Session, some: list[Application], origin: Origin) -> Opening:
        """All that the rules ask of the database for these applications, in six statements."""
        asked = {one.unit for one in some if one.unit is not None}
        asked |= {membership.unit for one in some for membership in one.groups}
        known = Known.read(session, some)
        for_good = duties.Days(day_of(origin.now))
        dated = [known_then for _part, known_then in duties.parts(session, for_good)]
        opening = cls(
            session, origin, known, units.known_on(session, asked, origin.now),
            dated[0], dated,
        )  # fmt: skip
        persons = {person.id: person for person in known.people.values()}
        if persons:
            opening._read_of(persons)
        return opening

    def _read_of(self, persons: dict[int, Person]) -> None:
        today = day_of(self.origin.now)
        of_persons = duties.held(self.session, persons.keys(), duties.Days(today))
        for number, by_account in of_persons.items():
            self.held[persons[number]] = list(by_account.values())
        posts = sa.select(Post.person_id, Post.unit_code).where(
            Post.person_id.in_(sorted(persons)), holds(Post, today)
        )
        self.posts |= {(persons[number], unit) for number, unit in self.session.execute(posts)}

    def opened(self, some: list[Application], *, contact_kept: bool) -> list[Account | Refusal]:
        """What became of each; all that is to be written is."""
        found = self.judged(some, contact_kept=contact_kept)
        self.write(
            [
                (one, account)
                for one, account in zip(some, found, strict=True)
                if isinstance(account, Account)
            ]
        )
        return found

    def judged(self, some: list[Application], *, contact_kept: bool) -> list[Account | Refusal]:
        """What is to become of each; the accounts are in the session and not yet flushed."""
        found: list[Account | Refusal] = []
        # Nothing is written by halves only because a name is asked for.
        with self.session.no_autoflush:
            for one in some:
                try:
                    found.append(self._open(one, contact_kept=contact_kept))
                except Refusal as refusal:
                    found.append(refusal)
        return found

    def _open(self, application: Application, *, contact_kept: bool) -> Account:
        if contact_kept:
            self.known.require_contact(application)
        self._require_open(application)
        person = self.known.person(application)
        held = self._apart(application, person)
        realm, user_name = self._name(application)
        person = brought_up_to_date(person, application)
        for membership in application.groups:
            for group in self._ways(membership.group):
                training.require(person, group, application.training)
        account = Account(
            realm=realm,
            user_name=user_name,
            kind=application.kind,
            status="active",
            label=vietnamese.tidy(application.label or application.position),
            person=person,
            unit_code=application.unit,
            organisation_id=self._organisation(application),
            basis=application.basis,
        )
        activate(account, self.origin)
        self.session.add(account)
        self.known.add(account)
        self.held.setdefault(person, []).append(held)
        return account

    def _require_open(self, application: Application) -> None:
        """Raises the refusal that stands in the way, before anything is changed."""
        if application.enterprise_code:
            present, _gone = former.asked(self.session, application)
        else:
            present = self.known.account(application)
        if present is not None:
            raise already(present)
        if application.unit is not None:
            self._require_unit(application.unit)
        for membership in application.groups:
            grants.require_group_of(self.groups, application.kind, membership.group)
            self._require_unit(membership.unit)

    def _require_unit(self, code: str) -> None:
        if code not in self.units:
            raise units.unknown(code, self.origin.now)

    def _apart(self, application: Application, person: Person | None) -> Holding:
        """What the account will have. Raises TrainingMissing, DutiesClash, FieldUnknown."""
        own: Holding = (application.kind, set())
        trainee = person or Person(full_name=application.full_name)
        of_person = [*(self.held.get(person, ()) if person is not None else ()), own]
        for membership in application.groups:
            kept = duties.Kept(application.kind, own, of_person)
            key = membership.group
            for group in self._ways(key):
                training.check(trainee, group, application.training)
            for known in self.dated:
                rule = duties.clash(kept, known[key], known[key].permissions, known)
                if rule is not None:
                    words = {"rule": rule.name, "source": rule.cited}
                    holder = self._name_it_would_have(application)
                    raise DutiesClash(group=known[key].name, holder=holder, **words)
            grants.require_field(self.session, membership)
            own[1].add(key)
        return own

    def _ways(self, key: str) -> list[groups.Group]:
        """The group as it is from today on, once for each way that it is."""
        return list(dict.fromkeys(known[key] for known in self.dated))

    def _name_it_would_have(self, application: Application) -> str:
        """The name is free again for whoever comes next."""
        if self.names is not None:  # Nothing is written, and the list is refused as a whole.
            realm, name = self._name(application)
            return Account(realm=realm, user_name=name).name
        savepoint = self.session.begin_nested()
        try:
            realm, name = self._name(application)
            return Account(realm=realm, user_name=name).name
        finally:
            savepoint.rollback()

    def _name(self, application: Application) -> tuple[str, str]:
        now = self.origin.now
        # An enterprise is named by its code, all others as the tenant chose (HP-3.3b).
        is_enterprise = application.kind == "enterprise"
        policy = usernames.policies()["hp-enterprise" if is_enterprise else self._policy]
        if application.wanted:
            realm, asked = policy.realm, application.wanted
            wanted = usernames.take_wanted(self.session, realm, asked, now, held=self.names)
            return realm, wanted
        _present, gone = former.asked(self.session, application)
        if gone:  # Its code is a name that was given out.
            old = gone[0].user_name
            return policy.realm, usernames.following(self.session, policy.realm, old, now)
        subject = usernames.Subject(
            full_name=application.full_name,
            birth_date=application.birth_date,
            place=self._place,
            enterprise_code=application.enterprise_code,
            organisation=application.organisation,
        )
        name = usernames.allocate(self.session, policy, subject, now, held=self.names)
        return policy.realm, name

    @cached_property
    def _policy(self) -> str:
        return str(setting(self.session, self.origin.now, _POLICY))

    @cached_property
    def _place(self) -> str:
        place = setting(self.session, self.origin.now, _PLACE)
        return str(place or setting(self.session, self.origin.now, _AGENCY))

    def _organisation(self, application: Application) -> int | None:
        """The number of the enterprise that the account stands for."""
        if not application.enterprise_code:
            return None
        kept = organisations.keep(
            self.session,
            enterprise_code=application.enterprise_code,
            tax_code=application.tax_code,
            name=application.organisation,
            address=application.address,
            phone=normal_phone(application.phone),
        )
        return kept.id

    def write(self, made: list[tuple[Application, Account]]) -> None:
        """An official has a post in the unit from today on, rights are given, the log says so."""
        # The grants and the log need the accounts' numbers and names.
        self.session.flush()
        rows: dict[type[Base], list[dict[str, Any]]] = {Post: [], Grant: [], AccountLog: []}
        for application, account in made:
            rows[AccountLog].append(told(account, self.origin))
            for table, columns in self._given(application, account):
                rows[table].append(columns)
        for table, columns_of_all in rows.items():
            if columns_of_all:
                self.session.execute(sa.insert(table), columns_of_all)

    def _given(
        self, application: Application, account: Account
    ) -> Iterator[tuple[type[Base], dict[str, Any]]]:
        today, unit, person = day_of(self.origin.now), application.unit, account.person
        is_official = application.kind == "internal" and unit is not None
        if is_official and (person, unit) not in self.posts:
            self.posts.add((person, unit))
            post, said = units.post_columns(
                person, unit, kind="member", title=application.position, valid_from=today,
                origin=self.origin, basis=application.basis,
            )  # fmt: skip
            yield Post, post
            yield AccountLog, said
        granting = grants.Granting(self.origin, duties.Days(today), application.basis)
        for membership in application.groups:
            group = self.groups[membership.group]
            grant, said = granting.columns(account, membership, group)
            yield Grant, grant
            yield AccountLog, said


def brought_up_to_date(person: Person | None, application: Application) -> Person:
    """The person as the application says, or a new one."""
    if person is None:
        person = Person(full_name=application.full_name, birth_date=application.birth_date)
    person.sex = application.sex or person.sex
    if not application.enterprise_code:  # Else the address is that of the enterprise.
        person.address = application.address or person.address or ""
    person.phone = normal_phone(application.phone) or person.phone
    person.email = normal_email(application.email) or person.email
    return person


def activate(account: Account, origin: Origin) -> None:
    """The account is active from now on, by that hand."""
    account.created_at = account.activated_at = origin.now
    account.created_by = origin.actor


def told(account: Account, origin: Origin, *, follows: str | None = None) -> dict[str, Any]:
    """The columns of the log's line that the account was opened. follows: the name of that whose
    place it takes.
    """
    return line(
        "account_created",
        account.name,
        origin=origin,
        unit=account.unit_code,
        kind=account.kind,
        person=account.person.full_name,
        follows=follows,
        basis=account.basis or None,
    )
