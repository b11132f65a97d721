"""Work on files from anywhere, done in a process of its own: whatever they hold, it takes so much
time and memory and no more, and pages go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import current_app, g

from app import web
from engine.check.bounded import MEGABYTES, SECONDS, Broken, TooHard, bounded
from engine.check.finding import Finding, found

_LEFT: list[Any] = []
"""What belongs to the process that asks: thrown away here, its connections would be closed."""


def apart(work: Callable[[], Iterable[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What the work gives, as JSON carries it; `web.reading()` is a connection of its own there.

    The configuration's EXAMINED_SECONDS are the processor time that it may take, if it says so.
    Raises TooHard when it takes too much, Broken when it fails.
    """

    def alone() -> Iterable[dict[str, Any]]:
        bind = web.engine().bind
        _LEFT.extend((bind.pool, g.pop("reading", None), g.pop("reading_context", None)))
        bind.dispose(close=False)
        return work()

    return bounded(alone, seconds=current_app.config.get("EXAMINED_SECONDS", SECONDS))


def beyond(path: str, problem: TooHard | Broken) -> Finding:
    """What is said of a file that could not be examined."""
    rule = "too-hard" if isinstance(problem, TooHard) else "not-examined"
    return found(path, rule, seconds=SECONDS, memory=MEGABYTES)


__all__ = ["Broken", "TooHard", "apart", "beyond"]
