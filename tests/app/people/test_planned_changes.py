"""What happens to a unit between the decision to merge it and the day of the merger."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from app.people import accounts, queries
from app.people.accounts import Application, changes
from app.people.accounts.changes import Change
from app.people.log import Origin
from app.people.models import Post
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
        actor = queries.actor_of(session, name, clock())
        assert "chuyen-vien@p-moitruong" in actor.candidacies
        assert "chuyen-vien@p-dautu" not in actor.candidacies


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
