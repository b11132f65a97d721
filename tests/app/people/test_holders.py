"""An account that gets a new holder who has another account already."""

from datetime import date

import pytest

from app.people import accounts, queries
from app.people.accounts import changes
from app.people.log import Origin
from app.people.rights import duties, grants
from tests.worlds import BORN, admin, colleague

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_holder_with_another_account_is_one_hand_and_keeps_their_address(page, engine, clock):
    holder = accounts.Application(
        admin.label, birth_date=BORN, email="khac@sonhai.example", unit="p-dautu"
    )
    with engine.writing() as session:
        account = queries.find_account(session, colleague.name)
        change = changes.Change("new_holder", "QĐ 1", holder=holder)
        changes.carry_out(session, account, change, origin=Origin("x", clock()))
    with engine.reading() as session:
        hands = queries.accounts_of_holder(session, admin.name)
        assert hands == {admin.name, colleague.name}
        person = queries.find_account(session, colleague.name).person
        assert person.email == f"{admin.name}@sonhai.example"
    asked = {"group": "lanh-dao-ban", "unit": "ban", "scope": "below", "basis": "QĐ 2"}
    answer = page.as_(admin).post(f"/people/{colleague.name}/grants", asked)
    assert answer.status_code == 403


def test_a_past_day_names_who_held_the_account_then(page, engine, clock):
    clock.advance(days=2)
    with engine.writing() as session:
        account = queries.find_account(session, colleague.name)
        new = accounts.Application("Lê Văn Mới", birth_date=date(1991, 2, 3), email="moi@x.vn")
        change = changes.Change("new_holder", "QĐ 1", holder=new)
        changes.carry_out(session, account, change, origin=Origin("x", clock()))
    asked = "right=inbox.work&unit=p-dautu"
    for place in (f"rights?{asked}&", f"{colleague.name}/why?{asked}&", f"{colleague.name}?"):
        here, past = page.as_(admin), "on=23/11/2026"
        then = here.get(f"/people/{place}{past}").text
        assert colleague.label in then and "Lê Văn Mới" not in then, place
        assert "moi@x.vn" not in then
        assert "Lê Văn Mới" in here.get(f"/people/{place}on=26/11/2026").text
    for asked in ("", "&text=binhtv", "&text=Trần+Văn+Bình"):
        then = page.as_(admin).get(f"/people/statistics/list?on=23/11/2026{asked}").text
        assert colleague.label in then and "Lê Văn Mới" not in then


def test_an_account_is_not_handed_to_whose_other_account_its_rights_do_not_go_with(
    page, engine, clock
):
    origin, editor = Origin("x", clock()), grants.Membership("bien-tap-vien", "p-dautu")
    holder = accounts.Application(admin.label, birth_date=BORN)
    change = changes.Change("new_holder", "QĐ 1", holder=holder)
    with engine.writing() as session:
        account = queries.find_account(session, colleague.name)
        day = date(2027, 1, 4)
        row = grants.grant(session, account, editor, origin=origin, valid_from=day)
        with pytest.raises(duties.DutiesClash), session.begin_nested():
            changes.carry_out(session, account, change, origin=origin)
        grants.revoke(session, row, account, origin=origin, basis="x")
        changes.carry_out(session, account, change, origin=origin)
        assert account.person.full_name == admin.label
