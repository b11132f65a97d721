"""A real Chromium in front of a real server of the test's application."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from werkzeug.serving import make_server

from tests.pages import Page
from tests.worlds import Character

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MISSING = "Debian's Chromium is not installed: apt-get install chromium"


def path() -> str | None:
    """Where Debian's Chromium is."""
    return shutil.which("chromium")


def violations(window: Any) -> list[tuple[str, str]]:
    """What axe finds on the page, by rule and element."""
    # What holds is not described, by far the larger part of an answer and of the time it takes.
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = Axe().run(window, options=options).response["violations"]
    return [(each["id"], node["html"][:160]) for each in found for node in each["nodes"]]


def drawn(window: Any) -> None:
    """The drawing of the page is there."""
    # A function to wait for would be evaluated in the page, which its policy rightly forbids.
    window.locator("html[data-drawn=yes]").wait_for(state="attached")


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which the application answers while the test runs."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="site", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Browser:
    """Opens windows in which a character is logged in: `browser.as_(clerk).goto("/inbox")`."""

    def __init__(self, chromium: Any, app: Flask, url: str, folder: Path) -> None:
        self.chromium = chromium
        self.app = app
        self.url = url
        self.folder = folder
        self.windows: list[Any] = []

    def as_(self, character: Character, *, width: int = 1440, height: int = 900) -> Any:
        """A playwright Page in a fresh window; width 390 is a phone's.

        Its addresses begin at the site: `window.goto("/inbox")`. `nobody` gets a window without a
        stay.
        """
        window = self.chromium.new_context(
            base_url=self.url,
            viewport={"width": width, "height": height},
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            reduced_motion="reduce",
        )
        window.set_default_timeout(30_000)
        self.windows.append(window)
        if character.name:
            client = Page(self.app).as_(character).client
            cookie = client.get_cookie("quytrinh")
            window.add_cookies([{"name": "quytrinh", "value": cookie.value, "url": self.url}])
        return window.new_page()

    def close(self) -> None:
        """Every window is closed."""
        for window in self.windows:
            window.close()


def at(browser: Any, case: Any, task: str, who: Any, **size: int) -> Any:
    """A window of somebody who has taken the open task of that name."""
    if case.task(task).assignee is None:
        case.engine.claim(case.task(task).id, actor=case.actor(who))
    window = browser.as_(who, **size)
    window.goto(f"/tasks/{case.task(task).id}")
    return window


def send(case: Any, window: Any, button: str, task: str) -> None:
    """The form is sent, nothing of it was too wide, and what follows has happened."""
    width = window.viewport_size["width"]
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    window.get_by_role("button", name=button, exact=True).click()
    window.get_by_role("status").filter(has_text=f"“{task}”").first.wait_for()
    case.tick()
