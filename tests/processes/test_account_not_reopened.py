"""What is closed for good comes back to the writer and names the way to a new account."""

from __future__ import annotations

from typing import Any

import pytest

from app.people.accounts import endings
from app.people.log import Origin
from app.people.queries import find_account
from tests.processes import test_account_closing as closing
from tests.processes.in_force import database_with
from tests.worlds import applicant

database_url = database_with("closing", closing.in_force)


@pytest.mark.parametrize(
    ("reason", "way"),
    [("not_genuine", "khách hàng chính danh lập hồ sơ"), ("misused", "Văn phòng đề nghị xóa")],
)
def test_what_is_not_opened_again_says_what_to_do_instead(case: Any, reason: str, way: str):
    with case.engine.writing() as session:
        found, origin = find_account(session, applicant.name), Origin("x", case.engine.clock())
        endings.close(session, found, origin=origin, basis="x", reason=reason)
    asked = {"kind": "enterprise", "other_account": applicant.name, "reason": "corrected"}
    closing.draft(case, closing.REOPEN, **asked, facts=closing.FACTS)
    rule = closing.data(case)["rule"]
    assert case.waits_at(closing.DRAFT)
    assert way in rule["note"] and rule["allowed"] is False
