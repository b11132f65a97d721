"""Who cannot log in and has no second factor asks on the login page: a case begins, not a letter.

Whoever asks is a stranger until somebody has verified them, so nothing happens to the account. The
request does the same for every name; whether a case begins is decided afterwards, by the machine.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from app.people.log import Origin, line
from app.people.login.choosing import FIRST_LOGIN
from app.people.login.logins import Where
from app.people.models import Account, AccountLog, FirstLink
from app.people.queries import find_account
from app.people.settings import number, setting
from engine import Engine, views
from engine.fold import fold
from engine.ports import SYSTEM, Call, Operation
from engine.tables import Case, CaseColumn, Wait
from engine.values import Record

PROCESS, MESSAGE = "account-recover", "account.recovery_asked"
NAME = "accounts.recovery_asked"
LOGGED = "recovery_asked"


class AskedSchema(Schema):
    """The line of the account log that tells of the asking."""

    line = fields.Integer(required=True)


class NothingSchema(Schema):
    """There is nothing to answer."""


def operation() -> Operation:
    """The job that begins a case where one may begin."""

    def run(call: Call, order: Record) -> Record:
        assert call.engine is not None
        begin(call.engine, int(str(order["line"])))
        return {}

    return Operation(NAME, run, AskedSchema, NothingSchema, remote=True)


def ask(engine: Engine, name: str, *, suspected: bool, where: Where) -> None:
    """The asking is in the account log, and the machine looks at it after the commit.

    name: as typed; what names no account is not written down. suspected: who asks says that
    somebody else may know the password. The same statements run whatever was typed, and nothing
    happens to the account: neither its password nor its logins end on a stranger's word.
    """
    with engine.writing() as session:
        account = find_account(session, name.strip().lower())
        held = account.name if account is not None else ""
        unit = account.unit_code if account is not None else None
        origin = Origin("", engine.clock(), where.address)
        told = line(LOGGED, held, origin=origin, unit=unit, suspected=suspected or None)
        row = AccountLog(**told)
        session.add(row)
        session.flush()
        engine.enqueue(session, NAME, {"line": row.id}, key=f"{LOGGED}:{row.id}")


def begin(engine: Engine, number_of_line: int) -> bool:
    """Whether a case of the asking begins: one for an account until it is done, and not again
    within `recovery.again_hours`.
    """
    with engine.writing() as session:
        asked, now = session.get_one(AccountLog, number_of_line), engine.clock()
        account = find_account(session, asked.account) if asked.account else None
        if account is None or account.status == "closed":
            return False
        if PROCESS not in {row.key for row in views.processes(session)}:
            return False
        if _is_under_way(session, account, now) or _began_lately(session, account, now):
            return False
        # Of two askings looked at in one moment the second finds the first one's errand.
        key = f"{MESSAGE}:{account.name}:{session.scalar(_count(account))}"
        return engine.enqueue(session, "deliver", _order(session, account, asked, now), key=key)


def _order(session: Session, account: Account, asked: AccountLog, now: datetime) -> Record:
    """The message that begins the case, in the unit of the account; a customer's in the Office."""
    request: Record = {
        "account": account.name,
        "kind": "lost",
        "channel": "login_page",
        "suspected": bool(asked.details.get("suspected")),
        "address": asked.address,
    }
    unit = account.unit_code or setting(session, now, "agency.office_unit")
    return {"message": MESSAGE, "unit": unit, "data": {"request": request}}


def _of(account: Account) -> sa.ColumnElement[bool]:
    """The condition that a case is a recovery of that account, whoever began it."""
    column = sa.exists().where(
        CaseColumn.case_id == Case.id,
        CaseColumn.name == "account",
        CaseColumn.folded == fold(account.name),
        CaseColumn.text == account.name,
    )
    return sa.and_(Case.process_key == PROCESS, column)


def _count(account: Account) -> sa.Select[tuple[int]]:
    return sa.select(sa.func.count()).select_from(Case).where(_of(account))


def _is_under_way(session: Session, account: Account, now: datetime) -> bool:
    """Whether somebody still has to verify, or a link that was sent can still be used.

    A case that waits for the holder to use a link that is too old keeps nobody from asking.
    """
    is_sent = sa.exists().where(Wait.case_id == Case.id, Wait.name == FIRST_LOGIN)
    if session.scalar(_count(account).where(Case.status == "open", ~is_sent)):
        return True
    usable = sa.select(FirstLink.id).where(
        FirstLink.account_id == account.id,
        FirstLink.closed_at.is_(None),
        FirstLink.expires_at > now,
    )
    return session.scalar(usable.limit(1)) is not None


def _began_lately(session: Session, account: Account, now: datetime) -> bool:
    since = now - timedelta(hours=number(session, now, "recovery.again_hours"))
    begun = _count(account).where(Case.started_by == SYSTEM.name, Case.started_at > since)
    return bool(session.scalar(begun))
