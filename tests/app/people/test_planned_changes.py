"""What happens to a unit between the decision to merge it and the day of the merger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from app.people import accounts, queries
from app.people.accounts import Application, changes, endings
from app.people.accounts.changes import Change
from app.people.log import Origin
from app.people.models import AccountLog, Grant, Post, UnitChange
from app.people.organisation import calling_off, placing, reorganising
from app.people.organisation.placing import Place
from app.people.organisation.plans import NewUnit, Plan
from app.people.rights import changes as rights_changes
from app.people.rights import grants
from app.people.rights.changes import Order
from app.people.rights.grants import Membership
from tests.worlds import admin, clerk, leader

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

DAY = "2026-12-10"


def merge(page, unit="p-dautu", into="p-moitruong", *, day=DAY, **more):
    decision = {"basis": "QĐ 9/QĐ-BQL", "day": day, "into": into, "grants": "move"}
    answer = page.as_(admin).post(f"/units/{unit}/change/merge", decision | more)
    assert answer.status_code == 303, answer.text


def until(engine, clock, instant):
    clock.at(instant)
    while engine.run_due():
        pass


def posts(session, account):
    """Unit and kind of each post that the account's holder has on the day of the merger."""
    held = sa.select(Post).where(Post.person_id == account.person_id, Post.valid_from <= DAY)
    later = sa.or_(Post.valid_to.is_(None), Post.valid_to >= DAY)
    return [(post.unit_code, post.kind) for post in session.scalars(held.where(later))]


def ends_with_the_heirs(engine, clock, name, group):
    """The group is held in the old unit by what the heir has taken over, and by that alone:
    somebody must do what is left there, and nobody by a right of the unit that is gone.
    """
    with engine.writing() as session:
        account = queries.find_account(session, name)
        both = {f"{group}@p-dautu", f"{group}@p-moitruong"}
        assert both <= queries.actor_of(session, name, clock()).candidacies
        query = sa.select(Grant).where(
            Grant.account_id == account.id, Grant.group_key == group,
            Grant.unit_code == "p-moitruong",
        )  # fmt: skip
        for row in session.scalars(query).all():
            grants.revoke(session, row, account, origin=Origin("quantri", clock()), basis="x")
        session.flush()
        assert not both & queries.actor_of(session, name, clock()).candidacies


def test_who_joined_after_the_decision_moves_with_the_others(page, engine, clock):
    merge(page, head_as="deputy")
    until(engine, clock, "2026-12-01 08:00")
    joins = Application(
        full_name="Lê Văn Mới",
        unit="p-dautu",
        birth_date=date(1990, 1, 2),
        email="moi@vi-du.vn",
        groups=(Membership("chuyen-vien", "p-dautu"),),
        basis="QĐ 1",
    )
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        name = accounts.open_account(session, joins, origin=origin).name
    until(engine, clock, f"{DAY} 08:00")
    with engine.reading() as session:
        account = queries.find_account(session, name)
        assert account.unit_code == "p-moitruong"
        assert posts(session, account) == [("p-moitruong", "member")]
        left = sa.select(Grant.valid_to).where(
            Grant.account_id == account.id, Grant.unit_code == "p-dautu"
        )
        assert set(session.scalars(left)) == {date(2026, 12, 9)}
    ends_with_the_heirs(engine, clock, name, "chuyen-vien")


@pytest.mark.parametrize(
    ("who", "change"),
    [
        (leader, Change("retirement", "QĐ nghỉ hưu")),
        (clerk, Change("transfer", "QĐ 7", unit="vp", groups=("chuyen-vien",))),
    ],
)
def test_who_left_before_the_day_gets_no_post_where_the_unit_goes(
    page, engine, clock, who, change
):
    merge(page, head_as="head")
    until(engine, clock, "2026-12-01 08:00")
    with engine.writing() as session:
        account = queries.find_account(session, who.name)
        changes.carry_out(session, account, change, origin=Origin("quantri", clock()))
    until(engine, clock, f"{DAY} 08:00")
    with engine.reading() as session:
        account = queries.find_account(session, who.name)
        assert "p-moitruong" not in dict(posts(session, account))


