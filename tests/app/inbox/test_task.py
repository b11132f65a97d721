"""One task, from claim to completion, and everything that can come in between."""

from __future__ import annotations

import io
import re

from tests.worlds import chief, clerk, colleague, director, leader, stranger

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def loud_buttons(text: str) -> int:
    """How many filled buttons the page itself has, beside the dialogs of the shell."""
    return text.partition("<main")[2].partition("</main>")[0].count('class="govuk-button"')


def test_a_task_of_mine_opens_with_its_form_clock_law_and_drawing(page, requests):
    task_id = requests.start().tasks[0]
    text = page.as_(clerk).get(f"/tasks/{task_id}").text
    assert 'name="item"' in text
    assert "Gửi đề nghị" in text
    assert "Khoản 4 Điều 8" in text
    assert f'data-bpmn-url="/cases/{requests.case_of(task_id)}/diagram"' in text
    assert "Thời hạn" in text


def test_a_stranger_cannot_open_the_clerks_task(page, requests):
    task_id = requests.start().tasks[0]
    assert page.as_(stranger).get(f"/tasks/{task_id}").status_code == 404


def test_a_task_that_nobody_holds_is_read_only_until_it_is_claimed(page, requests):
    task_id = requests.send()
    browser = page.as_(leader)
    before = browser.get(f"/tasks/{task_id}").text
    assert "Chưa ai nhận việc này" in before
    assert 'name="decision"' not in before
    assert loud_buttons(before) == 1
    answer = browser.post(f"/tasks/{task_id}/claim")
    assert answer.status_code == 303
    after = browser.get(f"/tasks/{task_id}").text
    assert 'name="decision"' in after
    assert loud_buttons(after) == 1


def test_a_task_for_one_person_alone_needs_no_claim(page, requests):
    assert "Nhận việc này" not in page.as_(clerk).get(f"/tasks/{requests.start().tasks[0]}").text


def test_the_consequence_stands_under_its_choice(page, requests):
    task_id = requests.send()
    requests.claim(task_id, leader)
    assert "Văn thư nhận phiếu cấp ngay." in page.as_(leader).get(f"/tasks/{task_id}").text


def test_who_drafted_a_request_may_not_decide_on_it(page, requests):
    task_id = requests.send(as_=leader)
    text = page.as_(leader).get(f"/tasks/{task_id}").text
    assert "người khác phải" in text or "Lập đề nghị" in text
    assert 'name="decision"' not in text
    assert page.as_(leader).post(f"/tasks/{task_id}/claim").status_code == 403


def test_what_is_wrong_comes_back_beside_its_field_with_everything_typed(page, requests):
    task_id = requests.start().tasks[0]
    answer = page.as_(clerk).post(
        f"/tasks/{task_id}/complete", {"item": "Giấy A4", "quantity": "năm"}
    )
    assert answer.status_code == 422
    assert "Chưa hoàn thành được: còn 1 chỗ cần sửa" in answer.text
    assert 'value="Giấy A4"' in answer.text
    assert 'value="năm"' in answer.text
    target = re.search(r'error-summary__list"><li><a href="#([^"]+)"', answer.text)
    assert target is not None
    assert f'id="{target[1]}"' in answer.text


def test_what_was_refused_is_there_again_later(page, requests):
    task_id = requests.start().tasks[0]
    posted = {"item": "Giấy A4 dày", "quantity": "năm"}
    assert page.as_(clerk).post(f"/tasks/{task_id}/complete", posted).status_code == 422
    text = page.as_(clerk).get(f"/tasks/{task_id}").text
    assert 'value="Giấy A4 dày"' in text
    assert 'value="năm"' in text


def test_asking_again_for_the_address_of_a_refused_attempt_leads_to_the_task(page, requests):
    task_id = requests.start().tasks[0]
    browser = page.as_(clerk)
    for verb in ("complete", "claim", "release", "draft", "preview"):
        answer = browser.get(f"/tasks/{task_id}/{verb}?list=mine")
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/tasks/{task_id}?list=mine"


def test_after_completing_one_stands_before_the_next_task(page, requests):
    first, second = requests.start().tasks[0], requests.start().tasks[0]
    browser = page.as_(clerk)
    answer = browser.post(f"/tasks/{first}/complete", {"item": "Giấy", "quantity": "5"})
    assert answer.headers["Location"] == f"/tasks/{second}"
    shown = browser.get(answer.headers["Location"]).text
    assert "Đã xong “Lập đề nghị”" in shown
    toast = shown.partition("Đã xong “Lập đề nghị”")[2].partition("</div>")[0]
    assert f'href="/cases/{requests.case_of(first)}">Mở vụ việc</a>' in toast


