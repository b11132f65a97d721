"""A list of which every row is entered or none.

Its accounts are prepared part by part while nobody waits (`app.people.accounts.preparing`), and
the page counts them: a row that is prepared has the name that it would have. Then one short
transaction opens all of them. A process that dies before leaves nothing but those words at the
rows, and another begins anew; one that dies after it goes on with the links that are to be sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import queries
from app.people.accounts import Application, opening
from app.people.accounts.preparing import Prepared
from app.people.imports import turns
from app.people.imports.models import RollImport, RollImportRow
from app.people.log import Origin
from app.people.models import Account
from engine import Engine
from engine.errors import Refusal

AT_ONCE = 50
"""Links of one transaction: others who write wait no longer than for these."""
TRIES = 3
"""How often a list is prepared anew because people or rights have changed meanwhile."""

Asked = dict[int, Application]
"""What each row asks for, by its number in the database."""
Refused = list[tuple[int, Refusal]]


@dataclass
class Ready:
    """A list that is prepared: accounts, rows, what they ask for, and the first refused.

    names: the account that each row gets, by its number in the database, as it is written.
    """

    accounts: Prepared
    rows: list[RollImportRow]
    asked: Asked
    refused: Refused
    names: dict[int, str] = field(default_factory=dict)


def enter(engine: Engine, import_id: int, site: str) -> None:
    """Every good row is entered, or none and the import has failed; done twice it does it once."""
    with engine.reading() as session:
        is_there = is_entered(session, session.get_one(RollImport, import_id))
    tries = 0
    while not is_there and not _try(engine, import_id, is_last=tries >= TRIES):
        tries += 1
    _link(engine, import_id, site)


def is_entered(session: Session, roll: RollImport) -> bool:
    """Whether all rows were entered together, so that only links are still to be sent."""
    one = sa.select(RollImportRow.id).where(
        RollImportRow.import_id == roll.id, RollImportRow.status == "entered"
    )
    return roll.choice == "all" and session.scalar(one.limit(1)) is not None


def _try(engine: Engine, import_id: int, *, is_last: bool) -> bool:
    """Whether it is decided what becomes of the list; else it must be prepared anew.

    is_last: others have been quicker so often that now they wait until it is.
    """
    if is_last:
        with engine.writing() as session:
            turns.held(session, import_id)
            ready = _prepare(engine, session, import_id, tell=False)
            # The accounts come back with what is written of them.
            session.expunge_all()
            return _write(engine, session, import_id, ready)
    with engine.reading() as reading:
        ready = _prepare(engine, reading, import_id, tell=True)
    with engine.writing() as session:
        return _write(engine, session, import_id, ready)


def _prepare(engine: Engine, session: Session, import_id: int, *, tell: bool) -> Ready:
    """The list as it is to be written. tell: the page counts what is ready."""
    roll = session.get_one(RollImport, import_id)
    origin = Origin(roll.created_by, engine.clock())
    rows = turns.waiting(session, roll, None)
    asked = {row.id: turns.application(row, roll.basis) for row in rows}
    ready = Ready(Prepared(session, origin, others_wait=not tell), rows, asked, [])
    for begin in range(0, len(rows), opening.AT_ONCE):
        some = rows[begin : begin + opening.AT_ONCE]
        found = ready.accounts.add([asked[row.id] for row in some])
        for row, one in zip(some, found, strict=True):
            if isinstance(one, Refusal):
                ready.refused.append((row.id, one))
                return ready
        names = {
            row.id: one.name
            for row, one in zip(some, found, strict=True)
            if isinstance(one, Account)
        }
        ready.names |= names
        if tell and not _told(engine, import_id, names):
            return ready
    return ready


def _told(engine: Engine, import_id: int, names: dict[int, str]) -> bool:
    """Whether the rows now say which names they would have; not where somebody has cancelled."""
    with engine.writing() as session:
        if turns.held(session, import_id).status != "entering":
            return False
        named = [{"id": number, "account": name} for number, name in names.items()]
        session.execute(sa.update(RollImportRow), named)
        return True


def _write(engine: Engine, session: Session, import_id: int, ready: Ready) -> bool:
    """Whether it is decided: all rows are entered, one is refused, or somebody has cancelled."""
    roll = turns.held(session, import_id)
    if roll.status != "entering":
        return True
    now = engine.clock()
    refused = ready.refused or list(
        turns.not_allowed(engine, session, roll, ready.rows, asked=ready.asked).items()
    )
    if refused:
        number, refusal = refused[0]
        turns.refuse(session.get_one(RollImportRow, number), refusal)
        turns.finish(session, roll, "failed", now)
        return True
    if not ready.accounts.write(session, Origin(roll.created_by, now)):
        return False
    # Not as rows were told: at the last try others have taken names that were told before.
    entered = [
        {"id": number, "account": name, "status": "entered"}
        for number, name in ready.names.items()
    ]
    if entered:
        session.execute(sa.update(RollImportRow), entered)
    return True


def _link(engine: Engine, import_id: int, site: str) -> None:
    """Links are on their way to who has an address, and the import is over."""
    after = 0
    while after is not None:
        with engine.writing() as session:
            roll = turns.held(session, import_id)
            if roll.status != "entering":
                return
            after = _link_some(engine, session, roll, site, after=after)
            if after is None:
                turns.finish(session, roll, "done", engine.clock())


def _link_some(
    engine: Engine, session: Session, roll: RollImport, site: str, *, after: int
) -> int | None:
    """The last row that had its turn; None once there is no other."""
    if not roll.with_links:
        return None
    waiting = sa.select(RollImportRow).where(
        RollImportRow.import_id == roll.id, RollImportRow.id > after,
        RollImportRow.status == "entered", RollImportRow.sent.is_(False),
    )  # fmt: skip
    rows = session.scalars(waiting.order_by(RollImportRow.id).limit(AT_ONCE)).all()
    opened = []
    for row in rows:
        account = queries.find_account(session, row.account or "")
        if account is not None and account.status == "active" and account.person.email:
            row.sent = True
            opened.append(account)
    origin = Origin(roll.created_by, engine.clock())
    turns.send(engine, session, opened, origin=origin, site=site)
    return rows[-1].id if rows else None
