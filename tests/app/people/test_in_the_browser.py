"""What people meet first, in a real browser: by keyboard, on a phone, for those who cannot see."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.people import queries
from app.people.log import Origin
from app.people.login import links
from tests.worlds import PASSWORD, admin, clerk, nobody

pytestmark = pytest.mark.browser
NEW = "Bon-mua-la-2027!"


def test_a_new_holder_chooses_a_password_and_logs_in_again_with_the_keyboard_alone(
    browser, app, engine, clock
):
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        path, _ = links.issue(session, account, origin=Origin("quantri", clock()))
    window = browser.as_(nobody, width=390, height=800)
    window.goto(links.opened(path, app.config["SECRET_KEY"]))
    window.get_by_label("Mật khẩu mới", exact=True).focus()
    window.keyboard.type(NEW)
    window.keyboard.press("Tab")
    window.keyboard.type(NEW)
    window.keyboard.press("Enter")
    window.wait_for_url(re.compile(r"/$"))
    window.goto("/account")
    assert window.get_by_role("heading", name="Tài khoản của tôi").is_visible()
    window.context.clear_cookies()
    window.goto("/account")
    window.keyboard.type(clerk.name)
    window.keyboard.press("Tab")
    window.keyboard.type(NEW)
    window.keyboard.press("Enter")
    window.wait_for_url(re.compile(r"/account$"))


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(browser):
    window = browser.as_(nobody)
    window.goto("/login")
    window.get_by_label("Tên đăng nhập").fill("anhpt")
    window.get_by_label("Mật khẩu").fill("sai")
    window.get_by_role("button", name="Đăng nhập").click()
    window.get_by_text("Sau 5 lần nhập sai").wait_for()
    assert window.get_by_label("Tên đăng nhập").input_value() == "anhpt"
    window.get_by_label("Mật khẩu").fill(PASSWORD)
    window.get_by_role("button", name="Đăng nhập").click()
    window.wait_for_url(re.compile(r"/$"))


# What a page looks like is the same on every database.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_people_keeps_anybody_out(browser, width):
    pages = {
        nobody: ["/login", "/first-password/khong-co"],
        admin: ["/people", "/people/anhpt", "/account", "/password", "/units", "/people/log"],
    }
    for character, paths in pages.items():
        window = browser.as_(character, width=width)
        for path in paths:
            window.goto(path)
            found = Axe().run(window).response["violations"]
            assert [(path, rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
            scrolls = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not window.evaluate(scrolls), path
