"""`cases.start`: a case begins another, of any process, its own too, to any depth.

The case rests while its job begins the other one, in a transaction of its own that holds the lock
of the beginning case and of no other: whoever cancels that case comes before, and then nothing
begins, or after, and then finds the new one. The job is done again after a crash and finds by its
key what it has begun already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from engine import cases, deploying
from engine.carrying import BEGUN
from engine.errors import CallFailed, Defect, ProcessNotFound, Rejected
from engine.moves import Mover, Opened
from engine.ports import SYSTEM, Actor, Call, Operation
from engine.spelling import split
from engine.tables import Case, Job, Origin
from engine.values import Record, check

DEEPEST = 50
"""How many generations a case may have above it: a drawing that starts itself comes to an end."""
ERRORS = ("PROCESS_UNKNOWN", "START_REFUSED", "UNIT_UNKNOWN", "ACCOUNT_UNKNOWN", "TOO_DEEP")

Accounts = Callable[[Session, str, Any], Actor | None]
"""Who an account is at an instant; None where there is none that works."""
Units = Callable[[Session, str, Any], bool]
"""Whether there is a unit of that code at an instant."""

# "as" is no name for Python.
StartSchema: Any = Schema.from_dict(
    {
        "process": fields.String(required=True),
        "data": fields.Dict(keys=fields.String()),
        "unit": fields.String(allow_none=True),
        "as": fields.String(allow_none=True),
    },
    name="StartSchema",
)
"""process: its key; data: what the case begins with; unit: whose case it is, that of the beginning
case without; as: the account in whose name it begins, the beginning case's own initiator without.
"""


class StartResult(Schema):
    """case: the code of the case that has begun."""

    case = fields.String(required=True)


def operation(accounts: Accounts, units: Units) -> Operation:
    """`cases.start`, for an application that says which accounts and units there are."""

    def run(call: Call, parameters: Record) -> Record:
        engine = call.engine
        if engine is None:
            raise Defect
        given: Any = parameters.get("data") or {}
        check(given, "data")
        order = {**parameters, "data": given}
        begin = _Beginning(engine.mover, call, order, accounts, units)
        code: str = engine._write(begin.write)
        return {"case": code}

    return Operation("cases.start", run, StartSchema, StartResult, remote=True, errors=ERRORS)


class _Beginning:
    """One attempt to carry out one order."""

    def __init__(
        self, mover: Mover, call: Call, order: Record, accounts: Accounts, units: Units
    ) -> None:
        self.mover, self.call, self.order = mover, call, order
        self.accounts, self.units = accounts, units
        self.key = f"{BEGUN}{call.key}"

    def write(self, session: Session) -> str:
        """The code of the case that has begun, now or by an attempt before."""
        parent = self.mover.lock(session, self.call.case_id)
        query = sa.select(Case.code).join(Origin, Origin.case_id == Case.id)
        begun = session.scalar(query.where(Origin.key == self.key))
        if begun is not None:
            return begun
        running = sa.select(Job.id).where(Job.key == self.call.key, Job.status == "running")
        if session.scalar(running) is None:
            raise CallFailed("The case has gone on meanwhile.", permanent=True)
        self._require_depth(session)
        start = cases.Start(
            str(self.order["process"]),
            self.order["data"],  # type: ignore[arg-type]  # a record, by the schema
            self._initiator(session, parent),
            self.call.now,
            self._unit(session, parent),
            begins={"errand": self.key},
            by_case=True,
        )
        self._require_right(session, parent, start)
        try:
            return cases.start(session, self.mover, start).case_code
        except cases.NotByHand as problem:
            words = f"Quy trình “{start.process_key}” không bắt đầu theo lệnh."
            raise Rejected("START_REFUSED", words) from problem

    def _require_depth(self, session: Session) -> None:
        query = sa.select(Origin.depth).where(Origin.case_id == self.call.case_id)
        if (session.scalar(query) or 0) >= DEEPEST:
            raise Rejected("TOO_DEEP", f"Đã giao xuống {DEEPEST} cấp, không giao tiếp được nữa.")

    def _initiator(self, session: Session, parent: Opened) -> Actor:
        name = str(self.order.get("as") or parent.workflow.frame.view()["initiator"])
        if name == SYSTEM.name:
            return SYSTEM
        found = self.accounts(session, name, self.call.now)
        if found is None:
            raise Rejected("ACCOUNT_UNKNOWN", f"Không có tài khoản “{name}” đang hoạt động.")
        return found

    def _unit(self, session: Session, parent: Opened) -> str | None:
        named = self.order.get("unit")
        if named is None:
            return parent.row.unit
        if not self.units(session, str(named), self.call.now):
            raise Rejected("UNIT_UNKNOWN", f"Không có đơn vị “{named}”.")
        return str(named)

    def _require_right(self, session: Session, parent: Opened, start: cases.Start) -> None:
        """A process begins its own cases, and those of processes that name it in their property
        `started_from`; others when the account might begin them by hand.
        """
        try:
            version = deploying.in_force(session, start.process_key, start.now)
        except ProcessNotFound as problem:
            words = f"Không có quy trình “{start.process_key}” đang áp dụng."
            raise Rejected("PROCESS_UNKNOWN", words) from problem
        program = self.mover.program(session, version.id, version.sha256)
        process = program.process
        named = split(process.properties.get("started_from", ""))
        if parent.row.process_key in (start.process_key, *named):
            return
        is_open = not named and not process.camunda.get("candidateStarterGroups")
        if not (is_open if start.actor is SYSTEM else cases.may_start(program, start.actor)):
            words = f"“{start.actor.label}” không được bắt đầu quy trình “{process.name}”."
            raise Rejected("START_REFUSED", words)
