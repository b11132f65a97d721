"""Nobody comes to administer without proof of training, by whatever way (KH-11.1b)."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.people import operations, queries, rolls
from app.people.accounts import change_calls, endings
from app.people.models import Account, Grant, Person
from app.people.rights import change_calls as rights_calls
from app.people.rights import grants
from app.people.rights.grants import Membership
from app.people.rolls import calls as roll_calls
from engine.ports import Call
from engine.world import run_operation
from tests.worlds import admin, clerk, colleague

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
OPERATIONS = {
    one.name: one
    for one in (
        *operations.operations(),
        *change_calls.operations(),
        *rights_calls.operations(),
        *roll_calls.operations(lambda _sha256: b""),
    )
}
GROUP, PROOF = "quan-tri-don-vi", "Chứng nhận 27/CC-STTTT"
NEW = {"full_name": "Lê Văn Mới", "birth_date": date(1990, 1, 2), "unit": "p-dautu"}
ROW = NEW | {
    "row": 2, "unit_name": "x", "sex": None, "address": "", "position": "", "phone": None,
    "email": "moilv@x.vn", "group_names": "x", "present": None, "groups": [GROUP],
}  # fmt: skip
TODAY = date(2026, 11, 23)


def _administers(session, clock):
    """The clerk is in the group since before anybody asked for proof."""
    account = queries.find_account(session, clerk.name)
    session.add(Grant(
        account_id=account.id, group_key=GROUP, unit_code="p-dautu", valid_from=date(2026, 1, 1),
        granted_at=clock(), granted_by="x",
    ))  # fmt: skip
    session.flush()
    return account


def _closed(session, clock, origin):
    endings.close(session, _administers(session, clock), origin=origin, basis="x")


def _nothing(_session, _clock, _origin):
    pass


def _holds(session, clock, _origin):
    _administers(session, clock)


CHANGE = {"account": clerk.name, "within": None, "successor": colleague.name}
WAYS = {
    "accounts.create": (_nothing, NEW | {"groups": [{"group": GROUP, "unit": "p-dautu"}]}),
    "accounts.create_list": (_nothing, {"people": [ROW]}),
    "rights.change": (_nothing, {
        "subject": "account", "account": clerk.name, "effective_on": TODAY,
        "adds": [{"group": GROUP, "unit": "p-dautu"}],
    }),
    "accounts.change": (_nothing, CHANGE | {
        "kind": "transfer", "unit": "p-moitruong", "groups": [GROUP],
    }),
    "accounts.change new holder": (_holds, CHANGE | NEW | {"kind": "new_holder", "unit": None}),
    "accounts.reopen": (_closed, {"account": clerk.name, "new_name": False}),
    "accounts.reopen new name": (_closed, {"account": clerk.name, "new_name": True}),
}  # fmt: skip
CHECKS = {"accounts.change": "accounts.check_change", "rights.change": "rights.check"}


@ONE_DATABASE
@pytest.mark.parametrize("way", WAYS)
def test_every_procedure_asks_for_proof_and_keeps_it(session, clock, origin, way):
    before, given = WAYS[way]
    before(session, clock, origin)
    call = Call("k", clock(), 7, "TK-7", "haidq", "p-dautu", session)
    name = way.split(" ", maxsplit=1)[0]
    for operation in filter(None, (CHECKS.get(name), name)):
        refused = run_operation(OPERATIONS[operation], given, call)
        assert "minh chứng đào tạo" in refused["message"]
    session.expire_all()
    assert session.scalar(sa.select(Person.id).where(Person.training.is_not(None))) is None
    run_operation(OPERATIONS[name], given | {"training": PROOF}, call)
    session.flush()
    trained = sa.select(Account).join(Person).where(Person.training == PROOF)
    account = session.scalars(trained.where(Account.status == "active")).one()
    assert GROUP in {row.group_key for row in grants.not_over(session, account, TODAY)}


@ONE_DATABASE
def test_a_group_becomes_one_that_administers_only_with_trained_people(session, clock):
    given = {
        "subject": "group", "group": "kiem-toan", "duties_added": ["people.manage"],
        "effective_on": TODAY,
    }  # fmt: skip
    call = Call("k", clock(), 7, "TK-7", "haidq", "vp", session)
    refused = run_operation(OPERATIONS["rights.change"], given, call)
    assert refused["$rejected"] == "TRAINING_MISSING"
    for person in session.scalars(sa.select(Person)):
        person.training = PROOF
    assert "title" in run_operation(OPERATIONS["rights.change"], given, call)


@ONE_DATABASE
def test_a_row_of_a_list_proves_it_in_its_own_column(session, clock):
    actor = queries.actor_of(session, admin.name, clock())
    desk = rolls.Desk.of(session, actor, clock())
    head = "Họ và tên;Đơn vị;Ngày sinh;Nhóm quyền;Số chứng chỉ đào tạo quản trị\r\n"
    rows = f"Lê Văn Mới;vp;02/01/1990;{GROUP};\r\nLê Văn Lành;vp;03/01/1990;{GROUP};{PROOF}\r\n"
    roll = rolls.read((head + rows).encode("utf-8-sig"), "ds.csv")
    without, proven = roll.judge(session, desk, clock())
    assert [fault.code for fault in without.faults] == ["training_missing"]
    assert (proven.status, proven.application.training) == ("good", PROOF)


@ONE_DATABASE
def test_on_screen_a_right_to_administer_is_granted_with_proof_alone(page, engine):
    sent = {"group": GROUP, "unit": "p-dautu", "valid_from": "23/11/2026", "basis": "QĐ 9"}
    here = page.as_(admin)
    for proof in ("", " . ", "-"):
        given = sent | {"training": proof}
        assert here.post(f"/people/{clerk.name}/grants", given).status_code == 422
    assert here.post(f"/people/{clerk.name}/grants", sent | {"training": PROOF}).status_code == 303
    with engine.reading() as session:
        assert queries.find_account(session, clerk.name).person.training == PROOF


@ONE_DATABASE
def test_rights_still_to_come_follow_the_holder_to_the_new_name(session, clock, origin):
    account = queries.find_account(session, clerk.name)
    later, last = TODAY + timedelta(days=9), TODAY + timedelta(days=30)
    coming = Membership("van-thu", "vp")
    days = {"valid_from": later, "valid_to": last}
    grants.grant(session, account, coming, origin=origin, **days)
    session.flush()
    endings.close(session, account, origin=origin, basis="x")
    new = endings.follow(session, account, origin=origin, basis="QĐ 9")
    session.flush()
    assert grants.not_over(session, account, TODAY) == []
    got = {row.group_key: (row.valid_from, row.valid_to) for row in
           grants.not_over(session, new, TODAY)}  # fmt: skip
    assert got == {"chuyen-vien": (TODAY, None), "van-thu": (later, last)}


@ONE_DATABASE
def test_a_wrong_row_makes_no_clash_of_a_right_that_replaces_another(session, clock, origin):
    account = queries.find_account(session, clerk.name)
    held = grants.grant(
        session, account, Membership(GROUP, "p-dautu"), origin=origin, trained=PROOF
    )
    session.flush()
    given = {
        "subject": "account", "account": clerk.name, "effective_on": TODAY,
        "adds": [
            {"group": "bien-tap-thu-ky", "unit": "p-dautu"},
            {"group": "van-thu", "unit": "khong-co"},
        ],
        "ends": [str(held.id)],
    }  # fmt: skip
    call = Call("k", clock(), 7, "TK-7", "haidq", "p-dautu", session)
    refused = run_operation(OPERATIONS["rights.check"], given, call)
    assert "khong-co" in refused["message"]
    assert clerk.name not in refused["message"]
    refused = run_operation(OPERATIONS["rights.check"], given | {"ends": []}, call)
    assert "khong-co" in refused["message"] and clerk.name in refused["message"]
