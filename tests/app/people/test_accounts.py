"""Opening accounts by the operations that drawings call."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa

from app.people import accounts, operations, queries
from app.people.log import Origin
from app.people.models import Account, AccountLog, Grant, OldPassword, Person, Post
from engine.errors import Rejected
from engine.ports import Call
from engine.world import run_operation
from tests import worlds

OPERATIONS = {operation.name: operation for operation in operations.operations()}
AN = {
    "full_name": "Nguyễn Văn An",
    "birth_date": date(1985, 3, 2),
    "sex": "male",
    "address": "12 Lê Lợi, phường Hồng Bàng",
    "position": "Chuyên viên",
    "unit": "p-dautu",
    "phone": "0912 345 678",
    "email": "An.NV@sonhai.example",
    "groups": [{"group": "chuyen-vien", "unit": "p-dautu", "below": False}],
}


def call(session, clock):
    return Call("k", clock(), 7, "TK-7", "haidq", "p-dautu", session)


def run(session, clock, name, **parameters):
    return run_operation(OPERATIONS[name], parameters, call(session, clock))


def test_an_approved_request_makes_the_account_with_its_rights(session, clock):
    result = run(session, clock, "accounts.create", **AN)
    actor = queries.actor_of(session, result["user_name"], clock())
    assert actor.label == "Nguyễn Văn An"
    assert actor.candidacies == {"chuyen-vien@p-dautu"}
    account = session.get_one(Account, result["account_id"])
    assert account.basis == "TK-7" and account.created_by == "haidq"
    assert account.must_change and account.password_hash is None


def test_the_new_holder_is_a_member_of_the_unit_with_the_position(session, clock):
    run(session, clock, "accounts.create", **AN)
    post = session.scalar(sa.select(Post).order_by(Post.id.desc()).limit(1))
    assert (post.unit_code, post.kind, post.title) == ("p-dautu", "member", "Chuyên viên")


def test_phone_and_address_are_kept_in_one_form(session, clock):
    run(session, clock, "accounts.create", **AN)
    person = session.scalar(sa.select(Person).where(Person.full_name == "Nguyễn Văn An"))
    assert (person.phone, person.email) == ("+84912345678", "an.nv@sonhai.example")


def test_a_name_asked_for_is_given_if_it_is_free(session, clock):
    assert run(session, clock, "accounts.create", **AN, wanted="an.ban")["user_name"] == "an.ban"


@pytest.mark.parametrize(
    "same",
    [
        {"email": "an.nv@SONHAI.example"},
        {"phone": "+84912345678"},
        {"full_name": "NGUYỄN  VĂN AN", "birth_date": date(1985, 3, 2)},
    ],
    ids=["e-mail", "mobile number", "name and birth date"],
)
def test_one_person_gets_one_account(session, clock, same):
    first = run(session, clock, "accounts.create", **AN)["user_name"]
    other = {
        "full_name": "Người Khác", "birth_date": date(1990, 1, 1), "email": "k@sonhai.example",
        "phone": "0987654321", "unit": "vp",
    } | same  # fmt: skip
    for operation in ("accounts.check", "accounts.create"):
        refused = run(session, clock, operation, **other)
        assert refused["$rejected"] == "ACCOUNT_EXISTS" and first in refused["message"]


def test_a_shared_desk_telephone_makes_nobody_the_same_person(session, clock):
    run(session, clock, "accounts.create", **AN | {"phone": "0225 3823 207"})
    other = {"full_name": "Lê Thị Ba", "unit": "vp", "phone": "02253823207"}
    assert run(session, clock, "accounts.check", **other) == {"free": True, "former": []}


def test_the_same_person_may_have_an_administration_account_beside(session, clock):
    run(session, clock, "accounts.create", **AN)
    second = AN | {"kind": "administrator", "groups": [{"group": "quan-tri-c2", "unit": "vp"}]}
    second |= {"training": "CC 12/STTTT"}
    result = run(session, clock, "accounts.create", **second)
    account = session.get_one(Account, result["account_id"])
    assert session.query(Person).filter_by(full_name="Nguyễn Văn An").count() == 1
    assert account.kind == "administrator" and account.user_name != "annv.bql"


def test_who_holds_a_closed_account_may_have_a_new_one_under_a_new_name(session, clock):
    first = run(session, clock, "accounts.create", **AN)
    session.get_one(Account, first["account_id"]).status = "closed"
    session.flush()
    second = run(session, clock, "accounts.create", **AN)
    assert second["user_name"] != first["user_name"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"groups": [{"group": "khong-co", "unit": "vp"}]}, "GROUP_UNKNOWN"),
        ({"groups": [{"group": "quan-tri-c1", "unit": "vp"}]}, "GROUP_NOT_FOR_KIND"),
        ({"unit": "huyen"}, "UNIT_UNKNOWN"),
        ({"wanted": "anhpt"}, "NAME_TAKEN"),
        ({"full_name": "李明"}, "NAME_IMPOSSIBLE"),
    ],
)
def test_a_refused_account_leaves_nothing_behind(session, clock, changes, code):
    before = [session.query(table).count() for table in (Account, Person, Grant, AccountLog)]
    assert run(session, clock, "accounts.create", **AN | changes)["$rejected"] == code
    after = [session.query(table).count() for table in (Account, Person, Grant, AccountLog)]
    assert after == before


def test_an_enterprise_is_named_by_its_code_whatever_the_tenants_policy(session, clock):
    enterprise = {
        "full_name": "Lưu Bảo Ân", "kind": "enterprise", "enterprise_code": "0200123456",
        "organisation": "Công ty TNHH ABC", "unit": "vp",
    }  # fmt: skip
    assert run(session, clock, "accounts.create", **enterprise)["user_name"] == "0200123456"
    again = enterprise | {"full_name": "Lê Văn Khác", "enterprise_code": "0200 123 456"}
    assert run(session, clock, "accounts.create", **again)["$rejected"] == "ACCOUNT_EXISTS"


def test_a_user_name_is_fixed_for_ever(session):
    account = queries.find_account(session, worlds.clerk.name)
    with pytest.raises(ValueError, match="fixed"):
        account.user_name = "khac"


def test_suspending_an_account_twice_is_logged_once(session, clock):
    for _ in range(2):
        run(session, clock, "accounts.suspend", account="anhpt", basis="QĐ 5")
    events = session.query(AccountLog).filter_by(event="account_suspended", account="anhpt")
    assert events.count() == 1


def test_an_unknown_account_is_an_error_that_drawings_know(session, clock):
    for name in ("accounts.suspend", "accounts.issue_first_link"):
        assert run(session, clock, name, account="ai")["$rejected"] == "ACCOUNT_UNKNOWN"


def test_a_misspelt_parameter_is_refused(session, clock):
    problems = OPERATIONS["accounts.create"].parameters().validate(AN | {"fullname": "x"})
    assert "fullname" in problems


def test_two_requests_at_once_for_one_person_make_one_account(engine, world, clock):
    def request(_):
        with engine.writing() as session:
            try:
                return operations.create(call(session, clock), dict(AN))["user_name"]
            except Rejected as refused:
                return refused.code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(request, range(4)))
    assert answers[:3] == ["ACCOUNT_EXISTS"] * 3 and answers[3].startswith("annv")


def test_every_opening_and_grant_stands_in_the_account_log(session, clock):
    name = run(session, clock, "accounts.create", **AN)["user_name"]
    lines = session.query(AccountLog).filter_by(account=name).order_by(AccountLog.id)
    assert [(line.event, line.actor) for line in lines] == [
        ("account_created", "haidq"),
        ("granted", "haidq"),
    ]
    assert lines[1].details["group"] == "chuyen-vien"


def test_the_account_log_cannot_be_changed(session, origin):
    account = queries.find_account(session, worlds.clerk.name)
    accounts.unlock(session, account, origin=origin)
    session.flush()
    for statement in (sa.delete(AccountLog), sa.update(AccountLog).values(actor="x")):
        with pytest.raises(sa.exc.DBAPIError), session.begin_nested():
            session.execute(statement)


def test_an_administrators_old_passwords_are_remembered(session, clock):
    from app.people.login import passwords

    account = queries.find_account(session, worlds.admin.name)
    passwords.set_password(session, account, "Mot-mat-khau-cu-1!")
    passwords.set_password(session, account, "Mot-mat-khau-moi-2!")
    session.flush()
    assert session.query(OldPassword).count() == 2
    found = passwords.problems(session, clock(), account, "Mot-mat-khau-cu-1!")
    assert [template for template, _ in found] == [
        "You have used this password before; choose another one."
    ]


def test_who_opened_an_account_may_be_the_system_itself(session, clock):
    application = accounts.Application(full_name="Lê Thị Ba", unit="vp")
    account = accounts.open_account(session, application, origin=Origin("system", clock()))
    assert account.created_by == "system"
