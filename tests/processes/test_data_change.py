"""Data and catalogues change by an approved request, and are brought back by the same case."""

from __future__ import annotations

import contextlib
import io
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.sandbox import Mailbox
from app.corrections import queries as corrections
from app.corrections.models import Correction
from app.demo import paper
from app.operations import queries as settings
from app.people.accounts import Application, changes
from app.people.log import Origin
from app.people.models import AccountLog, UnitSpan
from app.people.queries import find_account
from engine import views
from engine.calendar import ZONE
from engine.ending import TooLateToCancel
from engine.errors import NotPermitted, NotYourTask, OwnMatter, SameHand
from engine.forms import FormErrors
from engine.tables import Wait
from tests.cases import CaseUnderTest
from tests.processes.in_force import database_with
from tests.processes.test_rights_change import give
from tests.worlds import (
    Character,
    admin,
    chief,
    clerk,
    colleague,
    director,
    leader,
    office,
    owner,
    stranger,
)

KEY = "data-change"
DRAFT, CONFIRM, CHECK = "Lập đề nghị", "Xác nhận đề nghị", "Thẩm định đề nghị"
LEADER, SECOND = "Lãnh đạo Ban duyệt", "Duyệt lần hai"
UNDO, APPROVE = "Duyệt hoàn tác", {"choice": "approve"}
DEPARTMENT, PROVINCE = "Sở phê duyệt", "Văn phòng, Nội vụ duyệt"
REQUEST = {
    "kind": "person",
    "item": clerk.name,
    "changes": [{"field": "birth_date", "after": "5/6/1991"}, {"field": "sex", "after": "nữ"}],
    "ground": "duty",
    "grounds": "Ngày và tháng sinh bị ghi sai khi lập tài khoản.",
    "effective_on": date(2026, 11, 23),
}
HOURS = {"kind": "setting", "item": "link.hours", "changes": [{"field": "value", "after": "48"}]}
NAME = {
    "kind": "setting",
    "item": "agency.name",
    "changes": [{"field": "value", "after": "Ban X"}],
}


def in_force(case: CaseUnderTest) -> None:
    """The procedure, two further officers and a further leader."""
    case.deploy(KEY)
    with case.engine.writing() as session:
        for character, group, unit in (
            (owner, "van-phong", "vp"),
            (stranger, "lanh-dao-ban", "ban"),
            (colleague, "van-phong", "vp"),
        ):
            give(session, character, group, unit, case.engine.clock())


database_url = database_with("correcting", in_force)


def paper_of(case: Any, by: Character) -> list[int]:
    scan = io.BytesIO(paper.scan(case.code))
    return [case.engine.attach(case.id, "can-cu.pdf", scan, actor=case.actor(by)).id]


def ask(case: Any, by: Character = colleague, **changed: Any) -> None:
    """The request is filled in and sent."""
    case.start(KEY, by)
    evidence = paper_of(case, by)
    case.complete(DRAFT, by, request={**REQUEST, **changed, "evidence": evidence})


def approved(case: Any, **changed: Any) -> None:
    """The leadership has approved a unit's request."""
    ask(case, **changed)
    case.complete(CONFIRM, leader, confirm={"choice": "confirm"})
    case.complete(CHECK, office, check={"choice": "forward"})
    case.complete(LEADER, director, decision={"choice": "approve"})


def office_asks(case: Any, **changed: Any) -> None:
    """The Office's request has the first approval."""
    ask(case, owner, **changed)
    case.complete(CONFIRM, chief, confirm={"choice": "confirm"})
    case.complete(CHECK, office, check={"choice": "forward"})
    case.complete(LEADER, director, decision={"choice": "approve"})


def person(case: Any, name: str = clerk.name) -> Any:
    with case.engine.reading() as session:
        found = find_account(session, name)
        return found.name, found.person.birth_date, found.person.sex


def undo(case: Any, by: Character) -> None:
    with case.engine.reading() as session:
        query = sa.select(Wait.token).where(Wait.case_id == case.id, Wait.kind == "message")
        token = session.scalars(query).one()
    case.engine.send(case.id, token, {"reason": "Giấy khai sinh ghi khác."}, actor=case.actor(by))
    case.tick()


