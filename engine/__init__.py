"""The deep module: runs drawn procedures. It knows BPMN and the database; no web, no network, no
scheduler.
"""

from engine.api import Engine
from engine.bundles import Bundle
from engine.files import Store
from engine.moves import Moved
from engine.ports import SYSTEM, Actor, Call, Fact, Operation, Surroundings
from engine.proof import Difference, Verdict

__all__ = [
    "SYSTEM",
    "Actor",
    "Bundle",
    "Call",
    "Difference",
    "Engine",
    "Fact",
    "Moved",
    "Operation",
    "Store",
    "Surroundings",
    "Verdict",
]
