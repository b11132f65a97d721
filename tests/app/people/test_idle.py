"""Accounts that rest too long: warned by letter, suspended, and opened again."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app.people import accounts, queries
from app.people.accounts import idle
from app.people.log import Origin
from app.people.models import Account, AccountLog
from engine.tables import Job
from tests.app.people.test_registers import enterprise
from tests.worlds import PASSWORD, admin, applicant, clerk, colleague, leader


@pytest.fixture
def pass_days(engine, clock, world):
    """So many days pass, and the clock of the application looks after the accounts."""

    def passed(days):
        clock.advance(days=days)
        return idle.look_after(engine)

    return passed


def used(engine, *characters):
    """The characters have logged in just now."""
    with engine.writing() as session:
        for character in characters:
            queries.find_account(session, character.name).last_login_at = engine.clock()


def status(engine, character):
    with engine.reading() as session:
        return queries.find_account(session, character.name).status


def letters_to(engine, character):
    address = f"{character.user_name}@sonhai.example"
    with engine.reading() as session:
        jobs = session.scalars(sa.select(Job).order_by(Job.id))
        return [job.payload["text"] for job in jobs if job.payload["to"] == address]


def test_after_45_days_without_a_login_an_account_is_suspended(engine, page, pass_days):
    pass_days(40)
    used(engine, colleague)
    pass_days(4)
    assert status(engine, clerk) == "active"
    pass_days(2)
    assert (status(engine, clerk), status(engine, colleague)) == ("suspended", "active")
    answer = page.post("/login", {"user_name": clerk.name, "password": PASSWORD})
    assert answer.status_code == 422
    with engine.reading() as session:
        lines = sa.select(AccountLog).where(AccountLog.event == "account_suspended")
        line = session.scalars(lines.where(AccountLog.account == clerk.name)).one()
    assert (line.actor, line.details) == ("system", {"basis": "QCVN 12:2026/BCA"})


def test_an_enterprise_rests_as_it_likes_and_is_found_and_suspended_where_it_has_its_rights(
    engine, clock, page, pass_days
):
    name = enterprise(engine, clock, 1)
    pass_days(50)
    here = page.as_(admin)
    found = here.get("/people?q=0100000001").text
    assert f"/people/{name}" in found and "1 tài khoản" in found
    assert f"/people/{name}" not in here.get("/people").text
    used(engine, leader)
    with engine.writing() as session:
        held = queries.find_account(session, leader.name)
        accounts.resume(session, held, origin=Origin("quantri", clock()), basis="QĐ 1")
    assert page.as_(leader).get(f"/people/{name}").status_code == 404
    states = []
    for done in ("suspend", "resume"):
        with engine.reading() as session:
            states.append(queries.find_account(session, name).status)
        assert here.post(f"/people/{name}/{done}", {"basis": "QĐ 1"}).status_code == 303
    assert states == ["active", "suspended"]
    assert "Tạm dừng tài khoản" in here.get(f"/people/{name}").text
    assert here.get(f"/people/{name}/why?right=inbox.work&unit=ban").status_code == 200


def test_the_holder_is_warned_once_for_each_rest_with_the_day(engine, pass_days):
    pass_days(37)
    assert letters_to(engine, clerk) == []
    pass_days(2)
    pass_days(1)
    warned = letters_to(engine, clerk)
    assert len(warned) == 1
    assert "07/01/2027" in warned[0]  # Forty-five days after Monday, 23 November 2026.
    used(engine, clerk)
    pass_days(39)
    assert len(letters_to(engine, clerk)) == 2
    assert status(engine, clerk) == "active"


def test_an_account_that_was_opened_again_rests_anew(engine, clock, pass_days):
    pass_days(46)
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        accounts.resume(session, account, origin=Origin(admin.name, clock()), basis="QĐ 1")
    pass_days(44)
    assert status(engine, clerk) == "active"
    pass_days(2)
    assert status(engine, clerk) == "suspended"


def test_one_administrator_stays_to_open_the_others_again(engine, pass_days):
    pass_days(400)
    with engine.reading() as session:
        active = sa.select(Account.user_name).where(Account.status == "active")
        assert set(session.scalars(active)) == {admin.name, applicant.user_name}


def test_how_long_an_account_may_rest_is_a_setting(engine, change_setting, pass_days):
    change_setting("account.idle_days", 10)
    change_setting("account.idle_notice_days", 0)
    pass_days(11)
    assert status(engine, clerk) == "suspended"


def test_the_clock_of_the_application_asks_once_an_hour(app, engine, clock, world):
    tick = app.extensions["tick"]
    tick.once()
    clock.advance(days=46)
    tick.once()
    assert status(engine, clerk) == "suspended"
    began_at = dict(tick.gone_at)
    clock.advance(minutes=59)
    tick.once()
    assert tick.gone_at == began_at


def test_what_failed_keeps_nothing_else_waiting_and_is_tried_at_the_next_tick(app, clock):
    tick = app.extensions["tick"]
    looked, others = [], []

    def away_once(_engine):
        looked.append(clock())
        if len(looked) == 1:
            raise OperationalError("select 1", {}, Exception("the database is away"))

    tick.rounds = (away_once, lambda _engine: others.append(clock()))
    tick.once()
    assert tick.last_at == tick.failed_at == clock()
    clock.advance(seconds=10)
    tick.once()
    tick.once()
    assert (len(looked), len(others)) == (2, 1)
