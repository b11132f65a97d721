"""Every page of every area, for somebody who may open it: readable by all, on any screen."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.catalogues import changing
from app.catalogues.changing import Hand, Order
from app.cli_content import RELEASE
from app.config import ROOT
from app.papers.desk import folder
from engine import Bundle
from tests import papers
from tests.app import stationery
from tests.app.catalogues.test_changing import LICENCE, PROCEDURES
from tests.app.registers import incoming
from tests.app.studio.uploads import FOR_NOBODY, drawing, propose
from tests.browsers import Browser, drawn, violations
from tests.pages import Page, actor_of
from tests.worlds import (
    BASIS,
    Character,
    admin,
    applicant,
    auditor,
    clerk,
    leader,
    nobody,
    office,
    owner,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
READERS = (clerk, leader, office, owner, auditor, admin, applicant, nobody)
LETTER = {"to": "annv@sonhai.example", "subject": "Tài khoản", "text": "Mở liên kết."}

DECIDED = {"number": "15/QĐ-BQL", "decided_on": "20/11/2026"}


@dataclass(frozen=True)
class Sight:
    """One page, and somebody who may open it."""

    reader: Character
    url: str
    has_drawing: bool


@pytest.fixture
def site(app: Flask, page: Page) -> dict[str, Any]:
    """Something for each page to show; what the addresses of the pages may name."""
    requests = stationery.Requests(app)
    waiting, done = requests.send("Giấy A4"), requests.send("Mực in")
    requests.complete(done, leader, decision="grant")
    draft = requests.start()
    desk = page.as_(clerk)
    desk.post(f"/cases/{draft.case_id}/comments", {"text": "Cần trước thứ Sáu."})
    scan = (io.BytesIO(signed(app)), "van-ban.pdf")
    desk.post(f"/cases/{draft.case_id}/files", {"file": scan}, content_type="multipart/form-data")
    proposal = propose(page.as_(owner), drawing(FOR_NOBODY))
    case_id = requests.case_of(waiting)
    text = desk.get(f"/cases/{case_id}").text
    engine = app.extensions["engine"]
    with engine.writing() as session:
        engine.enqueue(session, "mail.send", LETTER, key="letter")
    engine.run_due()
    letters = page.as_(admin).get("/operations/outbox").text
    return {
        "": {
            "import_id": imported(page, engine),
            "case_id": case_id,
            "task_id": draft.tasks[0],
            **dict.fromkeys(("process_key", "key"), stationery.KEY),
            "name": leader.name,
            "code": "p-dautu",
            "kind": "merge",
            "number": planned(page),
            "file_id": 1,
            "token": int(re.search(rf"/cases/{case_id}/send/(\d+)", text)[1]),
        },
        "inbox.assign": {"task_id": waiting},
        **manual(desk),
        "operations.letter": {"name": re.search(r'/outbox/([^"]+)"', letters)[1]},
        "operations.setting": {"name": "account.grant.working_days"},
        "people.first_password": {"token": "nothing"},
        "people.group": {"key": "van-thu"},
        **entered(engine, page),
        "studio.proposal": {"number": int(proposal.rpartition("/")[2])},
    }


def signed(app: Flask) -> bytes:
    """A paper with a signature."""
    engine = app.extensions["engine"]
    return papers.signed(folder(app.extensions["settings"]), engine.clock())


def entered(engine: Any, page: Page) -> dict[str, dict[str, str]]:
    """A document that came in stands in its register, under a number of a book, beside a
    catalogue.
    """
    engine.deploy(incoming.bundle(), actor=RELEASE, legal_basis=BASIS)
    paper = {"number": None, "author": "Sở Xây dựng", "arrived": date(2026, 11, 20)}
    engine.start(incoming.KEY, paper, actor=actor_of(page.app, clerk))
    return {
        **catalogued(engine),
        "registers.book": {"key": incoming.BOOK},
        "registers.register": {"key": incoming.REGISTER_KEY},
        "registers.rules": {"key": incoming.BOOK},
    }


def catalogued(engine: Any) -> dict[str, dict[str, str]]:
    """A catalogue with one entry."""
    bundle = Bundle.read(ROOT, "procedure-life")
    engine.deploy(bundle, actor=RELEASE, legal_basis=BASIS)
    now = engine.clock()
    order = Order("procedures", PROCEDURES, "add", "1.010733", LICENCE, now.date(), "vì sao")
    with engine.writing() as session:
        changing.keep(session, order, Hand("khanhbt", now))
    shown = {"key": "procedures"}
    return {
        "catalogues.catalogue": shown,
        "catalogues.entry": {**shown, "entry": "1.010733"},
    }


def manual(desk: Any) -> dict[str, dict[str, str]]:
    """The first section of the manual, and its first page."""
    section = re.search(r'href="/manual/([\w-]+)"', desk.get("/manual").text)[1]
    part = re.search(rf'href="/manual/{section}/([^"]+)"', desk.get(f"/manual/{section}").text)[1]
    return {
        "manual.section": {"section": section},
        "manual.entry": {"section": section, "key": part},
    }


def planned(page: Page) -> int:
    """The number of a change of a unit that waits for its day."""
    later = {"day": "01/01/2030", "basis": "QĐ 9", "name": "Phòng Đầu tư"}
    page.as_(admin).post("/units/p-dautu/change/rename", later)
    return 1


def imported(page: Page, engine: Any) -> int:
    """The number of a list that was judged, with a good row and a wrong one."""
    rows = "Họ và tên;Đơn vị;Ngày sinh\nNguyễn Văn An;p-dautu;01/02/1990\nBé;Phòng lạ;x"
    sent = DECIDED | {"file": (io.BytesIO(rows.encode()), "danh-sach.csv")}
    listed = page.as_(admin).post("/people/imports", sent).headers["Location"]
    columns = {"column_0": "full_name", "column_1": "unit", "column_2": "birth_date"}
    page.as_(admin).post(f"{listed}/check", columns)
    engine.run_due()
    return int(listed.rpartition("/")[2])


def sights(app: Flask, page: Page, site: dict[str, Any]) -> list[Sight]:
    """Each page once, with the first of the readers who may open it."""
    found, closed = [], []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        url = address(app, rule, site)
        if url is None:
            continue
        seen = sight(page, url)
        if seen is None:
            closed.append(url)
        elif seen.url:
            found.append(seen)
    assert not closed, f"nobody opens these pages: say in `site` what they show: {closed}"
    return found


def address(app: Flask, rule: Rule, site: dict[str, Any]) -> str | None:
    """The address of a page; None of what sends no pages: files, drawings, forms'
    targets, ways to providers of single sign-on.
    """
    if "GET" not in rule.methods or rule.endpoint in ("static", "inbox.back_to_task"):
        return None
    if rule.endpoint.endswith(("diagram", "file", "drawing", ".healthz", ".step", "_provider")):
        return None
    values = {**site[""], **site.get(rule.endpoint, {})}
    with app.test_request_context():
        given = {name: values[name] for name in rule.arguments}
        return app.url_map.bind("localhost").build(rule.endpoint, given)


def sight(page: Page, url: str) -> Sight | None:
    """Who sees the page; an empty address when it only leads to others or sends a file."""
    leads_on = False
    for reader in READERS:
        answer = page.as_(reader).get(url)
        if answer.status_code == 200 and answer.mimetype != "text/html":
            return Sight(nobody, "", False)  # a file, and no page
        gone = url.startswith("/first-password") and answer.status_code == 404
        if answer.status_code == 200 or gone:
            return Sight(reader, url, "data-bpmn-url" in answer.text)
        leads_on = leads_on or answer.status_code == 303
    return Sight(nobody, "", False) if leads_on else None


LOOKS = [(1440, "vi", "light"), (390, "en", "dark")]


@pytest.mark.parametrize(("width", "language", "colours"), LOOKS)
def test_no_page_shuts_anybody_out(app, page, site, browser: Browser, width, language, colours):
    windows: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    for seen in sights(app, page, site):
        if seen.reader.name not in windows:
            windows[seen.reader.name] = opened(browser, seen.reader, width, language, colours)
        window = windows[seen.reader.name]
        window.goto(seen.url)
        if seen.has_drawing:
            drawn(window)
        found = violations(window)
        too_wide = window.evaluate("document.documentElement.scrollWidth") > width
        if found or too_wide:
            wrong[f"{seen.reader.name} {seen.url}"] = [*found, *(["too wide"] if too_wide else [])]
        assert window.evaluate("document.documentElement.lang") == language
    assert not wrong


def opened(browser: Browser, reader: Character, width: int, language: str, colours: str) -> Any:
    """A window of that width in which the reader reads the language, in these colours."""
    window = browser.as_(reader, width=width)
    window.emulate_media(color_scheme=colours)
    window.goto("/login" if reader is nobody else "/")
    if language == "en":
        window.get_by_role("button", name="English").last.click()
        window.locator("html[lang=en]").wait_for(state="attached")
    return window
