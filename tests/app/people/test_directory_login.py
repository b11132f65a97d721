"""Logging in by the password of the directory: its groups, its silence, what it cannot give."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapters import ldap
from app.people import queries
from app.people.log import Origin
from app.people.models import Account, AccountLog, Grant
from app.people.outside import directory
from app.people.rights import grants, in_force
from tests.adapters import directories
from tests.adapters.directories import BASE, SEARCHER, SECRET, WORD
from tests.worlds import PASSWORD, admin, clerk, nobody, stranger

PEOPLE = {clerk.name: ["van-thu", "quan-tri"], stranger.name: []}
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LINES = [
    f"CN=van-thu, ou=groups, {BASE} => van-thu @ vp",
    f"cn=quan-tri,ou=groups,{BASE} => quan-tri-c1 @ ban",
]


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    with directories.running(tmp_path_factory.mktemp("slapd"), PEOPLE) as running:
        yield running


@pytest.fixture
def app(app):
    app.extensions["settings"] = replace(app.extensions["settings"], ldap_password=SECRET)
    return app


@pytest.fixture
def setting(change_setting, slapd):
    def change(**changed):
        found = {"is_on": True, "url": slapd.at("ldap"), "start_tls": False, "attribute": "uid"}
        found |= {"base": f"ou=people,{BASE}", "template": "", "bind_dn": SEARCHER}
        change_setting("login.ldap", {**found, "group_base": f"ou=groups,{BASE}", **changed})

    change()
    return change


def log_in(page, name=clerk.name, password=WORD):
    return page.as_(nobody).post("/login", {"user_name": name, "password": password})


def log(engine, event, name=clerk.name):
    with engine.reading() as session:
        lines = sa.select(AccountLog).where(AccountLog.account == name, AccountLog.event == event)
        return [line.details for line in session.scalars(lines.order_by(AccountLog.id))]


def groups_of(engine, character=clerk):
    with engine.reading() as session:
        rows = session.scalars(
            sa.select(Grant)
            .join(Account, Account.id == Grant.account_id)
            .where(Account.user_name == character.user_name, Grant.revoked_at.is_(None))
        )
        return {(row.group_key, row.unit_code): row.granted_by for row in rows}


def test_the_password_of_the_directory_opens_the_account_and_so_does_the_one_kept_here(
    page, engine, setting
):
    assert log_in(page).location == "/"
    assert log(engine, "login") == [{"factor": "ldap"}]
    assert log_in(page, password=PASSWORD).location == "/"
    assert log_in(page, password="sai").status_code == 422


def test_whom_only_the_directory_knows_does_not_get_in_and_a_stranger_hears_the_same(
    page, engine, setting
):
    def heard(answer):
        text = answer.text.split("<main", 1)[1].replace(f'value="{name}"', "")
        return answer.status_code, text.split("csrf_token")[0]

    answers = []
    for name in (clerk.name, "khong.co"):
        answers.append(heard(log_in(page, name, "sai")))
    assert answers[0] == answers[1]
    with engine.writing() as session:
        session.execute(sa.text("UPDATE account SET status='suspended' WHERE user_name='anhpt'"))
    name = clerk.name
    assert heard(log_in(page)) == answers[0]


def test_groups_give_what_the_settings_list_and_take_back_only_what_they_gave(
    page, engine, setting, change_setting
):
    before = groups_of(engine)
    change_setting("login.ldap.groups", LINES)
    log_in(page)
    assert groups_of(engine) == {**before, ("van-thu", "vp"): directory.HAND}
    assert [line["group"] for line in log(engine, "granted")] == ["van-thu"]
    assert [line["group"] for line in log(engine, "grant_refused")] == ["quan-tri-c1"]
    log_in(page)
    assert len(log(engine, "granted")) == 1
    change_setting("login.ldap.groups", [])
    log_in(page)
    assert groups_of(engine) == before
    assert [line["group"] for line in log(engine, "revoked")] == ["van-thu"]


def test_what_an_administrator_took_away_is_not_given_again(
    page, engine, setting, change_setting, clock
):
    change_setting("login.ldap.groups", LINES[:1])
    log_in(page)
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        row = session.scalars(sa.select(Grant).where(Grant.granted_by == directory.HAND)).one()
        grants.revoke(session, row, account, origin=Origin(admin.name, clock()), basis="QĐ 1")
    log_in(page)
    assert ("van-thu", "vp") not in groups_of(engine)
    assert [line["reason"] for line in log(engine, "grant_refused")] == [
        f"revoked by {admin.name}"
    ]


@ONE_DATABASE
@pytest.mark.parametrize(("changed", "days"), [({}, 7), ({"days": 2}, 2)])
def test_a_right_of_the_directory_ends_unless_a_login_there_renews_it(
    page, engine, setting, change_setting, clock, changed, days
):
    def has():
        with engine.reading() as session:
            held = in_force.held(session, queries.find_account(session, clerk.name), clock())
            return "van-thu" in {row.group.key for row in held}

    setting(**changed)
    change_setting("login.ldap.groups", LINES[:1])
    log_in(page)
    clock.advance(days=days)
    log_in(page)
    clock.advance(days=days)
    log_in(page, password=PASSWORD)
    assert has()
    clock.advance(days=1)
    log_in(page, password=PASSWORD)
    assert not has()
    log_in(page)
    assert has()


@ONE_DATABASE
def test_wrong_passwords_lock_the_account_for_the_directory_too(page, engine, setting):
    for _ in range(5):
        log_in(page, password="sai")
    assert log_in(page).status_code == 422


@ONE_DATABASE
def test_when_the_directory_is_silent_a_sentence_says_so_and_passwords_kept_here_serve(
    page, engine, setting
):
    setting(url="ldap://localhost:9")
    answer = log_in(page)
    assert answer.status_code == 503
    assert "chưa trả lời" in answer.text
    assert log_in(page, "khong.co").status_code == 503
    assert log_in(page, password=PASSWORD).location == "/"


@ONE_DATABASE
def test_its_silence_locks_out_nobody_who_has_no_password_here(page, engine, setting):
    with engine.writing() as session:
        session.execute(sa.text("UPDATE account SET password_hash=NULL WHERE user_name='anhpt'"))
    setting(url="ldap://localhost:9")
    for _ in range(6):
        assert log_in(page).status_code == 503
    setting()
    assert log_in(page).location == "/"


@ONE_DATABASE
def test_it_opens_no_account_that_administers(engine, world):
    asking = directory.Asking(engine, None)
    asking.found = ldap.Found(clerk.name, frozenset())
    with engine.reading() as session:
        opened = [asking.opens(queries.find_account(session, who.name)) for who in (clerk, admin)]
    assert opened == [True, False]


def test_an_empty_password_is_no_password(page, setting):
    assert log_in(page, password="").status_code == 422


@ONE_DATABASE
def test_the_locked_screen_opens_by_the_password_of_the_directory(page, clock, setting):
    desk = page.as_(nobody)
    desk.post("/login", {"user_name": clerk.name, "password": WORD})
    clock.advance(minutes=16)
    assert desk.get("/account").status_code == 303
    assert desk.post("/locked", {"password": "sai"}).status_code == 422
    assert desk.post("/locked", {"password": WORD}).status_code == 303
    assert desk.get("/account").status_code == 200


@ONE_DATABASE
def test_lines_that_pair_no_groups_are_refused_in_the_settings(page):
    sent = {"effective_from": "23/11/2026", "legal_basis": "QĐ 1"}
    office = page.as_(admin)
    for line, status in (("van-thu", 422), ("cn=a,dc=b => van-thu @ vp", 303)):
        answer = office.post("/settings/login.ldap.groups", {**sent, "value": line})
        assert answer.status_code == status, line
