"""The second factor: asked after the password, required by group or network, lost and reset."""

import re
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
import sqlalchemy as sa

from app.people.factors import holding, totp
from app.people.login import logins
from app.people.models import Account, AccountLog
from engine.tables import Job
from tests.app.people.authenticators import Authenticator, is_kept
from tests.worlds import PASSWORD, admin, clerk, stranger

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B
GROUPS = "login.second_factor.groups"
INSIDE = "login.second_factor.inside_networks"


@pytest.fixture
def phone(app, world, clock):
    clock.advance(minutes=1)
    return Authenticator(app, clerk)


def log_in(page, character=clerk, **more):
    return page.post("/login", {"user_name": character.name, "password": PASSWORD, **more})


def show(page, code, **more):
    return page.post("/login/code", {"code": code, **more})


def events(engine, character=clerk):
    with engine.reading() as session:
        lines = sa.select(AccountLog.event).where(AccountLog.account == character.name)
        return list(session.scalars(lines.order_by(AccountLog.id)))


def test_the_code_is_asked_after_the_password_and_opens_the_page_that_was_wanted(
    page, engine, phone
):
    assert log_in(page, next="/account").location == "/login/code?next=/account"
    assert page.get("/account").location.startswith("/login")
    assert page.get("/login/code?next=/account").status_code == 200
    assert show(page, phone.code(), next="/account").location == "/account"
    assert page.get("/account").status_code == 200
    assert events(engine) == ["password_right", "login"]


def test_a_wrong_password_reads_the_same_whether_there_is_a_second_factor_or_not(page, phone):
    def words(name):
        text = page.post("/login", {"user_name": name, "password": "Sai-mat-khau-1!"})
        return re.sub(r'(value|content)="[^"]*"', "", text.text)

    assert words(clerk.name) == words(stranger.name) == words("khong.co")