def test_a_merger_that_another_takes_further_is_called_off_after_it(page, engine, clock):
    merge(page)
    merge(page, "p-moitruong", "vp", day="2026-12-20")
    path = "/units/{}/changes/{}/call-off"
    answer = page.as_(admin).post(path.format("p-dautu", 1), {"reason": "QĐ 12"})
    assert answer.status_code == 409
    for unit, number in (("p-moitruong", 2), ("p-dautu", 1)):
        answer = page.as_(admin).post(path.format(unit, number), {"reason": "QĐ 12"})
        assert answer.status_code == 303, answer.text
    until(engine, clock, "2026-12-21 08:00")
    with engine.reading() as session:
        held = queries.actor_of(session, clerk.name, clock()).candidacies
        assert "chuyen-vien@p-dautu" in held
        assert not any(one.endswith(("@p-moitruong", "@vp")) for one in held)


def test_a_merger_that_is_carried_out_days_late_takes_along_what_was_given_meanwhile(
    page, engine, clock
):
    merge(page)
    until(engine, clock, "2026-12-01 08:00")
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        given = {"origin": Origin("quantri", clock()), "basis": "QĐ 2"}
        grants.grant(session, account, Membership("van-thu", "p-dautu"), **given)
    until(engine, clock, "2026-12-12 08:00")
    with engine.reading() as session:
        assert session.scalar(sa.select(UnitChange.took_effect_at)) == clock()
        account = queries.find_account(session, clerk.name)
        assert account.unit_code == "p-moitruong"
        rows = session.scalars(sa.select(Grant).where(Grant.group_key == "van-thu")).all()
        moved = [row.valid_from for row in rows if row.unit_code == "p-moitruong"]
        assert moved == [date(2026, 12, 10)]
        left = [row for row in rows if row.unit_code == "p-dautu"]
        assert left and all(row.valid_to == date(2026, 12, 9) for row in left)
    ends_with_the_heirs(engine, clock, clerk.name, "van-thu")


LATER = [date(2026, 12, day) for day in range(5, 25)]
"""The merger is on the 10th: some days before it and some after."""
MERGER = Plan("merge", "p-dautu", date(2026, 12, 10), "QĐ 9", into="p-moitruong")
WITHDRAWALS = [
    # Which part of the right, until which day; the days that are left.
    ([(0, 6)], range(7, 25)),  # withdrawn for days before the merger
    ([(0, 9)], range(10, 25)),  # up to its eve
    ([(0, 10)], range(11, 25)),  # up to its day
    ([(0, 15)], range(16, 25)),  # beyond it
    ([(0, 6), (0, 8)], range(9, 25)),  # twice before it
    ([(0, 6), (0, 15)], range(16, 25)),  # before it, then beyond it
    ([(0, 15), (0, 20)], range(21, 25)),  # beyond it, then what comes back once more
    ([(0, None)], ()),  # for good
    ([(1, 15)], (*range(5, 10), *range(16, 25))),  # only where the right goes
    ([(1, None)], range(5, 10)),
]


def days_held(session, *units):
    """The days of `LATER` on which the clerk is a specialist in one of these units."""
    account = queries.find_account(session, clerk.name)
    rows = session.scalars(
        sa.select(Grant).where(
            Grant.account_id == account.id, Grant.group_key == "chuyen-vien",
            Grant.unit_code.in_(units), Grant.revoked_at.is_(None),
        )
    ).all()  # fmt: skip
    return [
        day.day
        for day in LATER
        if any(row.valid_from <= day <= (row.valid_to or day) for row in rows)
    ]


def withdraw(session, which, until, *, origin):
    """The clerk's right of that place in the order of days is withdrawn until that day."""
    account = queries.find_account(session, clerk.name)
    rows = sorted(grants.not_over(session, account, origin.now), key=lambda row: row.valid_from)
    order = Order((), (rows[which].id,), "QĐ 3", date(2026, 12, until) if until else None)
    rights_changes.carry_out(session, account, order, origin=origin)


def call_off(session, engine, number=None):
    """That change, or the last one."""
    change = session.scalars(sa.select(UnitChange).order_by(UnitChange.id.desc())).first()
    change = session.get_one(UnitChange, number) if number else change
    origin = Origin("quantri", engine.clock())
    calling_off.call_off(session, engine, change, origin=origin, reason="QĐ 12")


