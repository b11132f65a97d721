"""What an enterprise and a requester see of reports on their pages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.operations.models import Setting
from app.people.models import Account
from app.people.organisation.organisations import Organisation
from engine.forms import FormErrors
from engine.tables import Task
from tests.app.studio.uploads import said
from tests.processes import test_report_submission as reports
from tests.processes.test_report_submission import (
    CHECK,
    INDICATOR,
    REASON,
    RECEIVE,
    SQLITE,
    WRITE,
    asked,
    at,
    handed,
    sent,
    written,
)
from tests.worlds import applicant, chief, clerk, leader, stranger

database_url = reports.database_url
keys = reports.keys


def early(case: Any, value: str) -> None:
    """The agency takes reports of a period that has not ended, or does not."""
    with case.engine.writing() as session:
        day, now = date(2026, 1, 1), case.engine.clock()
        session.add(
            Setting(
                name="reports.early", value=value, changed_by="x", changed_at=now,
                effective_from=day, legal_basis="QĐ 1",
            )
        )  # fmt: skip


@SQLITE
def test_an_enterprise_gets_its_part_and_answers_it_on_its_own_pages(case, page):
    register_enterprise(case)
    asked(case)
    part = handed(case, f"@{applicant.name}", clerk)
    at(case, part)
    assert case.row.title.endswith("(Công ty TNHH ABC)")
    seen = page.as_(applicant)
    inbox = seen.get("/inbox").text
    # Neither a unit's list nor the procedures of the house: they belong to none.
    assert RECEIVE in inbox and "Nơi giải quyết" in inbox and "list=unit" not in inbox
    assert 'id="filter-process"' not in inbox
    shown = seen.get(f"/tasks/{case.task(RECEIVE).id}")
    assert "Nơi báo cáo: Công ty TNHH ABC" in shown.text and "Ai được làm" not in shown.text
    case.complete(RECEIVE, applicant, received={"choice": "self"})
    shown = seen.get(f"/tasks/{case.task(WRITE).id}").text
    assert "Cộng lại từ các phần" not in shown and "Số liệu của kỳ chưa chốt" in shown
    early(case, "refuse")
    with pytest.raises(FormErrors):
        case.complete(WRITE, applicant, report=written(3))
    early(case, "mark")
    case.complete(WRITE, applicant, report=written(3))
    told(case, page)


def told(case: Any, page: Any) -> None:
    """What each side reads of a part that the enterprise has just sent."""
    seen, leads = page.as_(applicant), page.as_(leader)
    # What has been sent is looked up in the list of what one has done.
    assert WRITE in seen.get("/inbox?list=done").text
    with case.engine.reading() as session:
        query = sa.select(Task.id).where(Task.case_id == case.id, Task.name == WRITE)
        done = session.scalars(query).one()
    assert "3" in said(seen.get(f"/tasks/{done}").text)
    # Of what the requester does with it, they read nothing but what their forms say.
    case.engine.comment(case.id, "NOIBO số liệu đáng ngờ.", actor=case.actor(leader))
    for tab in ("", "?tab=data", "?tab=comments", "?tab=journal", "?tab=files"):
        shown = seen.get(f"/cases/{case.id}{tab}")
        assert shown.status_code == 200 and "NOIBO" not in shown.text
        assert leader.label not in shown.text
    data = leads.get(f"/cases/{case.id}?tab=data").text
    assert f"{INDICATOR} (Đơn vị tính: dự án; Giá trị: 3)" in data and "p-dautu" not in said(data)
    assert "NOIBO" in leads.get(f"/cases/{case.id}?tab=comments").text
    # Who writes sees who from outside may read it, and chooses.
    task = f"/tasks/{case.task(CHECK).id}"
    shown = leads.get(task).text
    assert "Cả bên ngoài cơ quan: Công ty TNHH ABC" in shown
    assert "Gửi trước thời điểm chốt số liệu" in shown
    leads.post(f"/cases/{case.id}/comments", {"text": "Xin gọi số 1022.", "audience": "outer"})
    assert "Xin gọi số 1022." in seen.get(f"/cases/{case.id}").text
    seen.post(f"/cases/{case.id}/comments", {"text": "Đã gọi."})
    assert "Đã gọi." in leads.get(task).text and "Đã gọi." in seen.get(f"/cases/{case.id}").text
    case.complete(CHECK, leader, decision={"choice": "return", "reason": REASON})
    assert case.task(WRITE).assignee == applicant.name


def register_enterprise(case: Any) -> None:
    with case.engine.writing() as session:
        made = Organisation(enterprise_code="0201234505", name="Công ty TNHH ABC")
        session.add(made)
        session.flush()
        account = sa.select(Account).where(Account.user_name == applicant.user_name)
        session.scalars(account).one().organisation_id = made.id


@SQLITE
def test_a_part_goes_neither_upwards_nor_back_nor_on_from_an_enterprise(case):
    register_enterprise(case)
    asked(case)
    for to in ("ubnd", "ban", "vp", "p-dautu"):
        with pytest.raises(FormErrors):
            handed(case, to, clerk)
    at(case, handed(case, f"@{applicant.name}", clerk))
    for to in ("ubnd", "p-moitruong", f"@{clerk.name}", f"@{applicant.name}"):
        with pytest.raises(FormErrors) as refused:
            handed(case, to, applicant)
        assert "received.choice" in refused.value.errors
    case.complete(RECEIVE, applicant, received={"choice": "self"})
    assert case.waits_at(WRITE)


@SQLITE
def test_two_versions_stand_side_by_side_with_what_differs(case, keys, page):
    asked(case)
    case.complete(RECEIVE, clerk, received={"choice": "self"})
    sent(case, 1)
    seen = page.as_(chief)
    assert seen.get(f"/cases/{case.id}/versions").status_code == 404
    for value in (2, 3):
        case.complete(CHECK, chief, decision={"choice": "return", "reason": REASON})
        sent(case, value)
    assert "So sánh 3 lần" in seen.get(f"/cases/{case.id}").text
    last = said(seen.get(f"/cases/{case.id}/versions").text)
    assert f"{INDICATOR}: Giá trị 2 3 Khác" in last
    assert "Nội dung Tăng so với kỳ trước. Tăng so với kỳ trước. Giống" in last
    chosen = said(seen.get(f"/cases/{case.id}/versions?first=1&second=3").text)
    assert f"{INDICATOR}: Giá trị 1 3 Khác" in chosen
    assert page.as_(stranger).get(f"/cases/{case.id}/versions").status_code == 404
