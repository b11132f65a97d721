"""A writing session on the world of `tests.worlds`, and the hand that does things in it."""

import threading

import pytest
import sqlalchemy as sa

from app.people.log import Origin
from engine.errors import Refusal


@pytest.fixture
def session(engine, world):
    with engine.writing() as session:
        yield session


@pytest.fixture
def origin(clock):
    return Origin("quantri", clock(), "127.0.0.1")


@pytest.fixture
def race(engine, world, clock):
    """Runs what is given at once, each in a transaction of its own; the first holds all that it
    has taken until the second waits for it or is done. The refusals, by the order given.
    """

    def run(first, second):
        refusals: list[str | None] = [None, None]
        has_begun, may_commit = threading.Event(), threading.Event()

        def go(number, work):
            try:
                with engine.writing() as session:
                    if number:
                        has_begun.wait(10)
                    work(session, Origin("quantri", clock()))
                    session.flush()
                    if not number:
                        has_begun.set()
                        may_commit.wait(10)
            except Refusal as refusal:
                refusals[number] = type(refusal).__name__
            finally:
                has_begun.set()

        threads = [threading.Thread(target=go, args=one) for one in enumerate((first, second))]
        for thread in threads:
            thread.start()
        has_begun.wait(10)
        wait_for_lock(engine, threads[1])
        may_commit.set()
        for thread in threads:
            thread.join(20)
        return refusals

    return run


def wait_for_lock(engine, thread):
    """Until the thread waits for what another transaction holds, or has ended."""
    waits = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(400):
        with engine.reading() as session:
            if session.execute(waits).scalar_one():
                return
        thread.join(0.01)
        if not thread.is_alive():
            return
