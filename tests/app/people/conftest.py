"""A writing session on the world of `tests.worlds`, and the hand that does things in it."""

import pytest

from app.people.log import Origin


@pytest.fixture
def session(engine, world):
    with engine.writing() as session:
        yield session


@pytest.fixture
def origin(clock):
    return Origin("quantri", clock(), "127.0.0.1")
