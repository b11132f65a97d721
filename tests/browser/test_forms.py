"""Lists and tables of forms in a real browser, with scripts and without."""

from __future__ import annotations

import json
import re

import pytest

from engine import Bundle
from tests import crowds, worlds
from tests.app.stationery import DRAFT, KEY, bundle
from tests.browser.test_clerk import violations
from tests.pages import actor_of
from tests.worlds import clerk

pytestmark = pytest.mark.browser

ROWS = {
    "type": "dynamiclist",
    "id": "rows",
    "path": "rows",
    "label": "Đồ dùng",
    "components": [
        {"type": "textfield", "key": "what", "label": "Tên", "layout": {"row": "r"}},
        {"type": "number", "key": "many", "label": "Bao nhiêu", "layout": {"row": "r"}},
    ],
}
TABLE = {
    "type": "table",
    "id": "prices",
    "label": "Giá",
    "dataSource": "=for i in 1..5 return {n: i}",
    "columns": [{"key": "n", "label": "Số"}],
    "rowCount": 2,
}
TO = {
    "type": "select",
    "id": "to",
    "key": "to",
    "label": "Người nhận",
    "valuesExpression": "=people_now(unit)",
}
TOLD = {
    "type": "text",
    "id": "told",
    "text": "Gửi cho {{to}}",
    "conditional": {"hide": "=to = null"},
}
PAPER = {"type": "filepicker", "id": "paper", "key": "paper", "label": "Bản quét"}
NOTE = {
    "type": "text",
    "id": "note",
    "text": "Đã có bản quét",
    "conditional": {"hide": "=paper = null"},
}

SPARE = {"type": "number", "id": "spare", "key": "spare", "label": "Dự phòng"}
MANY = {
    "type": "text",
    "id": "many",
    "text": "Mua nhiều thì hỏi trước",
    "conditional": {"hide": "=not(spare >= 100)"},
}


@pytest.fixture
def task(app, world):
    """The id of the clerk's task, whose form has a list and a table."""
    engine = app.extensions["engine"]
    files = dict(bundle().files)
    form = json.loads(DRAFT)
    form["components"] += [ROWS, TABLE, PAPER, NOTE, TO, TOLD, SPARE, MANY]
    with engine.writing() as session:
        crowds.enter(session, clerk.unit, 500)
    files[f"forms/{KEY}/draft.form"] = json.dumps(form, ensure_ascii=False)
    engine.deploy(Bundle(KEY, files), actor=actor_of(app, worlds.owner), legal_basis=worlds.BASIS)
    return engine.start(KEY, None, actor=actor_of(app, clerk)).tasks[0]


def row(window, number):
    return window.get_by_role("group", name=f"Đồ dùng, dòng {number}")


def test_rows_come_and_go_while_what_was_typed_stays(browser, task):
    window = browser.as_(clerk)
    window.goto(f"/tasks/{task}")
    window.get_by_label("Tên đồ dùng").fill("Giấy")
    inputs = [row(window, 1).get_by_label(name) for name in ("Tên", "Bao nhiêu")]
    assert inputs[0].bounding_box()["y"] == inputs[1].bounding_box()["y"]
    inputs[0].fill("Một")
    window.get_by_role("button", name="Thêm một dòng").click()
    row(window, 2).get_by_label("Tên").fill("Hai")
    assert window.evaluate("document.activeElement.name") == "rows.1.what"
    row(window, 1).get_by_role("button", name="Bỏ dòng 1").click()
    row(window, 2).wait_for(state="detached")
    assert row(window, 1).get_by_label("Tên").input_value() == "Hai"
    assert window.get_by_label("Tên đồ dùng").input_value() == "Giấy"
    assert window.url.endswith(f"/tasks/{task}")


def test_a_table_turns_its_pages_in_place_on_a_phone(browser, task):
    window = browser.as_(clerk, width=390, height=844)
    window.goto(f"/tasks/{task}")
    window.get_by_label("Tên đồ dùng").fill("Giấy")
    window.get_by_role("button", name="Các dòng sau").click()
    window.get_by_text("Dòng 3 đến 4 trong 5 dòng").wait_for()
    assert window.get_by_role("table", name="Giá").locator("td").all_inner_texts() == ["3", "4"]
    assert window.get_by_label("Tên đồ dùng").input_value() == "Giấy"
    assert window.evaluate("document.documentElement.scrollWidth") == 390
    assert not violations(window)


