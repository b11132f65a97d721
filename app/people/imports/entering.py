"""What the machine does with a list: judges its rows, and opens the accounts.

Rows are entered some at a time, each some in one transaction with what became of them, so that a
process that dies leaves no half row and another goes on with the next. All or nothing: see
`app.people.imports.whole`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from app.people import accounts, rolls
from app.people.imports import decisions, turns, whole
from app.people.imports.models import RollImport, RollImportRow
from app.people.log import Origin
from app.people.rolls import Fault, Judged
from app.people.rolls.judging import parameters
from engine import Engine
from engine.errors import Refusal
from engine.ports import Call, Operation
from engine.values import Record

NAME = "accounts.import_list"
AT_ONCE = 50
"""Rows of one transaction: others who write wait no longer than for these."""
IN_ONE_JOB = 1000
"""Rows of one job; other work of the machine has its turn before the next."""


class OrderSchema(Schema):
    """Which import goes on."""

    id = fields.Integer(required=True)


class NothingSchema(Schema):
    """There is nothing to answer: the import's own rows tell."""


def operation(site: str) -> Operation:
    """The job that goes on with an import. site: the address of this installation, for links."""

    def run(call: Call, order: Record) -> Record:
        assert call.engine is not None
        go_on(call.engine, int(str(order["id"])), site)
        return {}

    return Operation(NAME, run, OrderSchema, NothingSchema, remote=True)


def order(engine: Engine, session: Session, roll: RollImport, part: str) -> None:
    """The machine goes on with the import once the caller's transaction is committed."""
    key = f"roll-import:{roll.id}:{part}"
    engine.enqueue(session, NAME, {"id": roll.id}, key=key)


def go_on(engine: Engine, import_id: int, site: str) -> None:
    """The import is judged, or some of its rows are entered; done twice it does nothing twice."""
    with engine.writing() as session:
        roll = turns.held(session, import_id)
        status, choice = roll.status, roll.choice
    if status == "checking":
        _judge(engine, import_id)
    if status != "entering":
        return
    if choice == "all":
        whole.enter(engine, import_id, site)
        return
    for _ in range(IN_ONE_JOB // AT_ONCE):
        with engine.writing() as session:
            if not _enter_some(engine, session, turns.held(session, import_id), site):
                return
    with engine.writing() as session:
        roll = turns.held(session, import_id)
        order(engine, session, roll, f"after:{_last_entered(session, roll)}")


def _last_entered(session: Session, roll: RollImport) -> int:
    done = sa.select(sa.func.max(RollImportRow.row)).where(
        RollImportRow.import_id == roll.id, RollImportRow.status.in_(("entered", "refused"))
    )
    return session.scalar(done) or 0


def read(roll: RollImport) -> rolls.Roll:
    """The list as it is to be read. Raises what `rolls.read` raises."""
    chosen = None if roll.fields is None else {int(at): key for at, key in roll.fields.items()}
    return rolls.read(roll.data or b"", roll.file, encoding=roll.encoding, fields=chosen)


def _judge(engine: Engine, import_id: int) -> None:
    """Nobody waits while rows are judged, only while what came of it is written."""
    now = engine.clock()
    with engine.reading() as reading:
        asked = reading.get_one(RollImport, import_id)
        judged = list(read(asked).judge(reading, turns.desk_of(reading, asked, now), now))
    with engine.writing() as session:
        roll = turns.held(session, import_id)
        if roll.status == "checking":
            _keep(engine, session, roll, judged)


def _keep(engine: Engine, session: Session, roll: RollImport, judged: list[Judged]) -> None:
    session.execute(sa.delete(RollImportRow).where(RollImportRow.import_id == roll.id))
    rows = [_row(roll.id, one) for one in judged]
    good = [row for row in rows if row["status"] == "good"]
    named = ((row["full_name"], row["application"]["birth_date"]) for row in good)
    for row, refusal in zip(good, decisions.beyond(engine, session, roll, named), strict=True):
        if refusal is not None:
            row["status"] = "wrong"
            row["faults"] = [*row["faults"], turns.fault(refusal, row["full_name"])]
    if rows:
        session.execute(sa.insert(RollImportRow), rows)
    roll.status = "checked"


def _row(import_id: int, one: Judged) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "row": one.row,
        "status": one.status,
        "full_name": one.application.full_name[:200],
        "unit_code": one.application.unit,
        "application": parameters(one.application),
        "faults": [fault.kept() for fault in one.faults],
        "account": one.account,
    }


def _enter_some(engine: Engine, session: Session, roll: RollImport, site: str) -> bool:
    """Whether there may be more rows to enter. Somebody may have cancelled meanwhile."""
    if roll.status != "entering":
        return False
    rows = turns.waiting(session, roll, AT_ONCE)
    with session.begin_nested():
        for row, refusal in _enter(engine, session, roll, rows, site=site):
            turns.refuse(row, refusal)
    if len(rows) < AT_ONCE:
        turns.finish(session, roll, "done", engine.clock())
        return False
    return True


def _enter(
    engine: Engine, session: Session, roll: RollImport, rows: list[RollImportRow], *, site: str
) -> list[tuple[RollImportRow, Refusal]]:
    """The rows' accounts are open, and their links on their way to who has an address.

    The answer are the rows that are refused, also where the right to do so has ended since they
    were judged.
    """
    origin = Origin(roll.created_by, engine.clock())
    asked = {row.id: turns.application(row, roll.basis) for row in rows}
    refused = turns.not_allowed(engine, session, roll, rows, asked=asked)
    allowed = [row for row in rows if row.id not in refused]
    made = accounts.open_accounts(
        session, (asked[row.id] for row in allowed), origin=origin, contact_kept=True
    )
    opened = []
    for row, account in zip(allowed, made, strict=True):
        if isinstance(account, Refusal):
            refused[row.id] = account
            continue
        row.status, row.account = "entered", account.name
        if roll.with_links and account.person.email:
            row.sent = True
            opened.append(account)
    turns.send(engine, session, opened, origin=origin, site=site)
    return [(row, refused[row.id]) for row in rows if row.id in refused]


def cancel(session: Session, import_id: int, now: datetime) -> bool:
    """Whether the import could still be ended; rows already entered stay. One whose accounts were
    all opened together cannot: only their links are still to go out.
    """
    roll = turns.held(session, import_id)
    if roll.status in ("done", "failed", "cancelled") or whole.is_entered(session, roll):
        return False
    turns.finish(session, roll, "cancelled", now)
    return True


def told(fault: dict[str, Any]) -> tuple[str, str]:
    """What is wrong with a cell and what to do, in the reader's language."""
    given = dict(fault["fields"])
    if fault["code"] == "refused":
        template = gettext(str(given["template"])).format_map(given["given"])
        return template, Fault("refused", "", "").asks()
    one = Fault(fault["code"], fault["column"], fault["value"], given)
    return one.says(), one.asks()
