"""A case step by step: what was done, by whom and by which right, and what the journal proves."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
import sqlalchemy as sa

from app import config
from app.cases.showing import Sheet
from engine.bundles import Bundle
from engine.program import Program
from engine.tables import Entry
from tests.worlds import auditor, clerk, colleague, leader, nobody, owner, stranger


def steps(text: str) -> list[dict]:
    """What the player is given."""
    return json.loads(re.search(r"data-steps>(.*?)</script>", text, re.DOTALL)[1])


def said(text: str) -> str:
    """The words of a page, without its marks of HTML."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def marks(text: str) -> dict:
    """What the page tells the drawing to show."""
    return json.loads(unescape(re.search(r'data-marks="([^"]+)"', text)[1]))


@pytest.fixture
def case_id(requests, clock) -> int:
    """A request that the head returned, the clerk sent again, and the head granted."""
    task = requests.send("Giấy A4")
    found = requests.case_of(task)
    clock.advance(minutes=10, seconds=7)
    requests.claim(task, leader)
    requests.complete(task, leader, decision="return", remark="Ghi rõ số lượng")
    requests.complete(requests.task("Lập đề nghị", found), clerk, item="Giấy A4", quantity="9")
    requests.complete(requests.task("Duyệt đề nghị", found), leader, decision="grant")
    return found


def test_the_last_step_is_shown_first_with_the_verdict_above(page, case_id):
    text = page.as_(auditor).get(f"/audit/cases/{case_id}").text
    assert "Nhật ký nguyên vẹn: 6 trên 6 bước đúng mã băm, chạy lại ra cùng kết quả" in text
    assert len(steps(text)) == 6
    assert "Bước 6: Đã xong “Duyệt đề nghị”" in said(text)
    assert marks(text)["now"] == {}
    assert marks(text)["past"] == {
        "Event_Start": "", "Task_Draft": "2 lần", "Decision": "2 lần", "Task_Decide": "2 lần",
        "Granted": "Bước 6",
    }  # fmt: skip
    assert marks(text)["step"] == "Granted"
    assert set(marks(text)["flows"]) == {"F1", "F2", "F3", "F4", "F5"}


def test_any_step_has_its_own_address(page, case_id):
    text = page.as_(auditor).get(f"/audit/cases/{case_id}?step=2").text
    assert "Bước 2: Đã xong “Lập đề nghị”" in said(text)
    assert marks(text)["past"]["Task_Draft"] == "Bước 2"
    assert marks(text)["now"] == {"Task_Decide": ""}
    assert marks(text)["flows"] == ["F1", "F2"]
    assert 'aria-current="step"><span class="n">2</span>' in text
    for odd in ("0", "-1", "99", "x", "99999999999999999999"):
        assert page.as_(auditor).get(f"/audit/cases/{case_id}?step={odd}").status_code == 200


def test_a_step_says_who_by_which_right_under_which_clause_with_its_hash(page, case_id, engine):
    text = said(page.as_(auditor).get(f"/audit/cases/{case_id}?step=4").text)
    assert "Người làm Nguyễn Thị Châu Lúc 23/11/2026 08:10:07" in text
    assert "Quyền Trưởng phòng, trưởng đơn vị, Phòng Quản lý đầu tư" in text
    assert "Khoản 5 Điều 8, Quy chế e-HEZA" in text
    with engine.reading() as session:
        query = sa.select(Entry.hash).where(Entry.seq.in_((3, 4))).order_by(Entry.seq)
        before, own = session.scalars(query).all()
    assert f"Mã băm {own[:16]}… nối tiếp {before[:16]}…" in text


def test_a_step_shows_what_it_changed_before_and_after_under_the_forms_labels(page, case_id):
    text = said(page.as_(auditor).get(f"/audit/cases/{case_id}?step=5").text)
    assert "Số lượng 5 9" in text
    text = said(page.as_(auditor).get(f"/audit/cases/{case_id}?step=6").text)
    assert "Quyết định Trả lại Đồng ý" in text
    assert "Biểu mẫu lúc gửi" in text
    text = said(page.as_(auditor).get(f"/audit/cases/{case_id}?step=3").text)
    assert "Bước này không đổi dữ liệu" in text


def test_data_that_no_form_asks_for_is_told_by_the_names_of_its_drawing(engine):
    bundle = Bundle.read(config.ROOT, "account-recover")
    program = Program(bundle)
    vietnamese, english = (Sheet(program, {}, engine.clock(), name) for name in ("vi", "en"))
    assert vietnamese.names["first_login_at"] == "Đăng nhập lần đầu lúc"
    assert english.names["found.kind.internal"] == "Internal"