def setting(case: Any, name: str) -> Any:
    with case.engine.reading() as session:
        return settings.setting(session, name, settings.today(case.engine.clock()))


def test_a_birth_date_is_corrected_and_its_history_names_the_case(case, clock):
    approved(case)
    assert person(case) == (clerk.name, date(1991, 6, 5), "female")
    with case.engine.reading() as session:
        rows = corrections.history(session, "person", [clerk.name])
        lines = session.scalars(
            sa.select(AccountLog).where(AccountLog.event == "person_corrected")
        ).all()
    said = {row.field: (row.before, row.after, row.case_code) for row in rows}
    assert said["birth_date"] == ("01/01/1990", "05/06/1991", case.code)
    assert [(line.account, line.details["basis"]) for line in lines] == [(clerk.name, case.code)]
    clock.at("2026-12-02 08:00")
    case.tick()
    assert case.row.outcome == "Đã điều chỉnh"
    assert case.verify().holds


@pytest.mark.parametrize(
    ("field", "after", "said"),
    [("phone", "12", "10 chữ số"), ("email", "a@", "không phải địa chỉ thư điện tử")],
)
def test_a_number_or_address_that_is_none_comes_back_at_once(case, field, after, said):
    ask(case, changes=[{"field": field, "after": after}])
    assert case.waits_at(DRAFT)
    with case.engine.reading() as session:
        actor, now = case.actor(colleague), case.engine.clock()
        data = views.case(session, case.engine.mover, case.id, actor, now).data
    assert said in str(data)


def test_a_setting_names_what_there_is(case):
    change = [{"field": "value", "after": "khong-co"}]
    ask(case, owner, kind="setting", item="account.kept_groups", changes=change)
    assert case.waits_at(DRAFT)


def test_a_change_of_data_begins_today_or_later(case):
    with pytest.raises(FormErrors):
        ask(case, effective_on=date(2020, 1, 1))


def test_who_approves_can_bring_the_values_before_back(case, request):
    config = request.getfixturevalue("settings")  # The name is the module's here.
    before = person(case)
    approved(case)
    with pytest.raises(NotPermitted):
        undo(case, clerk)
    with pytest.raises(TooLateToCancel):
        case.engine.cancel(case.id, "Nhầm", actor=case.actor(director))
    undo(case, director)
    case.complete(UNDO, director, undo_decision=APPROVE)
    assert person(case) == before
    with case.engine.reading() as session:
        rows = session.scalars(sa.select(Correction).order_by(Correction.id)).all()
    assert [row.undoes for row in rows] == [None, None, rows[0].id, rows[1].id]
    assert case.row.outcome == "Đã xử lý hoàn tác"
    letters = [one.text for one in Mailbox(config.home / "mail").letters()]
    assert any("đến hết ngày 1/12/2026." in one for one in letters)
    assert any("05/06/1991 → 01/01/1990" in one for one in letters if "hoàn tác" in one)
    assert case.verify().holds


def test_what_two_approved_two_undo(case, page):
    office_asks(case, **HOURS)
    asked = page.as_(office).get(f"/tasks/{case.task(SECOND).id}").text
    assert f"{director.label} đã duyệt lần một, ngày 23/11/2026" in asked
    assert "Giá trị trước và sau" in asked
    case.complete(SECOND, stranger, second=APPROVE)
    after = setting(case, "link.hours")
    waits = page.as_(director).get(f"/cases/{case.id}").text
    assert "Đã điều chỉnh, còn hoàn tác được đến 01/12/2026 17:00" in waits
    assert "Hủy vụ việc" not in waits
    undo(case, chief)
    told = page.as_(director).get(f"/cases/{case.id}").text
    assert "Lý do hoàn tác: Giấy khai sinh ghi khác." in told
    with pytest.raises(NotYourTask):
        case.complete(UNDO, chief, undo_decision=APPROVE)
    case.complete(UNDO, director, undo_decision=APPROVE)
    with pytest.raises(SameHand):
        case.complete("Duyệt hoàn tác lần hai", director, undo_second=APPROVE)
    assert setting(case, "link.hours") == after
    case.complete("Duyệt hoàn tác lần hai", stranger, undo_second=APPROVE)
    assert setting(case, "link.hours") != after


