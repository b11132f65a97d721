"""Names of accounts, units and candidacies, and who may do a task today."""

from __future__ import annotations

import pytest

from app import who
from app.people.models import GroupChange
from tests.worlds import director, leader, office


@pytest.fixture
def session(engine, world):
    with engine.reading() as opened:
        yield opened


def test_accounts_and_units_go_by_their_names(session, clock):
    names = who.names(session, clock(), people=["anhpt", "gone"], units=["p-dautu"])
    assert names.person("anhpt") == "Phạm Thị Anh"
    assert names.person("gone") == "gone"
    assert names.unit("p-dautu") == "Phòng Quản lý đầu tư"


def test_units_have_english_names(session, clock):
    names = who.names(session, clock(), units=["p-dautu"], english=True)
    assert names.unit("p-dautu") == "Investment Division"


def test_an_enterprise_is_told_from_an_official_of_the_same_name(session, clock):
    names = who.names(session, clock(), people=["customer:ctyabc", "ctyabc"])
    assert names.person("customer:ctyabc") == "Lưu Bảo An"
    assert names.person("ctyabc") == "ctyabc"


def test_who_holds_a_group_in_a_unit_may_do_its_tasks(session, clock):
    found = who.holders(session, ["truong-phong@p-dautu", f"={office.name}"], clock())
    assert {person.name for person in found} == {leader.name, office.name}


def test_a_grant_for_a_unit_and_all_below_counts_below(session, clock):
    found = who.holders(session, ["lanh-dao-ban@p-dautu"], clock())
    assert [person.label for person in found] == [director.label]


def test_a_group_that_nobody_holds_gives_nobody(session, clock):
    assert who.holders(session, ["truong-phong@p-moitruong"], clock()) == []
    assert who.holders(session, [], clock()) == []


def test_a_group_of_the_agency_goes_by_its_name(engine, world, clock):
    with engine.writing() as session:
        session.add(
            GroupChange(
                group_key="to-so-hoa",
                name="Tổ số hóa",
                name_en="Digitisation",
                kinds=["internal"],
                permissions=[],
                effective_from=clock().date(),
                basis="QĐ 7",
                changed_at=clock(),
                changed_by="quantri",
            )
        )
        named = who.names(session, clock(), units=["p-dautu"])
        assert named.candidate("to-so-hoa@p-dautu") == "Tổ số hóa, Phòng Quản lý đầu tư"
        english = who.names(session, clock(), units=["p-dautu"], english=True)
        assert english.candidate("to-so-hoa@p-dautu") == "Digitisation, Investment Division"
