"""A process owner changes a procedure in a browser: by its files, with a mistake on the way."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.demo import paper
from engine.tables import Version, Wait
from tests.app.stationery import DRAWING, Requests
from tests.app.studio.uploads import FOR_NOBODY, RENAMED, drawing, propose
from tests.browsers import drawn, violations
from tests.pages import Page
from tests.processes.test_account_grant_internal import HOLDER
from tests.worlds import clerk, leader, owner

pytestmark = pytest.mark.browser

KEY = "account-grant-internal"
OLD, NEW = "Xác nhận đề nghị", "Ký xác nhận đề nghị"


def download(window: Any, name: str, folder: Path) -> Path:
    """The file that the link of that name gives."""
    with window.expect_download() as event:
        window.get_by_role("link", name=name).click()
    path = folder / name
    event.value.save_as(path)
    return path


def draft(case: Any) -> None:
    """A request that waits for the head of its unit."""
    case.start(KEY, clerk)
    scan = io.BytesIO(paper.scan(case.code))
    file = case.engine.attach(case.id, "de-nghi.pdf", scan, actor=case.actor(clerk))
    case.complete("Lập đề nghị", clerk, request={**HOLDER, "scan": [file.id]})


def withdraw(case: Any) -> None:
    """The requester takes the request back, which ends the case."""
    with case.engine.reading() as session:
        query = sa.select(Wait.token).where(Wait.case_id == case.id, Wait.senders.is_not(None))
        token = session.scalars(query).one()
    data = {"reason": "Nhập trùng đề nghị."}
    case.engine.send(case.id, token, data, actor=case.actor(clerk))


def version_of(case: Any) -> int:
    """The number of the version on which the case runs."""
    with case.engine.reading() as session:
        return int(session.get_one(Version, case.row.version_id).number)


def offer(window: Any, file: Any, *, again: bool = True) -> None:
    """The file is uploaded and checked; `again`: into the proposal that is open."""
    window.get_by_label("Tệp đã sửa lại" if again else "Tệp đã sửa").set_input_files(file)
    button = "Tải lên và kiểm tra lại" if again else "Tải lên và kiểm tra"
    window.get_by_role("button", name=button).click()


def deploy(window: Any) -> None:
    """The proposal is put in force by a decision."""
    window.get_by_label("Quyết định (số, ngày)").fill("231/QĐ-BQL ngày 20/11/2026")
    window.get_by_label("Nội dung thay đổi").fill("Đổi tên bước xác nhận")
    window.get_by_role("button", name="Triển khai phiên bản mới").click()
    window.get_by_role("status").filter(has_text="Phiên bản 2 đã có hiệu lực").wait_for()


def fail_a_scenario(window: Any, runs: Any) -> None:
    """A scenario that is not so stands in the way, in words; mended, it does not."""
    ended = "Đã rút đề nghị"
    spoken = runs.read_text(encoding="utf-8").replace(OLD, NEW)
    runs.write_text(spoken.replace(f'"{ended}"', '"Đã hủy đề nghị"'), encoding="utf-8")
    offer(window, runs)
    words = f"Vụ việc kết thúc ở “{ended}”, không phải “Đã hủy đề nghị”."
    window.get_by_text(words).first.wait_for()
    assert window.get_by_role("button", name="Triển khai phiên bản mới").count() == 0
    runs.write_text(spoken, encoding="utf-8")
    offer(window, runs)
    window.get_by_text(re.compile(r"(\d+) trên \1 tình huống đạt")).wait_for()


def test_an_owner_changes_the_shipped_procedure_without_a_programmer(
    browser, case, tmp_path, clock
):
    draft(case)
    before = case.id
    window = browser.as_(owner)
    window.goto("/processes")
    window.get_by_role("link", name="Cấp tài khoản nội bộ").click()
    drawn(window)
    file = download(window, f"{KEY}.bpmn", tmp_path)
    runs = download(window, f"{KEY}.json", tmp_path)

    right = file.read_text(encoding="utf-8").replace(f'name="{OLD}"', f'name="{NEW}"')
    file.write_text(right.replace("truong-phong@unit", "truong-phong-x@unit"), encoding="utf-8")
    offer(window, file, again=False)
    drawn(window)
    window.locator(".qt-diagram").get_by_text("1 lỗi", exact=True).wait_for()
    window.get_by_role("cell", name="giao cho nhóm truong-phong-x không tồn tại").wait_for()
    window.locator(".qt-findings").get_by_role("link", name=NEW).click()
    window.locator('.djs-element.is-spot[data-element-id="Task_Confirm"]').wait_for()
    assert window.get_by_role("button", name="Triển khai phiên bản mới").count() == 0

    file.write_text(right, encoding="utf-8")
    offer(window, file)
    window.get_by_text(re.compile(r"(\d+) trên \1 tình huống đạt")).wait_for()
    fail_a_scenario(window, runs)
    clock.advance(minutes=5)
    deploy(window)

    draft(case)
    assert (version_of(case), case.waits_at(NEW)) == (2, True)
    withdraw(case)
    case.id = before
    assert (version_of(case), case.waits_at(OLD)) == (1, True)
    case.complete(OLD, leader, confirm={"choice": "confirm"})
    withdraw(case)
    assert case.row.status == "completed"
    assert all(verdict.holds for verdict in case.engine.verify_all())


def test_a_badge_on_the_drawing_leads_to_the_finding(browser, world, app):
    Requests(app)
    place = propose(Page(app).as_(owner), drawing(FOR_NOBODY))
    window = browser.as_(owner)
    window.goto(place)
    drawn(window)
    window.locator(".qt-diagram").get_by_text("1 lỗi", exact=True).click()
    assert window.evaluate("document.activeElement.dataset.element") == "Task_Decide"


def test_putting_a_proposal_aside_is_asked_first(browser, world, app):
    Requests(app)
    place = propose(Page(app).as_(owner), drawing(RENAMED))
    window = browser.as_(owner)
    window.goto(place)
    drawn(window)
    window.get_by_role("link", name="Bỏ bản đề xuất").click()
    window.get_by_role("dialog", name="Bỏ bản đề xuất này?").wait_for()
    window.get_by_role("link", name="Để tôi xem lại").click()
    window.get_by_role("link", name="Bỏ bản đề xuất").click()
    window.get_by_role("dialog").get_by_role("button", name="Bỏ bản đề xuất").click()
    window.get_by_role("status").filter(has_text="Đã bỏ bản đề xuất").wait_for()


# What a page looks like is the same on every database.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_the_owner_has_a_barrier_or_scrolls_sideways(browser, world, app, width):
    Requests(app).send()
    page = Page(app).as_(owner)
    bad, good = (propose(page, drawing(one)) for one in (FOR_NOBODY, RENAMED))
    broken = propose(page, drawing("<broken"))
    same = propose(page, drawing(DRAWING))
    key = "/processes/stationery-request"
    window = browser.as_(owner, width=width)
    for path in ["/processes", key, bad, good, f"{good}?drawing=in-force", broken, same]:
        window.goto(path)
        if path not in ("/processes", broken):
            drawn(window)
        assert violations(window) == [], path
        assert window.evaluate("document.documentElement.scrollWidth") <= width, path
