"""Who decides on accounts by the leaders' written authority, and who in nobody's place."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from app.operations.models import Setting
from app.people import acting
from app.people.acting import delegations
from app.people.log import Origin
from app.people.models import AccountLog
from engine.errors import InPerson
from tests.processes.in_force import database_with
from tests.processes.test_account_closing import (
    AGREED,
    APPROVED,
    AWAY,
    CHECK,
    CHIEF,
    CLOSE,
    CONFIRM,
    FORWARD,
    INTRUDED,
    data,
    draft,
    in_force,
)
from tests.worlds import chief, director, leader, office, stranger

database_url = database_with("closing", in_force)
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def standing_in(case):
    """Who acts for the Chief of Office, as permitted in writing."""
    with case.engine.writing() as session:
        now = case.engine.clock()
        days = date(2026, 11, 23), date(2026, 11, 30)
        order = delegations.Order("substitution", chief.name, stranger.name, *days)
        row = delegations.permit(session, "UQ-1", order, origin=Origin(director.name, now))
        session.flush()  # The row has its accounts from the database.
        return acting.actor_for(session, row, now)


def test_whom_the_leaders_authorised_decides_in_person_or_they_do(case, clock):
    """Điều 13.4 Nghị định 30/2020/NĐ-CP: who is authorised does not authorise further."""
    power = {"in_force": True, "document": "312/QĐ-BQL"}
    asked = {"effective_from": clock().date(), "legal_basis": "312/QĐ-BQL"}
    with case.engine.writing() as session:
        now = clock()
        session.add(
            Setting(name="delegation.account_internal", value=power, changed_by="x",
                    changed_at=now, **asked)
        )  # fmt: skip
    deputy = standing_in(case)
    draft(case, CLOSE, **AWAY)
    case.complete(CONFIRM, leader, confirm=AGREED)
    case.complete(CHECK, office, check=FORWARD)
    for door in (
        case.engine.claim,
        lambda task, actor: case.engine.complete(task, {}, actor=actor),
    ):
        with pytest.raises(InPerson):
            door(case.task(CHIEF).id, actor=deputy)
    refused = {"choice": "return", "reason": "Đề nghị bổ sung căn cứ của việc đóng."}
    case.complete(CHIEF, director, decision=refused)
    told = data(case)
    assert told["returned"]["by"] == f"Lãnh đạo Ban, {director.label}"
    assert told["authority"]["capacity"] == ""


def test_the_log_says_for_whom_and_by_which_case_a_substitute_closed_an_account(case):
    deputy = standing_in(case)
    draft(case, CLOSE, **INTRUDED)
    case.complete(CHECK, office, check=FORWARD)
    case.engine.complete(case.task(CHIEF).id, {"decision": APPROVED}, actor=deputy)
    closing = AccountLog.event == "account_closed"
    with case.engine.reading() as session:
        (line,) = session.scalars(sa.select(AccountLog).where(closing))
        assert (line.actor, line.details["done_for"]) == (stranger.name, chief.name)
        assert line.details["mandate"] == "UQ-1"
