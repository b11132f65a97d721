"""Single sign-on on our pages, with a real provider: in, out, and who does not get in."""

from __future__ import annotations

import threading
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from app.people.models import Account, AccountLog, Grant, Login
from app.people.queries import find_account
from tests.adapters import providers
from tests.adapters.sink import free_port
from tests.app.people.authenticators import Authenticator
from tests.worlds import PASSWORD, admin, clerk, nobody, stranger

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HERE = "http://localhost"
PORT = free_port()
SAID = {
    "is_on": True, "name": "Tài khoản tỉnh", "name_en": "the province", "client_id": "quytrinh",
    "scopes": "profile email", "claim": "preferred_username", "groups_claim": "groups",
    "groups": "", "strong": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def provider():
    with providers.running(f"http://127.0.0.1:{PORT}") as address:
        yield address


@pytest.fixture
def setting(change_setting, provider):
    def change(**changed):
        change_setting("login.oidc.province", {**SAID, "issuer": provider, **changed})

    return change


@pytest.fixture
def app(app):
    secrets = {"province": providers.SECRET}
    app.extensions["settings"] = replace(
        app.extensions["settings"], address=HERE, oidc_secrets=secrets
    )
    return app


@pytest.fixture
def come(page, setting):
    """Somebody's browser goes to the provider and back: the answer to its coming."""
    setting()
    visitors = []

    def go(who=clerk.name, *, here=page, amr=""):
        visitors.append(providers.Visitor(who, amr))
        away = here.get("/login/with/province?next=/account")
        back = urlsplit(visitors[-1].go(away.location))
        return here.get(f"{back.path}?{back.query}")

    go.visitors = visitors
    yield go
    for visitor in visitors:
        visitor.close()


def events(engine, name=clerk.name):
    with engine.reading() as session:
        lines = sa.select(AccountLog).where(AccountLog.account == name).order_by(AccountLog.id)
        return [(line.event, line.details.get("reason")) for line in session.scalars(lines)]


def test_whom_the_provider_names_comes_to_the_page_that_was_wanted(page, come, engine):
    assert "Đăng nhập bằng Tài khoản tỉnh" in page.get("/login").text
    answer = come()
    assert (answer.status_code, answer.location) == (303, "/account")
    assert page.get("/account").status_code == 200
    assert events(engine) == [("login", None)]


@ONE_DATABASE
def test_it_makes_neither_accounts_nor_rights(page, come, engine):
    def count():
        with engine.reading() as session:
            tables = (Account, Grant)
            return [session.scalar(sa.select(sa.func.count()).select_from(t)) for t in tables]

    before = count()
    assert come("khong.co").status_code == 403
    assert come(clerk.name).status_code == 303
    assert count() == before


def test_a_stranger_a_closed_and_a_locked_account_look_the_same(page, come, engine):
    def heard(answer):
        text = answer.text.split("<main", 1)[1]
        return answer.status_code, text.split("csrf_token")[0]

    unknown = heard(come("khong.co", here=page.as_(nobody)))
    with engine.writing() as session:
        session.execute(sa.text("UPDATE account SET status='suspended' WHERE user_name='anhpt'"))
    assert heard(come(here=page.as_(nobody))) == unknown
    with engine.writing() as session:
        for column in ("status='active'", "locked_until='2027-01-01 00:00:00+00:00'"):
            session.execute(sa.text(f"UPDATE account SET {column} WHERE user_name='anhpt'"))
    assert heard(come(here=page.as_(nobody))) == unknown
    assert [reason for _event, reason in events(engine)] == ["locked"]


@ONE_DATABASE
@pytest.mark.parametrize(("groups", "status"), [("lanh-dao", 403), ("lanh-dao, can-bo", 303)])
def test_only_the_groups_that_the_settings_name_get_in(come, setting, groups, status):
    setting(groups=groups)
    assert come().status_code == status


@ONE_DATABASE
def test_a_mail_address_names_an_account_only_if_the_provider_has_verified_it(
    page, come, setting, engine
):
    setting(claim="email")
    assert come("anhpt").location == "/account"
    assert come("anhptx", here=page.as_(nobody)).status_code == 403


@ONE_DATABASE
def test_the_second_factor_is_asked_here_unless_the_provider_has_asked(
    app, page, come, clock, setting
):
    Authenticator(app, clerk)
    assert come().location == "/login/code?next=/account"
    setting(strong="otp mfa")
    assert come(here=page.as_(nobody)).location == "/login/code?next=/account"
    assert come(here=page.as_(nobody), amr="otp").location == "/account"


@ONE_DATABASE
@pytest.mark.parametrize("claim", ["preferred_username", "email"])
def test_it_opens_no_account_of_an_administrator_unless_the_settings_say_so(
    page, come, setting, claim
):
    setting(claim=claim)
    assert come(admin.name, here=page.as_(nobody)).status_code == 403
    setting(claim=claim, administrators=True)
    answer = come(admin.name, here=page.as_(nobody))
    assert answer.location.startswith("/account/second-factor")


@ONE_DATABASE
def test_it_is_not_offered_before_somebody_has_chosen_the_claim(page, setting):
    setting(claim="")
    assert "/login/with" not in page.get("/login").text


@ONE_DATABASE
def test_wrong_codes_add_up_over_many_single_sign_ons(app, page, come, engine):
    Authenticator(app, clerk)
    for _ in range(5):
        desk = page.as_(nobody)
        assert come(here=desk).location == "/login/code?next=/account"
        desk.post("/login/code", {"code": "000000"})
    assert come(here=page.as_(nobody)).status_code == 403
    assert [event for event, _reason in events(engine)].count("locked") == 1
    with engine.reading() as session:
        assert find_account(session, clerk.name).last_login_at is None


@ONE_DATABASE
def test_nobody_is_taken_for_the_holder_because_they_logged_in_there_this_morning(page, come):
    come()
    assert 'name="present"' in page.get("/account/second-factor").text
    come()  # Being logged in, they are asked at the provider again.
    assert 'name="present"' not in page.get("/account/second-factor").text


@ONE_DATABASE
def test_the_locked_screen_opens_only_for_who_has_logged_in_there_since(page, come, engine, clock):
    come()
    with engine.writing() as session:
        session.execute(sa.update(Login).values(locked_at=clock()))
    assert come().status_code == 303
    clock.advance(minutes=16)  # The provider's clock stands: it says that nobody came since.
    answer = come()
    assert answer.status_code == 403
    assert "vừa đăng nhập lại" in answer.text
    assert page.get("/account").status_code == 303


@ONE_DATABASE
def test_an_answer_that_this_browser_did_not_ask_for_opens_nothing(page, come, setting):
    visitor = providers.Visitor(stranger.name)
    theirs = page.as_(nobody)
    back = urlsplit(visitor.go(theirs.get("/login/with/province").location))
    visitor.close()
    answer = page.get(f"{back.path}?{back.query}")  # Somebody else's answer, sent as a link.
    assert answer.status_code == 403
    assert page.get("/account").status_code == 303
    with theirs.client.session_transaction() as cookie:
        cookie["oidc"] = {**cookie["oidc"], "nonce": "x"}
    answer = theirs.get(f"{back.path}?{back.query}")
    assert "thuộc về lần đăng nhập khác" in answer.text


@ONE_DATABASE
@pytest.mark.parametrize("state", ["", "&state=", "&state=x", "&state=%C4%91", "&state=%FF"])
def test_an_answer_without_a_login_under_way_opens_nothing(page, setting, state):
    setting()
    answer = page.get(f"/login/from/province?code=c{state}")
    assert answer.status_code == 403
    assert "không thuộc lần đăng nhập nào" in answer.text
    with page.client.session_transaction() as cookie:
        assert "login" not in cookie
    page.get("/login/with/province")
    assert page.get(f"/login/from/province?code=c{state}").status_code == 403


@ONE_DATABASE
def test_when_the_provider_is_down_a_sentence_says_so_and_the_password_serves(page, setting):
    setting(issuer="http://localhost:9")
    answer = page.get("/login/with/province")
    assert answer.status_code == 503
    assert "chưa trả lời" in answer.text
    sent = {"user_name": clerk.name, "password": PASSWORD}
    assert page.post("/login", sent).location == "/"


@ONE_DATABASE
def test_what_is_not_switched_on_is_not_offered(page, setting):
    setting(is_on=False)
    assert "/login/with" not in page.get("/login").text
    answer = page.get("/login/with/province")
    assert answer.status_code == 404
    assert "Cách đăng nhập này không được sử dụng" in answer.text
    assert 'name="password"' in answer.text


@ONE_DATABASE
def test_logging_out_here_offers_to_log_out_there(page, come):
    come()
    page.post("/logout")
    login = page.get("/login").text
    assert 'href="/logout/with/province"' in login
    away = page.get("/logout/with/province").location
    assert "id_token_hint" in away
    assert come.visitors[-1].go(away) == f"{HERE}/login"
    assert "/logout/with" not in page.get("/login").text


@ONE_DATABASE
def test_who_logs_out_at_the_provider_is_logged_out_here(app, page, come, engine):
    come()
    other = page.as_(clerk)
    server = make_server("127.0.0.1", PORT, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with engine.reading() as session:
            token = session.scalar(sa.text("SELECT max(id_token) FROM login"))
        end = urlsplit(page.get("/login/with/province").location)
        leave = f"{end.scheme}://{end.netloc}/session/end?id_token_hint={token}"
        back = f"&post_logout_redirect_uri={HERE}/login"
        come.visitors[-1].go(leave + back)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert page.get("/account").status_code == 303
    assert other.get("/account").status_code == 200
    assert page.post("/logout/from/province", {"logout_token": "x.y.z"}).status_code == 400
