"""What revisions do beyond alembic's own operations: tables of rows that never change.

`op.keep_rows("entry")` adds the triggers of `engine.database.insert_only_ddl`,
`op.free_rows("entry")` takes them away. A revision that copies such a table in SQLite
(`batch_alter_table`) loses its triggers and calls `keep_rows` again; the test of built against
migrated schema notices if it does not.
"""

from __future__ import annotations

from alembic.operations import MigrateOperation, Operations

from engine.database import insert_only_ddl


@Operations.register_operation("keep_rows")
class KeepRows(MigrateOperation):
    """The database refuses to change or remove rows of one table."""

    def __init__(self, table: str) -> None:
        self.table = table

    @classmethod
    def keep_rows(cls, operations: Operations, table: str) -> None:
        operations.invoke(cls(table))

    def reverse(self) -> FreeRows:
        return FreeRows(self.table)


@Operations.register_operation("free_rows")
class FreeRows(MigrateOperation):
    """The database allows changing and removing rows of one table again."""

    def __init__(self, table: str) -> None:
        self.table = table

    @classmethod
    def free_rows(cls, operations: Operations, table: str) -> None:
        operations.invoke(cls(table))

    def reverse(self) -> KeepRows:
        return KeepRows(self.table)


@Operations.implementation_for(KeepRows)
def keep(operations: Operations, operation: KeepRows) -> None:
    """Carries out `op.keep_rows`."""
    dialect = operations.get_bind().dialect.name
    for statement in insert_only_ddl(operation.table, dialect):
        # The trigger's text holds no parameters, but a colon in it would look like one.
        operations.get_bind().exec_driver_sql(statement)


@Operations.implementation_for(FreeRows)
def free(operations: Operations, operation: FreeRows) -> None:
    """Carries out `op.free_rows`."""
    bind, table = operations.get_bind(), operation.table
    if bind.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            bind.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
        return
    bind.exec_driver_sql(f'DROP TRIGGER {table}_insert_only ON "{table}"')
    bind.exec_driver_sql(f"DROP FUNCTION {table}_is_insert_only()")
