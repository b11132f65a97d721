"""Somebody adds a passkey in a real browser with a virtual device, and logs in by it alone."""

from __future__ import annotations

import pytest

from tests.browsers import violations
from tests.worlds import PASSWORD, clerk, nobody

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_device(browser, character):
    """A window of the browser with a device in it; and how to talk to that device."""
    # Browsers make passkeys for names, never for numbers.
    browser.url = browser.url.replace("127.0.0.1", "localhost")
    window = browser.as_(character, width=390, height=844)
    talk = window.context.new_cdp_session(window)
    talk.send("WebAuthn.enable")
    device = talk.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return window, lambda command, **more: talk.send(
        f"WebAuthn.{command}", {"authenticatorId": device["authenticatorId"], **more}
    )


def test_a_clerk_adds_a_passkey_and_logs_in_by_it_without_name_or_password(browser):
    window, device = with_device(browser, clerk)
    complaints = []
    window.on("console", lambda line: complaints.append(line.text))
    window.goto("/account/second-factor")
    making = window.locator("form[data-passkey=create]")
    making.get_by_label("Tên khóa truy cập").fill("Máy tính cơ quan")
    making.get_by_label("Mật khẩu đang dùng").fill("sai")
    making.get_by_role("button", name="Thêm khóa truy cập").click()
    making.get_by_role("alert").get_by_text("không phải mật khẩu hiện tại").wait_for()
    making.get_by_label("Mật khẩu đang dùng").fill(PASSWORD)
    window.keyboard.press("Enter")
    window.get_by_role("heading", name="Mã dự phòng").wait_for()
    window.goto("/account/second-factor")
    window.get_by_text("Máy tính cơ quan").first.wait_for()
    assert violations(window) == []

    window.context.clear_cookies()
    window.goto("/login?next=/account")
    assert violations(window) == []
    button = window.get_by_role("button", name="Đăng nhập bằng khóa truy cập")
    device("setUserVerified", isUserVerified=False)
    button.click()
    window.get_by_role("alert").get_by_text("Thiết bị không trả lời").wait_for()
    device("setUserVerified", isUserVerified=True)
    button.click()
    window.wait_for_url(lambda address: "/login" not in address)
    assert clerk.label in window.get_by_role("main").inner_text()
    assert not [text for text in complaints if "Content Security Policy" in text]


def test_without_scripts_the_page_asks_for_name_and_password_alone(browser):
    window, _device = with_device(browser, nobody)
    window.route("**/passkey-*.js", lambda route: route.abort())
    window.goto("/login")
    assert window.get_by_role("button").all_inner_texts() == ["Đăng nhập", "English"]
