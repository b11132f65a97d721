"""Process tests speak BPMN names: `case.complete("Review application", as_=leader)`.

The engine keeps nothing between its doors, so each step saves the case and loads it again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask

from app import cli_content, config
from engine import Engine, Moved
from engine.bundles import Bundle
from engine.ports import Actor
from engine.proof import Verdict
from engine.tables import Activation, Case, Entry, Job, Task
from tests import worlds
from tests.pages import actor_of
from tests.worlds import Character


def is_deployed(engine: Engine, key: str) -> bool:
    """Whether a version of the process is in force."""
    query = sa.select(Activation.id).where(Activation.process_key == key).limit(1)
    with engine.reading() as session:
        return session.scalar(query) is not None


class CaseUnderTest:
    """One case, moved by characters and read by the names of its drawing."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.engine: Engine = app.extensions["engine"]
        self.id = 0
        self.code = ""

    def deploy(self, key: str, files: dict[str, str] | None = None) -> None:
        """The shipped process is in force; with files, the process that they draw.

        What ships is not examined here: `processes/test_drawings.py` checks each and plays all its
        scenarios on both databases, which would take seconds in every test that needs one.
        """
        bundle = Bundle(key, files) if files else Bundle.read(config.ROOT, key)
        self.engine.deploy(
            bundle, actor=cli_content.RELEASE, legal_basis=worlds.BASIS, is_examined=not files
        )

    def start(
        self, key: str, as_: Character = worlds.clerk, *, unit: str | None = None, **data: Any
    ) -> Moved:
        """A new case of the process, deployed first if it ships and is not."""
        if not is_deployed(self.engine, key):
            self.deploy(key)
        moved = self.engine.start(key, data, actor=self.actor(as_), unit=unit)
        self.id, self.code = moved.case_id, moved.case_code
        self.tick()
        return moved

    def complete(self, name: str, as_: Character | None = None, **posted: Any) -> Moved:
        """The open task of that name is done, by the character or by whoever holds it."""
        task = self.task(name)
        if as_ is None:
            as_ = next(c for c in worlds.CHARACTERS if c.name == task.assignee)
        moved = self.engine.complete(task.id, posted, actor=self.actor(as_))
        self.tick()
        return moved

    def waits_at(self, *names: str) -> bool:
        """Whether exactly these tasks are open, after all that is due has happened."""
        self.tick()
        return sorted(names) == sorted(task.name for task in self.tasks())

    def tick(self) -> None:
        """All that is due has happened, and what that made due, until nothing is."""
        while self.engine.run_due():
            pass

    def actor(self, character: Character) -> Actor:
        """Who the character is to the engine now."""
        actor: Actor = actor_of(self.app, character)
        return actor

    def task(self, name: str) -> Task:
        """The one open task of that name."""
        found = [task for task in self.tasks() if task.name == name]
        assert len(found) == 1, f"open are {[task.name for task in self.tasks()]}, not {name!r}"
        return found[0]

    def tasks(self) -> list[Task]:
        """The open tasks of the case, oldest first."""
        query = sa.select(Task).where(Task.case_id == self.id, Task.status == "open")
        with self.engine.reading() as session:
            return list(session.scalars(query.order_by(Task.id)))

    @property
    def row(self) -> Case:
        """How the case stands."""
        with self.engine.reading() as session:
            return session.get_one(Case, self.id)

    def entries(self) -> list[Entry]:
        """The journal of the case."""
        query = sa.select(Entry).where(Entry.case_id == self.id).order_by(Entry.seq)
        with self.engine.reading() as session:
            return list(session.scalars(query))

    def jobs(self, status: str = "waiting") -> list[Job]:
        """The case's jobs in that state."""
        query = sa.select(Job).where(Job.case_id == self.id, Job.status == status)
        with self.engine.reading() as session:
            return list(session.scalars(query.order_by(Job.id)))

    def verify(self) -> Verdict:
        """What the journal proves."""
        return self.engine.verify(self.id)
