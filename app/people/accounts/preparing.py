"""A list of accounts of which all are opened or none, prepared while nobody has to wait.

Judging and naming thousands of people takes many seconds, in which on SQLite nobody else could
write, not even log in. So all of it is done by a session that only reads, and one short
transaction writes what came of it: before that nothing of the list is there for anybody, and a
process that dies leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.people.accounts import opening, usernames
from app.people.accounts.applications import Application
from app.people.accounts.opening import Opening
from app.people.log import Origin
from app.people.models import Account, AccountLog
from app.people.rights.groups import day_of
from app.people.settings import setting
from engine.errors import Refusal
from engine.values import Value

OF_LOGINS = (
    "login", "login_failed", "password_right", "factor_failed", "logout", "idle_locked",
    "idle_unlocked", "locked", "unlocked", "session_ended", "password_changed", "link_issued",
    "link_used", "terms_accepted", "log_read", "list_exported", "acting_begun", "acting_ended",
)  # fmt: skip
"""Events that change nothing of what decides whether an account may be opened."""


LATE = 1000
"""How many numbers of the log are looked back: on PostgreSQL a line may come to light after one
with a higher number."""


def _last(session: Session) -> int:
    return session.scalar(sa.select(sa.func.max(AccountLog.id))) or 0


def _changes(session: Session, after: int) -> int:
    """How many lines of the log behind that number may change how a list is judged.

    Every change of accounts, names, persons, posts, rights, groups and units writes one.
    """
    lines = sa.select(sa.func.count()).select_from(AccountLog)
    return (
        session.scalar(lines.where(AccountLog.id > after, AccountLog.event.not_in(OF_LOGINS))) or 0
    )


def _naming(session: Session, now: datetime) -> list[Value]:
    """The settings by which accounts are named; no line of the log tells that one has changed."""
    return [setting(session, now, name) for name in opening.NAMING]


class Prepared:
    """Accounts that are judged and named, and there for nobody before they are written.

    others_wait: the session that judges is the one that writes, and nobody opens accounts
    meanwhile, as when they are opened at once.
    """

    def __init__(self, session: Session, origin: Origin, *, others_wait: bool = False) -> None:
        if others_wait:
            opening.one_at_a_time(session)
        self._session, self._origin, self._others_wait = session, origin, others_wait
        self._after = _last(session) - LATE
        self._changes = _changes(session, self._after)
        self._naming = _naming(session, origin.now)
        self._names = usernames.Held()
        self._parts: list[tuple[Opening, list[tuple[Application, Account]]]] = []

    def add(self, some: list[Application]) -> list[Account | Refusal]:
        """What is to become of each, as if those added before had their accounts.

        some: at most `opening.AT_ONCE`, of people, not of enterprises; the data by which links
        reach people who hold an account already must not differ.
        """
        part = Opening.read(self._session, some, self._origin)
        part.names = self._names
        for _, before in self._parts:
            for _, account in before:
                part.known.add(account)
        found = part.judged(some, contact_kept=True)
        made = [
            (one, account)
            for one, account in zip(some, found, strict=True)
            if isinstance(account, Account)
        ]
        self._parts.append((part, made))
        return found

    def write(self, session: Session, origin: Origin) -> bool:
        """Whether all accounts are open; not where anything has changed since they were judged.

        The session that judged is over, or has let its objects go. Once this said no, all is to
        be prepared anew.
        """
        opening.one_at_a_time(session)
        is_same_day = day_of(origin.now) == day_of(self._origin.now)
        is_as_judged = is_same_day and _changes(session, self._after) == self._changes
        is_as_judged = is_as_judged and _naming(session, origin.now) == self._naming
        if not (is_as_judged or self._others_wait):
            return False
        try:
            with session.begin_nested():
                self._names.give_out(session, origin.now)
        except IntegrityError:
            return False
        parts = [(replace(part, session=session, origin=origin), made)
                 for part, made in self._parts]  # fmt: skip
        for _, made in parts:
            for _, account in made:
                opening.activate(account, origin)
                session.add(account)
        for part, made in parts:
            part.write(made)
        return True
