"""What the move of a unit changes for rights that reach it from above, and for who stands in."""

from __future__ import annotations

import re

import pytest

from app.people import queries
from app.people.models import Grant
from app.people.organisation import fields
from tests.app.people.test_unit_pages import BASIS, DAY
from tests.worlds import admin, clerk, colleague, stranger


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
