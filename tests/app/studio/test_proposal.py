"""A proposal: checked, tried, compared, deployed or put aside."""

from __future__ import annotations

import json

import sqlalchemy as sa

from app.studio.models import Proposal
from engine.tables import Activation, Version
from tests.app.stationery import DRAFT, DRAWING, KEY
from tests.app.studio.uploads import (
    FOR_NOBODY,
    RENAMED,
    drawing,
    marks,
    propose,
    said,
    scenarios,
    upload,
)
from tests.worlds import clerk, leader, owner


def versions(engine):
    with engine.reading() as session:
        return session.scalars(sa.select(Version.number).order_by(Version.number)).all()


def test_findings_stand_beside_their_elements_and_in_a_list_with_the_remedy(page, requests):
    text = page.as_(owner).get(propose(page.as_(owner), drawing(FOR_NOBODY))).text
    (finding,) = marks(text)["findings"]["Task_Decide"]
    assert finding["severity"] == "error"
    assert 'data-spot="Task_Decide">Duyệt đề nghị</a>' in text
    words = said(text)
    assert "“Duyệt đề nghị” giao cho nhóm truong-phongg không tồn tại." in words
    assert "Dùng một trong các giá trị: truong-phong, pho-truong-phong" in words
    assert "1 lỗi" in words
    assert "Chưa chạy thử các tình huống" in words


def test_the_drawing_of_a_proposal_speaks_the_language_of_its_reader(page, requests):
    window = page.as_(owner)
    url = f"{propose(window, drawing(RENAMED))}/diagram"
    assert 'name="Lập đề nghị"' in window.get(url).text
    window.post("/language", {"language": "en"})
    shown = window.get(url).text
    assert 'name="Draft the request"' in shown and 'name="Lập đề nghị"' not in shown


def test_what_has_errors_cannot_be_deployed(page, requests, engine):
    place = propose(page.as_(owner), drawing(FOR_NOBODY))
    assert "Hãy sửa hết lỗi" in page.as_(owner).get(place).text
    answer = page.as_(owner).post(f"{place}/deploy", {"legal_basis": "QĐ 9/QĐ-BQL"})
    assert answer.status_code == 422
    assert versions(engine) == [1]


def test_a_scenario_that_fails_blocks_deploying_and_says_how(page, requests, engine):
    window = page.as_(owner)
    place = propose(window, drawing(RENAMED), (f"{KEY}.json", scenarios()))
    text = said(window.get(place).text)
    assert "0 trên 1 tình huống đạt" in text
    assert "Bước 3 The head grants what was asked for" in text
    assert "Không có việc “Duyệt đề nghị” nào đang mở. Đang mở: Xét duyệt đề nghị." in text
    assert window.post(f"{place}/deploy", {"legal_basis": "QĐ 9"}).status_code == 422
    assert versions(engine) == [1]
    mended = scenarios().replace("Duyệt đề nghị", "Xét duyệt đề nghị")
    upload(window, f"{place}/files", (f"{KEY}.json", mended))
    assert "1 trên 1 tình huống đạt" in window.get(place).text
    assert window.post(f"{place}/deploy", {"legal_basis": "QĐ 9"}).status_code == 303
    assert versions(engine) == [1, 2]


def test_without_scenarios_the_page_advises_to_write_some(page, requests):
    text = page.as_(owner).get(propose(page.as_(owner), drawing(RENAMED))).text
    assert "Chưa có tình huống" in text or "Hãy viết" in text


def test_changes_are_told_setting_by_setting_and_marked_on_the_drawing(page, requests):
    changed = RENAMED.replace("working_days(2)", "working_days(3)")
    text = page.as_(owner).get(propose(page.as_(owner), drawing(changed))).text
    assert marks(text)["changed"] == {"Task_Decide": "2 chỗ"}
    words = said(text)
    assert "Xét duyệt đề nghị Tên Duyệt đề nghị Xét duyệt đề nghị" in words
    assert "Xét duyệt đề nghị Thời hạn working_days(2) working_days(3)" in words
    assert "2 thay đổi so với phiên bản 1" in words


def test_removed_elements_are_listed_and_shown_on_the_drawing_in_force(page, requests):
    start, end = DRAWING.index("  <bpmn:boundaryEvent"), DRAWING.index("  <bpmn:exclusiveGateway")
    less = DRAWING[:start] + DRAWING[end:]
    for line in less.splitlines(keepends=True):
        if any(f'"{gone}"' in line for gone in ("F6", "Withdrawn", "Event_Withdraw")):
            less = less.replace(line, "")
    window = page.as_(owner)
    place = propose(window, drawing(less))
    text = said(window.get(place).text)
    assert "Không còn trên sơ đồ: Rút đề nghị Đã rút" in text
    assert "Bỏ Rút đề nghị Sự kiện gắn biên: thông điệp không còn" in text
    old = window.get(f"{place}?drawing=in-force").text
    assert set(marks(old)["removed"]) == {"Event_Withdraw", "Withdrawn", "F6"}
    assert f'data-bpmn-url="/processes/{KEY}/versions/1/diagram"' in old


def test_fields_of_forms_are_compared_by_their_labels(page, requests):
    form = json.loads(DRAFT)
    form["components"][1]["validate"]["min"] = 5
    form["components"][2]["label"] = "Báo giá của nhà cung cấp"
    form["components"].insert(2, {"type": "textfield", "key": "why", "label": "Lý do"})
    text = json.dumps(form, ensure_ascii=False)
    words = said(page.as_(owner).get(propose(page.as_(owner), ("draft.form", text))).text)
    assert "draft.form Trường “Số lượng” validate.min: 1 validate.min: 5" in words
    assert "Thêm draft.form Trường “Lý do” chưa có Dòng chữ" in words
    assert "label: Báo giá label: Báo giá của nhà cung cấp" in words


