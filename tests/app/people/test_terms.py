"""The terms of use: accepted once for each text, before anything else."""

import re
from datetime import date

import pytest
import sqlalchemy as sa

from app.people import queries
from app.people.accounts import Application, changes
from app.people.accounts.changes import Change
from app.people.log import Origin
from app.people.login import links
from app.people.models import Account, AccountLog
from tests.app.people.authenticators import Authenticator
from tests.worlds import PASSWORD, clerk

TEXT = ["Chỉ dùng cho việc công.", "Không cho mượn tài khoản."]


def log_in(page, **more):
    return page.post("/login", {"user_name": clerk.name, "password": PASSWORD, **more})


def accept(page, **more):
    version = re.search(r'name="version" value="(\w+)"', page.get("/terms").text)[1]
    return page.post("/terms", {"version": version, **more})


@pytest.fixture
def newcomer(engine, world):
    with engine.writing() as session:
        session.execute(sa.update(Account).values(terms_version=None))


def test_who_logs_in_first_accepts_the_terms_and_goes_on(page, engine, newcomer):
    assert log_in(page, next="/account").location == "/terms?next=/account"
    assert page.get("/account").location.startswith("/login")
    assert "mục đích hợp pháp" in page.get("/terms").text
    assert accept(page, next="/account").location == "/account"
    assert page.get("/account").status_code == 200
    with engine.reading() as session:
        lines = sa.select(AccountLog).where(AccountLog.event == "terms_accepted")
        line = session.scalars(lines).one()
        account = queries.find_account(session, clerk.name)
    assert account.terms_version.startswith(line.details["version"])
    assert account.terms_accepted_at == line.at


def test_accepted_terms_are_not_asked_again_until_they_change(page, change_setting):
    assert log_in(page).location == "/"
    change_setting("terms.text", TEXT)
    page.post("/logout")
    assert log_in(page).location == "/terms"
    assert all(line in page.get("/terms").text for line in TEXT)
    accept(page)
    page.post("/logout")
    assert log_in(page).location == "/"
    assert TEXT[0] in page.get("/terms").text


def test_no_terms_no_question(page, newcomer, change_setting):
    change_setting("terms.text", [])
    assert log_in(page).location == "/"


def test_a_text_that_changed_while_it_was_read_is_shown_anew(page, newcomer, change_setting):
    log_in(page)
    before = re.search(r'name="version" value="(\w+)"', page.get("/terms").text)[1]
    change_setting("terms.text", TEXT)
    answer = page.post("/terms", {"version": before})
    assert answer.status_code == 200 and TEXT[0] in answer.text
    assert page.get("/account").status_code == 303


def test_the_second_factor_comes_before_the_terms(page, app, newcomer):
    phone = Authenticator(app, clerk)
    assert log_in(page).location == "/login/code"
    assert page.post("/login/code", {"code": phone.code()}).location == "/terms"


def test_terms_follow_the_first_password(page, app, engine, clock, newcomer):
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        path, _ = links.issue(session, account, origin=Origin("quantri", clock()))
    link = links.opened(path, app.config["SECRET_KEY"])
    new = {"password": "Bon-mua-la-2027!", "repeated": "Bon-mua-la-2027!"}
    assert page.post(link, new).location == "/terms"


def test_the_new_holder_of_an_account_reads_the_terms_that_the_former_one_accepted(
    page, app, engine, clock
):
    holder = Application("Lê Văn Mới", birth_date=date(1991, 2, 3), email="moi@sonhai.example")
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        assert account.terms_version
        origin = Origin("quantri", clock())
        changes.carry_out(session, account, Change("new_holder", "QĐ 9", holder=holder),
                          origin=origin)  # fmt: skip
        path, _ = links.issue(session, account, origin=origin)
    new = {"password": "Bon-mua-la-2027!", "repeated": "Bon-mua-la-2027!"}
    link = links.opened(path, app.config["SECRET_KEY"])
    assert page.post(link, new).location == "/terms"


def test_a_shorter_password_is_enough_beside_a_second_factor(page, app, engine):
    short = {"present": PASSWORD, "password": "Ngan-1!x", "repeated": "Ngan-1!x"}
    desk = page.as_(clerk)
    assert desk.post("/password", short).status_code == 422
    Authenticator(app, clerk)
    assert desk.post("/password", short).status_code == 303
    # Without the second factor it would be too short: its holder chooses another.
    assert desk.post("/account/second-factor/remove", {"present": "Ngan-1!x"}).status_code == 303
    assert desk.get("/account").status_code == 303
    with engine.reading() as session:
        assert queries.find_account(session, clerk.name).must_change
