"""Two hands at once on one account, one person or one right of the directory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from adapters import ldap
from app.people import accounts, queries
from app.people.accounts import Application, endings
from app.people.accounts import changes as account_changes
from app.people.acting import delegations
from app.people.log import Origin
from app.people.models import Grant
from app.people.outside import directory
from app.people.rights import grants
from app.people.rights.grants import Membership
from tests.worlds import clerk, colleague

pytestmark = [
    pytest.mark.parametrize("database", ["postgres"], indirect=True),
    pytest.mark.postgres,
]
NEW = Application(
    full_name="Lê Văn Mới", birth_date=date(1990, 1, 2), email="moi@vi-du.vn", unit="p-dautu",
    basis="QĐ 7", groups=(Membership("chuyen-vien", "p-dautu"),),
)  # fmt: skip


def to_be_new(session, origin):
    account = queries.find_account(session, colleague.name)
    order = account_changes.Change("new_holder", "QĐ 7", holder=NEW)
    account_changes.carry_out(session, account, order, origin=origin)


def to_be_closed(session, origin):
    account = queries.find_account(session, colleague.name)
    endings.close(session, account, origin=origin, basis="QĐ 8")


def opened_anew(session, origin):
    accounts.open_account(session, NEW, origin=origin)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (to_be_closed, to_be_new, "NotInUse"),
        (to_be_new, opened_anew, "AccountExists"),
        (opened_anew, to_be_new, "AccountExists"),
    ],
)
def test_an_account_has_one_holder_and_a_holder_one_account(engine, race, first, second, told):
    assert race(first, second) == [None, told]


@pytest.mark.parametrize("is_opened_first", [True, False])
def test_of_opening_again_and_opening_anew_one_is_done(engine, clock, race, is_opened_first):
    with engine.writing() as session:
        by = Origin("quantri", clock())
        closed = accounts.open_account(session, NEW, origin=by)
        endings.close(session, closed, origin=by, basis="QĐ 8")
        name = closed.name

    def reopen(session, origin):
        endings.reopen(session, queries.find_account(session, name), origin=origin, basis="QĐ 9")

    found = race(*((opened_anew, reopen) if is_opened_first else (reopen, opened_anew)))
    assert found == [None, "AccountExists"]


@pytest.mark.parametrize("is_renewed_first", [True, False])
def test_the_directory_renews_no_right_that_is_just_being_withdrawn(
    engine, clock, race, change_setting, is_renewed_first
):
    change_setting("login.ldap.groups", ["cn=van-thu,dc=vn => van-thu @ vp"])
    given = Origin(directory.HAND, clock())
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        right = Membership("van-thu", "vp")
        row = grants.grant(session, account, right, origin=given, valid_to=clock().date())
        session.flush()
        number = row.id

    def renew(session, origin):
        account = queries.find_account(session, clerk.name)
        there = frozenset([ldap.plain("cn=van-thu,dc=vn")])
        directory.follow(session, account, there, replace(origin, actor=directory.HAND))

    def withdraw(session, origin):
        account = queries.find_account(session, clerk.name)
        row = session.get_one(Grant, number)
        grants.revoke(session, row, account, origin=origin, basis="QĐ 5")

    assert race(*((renew, withdraw) if is_renewed_first else (withdraw, renew))) == [None, None]
    with engine.reading() as session:
        row = session.get_one(Grant, number)
        assert row.revoked_at is not None
        assert (row.valid_to > clock().date()) is is_renewed_first
        assert "van-thu@vp" not in queries.actor_of(session, clerk.name, clock()).candidacies


def test_the_same_is_permitted_once(engine, clock, race):
    today = clock().date()
    order = delegations.Order("substitution", clerk.name, colleague.name, today, today)

    def permit(session, origin):
        delegations.permit(session, "UQ-1", order, origin=origin)

    assert race(permit, permit) == [None, "AlreadyPermitted"]
