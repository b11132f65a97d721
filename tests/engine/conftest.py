"""An engine without the application: two operations, a few facts, drawings made by tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from marshmallow import Schema, fields

from engine import Actor, Bundle, Engine, Operation, Store, Surroundings
from engine.errors import CallFailed, Rejected
from tests.clocks import Clock
from tests.engine.drawings import text

ANYWHERE = frozenset({"vp", "dt"})


def person(name: str, *candidacies: str, **rights: frozenset[str]) -> Actor:
    """An actor of the unit of its first candidacy."""
    unit = candidacies[0].partition("@")[2] if candidacies else None
    held = {"cases.start": ANYWHERE, **{k.replace("_", ".", 1): v for k, v in rights.items()}}
    return Actor(name, name.title(), unit, frozenset(candidacies), held)


AN = person("an", "chuyen-vien@vp")
BINH = person("binh", "chuyen-vien@vp")
CHI = person("chi", "lanh-dao@vp")
OWNER = person("owner", studio_deploy=ANYWHERE, operations_manage=ANYWHERE)
STRANGER = person("la", "chuyen-vien@dt")


class MailParameters(Schema):
    to = fields.String(required=True)


class MailResult(Schema):
    message_id = fields.String()


class NumberParameters(Schema):
    book = fields.String(required=True)


class NumberResult(Schema):
    number = fields.Integer()


class Post:
    """An outside system that does what a test tells it: answers, fails, rejects."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[Any] = []

    def send(self, call: Any, parameters: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((call.key, parameters))
        answer = self.answers.pop(0) if self.answers else "ok"
        if isinstance(answer, (CallFailed, Rejected)):
            raise answer
        if callable(answer):
            answer()
        return {"message_id": f"m{len(self.calls)}"}


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def alone(bind: sa.Engine, clock: Clock, tmp_path: Path, post: Post) -> Engine:
    """An engine of its own on this test's database."""

    def number(call: Any, parameters: Any) -> dict[str, Any]:
        if parameters["book"] == "full":
            raise Rejected("BOOK_FULL")
        return {"number": 7}

    operations = [
        Operation("far.mail", post.send, MailParameters, MailResult, remote=True),
        Operation("near.number", number, NumberParameters, NumberResult),
    ]
    surroundings = Surroundings(
        clock=clock,
        operations={o.name: o for o in operations},
        facts={"head_of": lambda session, now, unit: f"head.{unit}"},
        groups=lambda session: frozenset({"chuyen-vien", "lanh-dao"}),
    )
    return Engine(bind, surroundings, Store(tmp_path / "files"))


@pytest.fixture
def deploy(alone: Engine) -> Callable[..., None]:
    """Puts a drawing of a few lines in force: deploy("p", "start s ...", forms={...})."""

    def put(key: str, lines: str, **properties: str) -> None:
        files = {f"processes/bpmn/{key}.bpmn": text(lines, key, **properties)}
        alone.deploy(Bundle(key, files), actor=OWNER, legal_basis="Điều 8")

    return put
