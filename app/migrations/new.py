"""`python -m app.migrations.new "what changes"` writes the next revision into `versions/`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.operations import ops
from sqlalchemy.types import TypeDecorator

from app import migrations
from app.migrations.operations import FreeRows, KeepRows
from app.migrations.tables import metadata
from engine.database import connect


@renderers.dispatch_for(KeepRows)
def render_keep(_context: AutogenContext, operation: KeepRows) -> str:
    """How the revision says that rows are kept."""
    return f'op.keep_rows("{operation.table}")'


@renderers.dispatch_for(FreeRows)
def render_free(_context: AutogenContext, operation: FreeRows) -> str:
    """How the revision says that rows are free."""
    return f'op.free_rows("{operation.table}")'


def plain_types(kind: str, thing: Any, context: AutogenContext) -> str | bool:
    """Renders our column types as the database's own: a revision never needs today's code."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        impl = thing.impl
        zone = "timezone=True" if getattr(impl, "timezone", False) else ""
        return f"sa.{type(impl).__name__}({zone})"
    return False


def add_triggers(_context: object, _revision: object, directives: list[Any]) -> None:
    """Every new table of kept rows gets its triggers, and loses them before it is dropped."""
    script = directives[0]
    kept = {table.name for table in metadata.tables.values() if table.info.get("insert_only")}
    for operation in list(script.upgrade_ops.ops):
        is_new = isinstance(operation, ops.CreateTableOp)
        if is_new and operation.table_name in kept:
            operation.info = {}
            script.upgrade_ops.ops.append(KeepRows(operation.table_name))
            script.downgrade_ops.ops.insert(0, FreeRows(operation.table_name))
    script.imports.add("import app.migrations.operations  # noqa: F401 - op.keep_rows")


def write(message: str, number: str) -> Path:
    """Writes the revision from what a database of the revisions so far lacks."""
    with tempfile.TemporaryDirectory() as folder:
        bind = connect(f"sqlite:///{folder}/so-far.db")
        migrations.upgrade(bind)
        config = Config()
        config.set_main_option("script_location", str(migrations.FOLDER))
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.set_main_option("truncate_slug_length", "60")
        with bind.connect() as connection:
            config.attributes["connection"] = connection
            config.attributes["render_item"] = plain_types
            script = command.revision(
                config,
                message,
                autogenerate=True,
                rev_id=number,
                process_revision_directives=add_triggers,
            )
        bind.dispose()
    return Path(script.path)  # type: ignore[union-attr]  # one message gives one script


def main() -> None:
    """Reads the message from the command line."""
    if len(sys.argv) != 2:
        sys.exit('Say what changes: python -m app.migrations.new "Add the comments of cases"')
    count = sum(1 for _ in migrations.scripts().walk_revisions())
    print(write(sys.argv[1], f"{count + 1:04d}"))  # noqa: T201 - tells what it wrote


if __name__ == "__main__":
    main()
