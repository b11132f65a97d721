"""One case: its drawing, what may be done, what happened, its files and remarks."""

from __future__ import annotations

import io
import json
import re
from html import unescape

import pytest

from engine import Bundle
from engine.tables import Origin
from tests.app import stationery
from tests.worlds import auditor, chief, clerk, director, leader, nobody, owner, stranger

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def marks(text: str) -> dict:
    """What the page tells the drawing to show."""
    return json.loads(unescape(re.search(r'data-marks="([^"]+)"', text)[1]))


def test_a_case_opens_on_its_drawing_with_the_way_taken_and_the_present_step(page, requests):
    case_id = requests.case_of(requests.send())
    text = page.as_(clerk).get(f"/cases/{case_id}").text
    shown = marks(text)
    assert set(shown["past"]) == {"Event_Start", "Task_Draft"}
    assert list(shown["now"]) == ["Task_Decide"]
    assert shown["flows"] == ["F1", "F2"]
    assert "Đã qua 1 bước, đang ở “Duyệt đề nghị”" in text


def test_a_step_that_was_passed_twice_says_so(page, requests):
    task_id = requests.send()
    case_id = requests.case_of(task_id)
    requests.complete(task_id, leader, decision="return", remark="Ghi rõ")
    requests.complete(requests.task("Lập đề nghị", case_id), clerk, item="Giấy A4", quantity="6")
    text = page.as_(clerk).get(f"/cases/{case_id}").text
    assert marks(text)["past"]["Task_Draft"] == "2 lần"


def test_a_late_step_is_late_on_the_drawing_too(page, requests, clock):
    case_id = requests.case_of(requests.send())
    clock.advance(days=5)
    text = page.as_(clerk).get(f"/cases/{case_id}").text
    assert marks(text)["late"] == {"Task_Decide": "Quá hạn"}
    assert "1 việc quá hạn" in text


