"""Something else is decided of a unit, a head or a right for days before what is planned."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from app.people import queries
from app.people.models import AccountLog, Grant, Person, Post, UnitChange
from app.people.organisation import fields
from app.people.rights import reviews
from app.people.rights.reach import holds
from engine.ports import Call
from tests.app.people.test_reform import due
from tests.worlds import admin, clerk, colleague

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SOON, LATER = "2026-12-01", "2026-12-20"
RENAMED = {"basis": "QĐ 1", "name": "Phòng Đầu tư mới"}
MOVED = {"basis": "QĐ 2", "parent": "p-moitruong"}
MERGED = {"basis": "QĐ 9", "day": LATER, "into": "p-moitruong", "grants": "move"}


@pytest.fixture
def change(page):
    """Decides something of the division: change(kind, day, **fields) -> the answer."""
    browser = page.as_(admin)

    def decide(kind, **fields):
        return browser.post(f"/units/p-dautu/change/{kind}", fields)

    return decide


def as_it_stands(engine, day):
    with engine.reading() as session:
        unit = queries.units(session, date.fromisoformat(day))["p-dautu"]
        return unit.name, unit.parent


def call_off(page, engine, kind):
    with engine.reading() as session:
        row = session.scalars(sa.select(UnitChange).where(UnitChange.kind == kind)).one()
    return page.as_(admin).post(f"/units/p-dautu/changes/{row.id}/call-off", {"reason": "Hoãn"})


def kinds_of(engine):
    with engine.reading() as session:
        rows = session.scalars(sa.select(UnitChange).where(UnitChange.called_off_at.is_(None)))
        return [row.kind for row in rows]


@pytest.mark.parametrize(
    ("soon", "later", "between"),
    [
        (("move", MOVED), ("rename", RENAMED), ("Phòng Quản lý đầu tư", "p-moitruong")),
        (("rename", RENAMED), ("move", MOVED), ("Phòng Đầu tư mới", "ban")),
    ],
)
def test_what_changes_sooner_holds_on_in_what_was_planned_before(
    change, page, engine, soon, later, between
):
    assert change(later[0], **later[1], day=LATER).status_code == 303
    assert change(soon[0], **soon[1], day=SOON).status_code == 303
    assert as_it_stands(engine, "2026-12-19") == between
    assert as_it_stands(engine, LATER) == ("Phòng Đầu tư mới", "p-moitruong")
    assert call_off(page, engine, later[0]).status_code == 303
    assert as_it_stands(engine, LATER) == between
    assert kinds_of(engine) == [soon[0]]
    assert call_off(page, engine, soon[0]).status_code == 303
    assert as_it_stands(engine, LATER) == ("Phòng Quản lý đầu tư", "ban")


def test_what_changes_sooner_is_called_off_alone(change, page, engine):
    change("rename", **RENAMED, day=LATER)
    change("move", **MOVED, day=SOON)
    assert call_off(page, engine, "move").status_code == 303
    assert as_it_stands(engine, "2026-12-19") == ("Phòng Quản lý đầu tư", "ban")
    assert as_it_stands(engine, LATER) == ("Phòng Đầu tư mới", "ban")


def test_two_units_never_come_to_stand_below_each_other(change, page):
    assert change("move", **MOVED, day=LATER).status_code == 303
    answer = page.as_(admin).post(
        "/units/p-moitruong/change/move", {"basis": "QĐ 3", "parent": "p-dautu", "day": SOON}
    )
    assert answer.status_code == 422 and "p-dautu" in answer.text


def test_no_unit_goes_under_one_that_is_to_end(change, page):
    assert change("merge", **MERGED).status_code == 303
    answer = page.as_(admin).post(
        "/units/vp/change/move", {"basis": "QĐ 3", "parent": "p-dautu", "day": SOON}
    )
    assert answer.status_code == 422
    assert "không còn từ ngày 20/12/2026" in answer.text


def test_a_unit_has_one_head_at_a_time_also_where_the_next_was_known_before(page, engine):
    browser = page.as_(admin)
    for account, day in ((colleague.name, LATER), (clerk.name, SOON)):
        post = {"account": account, "kind": "head", "title": "Trưởng phòng", "basis": "QĐ 5"}
        assert browser.post("/units/p-dautu/posts", post | {"day": day}).status_code == 303
    with engine.reading() as session:
        for day, name in ((SOON, clerk.label), ("2026-12-19", clerk.label), (LATER, None)):
            heads = sa.select(Person.full_name).join(Post, Post.person_id == Person.id).where(
                Post.unit_code == "p-dautu", Post.kind == "head",
                holds(Post, date.fromisoformat(day)),
            )  # fmt: skip
            (found,) = session.scalars(heads)
            assert name is None or found == name
        ended = sa.select(AccountLog.details).where(AccountLog.event == "post_ended")
        last = session.scalars(ended.order_by(AccountLog.id.desc())).first()
        assert last["valid_to"] == date(2026, 11, 30)


@ONE_DATABASE
@pytest.mark.parametrize("by", ["page", "review"])
def test_a_right_that_is_withdrawn_does_not_come_back_with_a_planned_merger(
    change, page, engine, clock, by
):
    change("merge", **MERGED)
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        rows = session.scalars(sa.select(Grant.id).where(Grant.account_id == account.id)).all()
        ended = sa.select(AccountLog).where(AccountLog.event == "right_ended")
        assert clerk.name in {row.account for row in session.scalars(ended)}
        if by == "review":
            call = Call("k", clock(), 1, "RS-1", admin.name, "p-dautu", session)
            reviews.withdraw(call, {"account": clerk.name, "ends": [str(min(rows))]})
    if by == "page":
        path = f"/people/{clerk.name}/grants/{min(rows)}/revoke"
        assert page.as_(admin).post(path, {"basis": "QĐ 10"}).status_code == 303
    clock.at(f"{LATER} 08:00")
    due(engine)
    with engine.reading() as session:
        assert queries.actor_of(session, clerk.name, clock()).candidacies == frozenset()


@ONE_DATABASE
@pytest.mark.parametrize("by", ["end", "new head"])
def test_what_is_ended_or_given_before_a_planned_merger_is_so_after_it(
    change, page, engine, clock, by
):
    change("merge", **MERGED)
    browser, on = page.as_(admin), date.fromisoformat(LATER)
    browser.post("/units/p-dautu/fields", {"field": ["dau-tu"], "day": SOON, "basis": "QĐ 9"})
    with engine.reading() as session:
        heads = sa.select(Post).where(Post.unit_code == "p-dautu", Post.kind == "head")
        former = session.scalars(heads).one()
    if by == "end":
        path, post = f"/units/p-dautu/posts/{former.id}/end", {}
    else:
        path, post = "/units/p-dautu/posts", {"account": clerk.name, "kind": "head", "title": "TP"}
    assert browser.post(path, post | {"day": SOON, "basis": "QĐ 5"}).status_code == 303
    clock.at(f"{LATER} 08:00")
    due(engine)
    with engine.reading() as session:
        led = sa.select(Person.full_name).join(Post, Post.person_id == Person.id).where(
            Post.kind == "deputy", Post.unit_code == "p-moitruong", holds(Post, on)
        )  # fmt: skip
        assert list(session.scalars(led)) == ([] if by == "end" else [clerk.label])
        assert fields.of_units(session, on) == {"p-moitruong": ["dau-tu"]}
