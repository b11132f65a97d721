"""Taking in the files that people send, so that only what a case has lies in the store."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from engine import erasing, remarks
from engine.errors import Refusal
from engine.moves import Step
from engine.tables import File

if TYPE_CHECKING:
    from engine.api import Engine


def attached(engine: Engine, case_id: int, step: Step, stream: IO[bytes]) -> File:
    """See `Engine.attach`. The bytes stay in the store only if the case has taken the file."""
    sha256 = str(step.given["sha256"])
    try:
        row = engine._write(lambda session: remarks.attach(session, engine.mover, step, case_id))
    except Refusal:
        with engine.reading() as session:
            erasing.drop(engine, session, sha256)
        raise
    if not engine.store.has(sha256):  # Another case has just destroyed its copy of them.
        stream.seek(0)
        engine.store.keep(sha256, stream.read())
    return row
