"""A report is asked for, handed down, sent up, returned and approved."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import SameHand
from engine.tables import Case
from tests.cases import CaseUnderTest
from tests.processes.in_force import database_with
from tests.worlds import chief, clerk, colleague, leader, office

KEY = "report-submission"
REQUEST = {
    "title": "Báo cáo thu hút đầu tư",
    "kind": "periodic",
    "legal": "QĐ 12/QĐ-UBND",
    "unit": "p-dautu",
    "cycle": "month",
    "outline": "Tình hình thu hút đầu tư trong kỳ.",
    "indicators": [{"name": "Dự án cấp mới", "measure": "dự án"}],
}


def in_force(case: CaseUnderTest) -> None:
    case.deploy(KEY)


database_url = database_with("reporting", in_force)


def written(value: int) -> dict[str, Any]:
    return {"rows": [{"value": value}], "summary": "Tăng so với kỳ trước.", "next": "send"}


def family(case: Any) -> list[Case]:
    with case.engine.reading() as session:
        return list(session.scalars(sa.select(Case).order_by(Case.id)))


def test_a_part_goes_down_comes_back_and_is_added_up_and_returned_once(case):
    case.start(KEY, office, unit="vp")
    case.complete("Giao báo cáo", office, request=REQUEST)
    handed = {"choice": "hand", "recipients": [{"to": f"@{colleague.name}"}]}
    case.complete("Tiếp nhận, phân công", clerk, received=handed)
    top, part = family(case)
    case.id = part.id
    case.complete("Tiếp nhận, phân công", colleague, received={"choice": "self"})
    case.complete("Lập báo cáo", colleague, report=written(7))
    case.complete("Kiểm tra, duyệt", leader, decision={"choice": "approve"})
    case.id = top.id
    case.complete("Lập báo cáo", clerk, report=written(7))
    case.complete("Ký số báo cáo", leader, sign={"choice": "sign"})
    with pytest.raises(SameHand):
        case.complete("Kiểm tra, duyệt", office, decision={"choice": "approve"})
    why = {"choice": "return", "reason": "Chưa khớp giấy chứng nhận."}
    case.complete("Kiểm tra, duyệt", chief, decision=why)
    case.complete("Lập báo cáo", clerk, report=written(8))
    case.complete("Ký số báo cáo", leader, sign={"choice": "sign"})
    case.complete("Kiểm tra, duyệt", chief, decision={"choice": "approve"})
    assert (case.row.columns["version"], case.row.columns["state"]) == (2, "Đã duyệt")
    assert all(verdict.holds for verdict in case.engine.verify_all())