def test_the_player_fetches_one_step_as_a_part_of_the_page(page, case_id):
    window = page.as_(auditor)
    url = steps(window.get(f"/audit/cases/{case_id}").text)[3]["panel_url"]
    part = window.get(url, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "Nguyễn Thị Châu" in part.text
    whole = window.get(url)
    assert (whole.status_code, whole.location) == (303, f"/audit/cases/{case_id}?step=4")
    for odd in (0, 7):
        answer = window.get(f"/audit/cases/{case_id}/steps/{odd}", headers={"HX-Request": "true"})
        assert answer.status_code == 404


def test_replay_speaks_english_to_who_reads_english(page, case_id):
    window = page.as_(auditor)
    window.post("/language", {"language": "en"})
    text = said(window.get(f"/audit/cases/{case_id}?step=6").text)
    assert "Decision Return Grant" in text
    assert "“Decide on the request” was done" in text


def test_nobody_but_auditors_replays(page, case_id):
    for character in (clerk, colleague, leader, stranger, owner):
        for path in ("/audit", f"/audit/cases/{case_id}", f"/audit/cases/{case_id}/steps/1"):
            assert page.as_(character).get(path).status_code == 403
        assert page.as_(character).post("/audit/verify").status_code == 403
    assert page.as_(nobody).get("/audit").status_code == 303
    assert page.as_(auditor).get("/audit/cases/999").status_code == 404
    assert page.as_(auditor).get("/audit/cases/99999999999999999999").status_code == 404


def tamper(engine, statement: str) -> None:
    """The line is changed as somebody who owns the database could."""
    with engine.writing() as session:
        if session.get_bind().dialect.name == "sqlite":
            for verb in ("update", "delete"):
                session.execute(sa.text(f"DROP TRIGGER entry_no_{verb}"))
        else:
            session.execute(sa.text("ALTER TABLE entry DISABLE TRIGGER ALL"))
        session.connection().exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            """UPDATE entry SET actor_label = 'Người khác' WHERE seq = 4""",
            "Sai lệch đầu tiên ở bước 4",
        ),
        ("""UPDATE entry SET input = '{"data":7}' WHERE seq = 4""", "Sai lệch đầu tiên ở bước 4"),
        ("""UPDATE entry SET path = '[5]', rest = '3' WHERE seq = 4""", "ở bước 4"),
        ("UPDATE entry SET input = 'nothing' WHERE seq = 4", "ở bước"),
        ("UPDATE entry SET input = 'nothing' WHERE seq = 1", "dòng 1"),
        ("DELETE FROM entry WHERE seq = 3", "Sai lệch đầu tiên ở bước 3"),
        ("DELETE FROM entry WHERE seq = 6", "Sai lệch đầu tiên ở bước 5"),
        ("DELETE FROM entry", "bước"),
    ],
)
def test_a_forged_journal_is_named_and_never_an_error_page(
    page, case_id, engine, statement, words
):
    tamper(engine, statement)
    window = page.as_(auditor)
    answer = window.get(f"/audit/cases/{case_id}")
    assert answer.status_code in (200, 409)
    assert words in said(answer.text)
    assert "Nhật ký nguyên vẹn" not in answer.text
    for number in (1, 4, 6):
        step = window.get(f"/audit/cases/{case_id}?step={number}")
        assert step.status_code in (200, 409)
    listed = said(window.post("/audit/verify").text)
    assert "1 vụ việc không khớp nhật ký" in listed


def test_from_the_first_difference_on_nothing_is_proved(page, case_id, engine):
    tamper(engine, "UPDATE entry SET actor_label = 'Người khác' WHERE seq = 4")
    text = page.as_(auditor).get(f"/audit/cases/{case_id}?step=5").text
    assert "Không chạy lại được bước này" in text
    assert "Biểu mẫu lúc gửi" not in text
    assert f'href="/audit/cases/{case_id}?step=4">' in text
    before = page.as_(auditor).get(f"/audit/cases/{case_id}?step=2").text
    assert "Tên đồ dùng" in before


def test_the_drawing_of_a_replay_speaks_the_readers_language(page, case_id):
    window = page.as_(auditor)
    window.post("/language", {"language": "en"})
    text = window.get(f"/audit/cases/{case_id}").text
    address = unescape(re.search(r'data-bpmn-url="([^"]+)"', text)[1])
    assert 'name="Draft the request"' in window.get(address).text
