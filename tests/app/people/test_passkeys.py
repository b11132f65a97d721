"""Passkeys: added, shown alone or after the password, found out when copied, taken away."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.config import Config
from app.people import queries
from app.people.accounts import Application, changes, endings
from app.people.factors import holding
from app.people.factors.models import Passkey, RecoveryCode, SpentChallenge
from app.people.log import Origin
from app.people.login import links
from app.people.models import AccountLog
from engine.tables import Job
from tests.app.people.authenticators import Authenticator, is_kept
from tests.app.people.security_keys import HOST, SecurityKey, add, ask
from tests.worlds import PASSWORD, admin, clerk, nobody, stranger

GROUPS = "login.second_factor.groups"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def app(app):
    app.extensions["settings"] = replace(app.extensions["settings"], address=HOST)
    return app


@pytest.fixture
def desk(page):
    return page.as_(clerk)


@pytest.fixture
def key(desk):
    return add(desk, PASSWORD)


def log_in(page, key, **changed):
    question = ask(page, "/login/passkey/question")
    sent = {"answer": key.show(question, **changed), "next": "/account"}
    return page.post("/login/passkey", sent)


def events(engine, character=clerk):
    with engine.reading() as session:
        lines = sa.select(AccountLog.event).where(AccountLog.account == character.name)
        return list(session.scalars(lines.order_by(AccountLog.id)))


def told(engine):
    with engine.reading() as session:
        return [job.payload["text"] for job in session.scalars(sa.select(Job).order_by(Job.id))]


def opens(page):
    return page.get("/account").status_code == 200


def test_a_passkey_alone_opens_the_page_that_was_wanted(page, engine, key):
    answer = log_in(page, key)
    assert (answer.status_code, answer.location) == (303, "/account")
    assert opens(page)
    assert events(engine)[-2:] == ["passkey_added", "login"]
    with engine.reading() as session:
        line = session.scalars(sa.select(AccountLog).order_by(AccountLog.id.desc())).first()
    assert line.details["factor"] == "passkey"


def test_the_first_one_brings_recovery_codes_and_a_letter_and_ends_other_logins(
    page, desk, engine
):
    before = page.as_(clerk)
    add(desk, PASSWORD)
    assert not opens(before)
    assert is_kept(page.app, clerk)
    assert "khóa truy cập" in told(engine)[-1]
    text = desk.get("/account/second-factor").text
    assert "Khóa" in text
    other = page.as_(clerk)
    add(desk, "", name="Điện thoại")
    assert opens(other)


def test_after_the_password_it_stands_in_for_the_code(page, engine, key):
    answer = page.post("/login", {"user_name": clerk.name, "password": PASSWORD})
    assert answer.location == "/login/code"
    question = ask(page, "/login/code/passkey/question")
    assert len(question["allowCredentials"]) == 1
    assert not opens(page)
    sent = {"answer": key.show(question)}
    assert page.post("/login/code/passkey", sent).location == "/"
    assert opens(page)


def test_the_passkey_of_another_does_not(page, key):
    theirs = add(page.as_(stranger), PASSWORD)
    page.post("/login", {"user_name": clerk.name, "password": PASSWORD})
    sent = {"answer": theirs.show(ask(page, "/login/code/passkey/question"))}
    assert page.post("/login/code/passkey", sent).status_code == 422
    assert not opens(page)


@ONE_DATABASE
@pytest.mark.parametrize(
    "changed",
    [{"challenge": "AAAA"}, {"rpId": "other.example"}],
    ids=["another challenge", "another site's key"],
)
def test_an_answer_to_something_else_opens_nothing(page, key, changed):
    assert log_in(page, key, **changed).status_code == 422
    assert not opens(page)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("field", "value"), [("origin", "https://quytrinh.evil.example"), ("verifies", False)]
)
def test_neither_a_false_site_nor_a_device_that_asked_for_no_finger_opens_anything(
    page, key, field, value
):
    setattr(key, field, value)
    assert log_in(page, key).status_code == 422


@ONE_DATABASE
def test_a_device_that_asks_for_no_finger_is_not_added(desk):
    key = SecurityKey(verifies=False)
    question = ask(desk, "/account/passkeys/question", present=PASSWORD)
    sent = {"answer": key.make(question), "name": "x"}
    assert desk.post("/account/passkeys", sent).status_code == 422
    assert not is_kept(desk.app, clerk)


def test_an_answer_is_good_once_even_with_the_cookie_of_before(page, key):
    question = ask(page, "/login/passkey/question")
    with page.client.session_transaction() as cookie:
        asked = dict(cookie["passkey"])
    key.count = None  # Only the challenge can tell.
    with page.app.extensions["engine"].writing() as session:
        session.execute(sa.update(Passkey).values(sign_count=0))
    sent = {"answer": key.show(question)}
    assert page.post("/login/passkey", sent).status_code == 303
    thief = page.as_(nobody)
    with thief.client.session_transaction() as cookie:
        cookie["passkey"] = asked
    assert thief.post("/login/passkey", sent).status_code == 422


def test_spent_challenges_are_forgotten_when_they_are_too_old_anyway(page, clock, engine, key):
    log_in(page, key)
    clock.advance(minutes=6)
    log_in(page.as_(nobody), key)
    with engine.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SpentChallenge)) == 1


@ONE_DATABASE
def test_who_takes_longer_than_five_minutes_is_asked_again(page, clock, key):
    question = ask(page, "/login/passkey/question")
    clock.advance(minutes=5)
    sent = {"answer": key.show(question)}
    assert page.post("/login/passkey", sent).status_code == 422


def test_a_count_that_goes_back_tells_of_a_copy_and_ends_all_logins(page, desk, engine, key):
    log_in(page, key)
    key.count = 1
    thief = page.as_(nobody)
    assert log_in(thief, key).status_code == 422
    assert events(engine)[-2:] == ["passkey_copied", "session_ended"]
    assert not opens(desk)
    assert "hai thiết bị" in told(engine)[-1]
    key.count = 50
    assert log_in(page.as_(nobody), key).status_code == 422


@ONE_DATABASE
def test_devices_that_do_not_count_are_no_copies(page, desk):
    key = add(desk, PASSWORD, count=None)
    assert [log_in(page.as_(nobody), key).status_code for _ in range(2)] == [303, 303]


def test_nothing_tells_a_stranger_which_passkeys_or_accounts_exist(page, engine, key):
    def heard(answer):
        return answer.status_code, answer.text.split("<main", 1)[1].split("csrf_token")[0]

    unknown = log_in(page.as_(nobody), SecurityKey())
    with engine.writing() as session:
        session.execute(
            sa.text("UPDATE account SET status = 'suspended' WHERE user_name = 'anhpt'")
        )
    assert heard(unknown) == heard(log_in(page.as_(nobody), key))
    question = ask(page.as_(nobody), "/login/passkey/question")
    assert question.get("allowCredentials", []) == []


@ONE_DATABASE
def test_a_locked_account_stays_locked(page, key):
    for _ in range(5):
        page.post("/login", {"user_name": clerk.name, "password": "falsch"})
    assert log_in(page.as_(nobody), key).status_code == 422


@ONE_DATABASE
def test_it_is_added_only_by_who_has_just_shown_the_password(desk, clock):
    answer = desk.post("/account/passkeys/question", {"present": "falsch"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"]
    key = SecurityKey()
    question = ask(desk, "/account/passkeys/question", present=PASSWORD)
    clock.advance(minutes=6)
    sent = {"answer": key.make(question), "name": "x"}
    assert desk.post("/account/passkeys", sent).status_code == 422


@ONE_DATABASE
def test_it_stands_in_for_the_password_on_the_locked_screen_and_before_what_matters(
    page, clock, key
):
    desk = page.as_(nobody)
    log_in(desk, key)
    clock.advance(minutes=16)
    assert desk.get("/account").location.startswith("/login")
    question = ask(desk, "/session/proof/question")
    sent = {"answer": key.show(question), "next": "/account"}
    assert desk.post("/session/proof", sent).location == "/account"
    assert opens(desk)
    removed = desk.post("/account/passkeys/1/remove")
    assert removed.location == "/account/second-factor"
    assert not is_kept(page.app, clerk)


@ONE_DATABASE
def test_without_it_the_password_is_asked_before_one_is_removed(page, desk, clock, key):
    clock.advance(minutes=6)
    assert desk.post("/account/passkeys/1/remove").status_code == 422
    sent = {"present": PASSWORD}
    assert desk.post("/account/passkeys/1/remove", sent).status_code == 303


def test_either_kind_satisfies_who_must_have_a_second_factor(page, change_setting):
    office = page.as_(nobody)
    office.post("/login", {"user_name": admin.name, "password": PASSWORD})
    assert office.get("/people").status_code == 303
    add(office, "", name="Khóa bảo mật")
    assert office.get("/people").status_code == 200
    sent = {"present": PASSWORD}
    assert office.post("/account/passkeys/1/remove", sent).status_code == 409
    assert is_kept(page.app, admin)


@ONE_DATABASE
def test_nobody_renames_or_removes_the_passkey_of_another(page, desk, engine, key):
    other = page.as_(stranger)
    for path, sent in (("name", {"name": "Của tôi"}), ("remove", {"present": PASSWORD})):
        assert other.post(f"/account/passkeys/1/{path}", sent).status_code == 404
    sent = {"name": "  Máy cơ quan "}
    assert desk.post("/account/passkeys/1/name", sent).status_code == 303
    assert "Máy cơ quan" in desk.get("/account/second-factor").text
    assert events(engine)[-1] == "passkey_renamed"


@ONE_DATABASE
def test_an_administrator_takes_lost_ones_away_and_deleting_leaves_none(page, key):
    office = page.as_(admin)
    path = f"/people/{clerk.name}/second-factor/reset"
    assert office.post(path).status_code == 303
    assert not is_kept(page.app, clerk)
    assert log_in(page.as_(nobody), key).status_code == 422


@ONE_DATABASE
def test_at_another_address_no_passkey_is_offered(page, key):
    assert "data-passkey" in page.get("/login").text
    elsewhere = page.as_(nobody)
    assert "data-passkey" not in elsewhere.get("/login", base_url="http://127.0.0.1").text


def hand_over(session, account, origin):
    somebody = Application(full_name="Lê Văn Mới", email="moilv@sonhai.example")
    change = changes.Change("new_holder", "QĐ 1", holder=somebody)
    changes.carry_out(session, account, change, origin=origin)


def disclose(session, account, origin):
    links.void_password(session, account, origin=origin, basis="QĐ 1")


def close_and_reopen(session, account, origin):
    endings.close(session, account, origin=origin, basis="QĐ 1")
    endings.reopen(session, account, origin=origin, basis="QĐ 2")


@pytest.mark.parametrize("happens", [hand_over, disclose, close_and_reopen])
def test_the_devices_of_who_held_the_account_before_open_it_no_more(
    app, page, engine, clock, key, happens
):
    Authenticator(app, clerk)
    with engine.writing() as session:
        origin = Origin(admin.name, clock())
        happens(session, queries.find_account(session, clerk.name), origin)
    assert log_in(page, key).status_code == 422
    assert not is_kept(app, clerk)
    with engine.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode)) == 0
    assert events(engine).count("factor_reset") == 1


@ONE_DATABASE
def test_who_recovers_a_password_keeps_the_devices_and_must_choose_one(
    app, page, engine, clock, key
):
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        links.issue(session, account, origin=Origin(clerk.name, clock()))
        assert holding.kept(session, account) is not None
    assert log_in(page, key).location == "/password?next=/account"
    assert page.get("/account").status_code == 303


def test_one_machine_is_reached_by_the_name_to_which_passkeys_are_bound(tmp_path):
    alone = Config(home=tmp_path, database_url="sqlite://")
    assert alone.url == "http://localhost:8000"
    assert replace(alone, host="10.0.0.7").url == "http://10.0.0.7:8000"
    assert replace(alone, address="https://x.vn/").url == "https://x.vn"
