"""Rules of passwords, the first link, changing and being made to change."""

import email
import email.policy
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.people import queries
from app.people.log import Origin
from app.people.login import links, passwords
from app.people.models import AccountLog, FirstLink
from engine.ports import Call
from engine.tables import Job
from tests.worlds import PASSWORD, clerk, nobody

NEW = "Bon-mua-la-2027!"


@pytest.fixture
def issue(app, engine, world, clock):
    """Makes a one-time link of the clerk's account, whose password is unknown from then on."""

    def issued():
        with engine.writing() as session:
            account = queries.find_account(session, clerk.name)
            path, _ = links.issue(session, account, origin=Origin("quantri", clock()))
        return links.opened(path, app.config["SECRET_KEY"])

    return issued


@pytest.fixture
def link(issue):
    """The path of a one-time link of the clerk's account."""
    return issue()


def choose(page, path, password=NEW, repeated=NEW):
    return page.post(path, {"password": password, "repeated": repeated})


def log_in(page, password):
    return page.post("/login", {"user_name": clerk.name, "password": password})


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        (NEW, True),
        ("Ngắn-1!", False),
        ("khong-co-chu-hoa-1!", False),
        ("KHONG-CO-CHU-THUONG-1!", False),
        ("Khong-co-chu-so-nao!", False),
        ("KhongCoKyHieuNao2027", False),
        ("Day-la-AnhPT-2027-day!", False),
        ("A1!" + "a" * 200, False),
        ("Mùa-thu-ở-đây-2027!", True),
    ],
)
def test_the_rules_of_passwords(session, clock, password, is_good):
    account = queries.find_account(session, clerk.name)
    assert (not passwords.problems(session, clock(), account, password)) == is_good


def test_a_password_typed_with_separate_marks_is_the_same_password():
    import unicodedata

    kept = passwords.hashed("Mùa-thu-ở-đây-2027!")
    assert passwords.matches(unicodedata.normalize("NFD", "Mùa-thu-ở-đây-2027!"), kept)


def test_the_holder_of_the_link_chooses_a_password_and_is_logged_in(page, link, engine, clock):
    assert clerk.label in page.get(link).text
    assert choose(page, link).location == "/"
    with engine.reading() as session:
        assert queries.find_account(session, clerk.name).last_login_at == clock()
    assert page.get("/account").status_code == 200
    assert log_in(page.as_(nobody), NEW).status_code == 303


def test_a_link_works_once(page, link):
    choose(page, link)
    for answer in (page.as_(nobody).get(link), choose(page.as_(nobody), link, "Khac-han-2027!!")):
        assert answer.status_code == 404 and "/login" in answer.text


def test_a_link_is_worth_nothing_after_its_time(page, link, clock):
    clock.advance(hours=72, seconds=1)
    assert page.get(link).status_code == 404


def test_a_newer_link_replaces_the_one_before(page, link, issue):
    newer = issue()
    assert page.get(link).status_code == 404
    assert page.get(newer).status_code == 200


def test_an_invented_link_looks_like_a_used_one(page, link):
    choose(page, link)
    used = page.as_(nobody).get(link)
    invented = page.as_(nobody).get("/first-password/khong-co")
    assert used.status_code == invented.status_code == 404


def test_a_new_link_ends_the_old_password_and_all_logins(page, issue):
    there = page.as_(clerk)
    issue()
    assert there.get("/account").status_code == 303
    assert log_in(page.as_(nobody), PASSWORD).status_code == 422


def test_the_token_of_a_link_is_kept_nowhere(engine, link):
    token = link.rsplit(".", 1)[1]
    with engine.reading() as session:
        row = session.scalars(sa.select(FirstLink)).one()
        lines = session.scalars(sa.select(AccountLog)).all()
    assert token not in repr(vars(row)) and token not in repr([line.details for line in lines])


def test_a_link_in_a_journal_is_worth_nothing_and_in_the_letter_it_works(
    page, app, engine, clock, settings
):
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        path, _ = links.issue(session, account, origin=Origin("quantri", clock()))
    assert page.get(path).status_code == 404
    letter = {"to": "a@sonhai.example", "subject": "Tài khoản", "text": f"Mở {path} rồi đặt"}
    mail = engine.surroundings.operations["mail.send"]
    mail.run(Call("k", clock(), 1, "TK-1", "system", None), letter)
    sent = b"".join(file.read_bytes() for file in (settings.home / "mail").rglob("*.eml"))
    text = email.message_from_bytes(sent, policy=email.policy.default).get_body().get_content()
    opened = re.search(r"/first-password/\S+", text)[0]
    assert opened.startswith(f"{path}.") and page.get(opened).status_code == 200


