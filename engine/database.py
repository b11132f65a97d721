"""The database: SQLite or PostgreSQL behind one SQLAlchemy metadata.

`connect(url)` gives the bind. Column types that keep their promise on both databases: `Instant`
(aware UTC in and out), `Canonical` (a `engine.values` value as its canonical text).
"""

from __future__ import annotations

import select
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from engine import values

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the product, of the engine and of the application's areas."""

    metadata = sa.MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; naive ones are refused where they enter."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Any:
        """SQLite keeps text, which Python writes and reads ten times faster than SQLAlchemy."""
        if dialect.name == "sqlite":
            return lambda value: None if value is None else _written(value)
        return super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        if dialect.name == "sqlite":
            return lambda text: None if text is None else _read(text)
        return super().result_processor(dialect, coltype)


def _written(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"naive datetime {value!r}")
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Canonical(TypeDecorator[Any]):
    """A value of case data, kept as canonical text so that hashes and both databases agree."""

    impl = sa.Text()
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else values.encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else values.decode(value)


class Digest(TypeDecorator[str]):
    """A hash, kept as its bytes and read as its hexadecimal text; "" stands before the first."""

    impl = sa.LargeBinary()
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else bytes(value).hex()


def table_of(model: type[Base]) -> sa.Table:
    """The table behind a class, for statements that need no session to watch their rows."""
    assert isinstance(model.__table__, sa.Table)
    return model.__table__


def connect(url: str) -> sa.Engine:
    """The bind for a database address; SQLite in WAL mode with transactions that begin as writers.

    A SQLite transaction that reads first and writes later fails at once when another wrote in
    between; beginning IMMEDIATE makes it wait instead, up to `busy_timeout`. Readers say so with
    the execution option `reading` and begin deferred, so that they never wait for writers.
    """
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        return _connect_sqlite(address)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    bind = sa.create_engine(address, pool_size=10, max_overflow=60, hide_parameters=True)
    _ask_the_idle(bind)
    return bind


QUIET_SECONDS = 2.0
"""A connection that rested longer is asked whether it still answers before it is used again."""


def _ask_the_idle(bind: sa.Engine) -> None:
    """No connection that the server has ended while it rested in the pool is given out.

    What the pool's own `pre_ping` does at each use, at a price of a tenth of a step: here the
    server is waited for only when a look at the socket, which costs a few microseconds, gives
    reason to, or when the connection rested so long that a network may have forgotten it.
    """

    @event.listens_for(bind, "checkin")
    def rest(_driver: object, record: Any) -> None:
        record.info["rested_at"] = monotonic()

    @event.listens_for(bind, "checkout")
    def ask(driver: Any, record: Any, _proxy: object) -> None:
        rested = monotonic() - record.info.get("rested_at", monotonic())
        try:
            if rested >= QUIET_SECONDS or _has_spoken(driver):
                bind.dialect.do_ping(driver)
        except bind.dialect.loaded_dbapi.Error as problem:
            # The pool then opens another, and others for all that are as old.
            raise InvalidatePoolError(str(problem)) from problem


def _has_spoken(driver: Any) -> bool:
    """Whether a server that was asked nothing has sent something: its farewell, or a notice."""
    poll = select.poll()
    poll.register(driver.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))


def _connect_sqlite(address: sa.URL) -> sa.Engine:
    pool = {}
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        # A request may hold a reading and a writing connection at once: two for each thread.
        pool = {"pool_size": 10, "max_overflow": 60}
    bind = sa.create_engine(
        address,
        connect_args={"timeout": 30, "check_same_thread": False},
        hide_parameters=True,  # A failed statement must not carry people's data into logs.
        **pool,
    )

    @event.listens_for(bind, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transaction handling is off: `begin` below decides how each one begins.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            # Else INSERT OR REPLACE removes a row without asking its triggers.
            "recursive_triggers=ON",
            "synchronous=FULL",
            "busy_timeout=30000",
            "cache_size=-32000",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(bind, "begin")
    def begin(connection: sa.Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:  # `engine.writing` has begun it before it asks.
            reading = connection.get_execution_options().get("reading", False)
            connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return bind


def sessions(bind: sa.Engine) -> sessionmaker[Session]:
    """Makes sessions that keep loaded rows usable after the commit."""
    return sessionmaker(bind, expire_on_commit=False)


def insert_only(table: sa.Table) -> None:
    """Makes the database itself refuse UPDATE and DELETE on a table, on both databases."""
    table.info["insert_only"] = True
    for ddl in insert_only_ddl(table.name, "sqlite"):
        event.listen(table, "after_create", sa.DDL(ddl).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]  # untyped there
    for ddl in insert_only_ddl(table.name, "postgresql"):
        event.listen(table, "after_create", sa.DDL(ddl).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]  # untyped there


def insert_only_ddl(name: str, dialect: str) -> Iterable[str]:
    """The statements by which `dialect` refuses to change or remove a row of table `name`."""
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            yield (
                f'CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON "{name}" BEGIN '
                f"SELECT RAISE(ABORT, 'rows of {name} are never changed or removed'); END"
            )
        return
    yield (
        f"CREATE FUNCTION {name}_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION 'rows of {name} are never changed or removed'; END $$"
    )
    yield (
        f'CREATE TRIGGER {name}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{name}" '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_is_insert_only()"
    )