def test_the_drawing_is_that_of_the_cases_version(page, requests):
    case_id = requests.start().case_id
    answer = page.as_(clerk).get(f"/cases/{case_id}/diagram")
    assert answer.content_type == "application/xml; charset=utf-8"
    assert 'id="Task_Decide"' in answer.text
    again = page.as_(clerk).get(
        f"/cases/{case_id}/diagram", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_who_takes_no_part_does_not_even_learn_that_a_case_exists(page, requests):
    case_id = requests.start().case_id
    for path in ("", "/diagram", "/cancel"):
        assert page.as_(stranger).get(f"/cases/{case_id}{path}").status_code in (403, 404)
    assert page.as_(stranger).get(f"/cases/{case_id}").status_code == 404
    assert page.as_(nobody).get(f"/cases/{case_id}").status_code == 303


def test_leader_and_auditor_see_cases_they_take_no_part_in(page, requests):
    case_id = requests.start().case_id
    assert page.as_(leader).get(f"/cases/{case_id}").status_code == 200
    assert page.as_(auditor).get(f"/cases/{case_id}").status_code == 200


def test_my_task_is_the_one_filled_button(page, requests):
    started = requests.start()
    text = page.as_(clerk).get(f"/cases/{started.case_id}").text
    button = f'<a class="govuk-button" href="/tasks/{started.tasks[0]}">Lập đề nghị</a>'
    assert button in text


def test_when_nothing_is_mine_the_page_says_who_may(page, requests):
    case_id = requests.case_of(requests.send())
    text = page.as_(clerk).get(f"/cases/{case_id}").text
    assert "“Duyệt đề nghị” do: Trưởng phòng" in text
    assert "Phòng Quản lý đầu tư" in text


def test_the_history_is_told_in_sentences_with_what_was_decided(page, requests):
    task_id = requests.send("Bìa hồ sơ")
    requests.complete(task_id, leader, decision="return", remark="Ghi rõ loại bìa")
    text = page.as_(clerk).get(f"/cases/{requests.case_of(task_id)}").text
    assert "Đã xong “Duyệt đề nghị”" in text
    assert "Quyết định: Trả lại · Ý kiến: Ghi rõ loại bìa" in text
    assert "23/11/2026 08:00 · Nguyễn Thị Châu" in text
    assert text.index("Đang làm “Lập đề nghị”") < text.index("Vụ việc bắt đầu")


def test_the_data_stand_under_the_labels_of_the_forms(page, requests):
    case_id = requests.case_of(requests.send("Bìa hồ sơ"))
    text = page.as_(clerk).get(f"/cases/{case_id}?tab=data").text
    assert "<dt>Tên đồ dùng</dt><dd>Bìa hồ sơ</dd>" in text
    assert "<dt>Số lượng</dt><dd>5</dd>" in text


def test_the_journal_shows_every_entry_with_right_clause_and_fingerprint(page, requests):
    task_id = requests.send()
    requests.claim(task_id, leader)
    text = page.as_(clerk).get(f"/cases/{requests.case_of(task_id)}?tab=journal").text
    assert "Đã nhận việc “Duyệt đề nghị”" in text
    assert "được chỉ định đích danh" in text
    assert "Khoản 4 Điều 8" in text
    assert len(re.findall(r'class="qt-code qt-hash" title="[0-9a-f]{64}"', text)) == 3


def test_a_remark_stands_on_the_case_and_in_its_history(page, requests):
    case_id = requests.case_of(requests.send())
    browser = page.as_(clerk)
    answer = browser.post(f"/cases/{case_id}/comments", {"text": "Cần trước <ngày 01/12>"})
    assert answer.headers["Location"] == f"/cases/{case_id}?tab=comments"
    assert "Cần trước &lt;ngày 01/12&gt;" in browser.get(f"/cases/{case_id}?tab=comments").text
    assert "Có trao đổi mới" in browser.get(f"/cases/{case_id}").text
    # Nobody from outside takes part: there is nothing to choose.
    assert 'name="audience"' not in browser.get(f"/cases/{case_id}?tab=comments").text


def test_an_empty_remark_is_not_sent(page, requests):
    case_id = requests.start().case_id
    browser = page.as_(clerk)
    browser.post(f"/cases/{case_id}/comments", {"text": "  "})
    text = browser.get(f"/cases/{case_id}?tab=comments").text
    assert "Hãy viết nội dung trao đổi trước." in text


def test_a_stranger_can_neither_remark_nor_attach(page, requests):
    case_id = requests.start().case_id
    browser = page.as_(stranger)
    assert browser.post(f"/cases/{case_id}/comments", {"text": "x"}).status_code == 404
    browser.post(f"/cases/{case_id}/files", {"file": (io.BytesIO(PDF), "a.pdf")})
    assert "a.pdf" not in page.as_(clerk).get(f"/cases/{case_id}?tab=files").text


def test_a_file_is_kept_with_its_fingerprint_and_only_ever_saved_never_shown(page, requests):
    case_id = requests.start().case_id
    browser = page.as_(clerk)
    browser.post(f"/cases/{case_id}/files", {"file": (io.BytesIO(PDF), "tờ trình.pdf")})
    text = browser.get(f"/cases/{case_id}?tab=files").text
    assert "Đã thêm 1 tệp" in text
    address = re.search(r'href="(/files/\d+)"', text)[1]
    answer = browser.get(address)
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type == "application/octet-stream"
    assert page.as_(stranger).get(address).status_code == 404
    assert page.as_(nobody).get(address).status_code == 303


def test_a_file_that_is_refused_keeps_no_other_back(page, requests):
    case_id = requests.start().case_id
    browser = page.as_(clerk)
    files = [(io.BytesIO(PDF), "a.pdf"), (io.BytesIO(b"MZ" + bytes(300)), "b.pdf")]
    browser.post(f"/cases/{case_id}/files", {"file": files})
    text = browser.get(f"/cases/{case_id}?tab=files").text
    assert "Đã thêm 1 tệp" in text
    assert "a.pdf" in text
    assert "b.pdf" in text  # in the alert that says why it was refused
    assert len(re.findall(r'href="/files/\d+"', text)) == 2  # in the tab and under the newest


@pytest.mark.parametrize("missing", [True, False])
def test_the_starter_withdraws_with_a_reason(page, requests, missing):
    case_id = requests.case_of(requests.send())
    browser = page.as_(clerk)
    text = browser.get(f"/cases/{case_id}").text
    address = re.search(r'href="(/cases/\d+/send/\d+)">Rút đề nghị', text)[1]
    assert 'name="withdrawal_reason"' in browser.get(address).text
    answer = browser.post(address, {"withdrawal_reason": "" if missing else "Đã có người cho"})
    if missing:
        assert answer.status_code == 422
        assert "Chưa gửi được: còn 1 chỗ cần sửa" in answer.text
        return
    assert answer.status_code == 303
    after = browser.get(f"/cases/{case_id}").text
    assert "Đã rút" in after
    assert "Lý do rút: Đã có người cho" in after
    assert "đã kết thúc: Đã rút." in after
    assert "Đã gửi “" in after
    assert "Vụ việc kết thúc: Đã rút" in after


def test_only_the_starter_may_withdraw(page, requests):
    case_id = requests.case_of(requests.send())
    text = page.as_(leader).get(f"/cases/{case_id}").text
    assert "/send/" not in text


def test_what_the_case_no_longer_waits_for_cannot_be_sent(page, requests):
    task_id = requests.send()
    case_id = requests.case_of(task_id)
    browser = page.as_(clerk)
    address = re.search(r'href="(/cases/\d+/send/\d+)"', browser.get(f"/cases/{case_id}").text)[1]
    requests.complete(task_id, leader, decision="return", remark="x")
    assert browser.get(address).status_code == 409
    assert browser.post(address, {"withdrawal_reason": "muộn"}).status_code == 409


def test_cancelling_needs_the_right_and_a_reason(page, requests):
    case_id = requests.start().case_id
    assert page.as_(clerk).get(f"/cases/{case_id}/cancel").status_code == 403
    assert page.as_(clerk).post(f"/cases/{case_id}/cancel", {"reason": "x"}).status_code == 403
    holder = next(
        who for who in (leader, chief, director)
        if page.as_(who).get(f"/cases/{case_id}/cancel").status_code == 200
    )  # fmt: skip
    browser = page.as_(holder)
    answer = browser.post(f"/cases/{case_id}/cancel", {"reason": " "})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert browser.post(f"/cases/{case_id}/cancel", {"reason": "Trùng"}).status_code == 303
    text = page.as_(clerk).get(f"/cases/{case_id}").text
    assert "Vụ việc bị hủy" in text
    assert "Trùng" in text


def test_a_closed_case_offers_nothing_to_do(page, requests):
    task_id = requests.send()
    case_id = requests.case_of(task_id)
    requests.complete(task_id, leader, decision="grant")
    text = page.as_(clerk).get(f"/cases/{case_id}").text
    assert "Vụ việc đã kết thúc" in text
    assert "Đã cấp" in text
    assert "Xong trước hạn 5 ngày làm việc" in text
    assert "Thêm trao đổi" not in text


def test_who_only_audits_is_offered_nothing_to_write(page, requests):
    case_id = requests.start(as_=clerk).case_id
    own = page.as_(clerk).get(f"/cases/{case_id}?tab=comments").text
    assert f"/cases/{case_id}/comments" in own
    shown = page.as_(auditor)
    for tab, door in (("comments", "comments"), ("files", "files")):
        assert f"/cases/{case_id}/{door}" not in shown.get(f"/cases/{case_id}?tab={tab}").text
    assert shown.post(f"/cases/{case_id}/comments", {"text": "x"}).status_code == 403


PAUSED = stationery.DRAWING.replace(
    '<camunda:property name="name_en" value="Draft the request" />',
    '<camunda:property name="clock" value="paused" />',
)
LATER = PAUSED.replace("working_days(5, case.started_at)", "deadline")


@pytest.mark.parametrize(
    ("drawing", "kind"), [(PAUSED, "hold"), (LATER, "now")], ids=["with a deadline", "without"]
)
def test_a_clock_stands_still_only_where_a_deadline_has_set_it_going(
    page, requests, drawing, kind
):
    actor = page.actor(owner)
    new = stationery.bundle(drawing)
    requests.engine.deploy(new, actor=actor, legal_basis="QĐ 2/QĐ-BQL")
    started = requests.start()
    here = page.as_(clerk)
    text = here.get(f"/cases/{started.case_id}").text
    assert [mark for mark in ("now", "hold") if marks(text)[mark]] == [kind]
    assert ("moj-timeline__item--hold" in text) == (kind == "hold")
    text = here.get(f"/tasks/{started.tasks[0]}").text
    assert list(marks(text)) == [kind]
    text = page.as_(auditor).get(f"/audit/cases/{started.case_id}").text
    assert ("hold&#34;: {&#34;Task_Draft" in text) == (kind == "hold")


WAITING = (
    re.sub(
        '<bpmn:userTask id="Task_Draft"[^>]*>',
        '<bpmn:intermediateCatchEvent id="Task_Draft" name="Chờ báo giá">',
        stationery.DRAWING,
    )
    .replace('<camunda:property name="separate_from" value="Task_Draft" />', "")
    .replace(
        "</bpmn:userTask>",
        "<bpmn:timerEventDefinition><bpmn:timeDuration>P2D</bpmn:timeDuration>"
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>",
        1,
    )
)
LISTENING = WAITING.replace(
    "</bpmn:process>",
    '<bpmn:subProcess id="Scope_Late" name="Quá lâu" triggeredByEvent="true">'
    '<bpmn:startEvent id="Late" isInterrupting="false"><bpmn:outgoing>FL</bpmn:outgoing>'
    "<bpmn:timerEventDefinition><bpmn:timeDuration>P30D</bpmn:timeDuration>"
    '</bpmn:timerEventDefinition></bpmn:startEvent><bpmn:endEvent id="LateEnd">'
    "<bpmn:incoming>FL</bpmn:incoming></bpmn:endEvent>"
    '<bpmn:sequenceFlow id="FL" sourceRef="Late" targetRef="LateEnd" />'
    "</bpmn:subProcess></bpmn:process>",
    1,
)


def test_a_case_that_waits_for_nobody_says_where_it_waits(page, requests):
    files = {k: v for k, v in stationery.bundle(LISTENING).files.items() if "draft" not in k}
    new = Bundle(stationery.KEY, files)
    requests.engine.deploy(new, actor=page.actor(owner), legal_basis="QĐ 2/QĐ-BQL")
    started = requests.start()
    here = page.as_(clerk)
    text = here.get(f"/cases/{started.case_id}").text
    assert "vụ việc đang ở “Chờ báo giá”" in text
    assert ">Đang ở “Chờ báo giá”<" in text
    listed = here.get("/cases").text
    assert "Chờ báo giá" in listed
    assert "Quá lâu" not in text + listed, "what only listens is not where the case is"


def test_a_case_names_the_case_that_began_it_and_those_that_it_began(page, requests):
    first, second = requests.start(), requests.start(stranger)
    engine = requests.engine
    with engine.writing() as session:
        session.add(Origin(case_id=second.case_id, parent_id=first.case_id, key="k", depth=1))
    above = page.as_(clerk).get(f"/cases/{first.case_id}").text
    assert "1 vụ việc đã bắt đầu" in above
    assert second.case_code in above
    assert f'href="/cases/{second.case_id}"' not in above  # The clerk may not see it.
    below = page.as_(director).get(f"/cases/{second.case_id}").text
    assert "Bắt đầu từ vụ việc" in below
    assert f'href="/cases/{first.case_id}"' in below
