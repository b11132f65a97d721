"""PostgreSQL ends connections, as it does at each restart: nobody may notice who can help it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import tick
from engine.database import connect, table_of
from engine.prepared import Prepared
from engine.tables import Case, Counter
from engine.writing import Writing, writing
from tests.engine.conftest import AN
from tests.worlds import clerk

pytestmark = [
    pytest.mark.parametrize("database", ["postgres"], indirect=True),
    pytest.mark.postgres,
]
DRAWING = """start s
    user a "Draft" candidateGroups=chuyen-vien
    catch w timer=PT1H
    end e
    s > a > w > e"""
PUT = Prepared(
    sa.insert(table_of(Counter)).values(
        {"series": sa.bindparam("series"), "last": sa.bindparam("last")}
    )
)
Cut = Callable[[Session], None]
END = (
    "pg_terminate_backend(pid, 10000)"  # Waits, in milliseconds, until the server's side is gone.
)


@pytest.fixture
def server(database_url: str) -> Iterator[sa.Connection]:
    """A connection of somebody who may end those of others."""
    bind = connect(database_url)
    with bind.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
    bind.dispose()


@pytest.fixture
def end_all(server: sa.Connection, bind: sa.Engine) -> Callable[[], None]:
    """Fills the pool and ends every connection in it; none of them has rested for long."""
    others = (
        "FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )

    def end() -> None:
        with ExitStack() as held:
            for _ in range(4):
                held.enter_context(bind.connect()).execute(sa.select(1))
        # A connection that was closed a moment ago may be listed and gone before it is ended.
        ended = server.scalars(sa.text(f"SELECT {END} {others}")).all()
        assert ended.count(True) >= 4
        assert server.scalars(sa.text(f"SELECT pid {others}")).all() == []

    return end


@pytest.fixture
def cut(server: sa.Connection) -> Cut:
    """Ends the connection of a session that is at work."""

    def end(session: Session) -> None:
        driver = (
            session.driver
            if isinstance(session, Writing)
            else session.connection().connection.driver_connection
        )
        asked = sa.text(f"SELECT {END} FROM pg_stat_activity WHERE pid = :pid")
        assert server.scalar(asked, {"pid": driver.info.backend_pid})

    return end


def _by_statement(session: Session, name: str) -> None:
    assert isinstance(session, Writing)
    PUT.run(session, {"series": name, "last": 1})


def _by_session(session: Session, name: str) -> None:
    session.add(Counter(series=name, last=1))
    session.flush()


@pytest.fixture(params=[_by_statement, _by_session])
def put(request: pytest.FixtureRequest) -> Callable[[Session, str], None]:
    """Writes a row, by a prepared statement or by the session."""
    return request.param


def kept(engine: Any) -> list[str]:
    with engine.reading() as session:
        return sorted(session.scalars(sa.select(Counter.series)))


def test_who_reads_does_not_notice_that_the_pool_was_ended(alone, end_all):
    for _ in range(2):
        end_all()
        with alone.reading() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 0
        end_all()
        with alone.snapshot() as session:
            assert session.scalar(sa.select(1)) == 1


def test_a_case_goes_on_though_the_pool_is_ended_before_each_door(alone, deploy, clock, end_all):
    deploy("p", DRAWING)
    end_all()
    started = alone.start("p", actor=AN)
    end_all()
    alone.claim(started.tasks[0], actor=AN)
    end_all()
    alone.complete(started.tasks[0], {}, actor=AN)
    clock.advance(hours=2)
    end_all()
    assert alone.run_due() == 1
    end_all()
    assert alone.verify(started.case_id).holds
    with alone.reading() as session:
        assert session.get_one(Case, started.case_id).closed_at == clock()


def test_a_page_and_the_tick_do_not_notice_either(app, page, end_all):
    inbox = page.as_(clerk)
    end_all()
    assert inbox.get("/inbox").status_code == 200
    end_all()
    ticking: tick.Tick = app.extensions["tick"]
    ticking.once()


def test_a_transaction_that_lost_its_connection_before_its_first_word_is_run_again(
    alone, cut, put
):
    runs = []

    def work(session: Session) -> str:
        runs.append(1)
        if len(runs) == 1:
            cut(session)
        put(session, "a")
        return "done"

    assert alone._write(work) == "done"
    assert len(runs) == 2
    assert kept(alone) == ["a"]


def test_one_that_lost_it_in_the_middle_leaves_nothing_and_is_run_again(alone, cut, put):
    runs = []

    def work(session: Session) -> None:
        runs.append(1)
        put(session, f"first of {len(runs)}")
        if len(runs) == 1:
            cut(session)
        put(session, "second")

    alone._write(work)
    assert kept(alone) == ["first of 2", "second"]


def test_one_that_lost_it_at_the_commit_is_told_and_never_run_again(alone, cut, put):
    runs = []

    def work(session: Session) -> None:
        runs.append(1)
        put(session, "a")
        cut(session)

    with pytest.raises(DBAPIError):
        alone._write(work)
    assert len(runs) == 1
    # The pool gives no connection out that has failed.
    assert kept(alone) == []


def test_a_second_loss_is_told(alone, cut, put):
    runs = []

    def work(session: Session) -> None:
        runs.append(1)
        cut(session)
        put(session, "a")

    with pytest.raises(DBAPIError) as told:
        alone._write(work)
    assert told.value.connection_invalidated
    assert len(runs) == 2


def test_a_transaction_that_is_no_door_is_not_run_again(bind, alone, cut, put):
    with pytest.raises(DBAPIError), writing(bind) as session:
        put(session, "a")
        cut(session)
        put(session, "b")
    assert kept(alone) == []


def test_a_connection_that_answers_is_kept(bind, server):
    def mine() -> int:
        with bind.connect() as connection:
            return connection.scalar(sa.text("SELECT pg_backend_pid()"))

    assert mine() == mine()
