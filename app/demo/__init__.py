"""An invented agency to try the product with: an economic-zone authority, its people and requests.

`load` fills an empty database through the engine's own doors under a clock that it moves through
the past year, so that every case of the demo verifies like any other. Names, numbers and
addresses are invented; letters go to the sandbox mailbox or nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.demo import agency, keys, requests
from app.demo.agency import is_torn
from app.demo.past import PASSWORD, Past
from app.people.models import Account, Unit
from engine.tables import Case

if TYPE_CHECKING:
    from flask import Flask

    from engine import Engine

__all__ = ["PASSWORD", "Summary", "is_loaded", "is_torn", "load", "logins"]


@dataclass(frozen=True)
class Summary:
    """What was loaded; nothing when the database held units already."""

    units: int = 0
    people: int = 0
    cases: int = 0


def load(engine: Engine, app: Flask | None = None, *, now: datetime | None = None) -> Summary:
    """The database holds the demo agency, its cases as they stand at `now` (the engine's clock).

    Nothing is changed when there is any unit. Letters stay in the sandbox mailbox of `app` when it
    has no mail server; they are never sent to one.
    """
    with engine.reading() as session:
        if session.scalar(sa.select(Unit.code).limit(1)) is not None:
            return Summary()
    past = Past(
        engine, now or engine.clock(), settings=app.extensions["settings"] if app else None
    )
    agency.found(past)
    if app is not None:
        keys.issue(past, app.extensions["settings"])
    requests.play(past)
    agency.end_logins(past)
    with engine.reading() as session:
        # A case may have begun others: an answer, a consultation, parts of a report.
        cases = session.scalar(sa.select(sa.func.count(Case.id))) or 0
        people = session.scalar(sa.select(sa.func.count(Account.id))) or 0
        units = session.scalar(sa.select(sa.func.count(Unit.code))) or 0
    return Summary(units=units, people=people, cases=cases)


def is_loaded(session: Session) -> bool:
    """Whether the database holds the demo: the account that it begins with is there."""
    name, _description = agency.login_names()[0]
    return session.scalar(sa.select(Account.id).where(Account.user_name == name)) is not None


def logins() -> list[tuple[str, str, str]]:
    """(user name, password, who and what for), one for each role."""
    return [(name, PASSWORD, description) for name, description in agency.login_names()]
