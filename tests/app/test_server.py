"""A served installation with several processes: many people send files at the same time."""

from __future__ import annotations

import http.cookiejar
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from app import config
from engine.tables import File
from tests import worlds
from tests.app import stationery
from tests.worlds import clerk

WORKERS, UPLOADS, AT_ONCE = 2, 24, 8
BORDER = "quytrinh-test-border"


@contextmanager
def serving(home: Path, database_url: str) -> Iterator[tuple[str, int]]:
    """The address and the process of a server of two processes on this database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "QUYTRINH_HOME": str(home),
        "QUYTRINH_DATABASE_URL": database_url,
        "QUYTRINH_WORKERS": str(WORKERS),
        "PORT": str(port),
        "LANG": "C.UTF-8",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "app", "serve"], cwd=config.ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        try:
            assert "Quytrinh listens at" in server.stdout.readline()
            yield f"http://127.0.0.1:{port}", server.pid
        finally:
            server.terminate()
            server.communicate(timeout=60)


class Visitor:
    """Somebody's browser as far as HTTP goes: cookies, forms and their security codes."""

    def __init__(self, site: str) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.site, self.opener = site, urllib.request.build_opener(jar)

    def open(self, path: str, body: bytes | None = None, **headers: str) -> str:
        """The page at the end of all redirects."""
        sent = urllib.request.Request(self.site + path, body, headers)
        with self.opener.open(sent, timeout=60) as answer:
            return answer.read().decode()

    def log_in(self, name: str) -> None:
        fields = {
            "csrf_token": self.code("/login"),
            "user_name": name,
            "password": worlds.PASSWORD,
        }
        self.open("/login", urllib.parse.urlencode(fields).encode())

    def code(self, path: str) -> str:
        """The security code of the page's forms."""
        return re.search(r'name="csrf_token" value="([^"]+)"', self.open(path))[1]

    def upload(self, path: str, code: str, name: str, content: bytes) -> str:
        """What a form with one file answers."""
        parts = [
            f'--{BORDER}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{code}\r\n',
            f'--{BORDER}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/pdf\r\n\r\n",
        ]
        body = "".join(parts).encode() + content + f"\r\n--{BORDER}--\r\n".encode()
        kind = f"multipart/form-data; boundary={BORDER}"
        return self.open(path, body, **{"Content-Type": kind})


def test_two_processes_keep_every_file_that_is_sent_at_the_same_time(
    app, world, settings, database_url, bind
):
    requests = stationery.Requests(app)
    case_id = requests.start().case_id
    scans = {f"quet-{n:02}.pdf": b"%%PDF-1.4\n%% %d\n%%%%EOF\n" % n for n in range(UPLOADS)}
    with serving(settings.home, database_url) as (site, process):
        visitor = Visitor(site)
        visitor.log_in(clerk.name)
        code = visitor.code(f"/cases/{case_id}?tab=files")
        with ThreadPoolExecutor(AT_ONCE) as people:
            answers = list(
                people.map(
                    lambda scan: visitor.upload(f"/cases/{case_id}/files", code, *scan),
                    scans.items(),
                )
            )
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    assert len(children) == WORKERS
    assert all(name in answer for name, answer in zip(scans, answers, strict=True))
    with bind.connect() as connection:
        kept = connection.execute(sa.select(File.name, File.sha256)).all()
    assert {name for name, _ in kept} == set(scans)
    store = app.extensions["engine"].store
    assert all(store.get(sha256) == scans[name] for name, sha256 in kept)
