"""What stands beside the journal and was changed is named to the auditor, in both languages."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
import sqlalchemy as sa

from tests.app.audit.test_cases import said
from tests.pages import actor_of
from tests.worlds import auditor, clerk, leader

FORGED = {
    "UPDATE \"case\" SET title = 'Khác'": (
        "Vụ việc đang hiển thị Khác ở cột trích yếu, nhưng theo nhật ký phải là Đề nghị: Giấy A4.",
        "The case shows Khác as its subject, but its journal gives Đề nghị: Giấy A4.",
    ),
    "UPDATE case_column SET folded = 'x' WHERE name = 'item'": (
        "Danh sách tìm vụ việc theo “item” là x, nhưng theo nhật ký phải là giay a4.",
        'The lists find the case by x as its "item", but its journal gives giay a4.',
    ),
    "UPDATE task SET status = 'cancelled' WHERE status = 'open'": (
        "Việc “Duyệt đề nghị” ghi trạng thái là đã thu lại, nhưng theo nhật ký phải là đang mở.",
        'The task "Duyệt đề nghị" shows withdrawn as its state, but its journal gives open.',
    ),
    "UPDATE wait SET senders = '[\"=la\"]'": (
        "Nơi chờ “Rút đề nghị” ghi người được gửi là =la, nhưng theo nhật ký phải là =",
        'What waits at "Rút đề nghị" has =la as its senders, but its journal gives =',
    ),
    "UPDATE comment SET at = '2001-01-01 00:00:00'": (
        "ghi thời điểm là 01/01/2001 07:00:00, nhưng theo nhật ký phải là 23/11/2026 08:00:00.",
        "has 01/01/2001 07:00:00 as its time stamp, but its journal gives 23/11/2026 08:00:00.",
    ),
    "DELETE FROM file": (
        "Nhật ký có tệp “don.pdf”, nhưng vụ việc không hiện tệp này.",
        'The journal has the file "don.pdf", but the case shows no such file.',
    ),
}


@pytest.fixture
def case_id(app, requests, engine) -> int:
    """A request with a file and a remark that waits for the head's decision."""
    found = requests.case_of(requests.send("Giấy A4"))
    hand = actor_of(app, clerk)
    engine.attach(found, "don.pdf", BytesIO(b"%PDF-1.4\n%%EOF\n"), actor=hand)
    engine.comment(found, "Xin duyệt sớm.", actor=hand)
    return found


def test_rows_that_somebody_changed_are_named_on_the_page_and_in_the_terminal(
    app, page, engine, case_id
):
    window = page.as_(auditor)
    assert "Nhật ký nguyên vẹn: 4 trên 4 bước" in window.get(f"/audit/cases/{case_id}").text
    with engine.writing() as session:
        for statement in FORGED:
            session.connection().exec_driver_sql(statement)
    for number, language in enumerate(("vi", "en")):
        window.post("/language", {"language": language})
        text = said(window.get(f"/audit/cases/{case_id}").text)
        told = app.test_cli_runner().invoke(
            args=["verify", str(case_id)], env={"QUYTRINH_LANGUAGE": language}
        )
        assert told.exit_code == 1
        for sentences in FORGED.values():
            assert sentences[number] in text
            assert sentences[number] in told.output
        whole = ("Nhật ký nguyên vẹn, nhưng dữ liệu đi kèm", "The journal is whole, but data")
        assert whole[number] in text
    window.post("/language", {"language": "vi"})
    assert "Dữ liệu đi kèm" in said(window.post("/audit/verify").text)


def test_a_replay_and_its_verdict_are_of_one_instant(app, page, engine, requests, case_id):
    """The head decides after the steps were read, and before they are verified."""
    task, read = requests.task("Duyệt đề nghị", case_id), []

    def decide(_connection, _cursor, statement, *_more) -> None:
        if "FROM entry" in statement:
            read.append(statement)
            if len(read) == 2:
                engine.complete(task, {"decision": "grant"}, actor=actor_of(app, leader))

    sa.event.listen(engine.bind, "before_cursor_execute", decide)
    try:
        text = page.as_(auditor).get(f"/audit/cases/{case_id}").text
    finally:
        sa.event.remove(engine.bind, "before_cursor_execute", decide)
    assert "Nhật ký nguyên vẹn: 4 trên 4 bước" in text
    assert len(re.findall(r'"panel_url"', text)) == 4
    assert engine.verify(case_id).entries == 5
