"""Who has accounts already, of those whom some applications name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from app.people.accounts.applications import (
    Application,
    ContactKnown,
    Mark,
    contact_differs,
    marks,
    marks_of,
    named,
    normal_email,
    normal_phone,
)
from app.people.models import Account, Person


@dataclass
class Known:
    """Who is there already of those whom some applications name.

    by_mark: the accounts that are not closed with their place in the order of opening. people:
    the oldest person of a name and birth date. with_account: all of that mark who hold one.
    """

    by_mark: dict[Mark, list[tuple[int, Account]]] = field(default_factory=dict)
    people: dict[Mark, Person] = field(default_factory=dict)
    with_account: dict[Mark, list[Person]] = field(default_factory=dict)
    count: int = 0

    @classmethod
    def read(cls, session: Session, applications: Iterable[Application]) -> Known:
        """Two statements."""
        asked = {mark for one in applications for mark in marks(one)}
        known = cls()
        if not asked:
            return known
        named_so = sorted({mark[1] for mark in asked if mark[0] == "named"})
        people = sa.select(Person).where(
            Person.sort_key.in_(named_so), Person.birth_date.is_not(None)
        )
        for person in session.scalars(people.order_by(Person.id)):
            known.people.setdefault(("named", person.sort_key, person.birth_date), person)
        like_them = sa.or_(
            Person.sort_key.in_(named_so),
            Person.email.in_(sorted({mark[1] for mark in asked if mark[0] == "email"})),
            Person.phone.in_(sorted({mark[1] for mark in asked if mark[0] == "phone"})),
        )
        query = sa.select(Account).join(Account.person).options(contains_eager(Account.person))
        query = query.where(like_them, Account.deleted_at.is_(None)).order_by(Account.id)
        for account in session.scalars(query):
            known.add(account)
        return known

    def add(self, account: Account) -> None:
        """The account is there from now on."""
        self.count += 1
        for mark in marks_of(account.person):
            if mark[0] == "named":
                self.people.setdefault(mark, account.person)
                self.with_account.setdefault(mark, []).append(account.person)
            if account.status != "closed":
                self.by_mark.setdefault(mark, []).append((self.count, account))

    def account(self, application: Application) -> Account | None:
        """The first account of that kind which is not closed and is of the same person."""
        found = [
            (place, account)
            for mark in marks(application)
            for place, account in self.by_mark.get(mark, ())
            # Another application may have changed by what the person is known.
            if account.kind == application.kind and mark in marks_of(account.person)
        ]
        return min(found, key=lambda one: one[0])[1] if found else None

    def person(self, application: Application) -> Person | None:
        """The person of that name and birth date."""
        mark = named(application)
        return self.people.get(mark) if mark is not None else None

    def require_contact(self, application: Application) -> None:
        """Who holds any account keeps the e-mail address and number by which links reach them.

        Raises ContactKnown where the application gives others. A list alone must not change
        them: whoever reads the new address would be let into the account that is there.
        """
        email, phone = normal_email(application.email), normal_phone(application.phone)
        mark = named(application)
        for person in self.with_account.get(mark, ()) if mark is not None else ():
            if contact_differs(email, phone, {(person.email, person.phone)}):
                raise ContactKnown(holder=person.full_name)
