"""The deep module: runs drawn procedures. It knows BPMN and the database; no web, no network, no
scheduler.

Its face is imported when it is asked for: who only wants `engine.feel` does not load a database.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.bundles import Bundle
    from engine.erasing import ERASE
    from engine.files import Store
    from engine.handing import HAND_OVER
    from engine.marking import MARK
    from engine.moves import Moved
    from engine.ports import SYSTEM, Actor, Call, Fact, Mandate, Operation, Surroundings
    from engine.proof import Difference, Verdict
    from engine.telling import MESSAGE

__all__ = [
    "ERASE",
    "HAND_OVER",
    "MARK",
    "MESSAGE",
    "SYSTEM",
    "Actor",
    "Bundle",
    "Call",
    "Difference",
    "Engine",
    "Fact",
    "Mandate",
    "Moved",
    "Operation",
    "Store",
    "Surroundings",
    "Verdict",
]
_PLACES = {
    "ERASE": "erasing",
    "HAND_OVER": "handing",
    "MARK": "marking",
    "MESSAGE": "telling",
    "Engine": "api",
    "Bundle": "bundles",
    "Store": "files",
    "Difference": "proof",
    "Verdict": "proof",
    "Moved": "moves",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"engine.{_PLACES.get(name, 'ports')}"), name)