def test_a_file_stays_chosen_while_fields_that_depend_on_it_are_drawn(browser, task):
    window = browser.as_(clerk)
    window.goto(f"/tasks/{task}")
    chosen = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"}
    with window.expect_response("**/preview"):
        window.locator("#f-paper").set_input_files(chosen)
    window.locator('li [name="paper"]').wait_for(state="attached")
    window.get_by_label("Tên đồ dùng").fill("Giấy")
    sent = window.locator('[name="paper"]').evaluate_all("all => all.map(one => one.value)")
    assert [value for value in sent if value] == ["1"]
    assert window.get_by_text("scan.pdf").count() == 2  # in the form, and beside it with the case


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_of_hundreds_is_found_and_chosen_with_the_keyboard_and_stays_on_an_error(
    browser, task
):
    window = browser.as_(clerk, width=390, height=844)
    window.goto(f"/tasks/{task}")
    search = window.get_by_role("group", name="Người nhận").get_by_role("combobox")
    search.focus()
    window.keyboard.type("dang quoc")
    window.get_by_role("option").first.wait_for()
    assert search.get_attribute("aria-expanded") == "true"
    window.keyboard.press("ArrowDown")
    window.keyboard.press("ArrowDown")
    pointed = window.locator(f"#{search.get_attribute('aria-activedescendant')}")
    assert pointed.get_attribute("aria-selected") == "true"
    name = pointed.inner_text()
    assert not violations(window)
    window.keyboard.press("Enter")
    window.get_by_role("status").filter(has_text=f"Đã chọn: {name}").wait_for()
    window.get_by_text(f"Gửi cho {name.partition('(')[2][:-1]}").wait_for()
    assert window.evaluate("document.activeElement.name") == "_sought:to"
    window.keyboard.type("an")
    window.get_by_role("option").first.wait_for()
    window.keyboard.press("Escape")
    assert search.get_attribute("aria-expanded") == "false"
    window.get_by_role("button", name="Gửi").first.click()
    window.get_by_role("alert").filter(has_text="Đã gõ “an” mà chưa chọn mục nào").wait_for()
    assert window.get_by_role("radio", name=name).is_checked()
    assert window.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_field_that_was_changed_since_no_longer_says_that_it_is_wrong(browser, task):
    window = browser.as_(clerk)
    window.goto(f"/tasks/{task}")
    quantity = window.get_by_label("Số lượng")
    quantity.fill("không")
    with window.expect_navigation():
        window.get_by_role("button", name="Gửi").first.click()
    summary = window.locator("[data-error-summary]")
    assert summary.get_by_role("link").count() == 2
    quantity.fill("5")
    assert quantity.get_attribute("aria-invalid") == "true"  # while it is still being typed
    quantity.blur()
    assert quantity.get_attribute("aria-invalid") is None
    assert summary.locator("a.is-mended").count() == 1
    window.get_by_label("Tên đồ dùng").fill("Giấy")
    send = window.get_by_role("button", name="Gửi").first
    send.scroll_into_view_if_needed()
    place = send.bounding_box()
    window.mouse.move(place["x"] + 5, place["y"] + 5)
    window.mouse.down()  # the field is left by pressing the button
    assert send.bounding_box() == place
    with window.expect_navigation():
        window.mouse.up()
    assert window.locator("[data-error-summary]").count() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_fields_drawn_anew_do_not_move_the_button_that_is_being_pressed(browser, task):
    window = browser.as_(clerk)
    window.goto(f"/tasks/{task}")
    window.get_by_label("Tên đồ dùng").fill("Giấy")
    window.get_by_label("Số lượng").fill("5")
    window.get_by_label("Dự phòng").focus()
    window.keyboard.type("500")
    send = window.get_by_role("button", name="Gửi").first
    place = send.bounding_box()
    window.mouse.move(place["x"] + 5, place["y"] + 5)
    with window.expect_response("**/preview") as answer:
        window.mouse.down()  # the field is left by pressing the button
    assert "Mua nhiều" in answer.value.text()
    window.evaluate("new Promise(done => setTimeout(done, 200))")
    assert send.bounding_box() == place
    with window.expect_navigation():
        window.mouse.up()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_form_waits_for_its_file_and_does_not_go_without_a_refused_one(browser, task):
    window = browser.as_(clerk)
    window.goto(f"/tasks/{task}")
    window.get_by_label("Tên đồ dùng").fill("Giấy")
    window.get_by_label("Số lượng").fill("5")
    send = window.get_by_role("button", name="Gửi").first
    window.locator("#f-paper").set_input_files(
        {"name": "a.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
    )
    window.locator(".is-failed").wait_for()
    send.click()
    assert "bỏ tệp hoặc chọn tệp khác" in window.locator("#f-paper-refused").inner_text()
    window.get_by_role("button", name="Bỏ tệp a.exe").click()
    assert window.locator("#f-paper-refused").count() == 0
    held = []
    window.route(re.compile(r"/files"), lambda route: held.append(route))
    window.locator("#f-paper").set_input_files(
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"}
    )
    window.get_by_label("Số lượng").press("Enter")
    window.get_by_role("button", name="Đang tải tệp lên…").wait_for()
    assert len(held) == 1 and window.url.endswith(f"/tasks/{task}")
    with window.expect_request("**/complete**") as sent:
        held[0].continue_()
    assert re.search(r'name="paper"\s+\d', sent.value.post_data)
