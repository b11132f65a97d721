"""The same engine under a clock that the demo moves, with letters that leave no machine."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

import sqlalchemy as sa

from adapters.mail import NAME, Letter, Sent
from app import areas
from app.config import Config
from app.operations.queries import calendar_of
from app.people import queries
from app.people.log import Origin
from app.people.login import choosing, links, logins, terms
from engine import Actor, Call, Engine, Operation
from engine.calendar import Calendar
from engine.errors import CallFailed
from engine.tables import Job
from engine.values import Record

PASSWORD = "Khu-kinh-te-2026"  # noqa: S105  # everybody may read it: the demo prints it
_LINK = re.compile(r"/first-password/([\w-]+)")
_SECOND = timedelta(seconds=1)
_WHILE_NEW = timedelta(hours=20)
"""Within which a letter is opened whose link soon ends: holidays do not stop its clock."""


class Past:
    """Goes from one instant of the past to the next and carries out what falls due on the way.

    `now` is the present, at which the demo ends. `links` are the numbers of first-password links
    by the address that the letter went to; letters to an address of `unreachable` are refused.
    """

    def __init__(self, engine: Engine, now: datetime, *, settings: Config | None) -> None:
        self.now = now
        self.at = now
        self.links: dict[str, str] = {}
        self.unreachable: set[str] = set()
        self._actors: dict[str, Actor] = {}
        self._deliver = _sandbox(settings)
        operations = {**engine.surroundings.operations, NAME: self._mail()}
        surroundings = replace(engine.surroundings, clock=lambda: self.at, operations=operations)
        self.engine = Engine(engine.bind, surroundings, engine.store)

    @cached_property
    def calendar(self) -> Calendar:
        """The agency's working calendar, which nobody changes while the demo is loaded."""
        with self.engine.reading() as session:
            return calendar_of(session)

    def after(self, at: datetime, hours: float, *, is_login: bool = False) -> datetime:
        """The instant so many working hours later; of a first login, before its link ends."""
        later = self.calendar.add(int(hours * 3600), at)
        return min(later, at + _WHILE_NEW) if is_login else later

    def actor(self, name: str) -> Actor:
        """Who an account of the agency is; asked once, since nobody's rights change here."""
        if name not in self._actors:
            with self.engine.reading() as session:
                self._actors[name] = queries.actor_of(session, name, self.at)
        return self._actors[name]

    def go_to(self, instant: datetime) -> None:
        """The clock stands at the instant; whatever fell due before was done at its time."""
        while (due := self._next_due()) is not None and due <= instant:
            self.at = max(self.at, due)
            self.engine.run_due()
        self.at = instant

    def begin(self, instant: datetime) -> None:
        """The clock stands at the instant; nothing was before it."""
        self.at = instant

    def log_in(self, address: str) -> None:
        """The holder opens the last letter sent there, chooses a password and is in.

        Raises LookupError when the link in it is no longer valid.
        """
        with self.engine.writing() as session:
            link = links.find(session, self.links[address], self.at)
            if link is None:
                raise LookupError(f"the link sent to {address} is no longer valid")
            account = link.account
            origin = Origin(account.name, self.at)
            links.use(session, link, origin=origin)
            choosing.choose_password(self.engine, session, account, PASSWORD, origin=origin)
            account.must_change = False
            account.last_login_at = self.at
            terms.accept(session, account, origin=origin)
            logins.begin(session, account, now=self.at, where=logins.Where())

    def visit(self, name: str) -> None:
        """The account was logged in at this moment of the past."""
        with self.engine.writing() as session:
            if (account := queries.find_account(session, name)) is not None:
                account.last_login_at = self.at

    def _next_due(self) -> datetime | None:
        with self.engine.reading() as session:
            return session.scalar(
                sa.select(sa.func.min(Job.due_at)).where(Job.status == "waiting")
            )

    def _mail(self) -> Operation:
        return Operation(NAME, self._send, Letter, Sent, remote=True)

    def _send(self, call: Call, letter: Record) -> Record:
        given = letter["to"]
        for address in [given] if isinstance(given, str) else given or []:
            if address in self.unreachable:
                raise CallFailed(f"550 5.1.1 <{address}>: hộp thư không tồn tại", permanent=True)
            if link := _LINK.search(str(letter["text"])):
                self.links[str(address)] = link[1]
        if self._deliver is not None:
            return self._deliver.run(call, letter) or {}
        return {"message_id": f"<{call.key}@demo>", "accepted_at": call.now + _SECOND}


def _sandbox(settings: Config | None) -> Operation | None:
    """The mailbox on this machine, where no mail server is named; else letters go nowhere."""
    if settings is None or settings.mail_url:
        return None
    return links.opening(areas.mail(settings), settings.secret_key())