def test_nobody_brings_their_own_data_back(case):
    change = {"field": "birth_date", "after": "5/6/1991"}
    ask(case, owner, other_item=director.name, changes=[change])
    case.complete(CONFIRM, chief, confirm={"choice": "confirm"})
    case.complete(CHECK, office, check={"choice": "forward"})
    case.complete(LEADER, stranger, decision=APPROVE)
    undo(case, director)
    with pytest.raises(OwnMatter):
        case.complete(UNDO, director, undo_decision=APPROVE)


@pytest.mark.parametrize("agreed_once", [False, True])
def test_an_undoing_that_nobody_answers_in_time_ends(case, clock, settings, agreed_once):
    office_asks(case, **HOURS)
    case.complete(SECOND, stranger, second=APPROVE)
    after = setting(case, "link.hours")
    clock.at("2026-11-30 16:00")
    undo(case, chief)
    # Asked for in the last hour, it is answered within a working day.
    waits = UNDO
    assert f"{case.task(UNDO).due_at.astimezone(ZONE):%d/%m %H}" == "01/12 17"
    if agreed_once:
        case.complete(UNDO, director, undo_decision=APPROVE)
        waits = "Duyệt hoàn tác lần hai"
    clock.at("2026-12-01 15:00")
    case.tick()
    assert case.waits_at(waits)
    clock.at("2026-12-01 17:30")
    case.tick()
    assert case.row.outcome == "Đã điều chỉnh, không hoàn tác"
    assert setting(case, "link.hours") == after
    letters = {one.subject: one.text for one in Mailbox(settings.home / "mail").letters()}
    told = {subject.split(" điều chỉnh")[0]: text for subject, text in letters.items()}
    assert "chỉ còn 4 giờ" in told["Sắp hết hạn trả lời: hoàn tác"]
    assert "hết hạn trả lời mà chưa đủ ý kiến đồng ý" in told["Không hoàn tác"]
    assert case.verify().holds


def test_a_value_that_changed_meanwhile_comes_back_with_both(case, clock):
    approved(case, effective_on=date(2026, 11, 30))
    with case.engine.writing() as session:
        find_account(session, clerk.name).person.birth_date = date(1990, 2, 3)
    clock.at("2026-11-30 00:00")
    case.tick()
    assert case.waits_at(DRAFT)
    said = str(case.entries()[-1].facts)
    assert "03/02/1990" in said and "01/01/1990" in said
    assert person(case)[1] == date(1990, 2, 3)
    assert case.verify().holds


def test_settings_need_two_leaders(case):
    office_asks(case, **HOURS)
    assert case.waits_at(SECOND)
    with pytest.raises(SameHand):
        case.complete(SECOND, director, second={"choice": "approve"})
    case.complete(SECOND, stranger, second={"choice": "approve"})
    assert setting(case, "link.hours") == 48
    with case.engine.reading() as session:
        assert settings.history(session, "link.hours")[0].legal_basis == case.code


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_setting_changes_by_the_clock_on_its_day(case, clock):
    office_asks(case, **HOURS, effective_on=date(2026, 11, 24))
    case.complete(SECOND, stranger, second={"choice": "approve"})
    assert setting(case, "link.hours") != 48
    clock.at("2026-11-24 08:00")
    with case.app.app_context():  # As the served clock ticks: no request is under way.
        case.tick()
    assert setting(case, "link.hours") == 48


def test_initial_data_are_approved_by_the_department_and_the_province(case):
    office_asks(case, **NAME)
    answer = {"document_no": "88/STTTT", "signed_on": date(2026, 11, 20)}
    approval = {"choice": "approve", **answer}
    scan = paper_of(case, office)
    assert case.waits_at(DEPARTMENT)
    case.complete(DEPARTMENT, colleague, department={**approval, "scan": scan})
    assert setting(case, "agency.name") != "Ban X"
    with case.engine.writing() as session:
        give(session, stranger, "van-phong", "vp", case.engine.clock())
    case.complete(PROVINCE, stranger, province={**approval, "scan": scan})
    assert setting(case, "agency.name") == "Ban X"
    assert case.verify().holds


