"""The dated tree of units, its posts, and what drawings ask about them."""

from datetime import date

import pytest

from app import areas
from app.operations.schemas import definitions
from app.people import queries
from app.people.models import UnitSpan
from app.people.organisation import heirs, units
from tests import worlds
from tests.worlds import admin

SPRING = date(2027, 3, 1)


def move(session, origin, code="p-dautu", **changes):
    stands = {"name": "Phòng Đầu tư", "kind": "division", "parent": "ban", "valid_from": SPRING}
    return units.set_unit(session, code, **(stands | changes), origin=origin)


def test_a_renamed_unit_keeps_its_old_name_for_the_days_before(session, origin):
    move(session, origin)
    tree = {row.code: row.name for row in queries.tree(session, SPRING)}
    before = {row.code: row.name for row in queries.tree(session, date(2027, 2, 28))}
    assert tree["p-dautu"] == "Phòng Đầu tư"
    assert before["p-dautu"] == "Phòng Quản lý đầu tư"


def test_a_moved_unit_belongs_to_its_new_parent_from_that_day(session, origin, clock):
    move(session, origin, parent="vp")
    facts = queries.facts()
    assert facts["parent"](session, clock(), "p-dautu") == "ban"
    clock.at("2027-03-01 00:30")
    assert facts["parent"](session, clock(), "p-dautu") == "vp"
    assert facts["units_below"](session, clock(), "vp") == ["p-dautu", "vp"]
    above = facts["units_above"](session, clock(), "p-dautu")
    assert (
        above[0] == "vp"
        and above[-1] == "ubnd"
        and facts["units_above"](session, clock(), "ubnd") == []
    )


def test_a_change_between_two_others_ends_where_the_next_begins(session, origin):
    move(session, origin, name="Ba", valid_from=date(2027, 5, 1))
    move(session, origin, name="Hai")
    rows = session.query(UnitSpan).filter_by(unit_code="p-dautu").order_by(UnitSpan.valid_from)
    assert [(row.name, row.valid_to) for row in rows] == [
        ("Phòng Quản lý đầu tư", date(2027, 2, 28)),
        ("Hai", date(2027, 4, 30)),
        ("Ba", None),
    ]


def test_the_same_day_again_corrects_the_span_in_place(session, origin):
    move(session, origin, name="Sai")
    move(session, origin, name="Đúng")
    assert session.query(UnitSpan).filter_by(unit_code="p-dautu").count() == 2


def test_a_unit_cannot_belong_to_one_below_it(session, origin):
    with pytest.raises(units.UnitWithinItself):
        move(session, origin, code="ban", parent="p-dautu")


def test_a_unit_cannot_belong_to_one_that_is_not_there(session, origin):
    with pytest.raises(units.UnitUnknown):
        move(session, origin, parent="huyen")


def test_the_tree_lists_each_unit_before_those_below_it(session, clock):
    listed = [(row.code, row.depth) for row in queries.tree(session, clock())]
    assert listed == [("ubnd", 0), ("ban", 1), ("vp", 2), ("p-dautu", 2), ("p-moitruong", 2)]


def test_a_new_head_follows_the_former_one_on_the_day(session, origin, clock):
    facts, day = queries.facts(), date(2026, 12, 1)
    person = queries.find_account(session, worlds.colleague.name).person
    units.give_post(
        session, person, "p-dautu", kind="head", title="Trưởng phòng", valid_from=day,
        origin=origin,
    )  # fmt: skip
    session.flush()
    assert facts["head_of"](session, clock(), "p-dautu") == worlds.leader.name
    clock.at("2026-12-01 08:00")
    assert facts["head_of"](session, clock(), "p-dautu") == worlds.colleague.name


def test_drawings_learn_names_addresses_and_units(session, clock):
    facts, now = queries.facts(), clock()
    assert facts["unit_of"](session, now, "anhpt") == "p-dautu"
    assert facts["unit_name"](session, now, "vp") == "Văn phòng"
    assert facts["person_name"](session, now, "anhpt") == "Phạm Thị Anh"
    assert facts["person_name"](session, now, "customer:ctyabc") == "Lưu Bảo An"
    assert facts["email_of"](session, now, "anhpt") == "anhpt@sonhai.example"
    assert facts["people_of"](session, now, "p-dautu") == ["anhpt", "binhtv", "chaunt"]


@pytest.mark.parametrize("fact", ["head_of", "deputy_of", "parent", "unit_of", "unit_name"])
def test_what_nobody_knows_is_null(session, clock, fact):
    assert queries.facts()[fact](session, clock(), "nowhere") is None
    assert queries.facts()[fact](session, clock(), None) is None


def test_the_head_is_found_by_the_account_of_work_not_of_administration(session, origin, clock):
    person = queries.find_account(session, worlds.admin.name).person
    units.give_post(
        session, person, "vp", kind="deputy", title="", valid_from=worlds.SINCE, origin=origin
    )
    session.flush()
    assert queries.facts()["deputy_of"](session, clock(), "vp") is None


def test_drawings_find_the_office_in_the_unit_that_took_it_over(page, engine, clock):
    here = page.as_(admin)
    preview = here.get("/units/vp/change/merge").text
    shown = {
        one.name for one in definitions().values() if (one.items, one.type) == ("unit", "text")
    }
    assert shown == set(heirs.NAMING_SETTINGS)
    assert definitions()["dossiers.desk_unit"].label in preview
    chosen = {"basis": "QĐ 9/QĐ-BQL", "day": "2026-12-01", "into": "p-moitruong",
              "work_to": "p-moitruong", "grants": "move"}  # fmt: skip
    assert here.post("/units/vp/change/merge", chosen).status_code == 303
    asked = areas.facts()["setting"]
    with engine.reading() as session:
        assert asked(session, clock(), "agency.office_unit") == "vp"
        clock.at("2026-12-01 08:00")
        assert asked(session, clock(), "agency.office_unit") == "p-moitruong"
        assert asked(session, clock(), "agency.name") is not None
