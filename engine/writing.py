"""One writing transaction: a step's own statements at its driver, a session for whoever asks.

A step of a case needs a cursor and a commit. Operations of the application, facts and other doors
take the same transaction as an ordinary SQLAlchemy session, whose machinery is set up only then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


class Lane(Protocol):
    """Where prepared statements go: a driver's connection within a transaction."""

    driver: Any
    dialect: Dialect

    @property
    def is_unbegun(self) -> bool:
        """Whether the driver's next statement begins the transaction, on PostgreSQL."""
        ...

    def told(self, text: str, problem: Any) -> Any:
        """What the driver raised at a statement, as SQLAlchemy tells it."""
        ...


class Writing(Session):
    """A transaction that is begun; `lane_of` gives its driver to prepared statements.

    `may_be_committed` is true from when COMMIT is sent on: a connection that is lost later leaves
    open whether the server has heard it, one that is lost before has left nothing behind.
    """

    def __init__(self, bind: sa.Engine) -> None:
        super().__init__(bind, expire_on_commit=False)
        self.dialect: Dialect = bind.dialect
        self._engine = bind
        self._lent: sa.Connection | None = None
        self.may_be_committed = False
        try:
            self._held = bind.raw_connection()
        except self.dialect.loaded_dbapi.Error as problem:
            raise _words(self.dialect, "", problem) from problem
        self.driver: Any = self._held.driver_connection
        if self.dialect.name == "sqlite":
            self._begin_sqlite()

    def _begin_sqlite(self) -> None:
        try:
            self.driver.execute("BEGIN IMMEDIATE")
        except self.dialect.loaded_dbapi.Error as problem:
            self._held.close()
            raise _words(self.dialect, "BEGIN", problem) from problem

    def connection(
        self, bind_arguments: Any = None, execution_options: Any = None
    ) -> sa.Connection:
        """The transaction as SQLAlchemy's connection."""
        if self._lent is None:
            self._lent = sa.Connection(self._engine, self._held)
            self._lent.begin()
        return self._lent

    def get_bind(self, mapper: Any = None, **_more: Any) -> sa.Connection:
        """Whatever the session does goes through this transaction."""
        return self.connection()

    @property
    def is_unbegun(self) -> bool:
        is_remote = self.dialect.name == "postgresql"
        return is_remote and int(self.driver.pgconn.transaction_status) == 0

    def told(self, text: str, problem: Any) -> Any:
        """See `Lane`. A connection that is broken is used no more."""
        is_gone = self.dialect.is_disconnect(problem, self.driver, None)
        if is_gone:
            self._held.invalidate(problem)
        return _words(self.dialect, text, problem, is_gone=is_gone)

    def finish(self) -> None:
        """What was added to the session is written, and all is committed."""
        if self.in_transaction():
            self.commit()
        self.may_be_committed = True
        if self._lent is not None:
            self._lent.commit()
            return
        try:
            self._held.commit()
        except self.dialect.loaded_dbapi.Error as problem:
            raise self.told("COMMIT", problem) from problem

    def release(self) -> None:
        """The connection is the pool's again; what was not committed is rolled back there."""
        if self._lent is not None:
            self.close()
            self._lent.close()
        else:
            self._held.close()


@contextmanager
def writing(bind: sa.Engine) -> Iterator[Writing]:
    """A transaction that commits at the end and rolls back when anything is raised."""
    session = Writing(bind)
    try:
        yield session
        session.finish()
    finally:
        session.release()


class _Lent:
    """The lane of a session that somebody else opened."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.driver: Any = connection.connection.driver_connection
        self.dialect = connection.dialect

    @property
    def is_unbegun(self) -> bool:
        return False

    def told(self, text: str, problem: Any) -> Any:
        return _words(self.dialect, text, problem)


def lane_of(session: Session) -> Lane:
    """The driver behind a session's transaction."""
    return session if isinstance(session, Writing) else _Lent(session.connection())


def _words(dialect: Dialect, text: str, problem: Any, *, is_gone: bool = False) -> Any:
    error: Any = dialect.loaded_dbapi.Error
    return DBAPIError.instance(
        text, None, problem, error, connection_invalidated=is_gone, dialect=dialect
    )
