"""What the machine does with a list: judges its rows, and opens the accounts.

Rows are entered some at a time, each some in one transaction with what became of them, so that a
process that dies leaves no half row and another goes on with the next. All or nothing is one
transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from app.people import accounts, log, queries, rolls
from app.people.imports import decisions
from app.people.imports.models import RollImport, RollImportRow
from app.people.log import Origin
from app.people.login import link_letters, links
from app.people.models import Account
from app.people.organisation import units
from app.people.rights import grants
from app.people.rolls import Desk, Fault, Judged
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
        roll = held(session, import_id)
        status, choice = roll.status, roll.choice
        if status == "checking":
            _judge(engine, session, roll)
    if status != "entering":
        return
    if choice == "all":
        _enter_all(engine, import_id, site)
        return
    for _ in range(IN_ONE_JOB // AT_ONCE):
        with engine.writing() as session:
            if not _enter_some(engine, session, held(session, import_id), site):
                return
    with engine.writing() as session:
        roll = held(session, import_id)
        order(engine, session, roll, f"after:{_last_entered(session, roll)}")


def held(session: Session, import_id: int) -> RollImport:
    """The import as it stands, which nobody else changes before the transaction is over."""
    found = sa.select(RollImport).where(RollImport.id == import_id).with_for_update()
    # What this session read before it had the lock may be out of date.
    return session.scalars(found, execution_options={"populate_existing": True}).one()


def _last_entered(session: Session, roll: RollImport) -> int:
    done = sa.select(sa.func.max(RollImportRow.row)).where(
        RollImportRow.import_id == roll.id, RollImportRow.status.in_(("entered", "refused"))
    )
    return session.scalar(done) or 0


def desk_of(session: Session, roll: RollImport, now: datetime) -> Desk:
    """What whoever imports may do at that instant."""
    actor = queries.actor_of(session, roll.created_by, now)
    return Desk.of(session, actor, now, roll.groups)


def read(roll: RollImport) -> rolls.Roll:
    """The list as it is to be read. Raises what `rolls.read` raises."""
    chosen = None if roll.fields is None else {int(at): key for at, key in roll.fields.items()}
    return rolls.read(roll.data or b"", roll.file, encoding=roll.encoding, fields=chosen)


def _judge(engine: Engine, session: Session, roll: RollImport) -> None:
    now = engine.clock()
    session.execute(sa.delete(RollImportRow).where(RollImportRow.import_id == roll.id))
    judged = read(roll).judge(session, desk_of(session, roll, now), now)
    rows = [_row(roll.id, one) for one in judged]
    good = [row for row in rows if row["status"] == "good"]
    named = ((row["full_name"], row["application"]["birth_date"]) for row in good)
    for row, refusal in zip(good, decisions.beyond(engine, session, roll, named), strict=True):
        if refusal is not None:
            row["status"] = "wrong"
            row["faults"] = [*row["faults"], _fault(refusal, row["full_name"])]
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


def _waiting(session: Session, roll: RollImport, limit: int | None) -> list[RollImportRow]:
    rows = sa.select(RollImportRow).where(
        RollImportRow.import_id == roll.id, RollImportRow.status == "good"
    )
    return list(session.scalars(rows.order_by(RollImportRow.row).limit(limit)))


def _enter_some(engine: Engine, session: Session, roll: RollImport, site: str) -> bool:
    """Whether there may be more rows to enter. Somebody may have cancelled meanwhile."""
    if roll.status != "entering":
        return False
    rows = _waiting(session, roll, AT_ONCE)
    with session.begin_nested():
        for row, refusal in _enter(engine, session, roll, rows, site=site):
            _refuse(row, refusal)
    if len(rows) < AT_ONCE:
        _finish(session, roll, "done", engine.clock())
        return False
    return True


def _enter_all(engine: Engine, import_id: int, site: str) -> None:
    """Every good row is entered, or none and the import has failed."""
    with engine.writing() as session:
        roll = held(session, import_id)
        if roll.status != "entering":
            return
        refused: list[tuple[RollImportRow, Refusal]] = []
        try:
            with session.begin_nested():
                refused = _enter(engine, session, roll, _waiting(session, roll, None), site=site)
                if refused:
                    raise refused[0][1]
        except Refusal:
            if not refused:
                raise
            _refuse(*refused[0])
            _finish(session, roll, "failed", engine.clock())
            return
        _finish(session, roll, "done", engine.clock())


def _enter(
    engine: Engine, session: Session, roll: RollImport, rows: list[RollImportRow], *, site: str
) -> list[tuple[RollImportRow, Refusal]]:
    """The rows' accounts are open, and their links on their way to who has an address.

    The answer are the rows that are refused, also where the right to do so has ended since they
    were judged.
    """
    now = engine.clock()
    desk, origin = desk_of(session, roll, now), Origin(roll.created_by, now)
    asked = {row.id: _application(row, roll.basis) for row in rows}
    named = ((row.full_name, row.application["birth_date"]) for row in rows)
    by_case = decisions.beyond(engine, session, roll, named)
    refused = {
        row.id: refusal
        for row, of_case in zip(rows, by_case, strict=True)
        if (refusal := of_case or _beyond(desk, asked[row.id], now))
    }
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
    _send(engine, session, opened, origin=origin, site=site)
    return [(row, refused[row.id]) for row in rows if row.id in refused]


def _beyond(desk: Desk, application: accounts.Application, now: datetime) -> Refusal | None:
    """Why whoever imports may not have that row entered."""
    if application.unit not in desk.units:
        return units.unknown(str(application.unit), now)
    for one in application.groups:
        if not desk.may_give(one.group, one.unit):
            return grants.GroupUnknown(group=one.group)
    return None


def _send(
    engine: Engine, session: Session, opened: list[Account], *, origin: Origin, site: str
) -> None:
    for account, (path, until) in zip(
        opened, links.issue_first(session, opened, origin=origin), strict=True
    ):
        link = f"{site}{path}"
        link_letters.send(engine, session, account, link=link, until=until, is_first=True)


def _application(row: RollImportRow, basis: str) -> accounts.Application:
    given = dict(row.application)
    memberships = tuple(grants.Membership(one["group"], one["unit"]) for one in given["groups"])
    return accounts.Application(**(given | {"groups": memberships}), basis=basis)


def _refuse(row: RollImportRow, refusal: Refusal) -> None:
    row.status = "refused"
    row.faults = [*row.faults, _fault(refusal, row.full_name)]


def _fault(refusal: Refusal, name: str) -> dict[str, Any]:
    words = {"template": refusal.template, "given": {k: str(v) for k, v in refusal.fields.items()}}
    return Fault("refused", "full_name", name, words).kept()


def _finish(session: Session, roll: RollImport, status: str, now: datetime) -> None:
    session.flush()
    entered = sa.select(sa.func.count()).where(
        RollImportRow.import_id == roll.id, RollImportRow.status == "entered"
    )
    roll.status, roll.finished_at, roll.data = status, now, None
    log.record(
        session, "list_imported", "", origin=Origin(roll.created_by, now), lines=session.scalar(
            entered
        ), file=roll.file, sha256=roll.sha256, basis=roll.basis, number=roll.id, state=status,
    )  # fmt: skip


def cancel(session: Session, import_id: int, now: datetime) -> bool:
    """Whether the import could still be ended; rows already entered stay."""
    roll = held(session, import_id)
    if roll.status in ("done", "failed", "cancelled"):
        return False
    _finish(session, roll, "cancelled", now)
    return True


def told(fault: dict[str, Any]) -> tuple[str, str]:
    """What is wrong with a cell and what to do, in the reader's language."""
    given = dict(fault["fields"])
    if fault["code"] == "refused":
        template = gettext(str(given["template"])).format_map(given["given"])
        return template, Fault("refused", "", "").asks()
    one = Fault(fault["code"], fault["column"], fault["value"], given)
    return one.says(), one.asks()
