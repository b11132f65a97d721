"""What may be uploaded, and what is said of what may not."""

from __future__ import annotations

import pytest

from app.studio import operations
from tests.app.stationery import DRAWING, KEY
from tests.app.studio.uploads import RENAMED, drawing, propose, said, scenarios, upload
from tests.worlds import owner

HERE = f"/processes/{KEY}/proposals"


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("notes.docx", "x", 422, "“notes.docx” không phải tệp sơ đồ, biểu mẫu"),
        ("other.bpmn", DRAWING, 422, f"“other.bpmn” không phải sơ đồ của {KEY}"),
        (f"{KEY}.bpmn", DRAWING.encode("utf-16"), 422, "không phải văn bản mã UTF-8"),
        ("..", "x", 422, "không phải tệp sơ đồ"),
        (".form", "{}", 422, "không phải tệp sơ đồ"),
        ("a b.form", "{}", 422, "không phải tệp sơ đồ"),
        (f"{'a' * 200}.form", "{}", 422, "không phải tệp sơ đồ"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_beside_its_field(
    page, requests, name, content, status, words
):
    answer = upload(page.as_(owner), HERE, (name, content))
    assert answer.status_code == status
    assert words in said(answer.text)
    assert 'id="files-error"' in answer.text


def test_sending_no_file_says_to_choose_one(page, requests):
    answer = upload(page.as_(owner), HERE, ("", ""))
    assert answer.status_code == 422
    assert "Chưa chọn tệp nào" in answer.text


@pytest.mark.parametrize("name", ["../../draft.form", "C:\\tmp\\draft.form", "/etc/draft.form"])
def test_tricks_with_paths_lead_nowhere_but_into_the_bundle(name):
    assert operations.place(KEY, name) == f"forms/{KEY}/draft.form"


def test_a_path_before_the_name_of_a_file_is_left_out(page, requests):
    place = propose(page.as_(owner), ("../../draft.form", "{}"))
    assert page.as_(owner).get(f"{place}/files/forms/{KEY}/draft.form").text == "{}"


def test_a_proposal_holds_the_other_files_as_they_are_in_force(page, requests):
    window = page.as_(owner)
    place = propose(window, drawing(RENAMED), (f"{KEY}.json", scenarios()))
    assert "Xét duyệt đề nghị" in window.get(f"{place}/diagram").text
    assert "Tên đồ dùng" in window.get(f"{place}/files/forms/{KEY}/draft.form").text
    text = said(window.get(place).text)
    assert f"{KEY}.bpmn Sửa" in text
    assert f"{KEY}.json Thêm" in text
    assert "3 tệp không đổi" in text


def test_a_byte_order_mark_is_no_part_of_the_file(page, requests):
    place = propose(page.as_(owner), (f"{KEY}.bpmn", b"\xef\xbb\xbf" + RENAMED.encode()))
    assert "1 thay đổi so với phiên bản 1" in page.as_(owner).get(place).text


def test_a_new_process_is_named_by_its_one_drawing(page):
    window = page.as_(owner)
    own = DRAWING.replace(KEY, "paper-request").replace("camunda:formKey", "camunda:x")
    answer = upload(window, "/processes/new", drawing(own, "paper-request"))
    assert answer.status_code == 303
    text = window.get(answer.location).text
    assert "Quy trình mới: Đề nghị văn phòng phẩm" in text
    assert "paper-request" in window.get("/processes").text


@pytest.mark.parametrize(
    "names",
    [("draft.form",), ("a.bpmn", "b.bpmn"), ("..\\x.bpmn",), (f"{'x' * 120}.bpmn",)],
)
def test_a_new_process_without_one_usable_drawing_is_refused(page, names):
    answer = upload(page.as_(owner), "/processes/new", *((name, DRAWING) for name in names))
    assert answer.status_code == 422
    assert 'id="files-error"' in answer.text


def test_a_new_process_names_the_file_that_belongs_to_none(page):
    answer = upload(page.as_(owner), "/processes/new", ("notes.docx", "x"))
    assert answer.status_code == 422
    assert "“notes.docx” không phải tệp sơ đồ" in said(answer.text)


def test_a_new_process_with_errors_is_not_said_to_be_the_same_as_what_is_in_force(page):
    window = page.as_(owner)
    answer = upload(window, "/processes/new", ("paper-request.bpmn", "<definitions"))
    text = said(window.get(answer.location).text)
    assert "cần sửa 1 lỗi trước khi triển khai phiên bản đầu tiên" in text
    assert "Chưa có phiên bản nào có hiệu lực" in text
    assert "giống hệt" not in text


def test_mending_files_goes_on_in_the_same_proposal(page, requests):
    window = page.as_(owner)
    place = propose(window, drawing(RENAMED))
    assert upload(window, f"{place}/files", ("draft.form", "[]")).status_code == 303
    assert "draft.form" in said(window.get(place).text).split("Tệp của bản đề xuất")[1]
    refused = upload(window, f"{place}/files", ("x.exe", "x"))
    assert refused.status_code == 422
    assert 'id="files-error"' in refused.text
    window.post(f"{place}/files", {"restore": f"forms/{KEY}/draft.form"})
    assert "Tên đồ dùng" in window.get(f"{place}/files/forms/{KEY}/draft.form").text
    window.post(f"{place}/files", {"drop": f"forms/{KEY}/draft.form"})
    text = said(window.get(place).text)
    assert "“Lập đề nghị”" in text
    assert "draft.form Bỏ" in text


def test_a_template_is_uploaded_with_the_layouts_that_it_imports(page, requests):
    window = page.as_(owner)
    letter = '#import "/forms/_layout/nd30.typ": *\nGiấy mời'
    place = propose(window, drawing(RENAMED), ("letter.typ", letter), ("words.typ", "#let a = 1"))
    assert {"letter.typ", "nd30.typ", "words.typ"} <= set(said(window.get(place).text).split())
    assert "Giấy mời" in window.get(f"{place}/files/forms/{KEY}/letter.typ").text
    assert "#let a = 1" in window.get(f"{place}/files/forms/_layout/words.typ").text


def test_restoring_what_is_not_in_force_is_refused(page, requests):
    place = propose(page.as_(owner), drawing(RENAMED))
    answer = page.as_(owner).post(f"{place}/files", {"restore": "../../etc/passwd"})
    assert answer.status_code == 404


def test_a_file_larger_than_any_drawing_is_refused_by_its_name(page, requests):
    with pytest.raises(operations.FileTooBig) as refused:
        operations.read(
            KEY, [(f"{KEY}.bpmn", b"x"), ("draft.form", b"x" * (operations.MOST_BYTES + 1))]
        )
    assert refused.value.fields == {"name": "draft.form"}
    assert refused.value.status == 413


def test_more_bytes_than_the_site_takes_are_refused_as_a_whole(page, requests):
    window = page.as_(owner)
    answer = window.client.post(
        HERE,
        data=b"x" * 27_000_000,
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRFToken": window.code()},
    )
    assert answer.status_code == 413


BROKEN = {
    "empty": "",
    "no XML": "<bpmn:definitions",
    "another XML": "<html/>",
    "entities": '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
    "file of the server": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "very deep": "<a>" * 20_000 + "</a>" * 20_000,
    "nothing inside": DRAWING.split("<bpmn:process")[0] + "</bpmn:definitions>",
    "no process of that name": DRAWING.replace(
        'process id="stationery-request"', 'process id="x"'
    ),
    "no ids": DRAWING.replace(' id="', ' data="'),
    "a flow to nowhere": DRAWING.replace('targetRef="Granted"', 'targetRef="Gone"'),
    "a wrong expression": DRAWING.replace('=decision = "grant"', "=decision = = ("),
    "half a drawing": DRAWING[:3000],
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_or_hostile_drawing_gives_findings_and_never_an_error(page, requests, content):
    window = page.as_(owner)
    place = propose(window, drawing(content))
    text = window.get(place).text
    assert "Triển khai" in text
    assert "root:" not in text
    assert "Triển khai phiên bản mới" not in text
    assert window.get(f"{place}/diagram").status_code == 200
    assert window.post(f"{place}/deploy", {"legal_basis": "QĐ 9"}).status_code == 422
    assert window.get("/processes").status_code == 200
    assert window.get(f"/processes/{KEY}").status_code == 200


def test_markup_in_names_is_shown_as_text_on_every_page(page, requests):
    window = page.as_(owner)
    hostile = DRAWING.replace("Duyệt đề nghị", "&lt;script&gt;alert(1)&lt;/script&gt;")
    hostile = hostile.replace("Đề nghị văn phòng phẩm", "&lt;img src=x onerror=alert(1)&gt;")
    place = propose(window, drawing(hostile))
    assert window.post(f"{place}/deploy", {"legal_basis": "<b>QĐ</b>"}).status_code == 303
    again = propose(window, drawing(DRAWING))
    for path in ("/processes", f"/processes/{KEY}", f"/processes/{KEY}?version=2", again):
        text = window.get(path).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<b>QĐ" not in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("draft.form", "{"),
        ("draft.form", "[]"),
        ("draft.form", '{"components": [{"type": "textfield"}, 5, null]}'),
        ("draft.form", '{"components": {"a": 1}}'),
        ("draft.form", "[" * 5_000 + "]" * 5_000),
        ("choice.dmn", "<definitions"),
        ("choice.dmn", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
        (f"{KEY}.json", "{"),
        (f"{KEY}.json", "[" * 5_000 + "]" * 5_000),
        (f"{KEY}.json", '{"a": [' + '{"a":' * 700 + "1" + "}" * 700 + "]}"),
        (f"{KEY}.json", '{"a": 5}'),
        (f"{KEY}.json", '{"a": [{"start": 5}]}'),
        (f"{KEY}.json", '{"a": [{"start": {}}, {"wait": "99999999999 days"}]}'),
        (f"{KEY}.json", '{"a": [{"start": {}}, {"data": {"a": [1]}}]}'),
        (f"{KEY}.json", '{"a": [{"complete": "Lập đề nghị"}]}'),
        (f"{KEY}.json", '{"a": [{"send": 5}, {"given": 5}]}'),
    ],
)
def test_other_broken_files_are_findings_or_failed_scenarios_too(page, requests, name, content):
    window = page.as_(owner)
    place = propose(window, (name, content))
    text = window.get(place).text
    assert "Triển khai phiên bản mới" not in text
    assert window.post(f"{place}/deploy", {"legal_basis": "QĐ 9"}).status_code == 422
