"""Runs revisions on the connection that `app.migrations` opened."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa
from alembic import context

from app.migrations import LOCK
from app.migrations.tables import metadata


def run(connection: sa.Connection) -> None:
    """Carries out the revisions in one transaction: all of them or none."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # SQLite changes a column by copying its table, which foreign keys would take for a
        # deletion; the pragma is ignored inside a transaction, so it is set before one begins.
        _sqlite(connection).execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=is_sqlite,
        compare_type=True,
        transactional_ddl=True,
        render_item=context.config.attributes.get("render_item"),
    )
    with context.begin_transaction():
        if not is_sqlite:
            # Two processes that start together migrate one after the other.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        context.run_migrations()
    if connection.in_transaction():
        connection.commit()
    if is_sqlite:
        broken = _sqlite(connection).execute("PRAGMA foreign_key_check").fetchall()
        _sqlite(connection).execute("PRAGMA foreign_keys=ON")
        if broken:
            raise RuntimeError(f"foreign keys are broken after the migration: {broken[:5]}")


def _sqlite(connection: sa.Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


run(context.config.attributes["connection"])
