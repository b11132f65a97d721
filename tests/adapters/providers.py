"""A real provider of single sign-on, and somebody's browser at it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from app.config import ROOT
from tests.clocks import MONDAY

SCRIPT = Path(__file__).with_name("provider.mjs")
FRONT_END = ROOT / "app" / "frontend"
MISSING = "oidc-provider is not installed: npm ci in app/frontend"
SECRET = "bi-mat-cua-ung-dung"


def node() -> str | None:
    """Node of the machine, or the one that ./test has installed."""
    return shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv" / "bin"))


@contextmanager
def running(site: str = "http://127.0.0.1:9") -> Iterator[str]:
    """The address of a provider whose clock stands at the tests' Monday.

    site: where this installation answers when the provider calls.
    """
    program = node()
    if program is None or not (FRONT_END / "node_modules" / "oidc-provider").is_dir():
        pytest.skip(MISSING)
    command = [program, "--input-type=module", "--eval", SCRIPT.read_text(encoding="utf-8")]
    more = {"AT": str(int(MONDAY.timestamp())), "SITE": site, "NODE_NO_WARNINGS": "1"}
    with subprocess.Popen(
        command,
        cwd=FRONT_END,
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = next((line for line in process.stdout if line.startswith("http://")), "")
            assert line, "the provider did not start"
            yield line.strip()
        finally:
            process.kill()


class Visitor:
    """Somebody's browser at the provider: follows it until it leads somewhere else.

    Cookies are kept whatever the time is: the provider's clock stands at the tests' Monday.
    """

    def __init__(self, who: str, amr: str = "") -> None:
        self.session = requests.Session()
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.headers.update({"x-who": who, "x-amr": amr})
        self.cookies: dict[str, str] = {}

    def go(self, url: str) -> str:
        """The address to which the provider sends the browser in the end."""
        answer = self._ask("GET", url)
        for _ in range(12):
            if answer.status_code == 200 and "logoutForm" in answer.text:
                code = re.search(r'name="xsrf" value="(\w+)"', answer.text)
                action = re.search(r'action="([^"]+)"', answer.text)
                assert code and action
                answer = self._ask("POST", action[1], {"xsrf": code[1], "logout": "yes"})
                continue
            assert answer.is_redirect, f"{answer.status_code} {answer.text[:2000]}"
            url = urljoin(answer.url, answer.headers["Location"])
            if url.startswith("http://localhost/"):
                return url
            answer = self._ask("GET", url)
        raise AssertionError(f"the provider leads nowhere: {url}")

    def _ask(self, method: str, url: str, sent: dict[str, str] | None = None) -> Any:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.session.request(
            method, url, data=sent, headers={"Cookie": cookies}, allow_redirects=False, timeout=20
        )
        for line in answer.raw.headers.getlist("Set-Cookie"):
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def close(self) -> None:
        """The browser is gone."""
        self.session.close()
