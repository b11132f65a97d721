"""Who may do what where, on which day."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app import config
from app.people import accounts, queries
from app.people.models import Grant
from app.people.organisation import units
from app.people.rights import grants
from app.people.rights.grants import Membership
from app.people.rights.groups import catalogue
from engine import Bundle, bpmn_reader
from engine.bundles import drawing_path
from engine.errors import NotPermitted
from tests import worlds

ADMINISTRATION = ("quan-tri-c1", "quan-tri-c2", "quan-tri-mang", "van-hanh", "nha-cung-cap")


def test_the_ten_groups_of_the_one_stop_regulation_ship():
    sources = " ".join(group.source for group in catalogue().values())
    clauses = ["KH-6.1a1", "KH-6.1a2", *(f"KH-6.1b{n}" for n in range(1, 9))]
    assert [clause for clause in clauses if clause not in sources] == []


@pytest.mark.parametrize(
    ("group", "procedures"),
    [
        # KH-6.1b4: changes of procedures and of users, as far as their unit goes.
        ("cai-cach-hanh-chinh", ["procedure-life", "account-change", "rights-change"]),
        # KH-6.1b5: what the software says of their own unit.
        ("can-bo-cntt", ["data-change", "account-change", "account-recover"]),
    ],
)
def test_each_use_group_may_begin_the_procedures_that_its_clause_gives_it(group, procedures):
    for key in procedures:
        drawing = bpmn_reader.read((config.ROOT / drawing_path(key)).read_text("utf-8"), key)
        (process,) = drawing.callable
        begun_by = process.camunda["candidateStarterGroups"]
        assert group in [one.strip() for one in begun_by.split(",")], key


def test_groups_of_administrators_neither_work_on_tasks_nor_start_cases():
    for key in ADMINISTRATION:
        group = catalogue()[key]
        assert group.kinds == {"administrator"}
        assert not group.permissions & {"inbox.work", "cases.start"}


@pytest.mark.parametrize("key", Bundle.keys(config.ROOT))
def test_whoever_may_begin_a_shipped_process_has_an_inbox_to_go_on_in(key):
    drawing = bpmn_reader.read((config.ROOT / drawing_path(key)).read_text("utf-8"), key)
    begun_by = drawing.callable[0].camunda.get("candidateStarterGroups", "")
    groups = [one.strip() for one in begun_by.split(",") if one.strip()]
    assert [one for one in groups if "inbox.work" not in catalogue()[one].permissions] == []


def test_who_owns_the_system_sees_all_and_who_operates_it_works_in_no_case():
    owns, operates = catalogue()["chu-quan"].permissions, catalogue()["van-hanh"].permissions
    assert {"cases.view_all", "people.view", "operations.view"} <= owns
    changes = ("manage", "grant", "deploy", "settings", "edit", "import")
    assert [one for one in owns if any(word in one for word in changes)] == []
    assert "operations.manage" in operates and not operates & {"inbox.work", "cases.start"}


def test_a_grant_over_a_unit_and_all_below_reaches_every_unit_below(session, clock):
    actor = queries.actor_of(session, worlds.director.name, clock())
    below = {"ban", "vp", "p-dautu", "p-moitruong"}
    assert actor.candidacies == {f"lanh-dao-ban@{unit}" for unit in below}
    assert actor.rights["cases.view"] == below
    assert actor.unit == "ban" and actor.label == "Đỗ Quang Hải"


def test_a_grant_within_a_unit_stays_in_it(session, clock):
    actor = queries.actor_of(session, worlds.clerk.name, clock())
    assert actor.candidacies == {"chuyen-vien@p-dautu"}
    assert actor.may("cases.view", "p-dautu") and not actor.may("cases.view", "vp")


def test_an_actor_is_built_with_three_statements(session, clock, bind):
    session.connection()  # so that the transaction has begun
    count = []
    sa.event.listen(bind, "before_cursor_execute", lambda *a: count.append(a[2]))
    queries.actor_of(session, worlds.director.name, clock())
    assert len(count) <= 3


def test_a_right_holds_from_its_first_day_to_its_last(session, origin, clock):
    account = queries.find_account(session, worlds.clerk.name)
    days = {"valid_from": date(2026, 12, 1), "valid_to": date(2026, 12, 3)}
    grants.grant(session, account, Membership("van-thu", "vp"), origin=origin, **days)
    session.flush()
    held = [
        "van-thu@vp" in queries.actor_of(session, account, date(2026, 12, day)).candidacies
        for day in range(1, 6)
    ]
    assert held == [True, True, True, False, False]
    assert "van-thu@vp" not in queries.actor_of(session, account, clock()).candidacies


def test_a_revoked_right_is_gone_at_once_and_history_still_tells_it(session, origin, clock):
    account = queries.find_account(session, worlds.clerk.name)
    before = clock()
    row = session.scalar(sa.select(Grant).where(Grant.account_id == account.id))
    clock.advance(hours=1)
    ending = origin.__class__("quantri", clock())
    grants.revoke(session, row, account, origin=ending, basis="QĐ 2")
    session.flush()
    assert not queries.actor_of(session, account, clock()).candidacies
    assert queries.actor_of(session, account, before).candidacies == {"chuyen-vien@p-dautu"}


def test_a_suspended_account_may_do_nothing(session, origin, clock):
    account = queries.find_account(session, worlds.clerk.name)
    accounts.suspend(session, account, origin=origin, basis="QĐ 3")
    actor = queries.actor_of(session, account, clock())
    assert not actor.rights and not actor.candidacies


def test_an_administrator_cannot_be_put_into_a_group_of_clerks(session, origin):
    account = queries.find_account(session, worlds.admin.name)
    with pytest.raises(grants.GroupNotForKind):
        grants.grant(session, account, Membership("van-thu", "vp"), origin=origin)


def test_a_clerks_grant_gives_an_administrators_account_nothing(session, origin, clock):
    account = queries.find_account(session, worlds.admin.name)
    session.add(
        Grant(
            account_id=account.id, group_key="van-thu", unit_code="vp", valid_from=worlds.SINCE,
            granted_at=clock(), granted_by="x",
        )
    )  # fmt: skip
    session.flush()
    actor = queries.actor_of(session, account, clock())
    assert not actor.may("inbox.work") and "van-thu@vp" not in actor.candidacies


def test_a_unit_below_that_is_founded_later_is_reached_from_its_first_day(session, origin):
    first = date(2027, 1, 1)
    units.set_unit(
        session, "p-moi", name="Phòng mới", kind="division", parent="ban", valid_from=first,
        origin=origin,
    )  # fmt: skip
    director = worlds.director.name
    earlier = queries.actor_of(session, director, first - timedelta(days=1))
    assert "lanh-dao-ban@p-moi" not in earlier.candidacies
    assert "lanh-dao-ban@p-moi" in queries.actor_of(session, director, first).candidacies


@pytest.mark.parametrize(
    ("group", "below", "is_allowed"),
    [("van-thu", False, True), ("van-thu", True, False), ("chu-quy-trinh", False, False)],
)
def test_a_right_to_grant_reaches_no_further_than_its_units_and_powers(group, below, is_allowed):
    wanted = catalogue()[group]
    spread = frozenset({"ban", "vp"} if below else {"ban"})
    reach = grants.Reach({"rights.grant": frozenset({"ban"})}, frozenset({"ban", "vp"}))
    if is_allowed:
        grants.require_may_grant([wanted], spread=spread, reach=reach)
    else:
        with pytest.raises(NotPermitted):
            grants.require_may_grant([wanted], spread=spread, reach=reach)
