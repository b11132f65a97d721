"""The reform of 1 July 2025, played on a demo province: the district level is gone, communes are
merged and belong to the province, and one province goes into another.

Before: tỉnh Nam > huyện Hạ > xã Một, xã Hai, xã Ba; tỉnh Bắc > sở Bắc. What was chosen: of the
district's people one goes to the province and the other to the new commune, its open cases to the
province except those of "p-dat", which go to the commune.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.people import accounts, queries
from app.people.accounts import endings
from app.people.log import Origin
from app.people.models import Account, AccountLog, Post, UnitChange, UnitHeir
from app.people.organisation import calling_off, reorganising, unit_queries, units
from app.people.organisation.plans import NewUnit, Plan
from app.people.rights import grants
from app.people.rights.grants import Membership
from engine import Bundle
from engine.tables import Case, Task
from tests.engine.conftest import OWNER
from tests.engine.drawings import text

DAY = date(2025, 7, 1)
EVE = DAY - timedelta(days=1)
BASIS = "Nghị quyết số 202/2025/QH15"
TREE = (
    ("tinh-nam", None, "Tỉnh Nam", "province"),
    ("tinh-bac", None, "Tỉnh Bắc", "province"),
    ("so-bac", "tinh-bac", "Sở Bắc", "department"),
    ("huyen-ha", "tinh-nam", "Huyện Hạ", "district"),
    ("xa-1", "huyen-ha", "Xã Một", "commune"),
    ("xa-2", "huyen-ha", "Xã Hai", "commune"),
    ("xa-3", "huyen-ha", "Xã Ba", "commune"),
)
PEOPLE = (
    ("Lê Văn Huyện", "huyen-ha", "head", ("truong-phong@huyen-ha+",)),
    ("Trần Thị Dân", "huyen-ha", "member", ("chuyen-vien@huyen-ha",)),
    ("Ngô Văn Một", "xa-1", "head", ("chuyen-vien@xa-1",)),
    ("Đỗ Thị Hai", "xa-2", "head", ("chuyen-vien@xa-2",)),
    ("Bùi Văn Ba", "xa-3", "member", ("chuyen-vien@xa-3",)),
    ("Vũ Thị Nam", "tinh-nam", "head", ("lanh-dao-ban@tinh-nam+",)),
)
WORK = """start s
    user a "Xử lý" candidateGroups=chuyen-vien
    user b "Ký" candidateGroups=truong-phong
    end e
    s > a > b > e"""


@pytest.fixture
def province(engine, world, clock):
    """The province in June 2025, with people, rights and three open cases; names by person."""
    clock.at("2025-06-20 08:00")
    origin = Origin("quantri", clock())
    names = {}
    with engine.writing() as session:
        for code, parent, name, kind in TREE:
            units.set_unit(
                session, code, name=name, kind=kind, parent=parent, valid_from=date(2020, 1, 1),
                origin=origin, basis="cũ",
            )  # fmt: skip
        for full_name, unit, post, held in PEOPLE:
            person = accounts.Application(
                full_name=full_name, unit=unit, birth_date=date(1980, 1, 1),
                groups=tuple(_membership(one) for one in held),
            )  # fmt: skip
            account = accounts.open_account(session, person, origin=origin)
            if post == "head":
                units.give_post(
                    session, account.person, unit, kind=post, title="", origin=origin,
                    valid_from=date(2025, 6, 1),
                )  # fmt: skip
            names[full_name.split()[-1]] = account.name
    for key in ("p-ho-tich", "p-dat"):
        files = {f"processes/bpmn/{key}.bpmn": text(WORK, key)}
        engine.deploy(Bundle(key, files), actor=OWNER, legal_basis=BASIS)
        engine.start(key, actor=actor(engine, names["Dân"]))
    engine.start("p-ho-tich", actor=actor(engine, names["Một"]))
    return names


def _membership(held: str) -> Membership:
    group, _, unit = held.partition("@")
    return Membership(group, unit.removesuffix("+"), unit.endswith("+"))


def actor(engine, name, on=None):
    with engine.reading() as session:
        return queries.actor_of(session, name, on or engine.clock())


def reform(engine, names) -> None:
    """What the province decides in June for 1 July."""
    with engine.writing() as session:
        origin = Origin("quantri", engine.clock())
        ids = {
            person: session.scalar(sa.select(Account.id).where(Account.user_name == name))
            for person, name in names.items()
        }
        new = (NewUnit("xa-moi", "Xã Mới"),)
        for plan in (
            Plan("merge", "xa-1", DAY, BASIS, into="xa-moi", new_units=new, work_to="xa-moi",
                 head_as="head"),
            Plan("merge", "xa-2", DAY, BASIS, into="xa-moi", work_to="xa-moi"),
            Plan("close", "huyen-ha", DAY, BASIS, into="tinh-nam", below_to="tinh-nam",
                 people={ids["Dân"]: "xa-moi"}, work_to="tinh-nam", keeps_wider=True,
                 by_process={"p-dat": "xa-moi"}),
            Plan("merge", "tinh-bac", DAY, BASIS, into="tinh-nam", below_to="tinh-nam",
                 work_to="tinh-nam"),
        ):  # fmt: skip
            reorganising.decide(session, engine, plan, origin=origin)


def due(engine) -> None:
    while engine.run_due():
        pass


def tree(engine, on, *more) -> dict[str, str | None]:
    with engine.reading() as session:
        ours = {code for code, *_ in TREE} | {"xa-moi", *more}
        return {row.code: row.parent for row in queries.tree(session, on) if row.code in ours}


def test_the_tree_of_the_eve_and_of_the_day_differ(engine, province):
    reform(engine, province)
    assert tree(engine, EVE) == {code: parent for code, parent, *_ in TREE}
    assert tree(engine, DAY) == {
        "tinh-nam": None,
        "so-bac": "tinh-nam",
        "xa-moi": "tinh-nam",
        "xa-3": "tinh-nam",
    }


def test_who_could_do_what_differs_between_the_eve_and_the_day(engine, province):
    reform(engine, province)
    before, after = (actor(engine, province["Dân"], on) for on in (EVE, DAY))
    assert before.candidacies == {"chuyen-vien@huyen-ha"}
    # What the new commune took over of the two old ones is hers too.
    assert after.candidacies == {f"chuyen-vien@{unit}" for unit in ("xa-moi", "xa-1", "xa-2")}
    head, now_deputy = (actor(engine, province["Huyện"], on) for on in (EVE, DAY))
    assert (
        "truong-phong@xa-3" in head.candidacies and "truong-phong@so-bac" not in head.candidacies
    )
    assert {"truong-phong@so-bac", "truong-phong@huyen-ha"} <= now_deputy.candidacies
    untouched = actor(engine, province["Ba"], DAY)
    assert untouched.candidacies == {"chuyen-vien@xa-3"}


def test_heads_become_what_was_chosen_and_drawings_learn_it(engine, province, clock):
    reform(engine, province)
    head_of = queries.facts()["head_of"]
    with engine.reading() as session:
        eve, day = clock.at("2025-06-30 23:00"), clock.at("2025-07-01 00:30")
        assert head_of(session, eve, "huyen-ha") == province["Huyện"]
        assert head_of(session, day, "huyen-ha") == province["Nam"]
        assert head_of(session, day, "xa-moi") == province["Một"]
        posts = sa.select(Post.kind).where(Post.unit_code == "xa-moi", Post.valid_from == DAY)
        assert sorted(session.scalars(posts)) == ["deputy", "head", "member", "member", "member"]


def test_accounts_and_open_cases_wait_for_the_day_and_then_go_as_chosen(engine, province, clock):
    reform(engine, province)
    due(engine)
    assert where(engine) == ["huyen-ha", "huyen-ha", "xa-1"]
    assert unit_of(engine, province["Dân"]) == "huyen-ha"
    clock.at("2025-07-01 00:01")
    due(engine)
    assert where(engine) == ["tinh-nam", "xa-moi", "xa-moi"]
    assert unit_of(engine, province["Dân"]) == "xa-moi"
    assert unit_of(engine, province["Huyện"]) == "tinh-nam"
    with engine.reading() as session:
        assert all(row.took_effect_at for row in session.scalars(sa.select(UnitChange)))
        tasks = {t.case_id: t.id for t in session.scalars(sa.select(Task).order_by(Task.id))}
    # The clerk who went to the commune goes on with the case that went there.
    engine.complete(tasks[2], {}, actor=actor(engine, province["Dân"]))
    assert [verdict.differences for verdict in engine.verify_all()] == [()] * 3


def where(engine) -> list[str | None]:
    with engine.reading() as session:
        return list(session.scalars(sa.select(Case.unit).order_by(Case.id)))


def unit_of(engine, name) -> str | None:
    with engine.reading() as session:
        return session.scalar(sa.select(Account.unit_code).where(Account.user_name == name))


def test_a_change_cannot_begin_in_the_past_nor_give_to_what_is_gone(engine, province, clock):
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        for refusal, plan in (
            (reorganising.BackDated, Plan("close", "xa-1", date(2025, 6, 19), BASIS)),
            (reorganising.IntoItself, Plan("close", "xa-1", DAY, BASIS, into="xa-1")),
            (units.UnitUnknown, Plan("close", "xa-1", DAY, BASIS, into="xa-9")),
            (reorganising.NobodyAbove, Plan("close", "tinh-nam", DAY, BASIS)),
        ):
            with pytest.raises(refusal):
                reorganising.decide(session, engine, plan, origin=origin)


def test_a_unit_that_ends_without_heir_leaves_nobody_a_right_in_it(engine, province, clock):
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        reorganising.decide(session, engine, Plan("close", "xa-3", DAY, BASIS), origin=origin)
    assert actor(engine, province["Ba"], EVE).candidacies
    assert not actor(engine, province["Ba"], DAY).candidacies


def test_open_work_of_a_unit_that_ends_goes_to_the_unit_above_if_nothing_is_chosen(
    engine, province, clock
):
    before = where(engine)
    with engine.writing() as session:
        plan = Plan("close", "xa-1", DAY, BASIS, by_process={"p-dat": None})
        reorganising.decide(session, engine, plan, origin=Origin("quantri", clock()))
    over = tree(engine, EVE)["xa-1"]
    clock.at("2025-07-01 08:00")
    due(engine)
    assert where(engine) == [over if unit == "xa-1" else unit for unit in before] != before


@pytest.mark.parametrize("into", ["xa-2", None])
def test_who_comes_back_after_their_unit_has_ended_comes_to_its_heir(
    engine, province, clock, into
):
    with engine.writing() as session:
        plan = Plan("close", "xa-1", DAY, BASIS, into=into)
        reorganising.decide(session, engine, plan, origin=Origin("quantri", clock()))
    over = tree(engine, EVE)["xa-1"]
    clock.at("2025-07-02 08:00")
    due(engine)
    with engine.writing() as session:
        account = queries.find_account(session, province["Một"])
        account.status, account.unit_code = "closed", "xa-1"
        endings.reopen(session, account, origin=Origin("quantri", clock()), basis="QĐ 2")
        assert (account.status, account.unit_code) == ("active", into or over)


def test_a_split_leaves_who_stays_where_they_are(engine, province, clock):
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        ba = queries.find_account(session, province["Dân"])
        plan = Plan(
            "split", "huyen-ha", DAY, BASIS, into="huyen-ha", ends=False,
            new_units=(NewUnit("phong-moi", "Phòng Mới"),), people={ba.id: "phong-moi"},
            by_process={"p-dat": "phong-moi"},
        )  # fmt: skip
        reorganising.decide(session, engine, plan, origin=origin)
    clock.at("2025-07-01 08:00")
    due(engine)
    assert actor(engine, province["Dân"]).candidacies == {"chuyen-vien@phong-moi"}
    assert "truong-phong@huyen-ha" in actor(engine, province["Huyện"]).candidacies
    assert where(engine) == ["huyen-ha", "phong-moi", "xa-1"]


@pytest.mark.parametrize("keeps", [False, True])
def test_a_head_gains_no_power_over_a_larger_unit_unless_it_is_chosen(
    engine, province, clock, keeps
):
    with engine.reading() as session:
        shown = unit_queries.touched(session, "huyen-ha", DAY, now=clock())
    assert [grant.group_key for grant, _name in shown.leading] == ["truong-phong"]
    plan = Plan("merge", "huyen-ha", DAY, BASIS, into="tinh-bac", keeps_wider=keeps)
    with engine.writing() as session:
        reorganising.decide(session, engine, plan, origin=Origin("quantri", clock()))
    head = actor(engine, province["Huyện"], DAY)
    assert ("truong-phong@tinh-bac" in head.candidacies) is keeps
    assert head.may("tasks.assign", "so-bac") is keeps
    assert "chuyen-vien@tinh-bac" in actor(engine, province["Dân"], DAY).candidacies


def test_what_was_decided_is_called_off_and_nothing_of_it_is_left(engine, province, clock):
    everybody = {person: actor(engine, name, DAY) for person, name in province.items()}
    reform(engine, province)
    for number in (4, 3, 2, 1):
        call_off(engine, number)
    assert tree(engine, DAY) == tree(engine, EVE)
    assert {person: actor(engine, name, DAY) for person, name in province.items()} == everybody
    clock.at("2025-07-01 08:00")
    due(engine)
    assert where(engine) == ["huyen-ha", "huyen-ha", "xa-1"]
    assert unit_of(engine, province["Dân"]) == "huyen-ha"
    with engine.reading() as session:
        head_of = queries.facts()["head_of"]
        assert head_of(session, clock(), "huyen-ha") == province["Huyện"]
        assert head_of(session, clock(), "xa-moi") is None
        said = session.scalars(
            sa.select(AccountLog.unit_code).where(AccountLog.event == "unit_change_called_off")
        )
        assert list(said) == ["tinh-bac", "huyen-ha", "xa-2", "xa-1"]
    # The code of what never came to be is free, and what was called off can be decided again.
    clock.at("2025-06-20 08:00")
    with engine.writing() as session:
        assert not units.is_taken(session, "xa-moi")


def call_off(engine, number) -> None:
    with engine.writing() as session:
        origin = Origin("quantri", engine.clock())
        change = session.get_one(UnitChange, number)
        calling_off.call_off(session, engine, change, origin=origin, reason="QĐ 5")


def test_what_others_rest_on_or_what_has_begun_is_not_called_off(engine, province, clock):
    reform(engine, province)
    with pytest.raises(calling_off.RestsOnIt, match="Xã Mới"):
        call_off(engine, 1)
    clock.at("2025-07-01 00:00")
    with pytest.raises(calling_off.AlreadyInEffect):
        call_off(engine, 4)


def test_a_right_revoked_since_does_not_come_back(engine, province, clock):
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        reorganising.decide(session, engine, Plan("close", "xa-3", DAY, BASIS), origin=origin)
        account = queries.find_account(session, province["Ba"])
        (row,) = grants.not_over(session, account, EVE)
        grants.revoke(session, row, account, origin=origin, basis="QĐ 7")
    call_off(engine, 1)
    assert not actor(engine, province["Ba"], DAY).candidacies
    with pytest.raises(calling_off.AlreadyCalledOff):
        call_off(engine, 1)


def test_what_was_taken_over_goes_on_to_the_next_heir_on_its_day(engine, province, clock):
    later = date(2026, 1, 1)
    with engine.writing() as session:
        origin = Origin("quantri", clock())
        for plan in (
            Plan("merge", "xa-1", DAY, BASIS, into="xa-2", work_to="xa-2"),
            Plan("merge", "xa-2", later, BASIS, into="xa-3", work_to="xa-3"),
        ):
            reorganising.decide(session, engine, plan, origin=origin)
        heirs = session.execute(
            sa.select(
                UnitHeir.unit_code, UnitHeir.heir_code, UnitHeir.valid_from, UnitHeir.valid_to
            )
            .order_by(UnitHeir.id)
        ).all()  # fmt: skip
    assert heirs == [
        ("xa-1", "xa-2", DAY, later - timedelta(days=1)),
        ("xa-2", "xa-3", later, None),
        ("xa-1", "xa-3", later, None),
    ]
    two, three = province["Hai"], province["Ba"]
    assert "chuyen-vien@xa-1" in actor(engine, two, DAY).candidacies
    assert "chuyen-vien@xa-1" not in actor(engine, three, DAY).candidacies
    assert "chuyen-vien@xa-1" in actor(engine, three, later).candidacies
    call_off(engine, 2)
    assert "chuyen-vien@xa-1" in actor(engine, two, later).candidacies
    assert "chuyen-vien@xa-1" not in actor(engine, three, later).candidacies
