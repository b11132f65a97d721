"""What several areas' page tests work on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.operations import operations, queries
from app.operations.models import Setting
from tests.app.stationery import Requests
from tests.pages import actor_of
from tests.worlds import admin


@pytest.fixture
def requests(app: Flask, world: None) -> Any:
    """A small procedure in force, and requests to run through it."""
    return Requests(app)


@pytest.fixture
def change_setting(app: Flask, world: None) -> Any:
    """Settings, of today on or of another day: `change_setting("inbox.page_size", 10)`."""
    engine = app.extensions["engine"]

    def change(name: str, value: Any, since: date | None = None) -> None:
        now = engine.clock()
        with engine.writing() as session:
            row = Setting(
                name=name,
                value=value,
                effective_from=since or queries.today(now),
                legal_basis="QĐ 9/QĐ-BQL",
            )
            operations.change_setting(session, row, actor=actor_of(app, admin), now=now)

    return change
