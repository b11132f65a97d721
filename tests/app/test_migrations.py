"""Migrations build the database that the tables of the code describe, triggers included."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from app import migrations
from engine.database import connect
from engine.errors import DatabaseUnusable


@pytest.fixture
def empty(database: str, makers: Any) -> Any:
    """The address of a database without tables."""
    maker = makers(database)
    url = maker.fresh("bare", lambda _bind: None)
    yield url
    maker.drop(url)


@pytest.fixture
def migrated(empty: str) -> Any:
    """A database that all migrations have been through."""
    bind = connect(empty)
    migrations.upgrade(bind)
    yield bind
    bind.dispose()


def triggers(bind: sa.Engine) -> set[tuple[str, str]]:
    """Name and text of every trigger."""
    queries = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": (
            "SELECT t.tgname, pg_get_triggerdef(t.oid) || pg_get_functiondef(t.tgfoid)"
            " FROM pg_trigger t WHERE NOT t.tgisinternal"
        ),
    }
    with bind.connect() as connection:
        rows = connection.exec_driver_sql(queries[bind.dialect.name]).all()
    return {(name, text) for name, text in rows}


def options(found: dict[str, Any]) -> list[str]:
    """What an index says beyond its columns, such as the rows that it covers."""
    return sorted(f"{name} {value}" for name, value in found.items())


def structure(bind: sa.Engine) -> dict[str, Any]:
    """Columns, keys, indexes and rules of every table, in an order of their own."""
    inspector = sa.inspect(bind)
    found: dict[str, Any] = {}
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        found[table] = {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "primary": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                (key["constrained_columns"], key["referred_table"], key["referred_columns"])
                for key in inspector.get_foreign_keys(table)
            ),
            "unique": sorted(u["column_names"] for u in inspector.get_unique_constraints(table)),
            "indexes": sorted(
                (i["name"], i["column_names"], bool(i["unique"]), options(i["dialect_options"]))
                for i in inspector.get_indexes(table)
            ),
            "checks": sorted(
                re.sub(r"\s+", " ", check["sqltext"])
                for check in inspector.get_check_constraints(table)
            ),
        }
    return found


def test_migrations_leave_nothing_that_the_code_does_not_know(migrated):
    assert migrations.differences(migrated) == []


def test_migrations_build_what_the_code_builds_at_once(migrated, bind):
    assert structure(migrated) == structure(bind)
    assert triggers(migrated) == triggers(bind)
    assert triggers(bind)


def test_every_migration_can_be_taken_back_and_done_again(migrated):
    migrations.downgrade(migrated, "base")
    assert structure(migrated) == {}
    assert triggers(migrated) == set()
    migrations.upgrade(migrated)
    assert migrations.current(migrated) == migrations.head()


def test_a_database_that_is_newer_than_the_code_is_refused_with_a_sentence(migrated):
    with migrated.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")
    with pytest.raises(DatabaseUnusable) as refused:
        migrations.require_usable(migrated)
    assert "is newer than this code: it is at later. Install the release" in refused.value.message


def test_a_database_that_was_not_upgraded_is_refused_with_a_sentence(empty):
    bind = connect(empty)
    migrations.require_usable(bind)
    with pytest.raises(DatabaseUnusable) as refused:
        migrations.require_usable(bind, current_too=True)
    bind.dispose()
    assert refused.value.message.endswith("Run ./quytrinh db upgrade.")


def test_a_database_that_does_not_answer_is_refused_with_a_sentence():
    bind = connect("postgresql://somebody:secret@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseUnusable) as refused:
        migrations.require_usable(bind)
    bind.dispose()
    assert "secret" not in refused.value.message
    assert "correct QUYTRINH_DATABASE_URL" in refused.value.message