@pytest.mark.parametrize("path", ["/password", "/account/second-factor", "/locked", "/cases"])
def test_with_the_password_alone_no_other_page_opens(page, phone, path):
    log_in(page)
    answer = page.get(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/login")


def test_a_code_is_good_once(page, phone):
    code = phone.code()
    log_in(page)
    assert show(page, code).status_code == 303
    page.post("/logout")
    log_in(page)
    assert show(page, code).status_code == 422


def test_of_two_who_send_one_code_at_once_one_is_let_in(app, engine, phone):
    where = logins.Where("127.0.0.1")
    tokens = [logins.log_in(engine, clerk.name, PASSWORD, where) for _ in range(2)]
    code, key = phone.code(), app.config["SECRET_KEY"]

    def enter(token):
        with engine.reading() as session:
            login = logins.find(session, token, engine.clock())
        return holding.show(engine, login, code, where=where, key=key)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(token is None for token in pool.map(enter, tokens)) == [False, True]


@pytest.mark.parametrize(("seconds", "status"), [(-60, 422), (-30, 303), (30, 303), (60, 422)])
def test_a_clock_that_is_half_a_minute_wrong_does_no_harm(page, phone, seconds, status):
    log_in(page)
    assert show(page, phone.code(seconds)).status_code == status


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(clock, seconds, code):
    now = clock().fromtimestamp(seconds, tz=clock().tzinfo)
    assert totp.counter_of(code, RFC_SECRET, now) == seconds // 30
    assert totp.counter_of("000000", RFC_SECRET, now) is None


def test_wrong_codes_lock_the_account_however_often_the_password_is_right(page, engine, phone):
    for _ in range(5):
        log_in(page)
        assert show(page, "000000").status_code == 422
    assert events(engine).count("locked") == 1
    assert log_in(page).status_code == 422


def test_the_locked_screen_does_not_forget_wrong_codes_of_who_knows_the_password(
    page, engine, phone
):
    for _ in range(4):
        log_in(page)
        show(page, "000000")
        page.post("/locked", {"password": PASSWORD})
    with engine.reading() as session:
        assert (
            session.scalar(
                sa.select(Account.failed_count).where(Account.user_name == clerk.user_name)
            )
            == 4
        )


def test_who_shows_no_code_within_ten_minutes_begins_anew(page, clock, phone):
    log_in(page)
    clock.advance(minutes=11)
    assert show(page, phone.code()).location == "/login"


def test_the_cookie_of_before_the_code_is_worth_nothing_afterwards(page, app, phone):
    log_in(page)
    with page.client.session_transaction() as cookie:
        before = cookie["login"]
    show(page, phone.code())
    with page.client.session_transaction() as cookie:
        assert cookie["login"] != before
        cookie["login"] = before
    assert page.get("/account").status_code == 303


def test_a_recovery_code_lets_in_once_and_the_holder_is_told(page, engine, phone):
    code = phone.recovery_codes[0].upper().replace("-", " ")
    log_in(page)
    assert show(page, code).status_code == 303
    assert events(engine)[-2:] == ["recovery_code_used", "login"]
    assert "mã dự phòng" in told(engine)[-1]
    page.post("/logout")
    log_in(page)
    assert show(page, code).status_code == 422


def told(engine):
    """The texts of the letters to the clerk that are to be sent, the last written last."""
    with engine.reading() as session:
        jobs = session.scalars(sa.select(Job).order_by(Job.id)).all()
    assert all(job.payload["to"] == "anhpt@sonhai.example" for job in jobs)
    return [job.payload["text"] for job in jobs]


def test_the_codes_of_one_are_worth_nothing_to_another(app, page, phone):
    Authenticator(app, stranger)
    log_in(page, stranger)
    assert show(page, phone.recovery_codes[0]).status_code == 422
    assert show(page, phone.code()).status_code == 422


def set_up(page, **more):
    """Sets up an authenticator as the page shows it: the answer, with the codes."""
    text = page.get("/account/second-factor").text
    secret = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", text)[0].replace(" ", "")
    assert "<svg" in text
    now = int(page.app.extensions["engine"].clock().timestamp())
    return page.post("/account/second-factor", {"code": pyotp.TOTP(secret).at(now), **more})


def test_the_holder_sets_one_up_with_the_password_and_is_told(page, app, engine):
    desk, elsewhere = page.as_(clerk), page.as_(clerk)
    assert set_up(desk, present="falsch").status_code == 422
    answer = set_up(desk, present=PASSWORD)
    assert len(re.findall(r"<code>[a-z2-7]{4}(?:-[a-z2-7]{4}){3}</code>", answer.text)) == 10
    assert is_kept(app, clerk)
    assert (desk.get("/account").status_code, elsewhere.get("/account").status_code) == (200, 303)
    assert "factor_added" in events(engine)
    assert "ứng dụng xác thực" in told(engine)[-1]


def test_the_secret_and_the_recovery_codes_stand_nowhere_in_the_database(page, engine, phone):
    with engine.reading() as session:
        rows = [
            *session.execute(sa.text("SELECT * FROM totp")),
            *session.execute(sa.text("SELECT * FROM recovery_code")),
        ]
    kept = " ".join(map(str, rows)).upper()
    assert phone.secret not in kept
    assert phone.recovery_codes[0].replace("-", "").upper() not in kept


def test_an_administrator_sets_one_up_before_anything_else(page):
    assert log_in(page, admin).location == "/account/second-factor"
    assert page.get("/people").location.startswith("/login")
    assert set_up(page, next="/people").status_code == 200
    assert page.get("/people").status_code == 200


def test_which_groups_need_one_is_a_setting(page, change_setting):
    change_setting(GROUPS, [])
    assert log_in(page, admin).location == "/"
    change_setting(GROUPS, ["chuyen-vien"])
    assert log_in(page.as_(clerk), clerk).location == "/account/second-factor"


@pytest.mark.parametrize(
    ("networks", "required"),
    [
        ([], False),
        (["10.1.0.0/16"], True),
        (["10.1.0.0/16", "127.0.0.0/8"], False),
        (["không phải mạng"], True),
    ],
)
def test_who_comes_from_outside_needs_one(page, change_setting, networks, required):
    change_setting(INSIDE, networks)
    wanted = "/account/second-factor" if required else "/"
    assert log_in(page).location == wanted


def test_who_needs_one_cannot_remove_it(page, app, phone, change_setting):
    change_setting(GROUPS, ["chuyen-vien"])
    desk = page.as_(clerk)
    assert "/remove" not in desk.get("/account/second-factor").text
    answer = desk.post("/account/second-factor/remove", {"present": PASSWORD})
    assert answer.status_code == 409
    assert is_kept(app, clerk)


def test_the_holder_removes_it_with_the_password(page, app, engine, phone):
    desk = page.as_(clerk)
    assert desk.post("/account/second-factor/remove", {"present": "falsch"}).status_code == 422
    assert is_kept(app, clerk)
    assert desk.post("/account/second-factor/remove", {"present": PASSWORD}).status_code == 303
    assert not is_kept(app, clerk)
    assert log_in(page).location == "/"


def test_new_recovery_codes_make_the_ones_before_worthless(page, phone):
    desk = page.as_(clerk)
    answer = desk.post("/account/second-factor/codes", {"present": PASSWORD})
    new = re.search(r"<code>([^<]+)</code>", answer.text)[1]
    log_in(page)
    assert show(page, phone.recovery_codes[0]).status_code == 422
    assert show(page, new).status_code == 303


def test_an_administrator_takes_a_lost_one_away(page, app, engine, phone):
    office = page.as_(admin)
    desk = page.as_(clerk)
    path = f"/people/{clerk.name}/second-factor/reset"
    assert path in office.get(f"/people/{clerk.name}").text
    assert page.as_(stranger).post(path).status_code == 403
    assert office.post(path).status_code == 303
    assert not is_kept(app, clerk)
    assert desk.get("/account").status_code == 303
    assert "factor_reset" in events(engine)
    assert "Quản trị viên" in told(engine)[-1]
    assert path not in office.get(f"/people/{clerk.name}").text
