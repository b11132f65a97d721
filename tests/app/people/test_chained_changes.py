"""A change of units that waits for its day leads to a unit that ends before it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.people import accounts, queries
from app.people.accounts import changes
from app.people.log import Origin
from app.people.models import Post, UnitChange
from app.people.organisation import fields, reorganising, units
from app.people.organisation.plans import Plan
from app.people.rights.grants import Membership
from app.people.rights.reach import holds
from tests.app.people import test_reform
from tests.app.people.test_reform import (
    BASIS,
    DAY,
    EVE,
    actor,
    call_off,
    due,
    tree,
    unit_of,
    where,
)

province = test_reform.province


def join(session, origin):
    """Two more work in the first commune."""
    found = []
    for name, born in (("Lê Văn Mới", date(1990, 1, 2)), ("Đỗ Thị Nghỉ", EVE)):
        groups = (Membership("van-thu", "xa-1"),)
        person = accounts.Application(name, unit="xa-1", birth_date=born, groups=groups)
        found.append(accounts.open_account(session, person, origin=origin))
    return found


@pytest.mark.parametrize("is_named", [True, False])
def test_what_was_to_go_to_a_unit_that_ends_before_goes_to_who_takes_over_from_it(
    engine, province, clock, is_named
):
    """The village was to go there, too; somebody joins and somebody leaves before the day."""
    later = DAY + timedelta(days=2)
    one, origin = province["Một"], Origin("quantri", clock())
    with engine.writing() as session:
        units.set_unit(
            session, "thon-1", name="Thôn Một", kind="village", parent="xa-1", origin=origin,
            valid_from=date(2020, 1, 1),
        )  # fmt: skip
        fields.set_fields(session, "xa-1", {"dau-tu"}, DAY, origin=origin, basis=BASIS)
        number = queries.find_account(session, one).id
        people = {number: "xa-2"} if is_named else {}
        merger = Plan("merge", "xa-1", later, BASIS, into="xa-2", people=people)
        reorganising.decide(session, engine, merger, origin=origin)
        sooner = Plan("merge", "xa-2", DAY, BASIS, into="xa-3", by_process={"p-dat": "tinh-nam"})
        reorganising.decide(session, engine, sooner, origin=origin)
        joins = join(session, origin)
        new, left = (account.name for account in joins)
        leaves = changes.Change("retirement", BASIS)
        changes.carry_out(session, joins[1], leaves, origin=origin)
    for day in (DAY, later):
        clock.at(f"{day} 08:00")
        due(engine)
    assert [unit_of(engine, name) for name in (one, new, left)] == ["xa-3"] * 3
    assert where(engine)[-1] == "xa-3" and "xa-2" not in where(engine)
    held = [one for name in (one, new, left) for one in sorted(actor(engine, name).candidacies)]
    assert "chuyen-vien@xa-3" in held and held.count("van-thu@xa-3") == 1
    with engine.reading() as session:
        assert all(row.took_effect_at for row in session.scalars(sa.select(UnitChange)))
        posts = sa.select(Post).where(Post.unit_code == "xa-2", holds(Post, later))
        assert session.scalars(posts).all() == []
        assert fields.of_units(session, later)["xa-3"] == ["dau-tu"]
        assert "xa-2" not in fields.of_units(session, later)
    assert tree(engine, later, "thon-1")["thon-1"] == "xa-3"


def test_who_goes_to_a_unit_that_was_closed_meanwhile_stays_within_reach_above(
    engine, province, clock
):
    later = DAY + timedelta(days=2)
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        number = queries.find_account(session, province["Một"]).id
        for plan in (
            Plan("split", "xa-1", later, BASIS, ends=False, people={number: "xa-2"}),
            Plan("close", "xa-2", DAY, BASIS),
        ):
            reorganising.decide(session, engine, plan, origin=origin)
    clock.at(f"{later} 08:00")
    due(engine)
    assert unit_of(engine, province["Một"]) == "huyen-ha"
    assert not actor(engine, province["Một"]).candidacies


def test_a_merger_that_was_called_off_turns_nothing_aside(engine, province, clock):
    later = DAY + timedelta(days=2)
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        for plan in (
            Plan("merge", "xa-1", later, BASIS, into="xa-2"),
            Plan("merge", "xa-2", DAY, BASIS, into="xa-3"),
        ):
            reorganising.decide(session, engine, plan, origin=origin)
    call_off(engine, 2)
    clock.at(f"{later} 08:00")
    due(engine)
    assert unit_of(engine, province["Một"]) == "xa-2" == where(engine)[-1]
    assert "chuyen-vien@xa-2" in actor(engine, province["Một"]).candidacies
