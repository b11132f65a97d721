"""Who learns by letter of what was decided about their unit, posts, rights and accounts."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from app.people import queries
from app.people.log import Origin
from app.people.models import Grant, UnitChange
from app.people.rights import grants
from engine.tables import Job
from tests.worlds import admin, clerk, colleague, leader

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BASIS = {"basis": "QĐ 9/QĐ-BQL", "day": "2026-12-01"}


def letters(engine):
    """What was sent, by the reader's user name; the last of several."""
    with engine.reading() as session:
        query = sa.select(Job.payload).where(Job.name == "mail.send").order_by(Job.id)
        sent = session.scalars(query).all()
    return {letter["to"].partition("@")[0]: letter for letter in sent}


def test_who_led_a_merged_unit_gets_ordinary_rights_and_all_are_told(page, engine):
    here = page.as_(admin)
    asked = here.get("/units/p-dautu/change/merge").text
    assert "người không có quyền nào khác" in asked and 'name="instead"' in asked
    plan = {"into": "p-moitruong", "grants": "move", "wider": "end"}
    wrong = here.post("/units/p-dautu/change/merge", BASIS | plan | {"instead": "truong-phong"})
    assert wrong.status_code == 422
    right = plan | {"instead": "chuyen-vien"}
    assert here.post("/units/p-dautu/change/merge", BASIS | right).status_code == 303
    with engine.reading() as session:
        actor = queries.actor_of(session, leader.name, date(2026, 12, 1))
        assert "chuyen-vien@p-moitruong" in actor.candidacies
        assert not any(one.startswith("truong-phong@") for one in actor.candidacies)
        number = session.scalar(sa.select(UnitChange.id))
    told = letters(engine)[leader.name]["text"]
    assert "Quyền kết thúc sau ngày 30/11/2026: Trưởng phòng" in told
    assert "Quyền mới: Chuyên viên, nhân viên, Phòng Quản lý môi trường" in told
    assert (
        "Đơn vị của bạn từ ngày đó: Phòng Quản lý môi trường"
        in letters(engine)[clerk.name]["text"]
    )
    here.post(f"/units/p-dautu/changes/{number}/call-off", {"reason": "QĐ 10"})
    last = letters(engine)[leader.name]
    assert last["subject"].startswith("Hủy bỏ:") and "QĐ 10" in last["text"]


def test_a_unit_that_was_chosen_and_is_gone_on_another_day_is_not_dropped_unsaid(page, engine):
    here = page.as_(admin)
    here.post("/units/p-moitruong/change/close", BASIS | {"into": "vp"})
    asked = BASIS | {"into": "p-moitruong", "shown": "2026-11-24", "day": "2026-12-02"}
    again = here.post("/units/p-dautu/change/merge", asked)
    assert again.status_code == 422
    assert "“Phòng Quản lý môi trường” mà bạn đã chọn không có vào ngày 02/12/2026" in again.text


def test_who_gets_or_loses_a_right_on_screen_is_told_and_heads_are_stopped_from_above(
    page, engine, clock
):
    here = page.as_(admin)
    asked = {"group": "van-thu", "unit": "p-dautu", "scope": "unit", "basis": "QĐ 2"}
    here.post(f"/people/{clerk.name}/grants", asked)
    told = letters(engine)[clerk.name]
    assert told["subject"] == "Bạn được cấp quyền: Văn thư, Phòng Quản lý đầu tư"
    assert f": {admin.label}\n" in told["text"] and "QĐ 2" in told["text"]
    with engine.writing() as session:
        held = sa.select(Grant).where(Grant.group_key == "van-thu")
        number = session.scalars(held).one().id
        deputy = queries.find_account(session, colleague.name)
        own = grants.Membership("quan-tri-don-vi", "p-dautu")
        origin = Origin("x", clock())
        grants.grant(session, deputy, own, origin=origin, trained="CC 1", basis="QĐ 1")
    here.post(f"/people/{clerk.name}/grants/{number}/revoke", {"basis": "QĐ 3"})
    assert letters(engine)[clerk.name]["subject"].startswith("Bạn bị thu hồi quyền: Văn thư")
    below = page.as_(colleague)
    assert below.post(f"/people/{leader.name}/suspend", {"basis": "QĐ 4"}).status_code == 403
    assert "Tạm dừng tài khoản" not in below.get(f"/people/{leader.name}").text
    assert below.post(f"/people/{clerk.name}/suspend", {"basis": "QĐ 4"}).status_code == 303
    assert letters(engine)[clerk.name]["subject"] == "Tài khoản của bạn bị tạm dừng"
    assert here.post(f"/people/{leader.name}/suspend", {"basis": "QĐ 4"}).status_code == 303
