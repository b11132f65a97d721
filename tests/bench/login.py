"""`login`: what the login page takes, and what logging in takes beside the password's hash.

Hashing is slow on purpose and is measured beside them: what is left of a wrong login is ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app import create_app
from app.config import Config
from app.people.login import logins, passwords
from tests.bench.figures import Bar, Figure, Sheet, timed
from tests.bench.places import Place
from tests.clocks import Clock

BAR = Bar("<=", 50)


@dataclass(frozen=True)
class Effort:
    """How many rounds are measured, after one that is not."""

    rounds: int = 30


QUICK = Effort(rounds=2)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    rounds = (effort or Effort()).rounds
    sheet = Sheet("login", place.name)
    url = place.bind.url.render_as_string(hide_password=False)
    settings = Config(place.folder, url, tick_seconds=0, rate_limits=False, testing=True)
    app = create_app(settings, clock=Clock(), bind=place.bind)
    engine, client = app.extensions["engine"], app.test_client()
    where = logins.Where("127.0.0.1")
    page, tried, hashed = [], [], []
    for _ in range(rounds + 1):
        page.append(timed(lambda: client.get("/login", buffered=True)) * 1_000)
        tried.append(timed(lambda: logins.log_in(engine, "khong.co", "x", where)) * 1_000)
        hashed.append(timed(lambda: passwords.matches("x", None)) * 1_000)
    left = [max(0.0, all_of_it - hash_) for all_of_it, hash_ in zip(tried, hashed, strict=True)]
    yield sheet.figure("the login page", page[1:], "ms", BAR)
    yield sheet.figure("a wrong login without its hash", left[1:], "ms", BAR)
    yield sheet.figure("the hash", hashed[1:], "ms")
