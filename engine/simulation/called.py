"""Calls of global tasks (BPMN 2.0.2, 10.3.6)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from engine.bpmn_reader.drawing import GLOBAL_TASKS
from engine.simulation.dialects import bpmn


class GlobalTasks:
    """The global tasks of one file, and the ids that are taken in it: gone through once, since
    the file grows with each call.
    """

    def __init__(self, root: Any) -> None:
        self._root = root
        self._tasks: dict[str | None, Any] = {}
        for task in root.iterchildren(*map(bpmn, GLOBAL_TASKS)):
            self._tasks.setdefault(task.get("id"), task)
        self._taken = {e.get("id") for e in root.iter() if isinstance(e.tag, str)}

    def copy_for(self, call: Any, name: str) -> Any | None:
        """A copy of the global task that the call activity names, in the same file and for this
        call alone: it is answered where it is called. None where the name is of no global task.
        """
        task = self._tasks.get(name) if name else None
        if task is None:
            return None
        found = deepcopy(task)
        own = f"{call.get('id')}.{name}"
        while own in self._taken:
            own += "_"
        self._taken.add(own)
        found.set("id", own)
        self._root.append(found)
        return found