def test_of_files_of_one_name_the_last_is_marked_and_those_before_are_folded_away(
    page, requests, engine
):
    task_id = requests.start().tasks[0]
    case_id = requests.case_of(task_id)
    for content in (b"%PDF-1.4 a", b"%PDF-1.4 signed"):
        actor = page.actor(clerk)
        engine.attach(case_id, "Báo cáo 04.pdf", io.BytesIO(content), actor=actor)
    shown = page.as_(clerk).get(f"/tasks/{task_id}").text
    last, _, before = shown.partition("Các bản trước khi ký, trước khi sửa (1)")
    assert last.count("Bản đang dùng") == 1 and "Bản đang dùng" not in before
    assert before.count("Báo cáo 04.pdf") == 1
    table = page.as_(clerk).get(f"/cases/{case_id}?tab=files").text.partition("<tbody>")[2]
    assert table.partition("</tbody>")[0].count("Bản đang dùng") == 1


def test_the_next_task_of_the_same_case_goes_before_the_rest_of_the_inbox(page, requests):
    requests.start()
    task_id = requests.send()
    requests.complete(task_id, leader, decision="return", remark="Ghi rõ")
    draft = requests.task("Lập đề nghị", requests.case_of(task_id))
    assert "Ghi rõ" in page.as_(clerk).get(f"/cases/{requests.case_of(task_id)}").text
    assert page.as_(clerk).get(f"/tasks/{draft}").status_code == 200


def test_with_nothing_left_one_sees_what_the_groups_have(page, requests):
    task_id = requests.send()
    requests.claim(task_id, leader)
    browser = page.as_(leader)
    answer = browser.post(f"/tasks/{task_id}/complete", {"decision": "grant"})
    assert answer.headers["Location"] == "/inbox?list=groups"
    assert "đã kết thúc" in browser.get("/inbox?list=groups").text


def test_a_draft_is_there_again_on_another_machine(page, requests):
    task_id = requests.start().tasks[0]
    answer = page.as_(clerk).post(f"/tasks/{task_id}/draft", {"item": "Bút ký", "quantity": "x"})
    assert answer.json["saved_at"] == "2026-11-23T01:00:00+00:00"
    text = page.as_(clerk).get(f"/tasks/{task_id}").text
    assert 'value="Bút ký"' in text
    assert "Đã lưu nháp hôm nay, 08:00" in text


def test_saving_and_closing_leads_back_to_the_row(page, requests):
    task_id = requests.start().tasks[0]
    answer = page.as_(clerk).post(
        f"/tasks/{task_id}/draft?list=mine&q=de", {"item": "Bút", "_close": "1"}
    )
    assert answer.headers["Location"] == f"/inbox?list=mine&q=de#task-{task_id}"


def test_the_loser_of_two_reads_who_and_when_and_keeps_what_he_typed(page, requests, clock):
    task_id = requests.send()
    browser = page.as_(leader)
    browser.get(f"/tasks/{task_id}")
    requests.complete(task_id, leader, decision="grant")
    clock.advance(minutes=4)
    answer = browser.post(
        f"/tasks/{task_id}/complete", {"decision": "return", "remark": "Chưa đủ báo giá"}
    )
    assert answer.status_code == 409
    assert "Nguyễn Thị Châu" in answer.text
    assert "23/11/2026 08:00" in answer.text
    assert "Chưa đủ báo giá" in answer.text
    assert 'name="remark"' not in answer.text


def test_a_task_that_a_colleague_claimed_first_stays_theirs(page, requests):
    task_id = requests.start(colleague).tasks[0]
    answer = page.as_(clerk).post(f"/tasks/{task_id}/complete", {"item": "Bút", "quantity": "1"})
    assert answer.status_code in (403, 404, 409)


def test_a_field_that_depends_on_an_answer_appears_in_the_preview(page, requests):
    task_id = requests.send()
    requests.claim(task_id, leader)
    browser = page.as_(leader)
    assert 'name="remark"' not in browser.post(f"/tasks/{task_id}/preview", {}).text
    shown = browser.post(f"/tasks/{task_id}/preview", {"decision": "return"}).text
    assert 'name="remark"' in shown


def test_a_file_sent_with_the_form_belongs_to_the_case_and_to_the_field(page, requests):
    task_id = requests.start().tasks[0]
    posted = {"item": "Giấy", "quantity": "5", "quote": (io.BytesIO(PDF), "báo giá.pdf")}
    answer = page.as_(clerk).post(f"/tasks/{task_id}/complete", posted)
    assert answer.status_code == 303
    text = page.as_(clerk).get(f"/cases/{requests.case_of(task_id)}?tab=files").text
    assert "báo giá.pdf" in text


def test_a_file_survives_an_error_in_another_field(page, requests):
    task_id = requests.start().tasks[0]
    posted = {"item": "", "quantity": "5", "quote": (io.BytesIO(PDF), "bao-gia.pdf")}
    answer = page.as_(clerk).post(f"/tasks/{task_id}/complete", posted)
    assert answer.status_code == 422
    assert re.search(r'name="quote" value="\d+" checked', answer.text)