def test_a_unit_is_renamed_from_the_day_on(case):
    approved(
        case, kind="unit", item="p-dautu", changes=[{"field": "name", "after": "Phòng Đầu tư"}]
    )
    with case.engine.reading() as session:
        query = sa.select(UnitSpan.name, UnitSpan.basis).where(UnitSpan.unit_code == "p-dautu")
        spans = session.execute(query.order_by(UnitSpan.valid_from)).all()
    assert [tuple(span) for span in spans][-1] == ("Phòng Đầu tư", case.code)
    assert len(spans) == 2


NOT_POSSIBLE: tuple[dict[str, Any], ...] = (
    {"item": stranger.name},
    {"changes": [{"field": "birth_date", "after": "31/02/1991"}]},
    {"changes": [{"field": "birth_date", "after": "1/1/1990"}]},
    {"changes": [{"field": "user_name", "after": "khac"}]},
    {"kind": "unit", "item": "vp", "changes": [{"field": "name", "after": "Văn phòng 2"}]},
    HOURS,
)


def test_what_does_not_fit_the_data_goes_no_further(case):
    for changed in NOT_POSSIBLE:
        with contextlib.suppress(FormErrors):
            ask(case, **changed)
        assert case.waits_at(DRAFT), changed


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_all_values_that_cannot_be_are_named_at_once(case):
    wrong = {"birth_date": "1/1/2020", "email": "khong-co", "sex": "x"}
    ask(case, changes=[{"field": name, "after": text} for name, text in wrong.items()])
    assert case.waits_at(DRAFT)
    with case.engine.reading() as session:
        actor, now = case.actor(colleague), case.engine.clock()
        data = views.case(session, case.engine.mover, case.id, actor, now).data
    told = data["unknown"]["error_message"]
    assert "tuổi phải từ 16 đến 100" in told
    assert "không phải địa chỉ thư điện tử" in told and "ghi Nam hoặc Nữ" in told


@pytest.mark.parametrize("is_done_before", [False, True])
def test_what_was_approved_of_one_holder_is_not_done_to_the_next(
    case, clock, page, is_done_before
):
    wanted = [{"field": "sex", "after": "nữ"}]
    day = {} if is_done_before else {"effective_on": date(2026, 11, 30)}
    approved(case, changes=wanted, **day)
    clock.advance(minutes=1)
    with case.engine.writing() as session:
        new = Application(
            full_name="Lê Văn Mới", birth_date=date(1990, 1, 2), sex="male" if not is_done_before
            else "female", email="moilv@sonhai.example", unit="p-dautu",
        )  # fmt: skip
        order = changes.Change("new_holder", "QĐ 7", position="Chuyên viên", holder=new)
        held = find_account(session, clerk.name)
        changes.carry_out(session, held, order, origin=Origin(admin.name, case.engine.clock()))
    before = person(case)
    if is_done_before:
        undo(case, chief)
        case.complete(UNDO, director, undo_decision=APPROVE)
    else:
        clock.at("2026-11-30 00:00")
        case.tick()
    assert person(case) == before
    assert "Đổi Giới tính" not in page.as_(admin).get(f"/people/{clerk.name}").text


def test_who_asks_reads_nothing_of_others_that_they_are_not_shown(case):
    facts = case.engine.surroundings.facts["data_fields"]
    with case.engine.reading() as session:
        now = case.engine.clock()
        for reader, is_shown in ((colleague, False), (leader, True), (clerk, True)):
            told = facts(session, now, "person", clerk.name, "p-dautu", reader.name)
            assert ("đang là" in told[1]["label"]) == is_shown, reader.name
        assert "đang là" in facts(session, now, "unit", "p-dautu", "p-dautu", "")[0]["label"]
