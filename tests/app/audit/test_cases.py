"""The auditor's list of cases, and the verdict on many at once."""

from __future__ import annotations

import re
from html import unescape

from tests.app.stationery import KEY
from tests.worlds import auditor, leader


def said(text: str) -> str:
    """The words of a page, without its marks of HTML."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def test_an_auditor_finds_cases_with_and_without_accents(page, requests):
    requests.send("Bìa hồ sơ")
    requests.send("Mực in")
    window = page.as_(auditor)
    assert "2 vụ việc" in window.get("/audit").text
    text = window.get("/audit?q=bia ho so").text
    assert "Đề nghị: Bìa hồ sơ" in text
    assert "Mực in" not in text
    assert "“bia ho so”" in text


def test_conditions_are_chips_that_can_be_removed_one_by_one(page, requests):
    requests.send()
    text = page.as_(auditor).get(f"/audit?q=giay&status=open&process={KEY}").text
    assert "Đang giải quyết" in text
    assert f'href="/audit?status=open&amp;process={KEY}"' in text or (
        f'href="/audit?process={KEY}&amp;status=open"' in text
    )
    assert "Đề nghị: Giấy A4" in text


def test_nothing_found_says_how_to_go_on(page, requests):
    text = page.as_(auditor).get("/audit?q=zzz").text
    assert "Không có vụ việc nào khớp" in text
    assert 'href="/audit">' in text


def test_odd_conditions_find_nothing_and_break_nothing(page, requests):
    window = page.as_(auditor)
    for query in (
        "status=x",
        "process=x",
        "after=x",
        "after=99999999999999999999",
        "q=%00",
        "q=%25",
    ):
        assert window.get(f"/audit?{query}").status_code in (200, 400, 422)


def test_all_that_the_conditions_leave_is_verified_at_once(page, requests):
    requests.complete(requests.send("Bìa"), leader, decision="grant")
    requests.send("Mực")
    window = page.as_(auditor)
    text = said(window.post("/audit/verify").text)
    assert "Mọi nhật ký đều nguyên vẹn" in text
    assert "5 bước của 2 vụ việc" in text
    text = said(window.post("/audit/verify", {"status": "completed"}).text)
    assert "của 1 vụ việc" in text
    assert "Đề nghị: Bìa" in text
