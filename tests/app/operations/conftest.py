"""A database with the shipped calendar on a Monday morning, an administrator and a stranger."""

import pytest

from app.operations.operations import load_shipped
from engine.database import sessions
from engine.ports import Actor


@pytest.fixture
def now(clock):
    return clock.at("2026-11-23 09:10")


@pytest.fixture
def session(bind, now):
    with sessions(bind)() as session:
        load_shipped(session, now)
        session.commit()
        yield session


@pytest.fixture
def admin():
    return Actor("quantri.vp", "Nguyễn Thị Quản", rights={"settings.manage": frozenset({"vp"})})


@pytest.fixture
def stranger():
    return Actor("annv.vp", "Nguyễn Văn An")
