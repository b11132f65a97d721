"""The structure of the database and how it came to be: upgrade, downgrade, and where it stands.

`python -m app.migrations.new "message"` writes the next revision from the difference between the
tables in the code and the revisions so far; read it, correct it, commit it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import DatabaseUnusable

FOLDER = Path(__file__).parent

# Any number will do that no other program on the same database uses.
LOCK = 7_310_911


class DatabaseUnreachable(DatabaseUnusable):
    """The database {address} cannot be reached: {reason}. Start it or correct QUYTRINH_DATABASE_URL."""  # noqa: E501


class DatabaseNewer(DatabaseUnusable):
    """The database {address} is newer than this code: it is at {at}. Install the release that it belongs to."""  # noqa: E501


class DatabaseOlder(DatabaseUnusable):
    """The database {address} is older than this code: it is at {at}. Run ./quytrinh db upgrade."""


def scripts() -> ScriptDirectory:
    """The revisions that this code knows."""
    return ScriptDirectory(str(FOLDER))


def head() -> str | None:
    """The newest revision that this code knows."""
    return scripts().get_current_head()


def current(bind: sa.Engine) -> str | None:
    """The revision that the database is at; None when it is empty."""
    with bind.connect().execution_options(reading=True) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(bind: sa.Engine, revision: str = "head") -> None:
    """The database has the structure of `revision`; two processes may try at once."""
    _run(bind, command.upgrade, revision)


def downgrade(bind: sa.Engine, revision: str) -> None:
    """The database has the structure of the older `revision` again."""
    _run(bind, command.downgrade, revision)


def create(bind: sa.Engine) -> None:
    """The empty database has all tables of the code at once and counts as migrated."""
    from app.migrations.tables import metadata

    metadata.create_all(bind)
    _run(bind, command.stamp, "head")


def require_usable(bind: sa.Engine, *, current_too: bool = False) -> None:
    """The database answers and is not newer than the code; with `current_too`, not older either.

    Raises DatabaseUnusable with what to do.
    """
    address = bind.url.render_as_string(hide_password=True)
    try:
        at = current(bind)
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise DatabaseUnreachable(address=address, reason=reason) from error
    known = {revision.revision for revision in scripts().walk_revisions()}
    if at is not None and at not in known:
        raise DatabaseNewer(address=address, at=at)
    if current_too and at != head():
        raise DatabaseOlder(address=address, at=at or "nothing")


def differences(bind: sa.Engine) -> list[Any]:
    """What the tables in the code have and the database has not, or the other way round."""
    from app.migrations.tables import metadata

    with bind.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata)


def _run(bind: sa.Engine, verb: Any, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with bind.connect() as connection:
        config.attributes["connection"] = connection
        verb(config, revision)