@pytest.mark.parametrize(
    ("password", "repeated", "field"),
    [("ngắn", "ngắn", "password"), (NEW, "Khac-han-2027!!", "repeated")],
)
def test_what_is_wrong_stands_beside_its_field_and_the_link_still_works(
    page, link, password, repeated, field
):
    answer = choose(page, link, password, repeated)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert choose(page, link).status_code == 303


def test_the_first_password_tells_the_case_that_opened_the_account_once(
    page, engine, case, link, issue
):
    case.start("account-grant-internal", as_=clerk)
    with engine.writing() as session:
        queries.find_account(session, clerk.name).basis = case.code
    choose(page, link)
    choose(page.as_(nobody), issue(), "Khac-han-2027!!", "Khac-han-2027!!")
    with engine.reading() as session:
        job = session.scalars(sa.select(Job).where(Job.key.startswith("first-login:anhpt:"))).one()
    assert job.payload["message"] == "account.first_login"
    assert job.payload["correlation"] == "anhpt"


def test_no_case_is_told_of_an_account_that_none_has_opened(page, engine, link):
    choose(page, link)
    with engine.reading() as session:
        assert session.scalars(sa.select(Job)).all() == []


def test_changing_asks_for_the_present_password(page):
    here = page.as_(clerk)
    data = {"present": "Sai-roi-1!", "password": NEW, "repeated": NEW}
    assert here.post("/password", data).status_code == 422
    assert here.post("/password", data | {"present": PASSWORD}).status_code == 303
    assert log_in(page.as_(nobody), NEW).status_code == 303


def test_how_long_a_password_is_follows_the_setting_from_its_day_on(page, clock, change_setting):
    change_setting("password.min_length", 20, clock().date() + timedelta(days=1))
    desk = page.as_(clerk)
    given = {"present": PASSWORD, "password": NEW, "repeated": NEW}
    assert desk.post("/password", given).status_code == 303
    clock.advance(days=1)
    other = NEW.replace("2027", "2028")
    log_in(page, NEW)
    given = {"present": NEW, "password": other, "repeated": other}
    assert "20 ký tự" in page.post("/password", given).text
    longer = {"password": f"{other}-xanh", "repeated": f"{other}-xanh"}
    assert page.post("/password", given | longer).status_code == 303


def test_changing_the_password_ends_the_logins_elsewhere(page):
    here, there = page.as_(clerk), page.as_(clerk)
    here.post("/password", {"present": PASSWORD, "password": NEW, "repeated": NEW})
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303


def test_the_present_password_is_no_new_one(page):
    data = {"present": PASSWORD, "password": PASSWORD, "repeated": PASSWORD}
    assert page.as_(clerk).post("/password", data).status_code == 422


def test_who_must_change_the_password_sees_nothing_before(page, engine):
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        passwords.set_password(session, account, PASSWORD, must_change=True)
    answer = page.post(
        "/login", {"user_name": clerk.name, "password": PASSWORD, "next": "/account"}
    )
    assert answer.location == "/password?next=/account"
    assert page.get("/account").location == "/login?next=/account"
    assert 'name="present"' not in page.get("/password").text
    answer = page.post("/password", {"password": NEW, "repeated": NEW, "next": "/account"})
    assert answer.location == "/account"
    assert page.get("/account").status_code == 200


def test_a_stranger_changes_nobodys_password(page):
    assert page.as_(nobody).get("/password").status_code == 303
    assert page.as_(nobody).post("/password", {"password": NEW}).status_code == 303


def test_one_address_cannot_try_links_without_end(settings, bind, world, clock):
    from dataclasses import replace

    from app import create_app

    client = create_app(replace(settings, rate_limits=True), clock=clock, bind=bind).test_client()
    answers = [client.get(f"/first-password/{n}").status_code for n in range(61)]
    assert answers[:60] == [404] * 60 and answers[60] == 429


def test_how_often_one_address_may_try_is_a_setting(settings, bind, world, clock, change_setting):
    from dataclasses import replace

    from app import create_app

    change_setting("login.tries_per_minute", 5)
    client = create_app(replace(settings, rate_limits=True), clock=clock, bind=bind).test_client()
    answers = [client.get(f"/first-password/{n}").status_code for n in range(6)]
    assert answers == [404] * 5 + [429]
