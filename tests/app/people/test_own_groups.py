"""A group of the agency's own is called by its name and granted like any other."""

from __future__ import annotations

import pytest

from app.people.acting.calls import groups_of
from app.people.log import Origin
from app.people.rights import founding
from tests.worlds import BASIS, admin, clerk


@pytest.fixture
def own_group(engine, world, clock):
    with engine.writing() as session:
        new = founding.NewGroup("Tổ giúp việc", "", ("inbox.work",), BASIS)
        return founding.make(session, new, origin=Origin("quantri", clock())).key


def test_it_is_granted_on_the_page_of_an_account_and_told_by_name(page, engine, clock, own_group):
    here = page.as_(admin)
    assert ">Tổ giúp việc</option>" in here.get(f"/people/{clerk.name}").text
    given = {"group": own_group, "unit": "p-dautu", "scope": "unit", "basis": BASIS}
    assert here.post(f"/people/{clerk.name}/grants", given).status_code == 303
    for url in (f"/people/{clerk.name}", "/people/log"):
        assert "nhóm: Tổ giúp việc" in here.get(url).text
    assert "Tổ giúp việc" in page.as_(clerk).get("/account").text
    with engine.reading() as session:
        told = groups_of(session, clock(), clerk.name)
    assert {"label": "Tổ giúp việc", "value": own_group} in told


def test_nothing_of_the_regulations_is_ended(engine, own_group, clock):
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        with pytest.raises(founding.GroupShipped):
            founding.end(session, "van-thu", clock().date(), origin=origin)
        again = founding.NewGroup("tổ  giúp việc", "", ("inbox.work",), BASIS)
        with pytest.raises(founding.NameTaken):
            founding.make(session, again, origin=origin)
