"""A lost password, recovered with the second factor; nothing is told to a stranger."""

import re

import pytest
import sqlalchemy as sa

from app.people import queries
from app.people.factors import holding
from app.people.login import links
from app.people.models import Account, AccountLog, FirstLink, OldPassword
from engine.tables import Job
from tests.app.people.authenticators import Authenticator
from tests.worlds import PASSWORD, clerk, colleague

NEW = "Bon-mua-la-2027!"


@pytest.fixture
def phone(app, world, clock):
    clock.advance(minutes=1)
    return Authenticator(app, clerk)


def ask(page, code, name=clerk.name):
    return page.post("/login/recover", {"user_name": name, "code": code})


def letters(engine):
    with engine.reading() as session:
        return [job.payload for job in session.scalars(sa.select(Job).order_by(Job.id))]


def link(app, engine):
    """The link of the last letter, as the mail system hands it over."""
    text = links.opened(letters(engine)[-1]["text"], app.config["SECRET_KEY"])
    return re.search(r"(/first-password/\S+)", text)[1]


def follow(page, app, engine):
    return page.post(link(app, engine), {"password": NEW, "repeated": NEW})


def test_a_code_brings_a_link_by_letter_and_the_login_asks_for_the_next_code(
    page, app, engine, clock, phone
):
    desk = page.as_(clerk)
    assert ask(page, phone.code()).status_code == 200
    assert letters(engine)[-1]["to"] == "anhpt@sonhai.example"
    assert desk.get("/account").status_code == 303
    assert page.post("/login", {"user_name": clerk.name, "password": PASSWORD}).status_code == 422
    clock.advance(minutes=1)
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        session.add(OldPassword(account=account, password_hash="x", set_at=clock()))
    shown = page.get(link(app, engine)).text
    assert "Mật khẩu cũ không còn dùng được." in shown and "hỏi tiếp yếu tố thứ hai" in shown
    assert "sẵn sàng" not in shown and "đăng nhập ngay" not in shown
    assert follow(page, app, engine).location == "/login/code"
    assert page.get("/account").status_code == 303
    assert page.post("/login/code", {"code": phone.code()}).location == "/"


def test_a_recovery_code_does_as_well_once(page, engine, phone):
    code = phone.recovery_codes[0]
    ask(page, code)
    assert len(letters(engine)) == 1
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        account.password_hash = "x"
    ask(page, code)
    assert len(letters(engine)) == 1


def test_every_answer_reads_the_same_and_only_the_right_code_sends_a_letter(page, engine, phone):
    def words(code, name=clerk.name):
        text = ask(page, code, name).text
        return re.sub(r'(value|content)="[^"]*"', "", text)

    wrong = words("000000")
    assert words("000000", "khong.co") == words(phone.code(), colleague.name) == wrong
    assert letters(engine) == []
    assert words(phone.code()) == wrong
    assert len(letters(engine)) == 1


def test_wrong_codes_lock_the_account(page, engine, phone):
    for _ in range(5):
        ask(page, "000000")
    ask(page, phone.code())
    assert letters(engine) == []
    with engine.reading() as session:
        events = sa.select(AccountLog.event).where(AccountLog.account == clerk.name)
        assert "locked" in session.scalars(events).all()
        assert session.scalars(sa.select(FirstLink)).all() == []


@pytest.mark.parametrize("change", [{"status": "closed"}, {"status": "suspended"}])
def test_an_account_that_is_not_open_recovers_nothing(page, engine, phone, change):
    with engine.writing() as session:
        session.execute(sa.update(Account).values(**change))
    ask(page, phone.code())
    assert letters(engine) == []


def test_the_same_statements_run_for_a_name_that_nobody_has(page, bind, phone):
    ran = []
    sa.event.listen(bind, "before_cursor_execute", lambda *call: ran.append(call[2]))

    def statements(name):
        ran.clear()
        ask(page, "000000", name)
        return list(ran)

    known = statements(clerk.name)
    assert len(known) > 3
    assert statements("khong.co") == statements(colleague.name) == known


def test_without_a_code_every_answer_and_every_statement_is_the_same(page, engine, bind, phone):
    ran = []
    sa.event.listen(bind, "before_cursor_execute", lambda *call: ran.append(call[2]))

    def answer(name):
        ran.clear()
        text = page.post("/login/recover", {"user_name": name, "disclosed": "yes"}).text
        return re.sub(r'(value|content)="[^"]*"', "", text), list(ran)

    known = answer(colleague.name)
    assert "quản trị viên của đơn vị đã nhận việc xác minh" in known[0] and len(known[1]) > 3
    assert answer("khong.co") == answer(clerk.name) == known
    with engine.reading() as session:
        asked = sa.select(AccountLog.account).where(AccountLog.event == "recovery_asked")
        names = session.scalars(asked.order_by(AccountLog.id)).all()
        assert names == [colleague.name, "", clerk.name]


def test_a_right_code_and_a_disclosed_password_end_every_second_factor_at_once(
    page, engine, phone
):
    desk = page.as_(clerk)
    page.post(
        "/login/recover", {"user_name": clerk.name, "code": phone.code(), "disclosed": "yes"}
    )
    assert desk.get("/account").status_code == 303 and len(letters(engine)) >= 1
    with engine.reading() as session:
        account = queries.find_account(session, clerk.name)
        assert account.password_hash is None and holding.kept(session, account) is None


def test_who_sends_no_user_name_is_asked_for_it_and_keeps_what_was_ticked(page):
    answer = page.post("/login/recover", {"user_name": " ", "code": "123456", "disclosed": "yes"})
    assert answer.status_code == 422 and "Hãy nhập tên đăng nhập." in answer.text
    assert 'value="123456"' in answer.text and 'value="yes" checked' in answer.text