def test_a_script_gets_the_id_of_the_file_it_sent(page, requests):
    task_id = requests.start().tasks[0]
    answer = page.as_(clerk).post(
        f"/tasks/{task_id}/files", {"file": (io.BytesIO(PDF), "bao-gia.pdf")}
    )
    assert answer.status_code == 201
    assert answer.json == {"id": answer.json["id"], "name": "bao-gia.pdf", "size": len(PDF)}


def test_a_program_in_a_files_clothes_is_refused_with_a_sentence(page, requests):
    task_id = requests.start().tasks[0]
    answer = page.as_(clerk).post(
        f"/tasks/{task_id}/files",
        {"file": (io.BytesIO(b"MZ\x90\x00" + bytes(200)), "bao-gia.pdf")},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 422
    assert "bao-gia.pdf" in answer.json["message"]


def test_a_file_that_the_field_does_not_take_is_refused_with_the_kinds_of_the_field(
    page, requests
):
    task_id = requests.start().tasks[0]
    browser = page.as_(clerk)
    words = "“ảnh chụp.jpg” không thuộc loại tệp được nhận ở đây. Chỉ nhận: .pdf, .png."

    def photo():
        return (io.BytesIO(b"\xff\xd8\xff\xe0\0\x10JFIF\0\1" + bytes(99)), "ảnh chụp.jpg")

    to_script = browser.post(
        f"/tasks/{task_id}/files?field=quote",
        {"file": photo()},
        headers={"Accept": "application/json"},
    )
    assert (to_script.status_code, to_script.json["message"]) == (422, words)
    with_form = browser.post(
        f"/tasks/{task_id}/complete", {"item": "Giấy A4", "quantity": "5", "quote": photo()}
    )
    assert with_form.status_code == 422
    assert words in with_form.text
    assert 'value="Giấy A4"' in with_form.text
    assert browser.post(f"/tasks/{task_id}/files", {"file": photo()}).status_code == 201


def test_the_same_file_attached_twice_is_one_file(page, requests):
    task_id = requests.start().tasks[0]
    browser = page.as_(clerk)
    ids, pages = [], []
    for _ in range(2):
        file = (io.BytesIO(PDF), "bao-gia.pdf")
        ids.append(browser.post(f"/tasks/{task_id}/files", {"file": file}).json["id"])
        text = browser.get(f"/cases/{requests.case_of(task_id)}?tab=files").text
        pages.append(text.count("bao-gia.pdf"))
    assert ids[0] == ids[1]
    assert pages[0] == pages[1] > 0


def test_a_task_is_handed_back_to_its_group(page, requests):
    task_id = requests.send()
    requests.claim(task_id, leader)
    browser = page.as_(leader)
    assert browser.post(f"/tasks/{task_id}/release").status_code == 303
    assert "Giấy A4" in browser.get("/inbox?list=groups").text


def test_a_task_for_one_person_alone_cannot_be_handed_back(page, requests):
    text = page.as_(clerk).get(f"/tasks/{requests.start().tasks[0]}").text
    assert "Trả việc về nhóm" not in text
    assert "Chuyển người khác" not in text


def test_a_task_goes_only_to_people_who_may_do_it(page, requests):
    task_id = requests.send()
    requests.claim(task_id, leader)
    browser = page.as_(leader)
    assert "Không còn ai khác" in browser.get(f"/tasks/{task_id}/assign").text
    browser.post(f"/tasks/{task_id}/assign", {"to": stranger.name})
    assert "Hãy chọn người nhận việc." in browser.get("/inbox").text


def test_only_who_holds_a_task_or_may_assign_hands_it_over(page, requests):
    task_id = requests.send()
    requests.claim(task_id, leader)
    assert page.as_(clerk).get(f"/tasks/{task_id}/assign").status_code in (403, 404)
    assert page.as_(chief).get(f"/tasks/{task_id}/assign").status_code in (403, 404)
    assert page.as_(director).get(f"/tasks/{task_id}/assign").status_code in (200, 403)


def test_who_may_do_a_task_stands_beside_it(page, requests):
    text = page.as_(clerk).get(f"/tasks/{requests.send()}").text
    assert "Phòng Quản lý đầu tư" in text
    assert "Nguyễn Thị Châu" in text


def test_a_finished_task_says_who_did_it(page, requests):
    task_id = requests.send()
    requests.complete(task_id, leader, decision="grant")
    text = page.as_(clerk).get(f"/tasks/{task_id}").text
    assert "Nguyễn Thị Châu đã hoàn thành việc này" in text
    assert "Hoàn thành việc</button>" not in text


def test_a_task_that_is_done_says_by_whom_and_not_who_holds_it(page, requests):
    task_id = requests.start().tasks[0]
    requests.complete(task_id, clerk, item="Giấy A4", quantity="5")
    text = page.as_(clerk).get(f"/tasks/{task_id}").text
    assert "đã hoàn thành việc này" in text
    assert "đang giữ" not in text and "Ai được làm" not in text
