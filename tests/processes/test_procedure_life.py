"""The catalogue of procedures: created, replaced, corrected, locked and deleted by its process."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.catalogues import operations
from engine import views
from engine.errors import SameHand
from engine.forms import FormErrors
from engine.tables import Wait
from tests.cases import CaseUnderTest
from tests.processes.in_force import database_with
from tests.worlds import clerk, director, leader, office, owner, stranger

KEY = "procedure-life"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CONTENT: dict[str, Any] = {
    "code": "1.009645",
    "name": "Điều chỉnh giấy chứng nhận đăng ký đầu tư",
    "field": "Đầu tư",
    "unit": "p-dautu",
    "legal_basis": "Luật Đầu tư 2020\nNghị định 31/2021/NĐ-CP",
    "components": "Văn bản đề nghị điều chỉnh\nBáo cáo tình hình thực hiện dự án",
    "kind": "single",
    "working_days": 10,
    "level": "full",
    "fee": 0,
    "charge": 0,
    "payment": "none",
    "return_way": "any",
}
TODAY = date(2026, 11, 23)


def in_force(case: CaseUnderTest) -> None:
    case.deploy(KEY)
    case.deploy("dossier-consult")
    case.deploy("dossier")


database_url = database_with("procedures", in_force)


def proposed(case: Any, action: str, content: dict[str, Any] | None = None, **more: Any) -> None:
    """The clerk of the division proposes it, and whoever is asked before has said yes."""
    case.start(KEY, clerk, unit="p-dautu")
    key = {} if action == "create" else {"key": CONTENT["code"]}
    proposal = {"action": action, "reason": "Rà soát theo văn bản mới.", **key, **more}
    case.complete("Lập đề xuất", clerk, proposal=proposal, draft={"choice": "go"})
    if content is not None:
        case.complete("Ghi nội dung thủ tục", clerk, content=content)


def approved(case: Any) -> None:
    case.complete("Ký đề xuất", leader, confirm={"choice": "sign"})
    case.complete("Kiểm soát thủ tục", office, check={"choice": "forward"})
    case.complete("Phê duyệt", director, decision={"choice": "approve"})


def written(case: Any, **update: Any) -> None:
    given = {"choice": "write", **update}
    case.complete("Đối chiếu văn bản", owner, update=given)


def created(case: Any) -> None:
    proposed(case, "create", CONTENT)
    approved(case)
    written(case, document="Quyết định số 1520/QĐ-UBND", effective_on="2026-11-23")
    assert case.row.outcome == "Đã cập nhật danh mục"


def data(case: Any) -> Any:
    with case.engine.reading() as session:
        actor, now = case.actor(clerk), case.engine.clock()
        return views.case(session, case.engine.mover, case.id, actor, now).data


def entry(case: Any, on: date = TODAY) -> Any:
    with case.engine.reading() as session:
        now = case.engine.clock()
        return operations.catalogue_entry(session, now, "procedures", CONTENT["code"], on)


def test_a_procedure_is_created_when_it_is_in_force_and_not_before(case, clock):
    proposed(case, "create", CONTENT)
    approved(case)
    written(case, document="Quyết định số 1520/QĐ-UBND", effective_on="2026-12-01")
    assert (case.row.status, entry(case, date(2026, 12, 1))) == ("open", None)
    clock.at("2026-12-01 08:00")
    case.tick()
    assert case.row.outcome == "Đã cập nhật danh mục"
    found = entry(case, date(2026, 12, 1))
    assert (found["working_days"], found["published_by"]) == (10, "Quyết định số 1520/QĐ-UBND")
    assert found["components"] == CONTENT["components"].split("\n")
    assert entry(case, date(2026, 11, 30)) is None
    assert case.verify().holds


@ONE_DATABASE
def test_basic_contents_change_by_locking_and_replacing_and_not_by_correcting(case, clock):
    created(case)
    shorter = {**CONTENT, "working_days": 7}
    proposed(case, "correct", {**shorter, "legal_basis": ["Luật khác"]})
    assert case.waits_at("Lập đề xuất")
    # What is no text cannot be changed at all; of texts, more than the spelling is refused.
    assert "“Căn cứ pháp lý” là nội dung cơ bản" in data(case)["unfit"]["error_message"]
    assert data(case)["content"]["working_days"] == CONTENT["working_days"]
    replaced(case, clock, shorter)


def replaced(case: Any, clock: Any, shorter: dict[str, Any]) -> None:
    """The correction goes on as a replacement; nobody of another unit proposes one."""
    replacing = {
        "action": "replace",
        "key": CONTENT["code"],
        "reason": "Giảm thời hạn còn 7 ngày.",
    }
    here = case.id
    case.start(KEY, stranger, unit="p-moitruong")
    with pytest.raises(FormErrors):
        case.complete("Lập đề xuất", stranger, proposal=replacing, draft={"choice": "go"})
    case.id = here
    case.complete("Lập đề xuất", clerk, proposal=replacing, draft={"choice": "go"})
    # What is in force stands in the form already.
    assert data(case)["content"]["components"] == CONTENT["components"]
    case.complete("Ghi nội dung thủ tục", clerk, content=shorter)
    approved(case)
    written(case, document="1600/QĐ-UBND", effective_on="2026-12-01", lock_on="2026-11-25")
    clock.at("2026-12-01 08:00")
    case.tick()
    assert case.row.outcome == "Đã cập nhật danh mục"
    told = [entry(case, date(2026, *day)) for day in ((11, 24), (11, 25), (12, 1))]
    assert [(e["state"], e["working_days"], e["version"]) for e in told] == [
        ("open", 10, 1),
        ("locked", 10, 1),
        ("open", 7, 2),
    ]
    assert case.verify().holds


@ONE_DATABASE
def test_a_slip_is_corrected_at_once_by_the_keeper_of_the_catalogue(case):
    created(case)
    guide = "Điện thoại 0225 3123 456."
    proposed(case, "correct", {**CONTENT, "name": CONTENT["name"].lower(), "guide": guide})
    assert case.waits_at("Đối chiếu văn bản")
    written(case)
    assert case.row.outcome == "Đã cập nhật danh mục"
    assert (entry(case)["guide"], entry(case)["version"]) == (guide, 1)


@ONE_DATABASE
def test_the_keeper_of_the_catalogue_does_not_check_their_own_correction(case):
    created(case)
    case.start(KEY, owner, unit="vp")
    proposal = {"action": "correct", "key": CONTENT["code"], "reason": "Thiếu số điện thoại."}
    case.complete("Lập đề xuất", owner, proposal=proposal, draft={"choice": "go"})
    guide = "Điện thoại 0225 3123 456."
    case.complete("Ghi nội dung thủ tục", owner, content={**CONTENT, "guide": guide})
    with pytest.raises(SameHand):
        written(case)


@ONE_DATABASE
def test_a_locked_procedure_is_deleted_once_it_is_archived(case):
    created(case)
    # What is not locked yet cannot be chosen.
    with pytest.raises(FormErrors):
        proposed(case, "delete")
    proposed(case, "lock", lock_reason="expired")
    approved(case)
    written(case, document="1700/QĐ-UBND", effective_on="2026-11-23")
    assert entry(case)["state"] == "locked"
    proposed(case, "delete")
    approved(case)
    with pytest.raises(FormErrors):
        written(case)
    scan = io.BytesIO(b"%PDF-1.4 archived")
    file = case.engine.attach(case.id, "bien-ban.pdf", scan, actor=case.actor(owner)).id
    written(case, archive_no="05/BB-LT", archive_on="2026-11-20", archive_files=[file])
    assert (case.row.outcome, entry(case)) == ("Đã cập nhật danh mục", None)
    assert case.verify().holds


NO = {"choice": "refuse", "reason": "Chưa khớp với dự thảo quyết định."}


def dropped(case: Any) -> None:
    case.start(KEY, clerk, unit="p-dautu")
    proposal = {"action": "create", "reason": "Rà soát theo văn bản mới."}
    case.complete("Lập đề xuất", clerk, proposal=proposal, draft={"choice": "drop"})


def not_forwarded(case: Any) -> None:
    proposed(case, "create", CONTENT)
    case.complete("Ký đề xuất", leader, confirm={"choice": "sign"})
    case.complete("Kiểm soát thủ tục", office, check=NO)


def not_approved(case: Any) -> None:
    proposed(case, "create", CONTENT)
    case.complete("Ký đề xuất", leader, confirm={"choice": "sign"})
    case.complete("Kiểm soát thủ tục", office, check={"choice": "forward"})
    case.complete("Phê duyệt", director, decision=NO)


def called_back(case: Any) -> None:
    proposed(case, "create", CONTENT)
    _send(case, "Boundary_Withdraw", clerk)


def change_called_back(case: Any) -> None:
    proposed(case, "create", CONTENT)
    approved(case)
    written(case, document="Quyết định số 1520/QĐ-UBND", effective_on="2026-12-01")
    _send(case, "Boundary_ChangeWithdrawn", director)


def _send(case: Any, element: str, as_: Any) -> None:
    query = sa.select(Wait.token).where(Wait.case_id == case.id, Wait.element == element)
    with case.engine.reading() as session:
        token = session.scalars(query).one()
    reason = {"reason": "Văn bản công bố đã bị thay thế."}
    case.engine.send(case.id, token, reason, actor=case.actor(as_))
    case.tick()


@ONE_DATABASE
def test_what_is_not_wanted_ends_and_leaves_the_catalogue_as_it_is(case):
    endings = {
        dropped: "Đã bỏ đề xuất",
        not_forwarded: "Không phê duyệt",
        not_approved: "Không phê duyệt",
        called_back: "Đã rút đề xuất",
        change_called_back: "Đã rút thay đổi",
    }
    for path, outcome in endings.items():
        path(case)
        assert (case.row.status, case.row.outcome) == ("completed", outcome), path.__name__
        assert case.verify().holds
    assert entry(case, date(2026, 12, 1)) is None
