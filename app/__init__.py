"""The application: people in front of the engine. `create_app` (in `factory`) wires it once.

It is imported when it is asked for: a command that needs neither pages nor database, such as
`feel`, would otherwise wait for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.factory import create_app

__all__ = ["Clock", "create_app", "utc_now"]

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def __getattr__(name: str) -> Any:
    if name != "create_app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from app.factory import create_app

    return create_app
