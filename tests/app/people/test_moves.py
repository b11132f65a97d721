"""What the move of a unit changes for rights that reach it from above, and for who stands in."""

from __future__ import annotations

import re
from datetime import date

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app.people import acting, queries
from app.people.acting import delegations
from app.people.log import Origin
from app.people.models import Delegation, Grant
from app.people.organisation import fields
from tests.app.people.test_unit_pages import BASIS, DAY
from tests.worlds import admin, clerk, colleague, director, leader, stranger


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_page_of_a_move_shows_whose_rights_reach_the_unit_then(page, engine, clock):
    given = {"valid_from": clock().date(), "granted_at": clock(), "granted_by": "system"}
    with engine.writing() as session:
        fields.load_shipped(session)
        own = [queries.find_account(session, who.name).id for who in (clerk, colleague, stranger)]
        for account, unit, reach in (
            (own[0], "vp", {"with_below": True}),
            (own[1], "vp", {"with_below": True, "field_code": "dau-tu"}),
            (own[2], "ban", {"with_below": True}),
        ):
            right = Grant(account_id=account, group_key="van-thu", unit_code=unit, **given)
            session.add(right)
            for name, value in reach.items():
                setattr(right, name, value)
    here, url = page.as_(admin), "/units/p-dautu/change/move"

    def reaching(text: str) -> list[tuple[str, str]]:
        row = r'<th scope="row">(Quyền “và mọi đơn vị trực thuộc”[^<]*)</th>.*?<td>(.*?)</td>'
        told = re.findall(row, text)
        return [(title, re.sub(r": [^;]*", "", cell)) for title, cell in told]

    ((now, before), (_, none)) = reaching(here.get(url).text)
    assert "hiện nay" in now and stranger.label in before and "Chọn đơn vị" in none
    told = here.post(url, BASIS | {"parent": "vp", "seen_parent": ""})
    assert told.status_code == 422 and "Hãy xem lại rồi quyết định" in told.text
    assert 'name="seen_parent" value="vp"' in told.text
    # "ban" stands above "vp" too: nobody loses it; the field is none of the unit's yet.
    assert [cell for _title, cell in reaching(told.text)] == ["", clerk.label]
    work = BASIS | {"field": "dau-tu", "day": "24/11/2026"}
    assert here.post("/units/p-dautu/fields", work).status_code == 303
    shown = here.get(f"{url}?on={DAY}&parent=vp").text
    assert set(reaching(shown)[1][1].split("; ")) == {clerk.label, colleague.label}
    assert here.post(url, BASIS | {"parent": "vp", "seen_parent": "vp"}).status_code == 303


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("into", "goes_on"), [("p-moitruong", True), ("ban", False)])
def test_who_stands_in_for_somebody_of_a_unit_goes_on_in_the_one_that_takes_it_over(
    page, engine, clock, settings, into, goes_on
):
    days = date(2026, 11, 23), date(2026, 12, 20)
    order = delegations.Order(
        "substitution", leader.name, stranger.name, *days, units=("p-dautu",)
    )
    with engine.writing() as session:
        delegations.permit(session, "UQ-1", order, origin=Origin(director.name, clock()))
    url, here = "/units/p-dautu/change/merge", page.as_(admin)
    shown = here.get(url).text
    assert f"{stranger.label} thay {leader.label}, đến hết 20/12/2026 (UQ-1)" in shown
    chosen = {"into": into, "grants": "move", "wider": "keep"}
    assert here.post(url, BASIS | chosen).status_code == 303
    clock.at(f"{DAY} 08:00")
    while engine.run_due():
        pass
    with engine.reading() as session:
        row = delegations.find(session, session.scalar(sa.select(Delegation.id)))
        actor = acting.actor_for(session, row, clock())
    assert actor.mandate.reaches(into) is goes_on
    assert (f"truong-phong@{into}" in actor.candidacies) is goes_on
    told = {letter.to: letter.text for letter in Mailbox(settings.home / "mail").letters()}
    said = "việc này chuyển về “" if goes_on else "Từ ngày đó không còn làm thay được"
    for one in (leader, stranger):
        assert said in told[f"{one.name}@sonhai.example"]
    own = page.as_(stranger).get("/acting").text
    assert "Phòng Quản lý đầu tư" in own and "toàn bộ việc" not in own