@pytest.mark.parametrize("is_decided_first", [True, False])
def test_a_right_withdrawn_for_some_days_keeps_all_others_whatever_becomes_of_the_merger(
    engine, world, clock, is_decided_first
):
    origin = Origin("quantri", clock())
    with engine.writing() as session:
        # Before the decision there is one part alone.
        for steps, left in WITHDRAWALS if is_decided_first else WITHDRAWALS[3:5]:
            case = session.begin_nested()
            if is_decided_first:
                reorganising.decide(session, engine, MERGER, origin=origin)
            for which, until in steps:
                withdraw(session, which, until, origin=origin)
            if not is_decided_first:
                reorganising.decide(session, engine, MERGER, origin=origin)
            session.flush()
            # While the merger stands the days are those, in the one unit or the other.
            assert days_held(session, "p-dautu", "p-moitruong") == list(left), steps
            assert all(day < 10 for day in days_held(session, "p-dautu")), steps
            call_off(session, engine)
            session.flush()
            assert days_held(session, "p-dautu") == list(left), steps
            assert days_held(session, "p-moitruong") == [], steps
            case.rollback()


def test_a_right_given_beside_a_merger_stays_and_a_handed_over_one_goes_back(engine, world, clock):
    origin = Origin("quantri", clock())
    with engine.writing() as session:
        reorganising.decide(session, engine, MERGER, origin=origin)
        account = queries.find_account(session, clerk.name)
        given = {"valid_from": date(2026, 12, 20), "origin": origin, "basis": "QĐ 8"}
        grants.grant(session, account, Membership("chuyen-vien", "p-moitruong"), **given)
        endings.close(session, account, origin=origin, basis="Lộ mật khẩu")
        new = endings.follow(session, account, origin=origin, basis="QĐ 9").name
        call_off(session, engine)
        session.flush()
        for day, units in ((9, "p-dautu"), (12, "p-dautu"), (21, "p-dautu p-moitruong")):
            held = queries.actor_of(session, new, date(2026, 12, day)).candidacies
            assert {f"chuyen-vien@{unit}" for unit in units.split()} <= set(held)
            assert ("chuyen-vien@p-moitruong" in held) is (day == 21)


def test_a_name_of_the_days_before_hinders_no_calling_off_and_a_later_decision_is_named(
    engine, world, clock
):
    origin = Origin("quantri", clock())

    def rename(session, unit, name, day):
        place = Place("rename", unit, day, f"QĐ đổi tên {name}", name, None, "division", "ban")
        placing.decide(session, place, origin=origin)

    with engine.writing() as session:
        reorganising.decide(session, engine, MERGER, origin=origin)
        rename(session, "p-dautu", "Phòng Đầu tư mới", date(2026, 12, 1))
        call_off(session, engine, 1)
        assert queries.units(session, date(2026, 12, 20))["p-dautu"].name == "Phòng Đầu tư mới"
        # What moves is called otherwise later: that has to be called off before.
        move = Place(
            "move", "p-moitruong", date(2026, 12, 10), "QĐ 21", "Phòng Môi trường", None,
            "division", "vp",
        )  # fmt: skip
        placing.decide(session, move, origin=origin)
        rename(session, "p-moitruong", "Phòng Xanh", date(2026, 12, 20))
        with pytest.raises(calling_off.RestsOnIt, match="QĐ đổi tên Phòng Xanh, 20/12/2026"):
            call_off(session, engine, 3)
        call_off(session, engine, 4)
        call_off(session, engine, 3)
        unit = queries.units(session, date(2026, 12, 25))["p-moitruong"]
        assert unit.parent == "ban" and unit.name != "Phòng Xanh"


def test_every_row_that_never_was_is_told_whole_by_the_log(engine, world, clock):
    new = {"new_units": (NewUnit("p-moi", "Phòng Mới"),), "into": "p-moi", "work_to": "p-moi"}
    with engine.writing() as session:
        plan = replace(MERGER, **new)
        change = reorganising.decide(session, engine, plan, origin=Origin("quantri", clock()))
        planned = change.wrote["begun"]
        assert planned["unit_span"] and planned["post"] and planned["unit_heir"]
        call_off(session, engine)
        session.flush()
        lines = session.scalars(sa.select(AccountLog)).all()
        told = [line.details for line in lines if "row" in line.details]
        for table in ("unit_span", "unit_heir", "post"):
            rows = [details["row"] for details in told if details["table"] == table]
            assert rows == list(planned[table].values())
        events = {line.event for line in lines}
    assert {"right_called_off", "right_goes_on", "post_called_off", "post_goes_on"} <= events