def test_the_same_files_again_leave_nothing_to_deploy(page, requests):
    text = page.as_(owner).get(propose(page.as_(owner), drawing(DRAWING))).text
    assert "Không có gì để triển khai" in text
    moved = DRAWING.replace('x="672"', 'x="690"')
    text = page.as_(owner).get(propose(page.as_(owner), drawing(moved))).text
    assert "Bố cục, thứ tự hoặc ghi chú" in text
    assert "Triển khai phiên bản mới" in text


def test_deploying_asks_for_the_decision_and_keeps_what_was_typed(page, requests, engine):
    place = propose(page.as_(owner), drawing(RENAMED))
    answer = page.as_(owner).post(f"{place}/deploy", {"legal_basis": " ", "note": "Đổi tên bước"})
    assert answer.status_code == 422
    assert "Hãy ghi quyết định ban hành phiên bản này." in answer.text
    assert 'value="Đổi tên bước"' in answer.text
    assert versions(engine) == [1]


def test_new_cases_start_on_the_new_version_while_open_ones_stay_on_theirs(
    page, requests, engine, clock
):
    old = requests.send()
    window = page.as_(owner)
    place = propose(window, drawing(RENAMED))
    assert "Duyệt đề nghị 1" in said(window.get(place).text).split("Chạm tới những gì")[1]
    clock.advance(minutes=5)
    answer = window.post(f"{place}/deploy", {"legal_basis": "QĐ 9/QĐ-BQL", "note": "Đổi tên"})
    assert answer.location == f"/processes/{KEY}"
    text = said(window.get(f"/processes/{KEY}").text)
    assert "Phiên bản 2, đang có hiệu lực" in text
    assert "Đổi tên" in text
    with engine.reading() as session:
        version = session.scalars(sa.select(Version).where(Version.number == 2)).one()
        assert (version.legal_basis, version.deployed_by) == ("QĐ 9/QĐ-BQL", owner.name)
        assert session.scalars(sa.select(Activation.version_id)).all()[-1] == version.id
    requests.complete(old, leader, decision="grant")
    assert engine.verify(requests.case_of(old)).holds
    started = requests.start()
    requests.complete(started.tasks[0], clerk, item="Giấy", quantity="1")
    assert requests.task("Xét duyệt đề nghị", started.case_id)
    assert "phiên bản 1" in page.as_(clerk).get(f"/cases/{requests.case_of(old)}").text.lower()


def test_a_proposal_that_is_done_with_is_closed(page, requests, engine):
    window = page.as_(owner)
    deployed, dropped = (propose(window, drawing(RENAMED)) for _ in range(2))
    window.post(f"{deployed}/deploy", {"legal_basis": "QĐ 9/QĐ-BQL"})
    answer = window.post(f"{dropped}/discard")
    assert answer.location == f"/processes/{KEY}"
    assert window.get(deployed).location == f"/processes/{KEY}?version=2"
    assert "Đề xuất số 1 đã được triển khai thành phiên bản 2" in said(
        window.get("/processes").text
    )
    assert window.get(dropped).location == f"/processes/{KEY}"
    for place in (deployed, dropped):
        for verb in ("files", "deploy", "discard"):
            assert window.post(f"{place}/{verb}", {"legal_basis": "QĐ"}).status_code == 409
    with engine.reading() as session:
        rows = session.scalars(sa.select(Proposal).order_by(Proposal.id)).all()
        assert [(r.version_id, r.closed_at is not None) for r in rows] == [(2, True), (None, True)]


def test_a_version_that_came_into_force_meanwhile_is_not_undone_unseen(page, requests, clock):
    window = page.as_(owner)
    early = propose(window, drawing(DRAWING.replace("working_days(5", "working_days(6")))
    late = propose(window, drawing(RENAMED))
    clock.advance(minutes=1)
    window.post(f"{late}/deploy", {"legal_basis": "QĐ 9/QĐ-BQL"})
    text = said(window.get(early).text)
    assert "Phiên bản 2 có hiệu lực sau khi các tệp này được tải lên" in text
    assert "Duyệt đề nghị Tên Xét duyệt đề nghị Duyệt đề nghị" in text


def test_files_that_take_too_long_cost_nobody_anything_and_nothing_of_them_is_lost(
    page, requests, app, engine
):
    """Uploading, lists, page, drawing and deploying each give up in time, and say so."""
    window = page.as_(owner)
    app.config["EXAMINED_SECONDS"] = 0
    try:
        place = propose(window, drawing(RENAMED))
        told = said(window.get(place).text)
        assert "Không xem xét xong tệp trong 8 giây và 420 MB." in told
        for url in (f"/processes/{KEY}", "/processes"):
            assert "có tệp mất quá nhiều thời gian để đọc" in said(window.get(url).text)
        assert window.get(f"{place}/diagram").text == RENAMED
        answer = window.post(f"{place}/deploy", {"legal_basis": "QĐ 9/QĐ-BQL"})
        assert answer.status_code == 422
        looked = upload(window, "/drawings/look", ("a.bpmn", RENAMED))
        assert "Không xem xét xong tệp" in said(looked.text)
    finally:
        del app.config["EXAMINED_SECONDS"]
    assert versions(engine) == [1]
    told = said(window.get(place).text)
    assert "Không xem xét xong" not in told and "Xét duyệt đề nghị" in told
