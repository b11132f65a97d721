"""Somebody logs in with the keyboard alone and reaches the page that was asked for."""

from __future__ import annotations

import pytest

from tests.worlds import PASSWORD, clerk, nobody

pytestmark = pytest.mark.browser


def test_a_clerk_logs_in_with_the_keyboard_and_comes_to_the_page_that_was_asked_for(browser):
    window = browser.as_(nobody)
    window.goto("/inbox?list=groups")
    window.get_by_label("Tên đăng nhập").focus()
    window.keyboard.type(clerk.name)
    window.keyboard.press("Tab")
    window.keyboard.type(PASSWORD)
    window.keyboard.press("Enter")
    window.wait_for_url("**/inbox?list=groups")
    assert clerk.label in window.get_by_role("banner").inner_text()


def test_pages_load_nothing_from_elsewhere_and_break_no_rule_of_the_policy(browser):
    window = browser.as_(clerk)
    elsewhere, complaints = [], []
    window.on("request", lambda request: elsewhere.append(request.url))
    window.on("console", lambda line: complaints.append(line.text))
    window.goto("/")
    window.goto("/inbox")
    assert not [url for url in elsewhere if not url.startswith((browser.url, "data:"))]
    assert not [text for text in complaints if "Content Security Policy" in text]
