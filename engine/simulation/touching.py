"""Which open tasks the timers of a case may still touch while time passes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from engine.apply import Waiting
from engine.bpmn import Node

if TYPE_CHECKING:
    from engine.simulation.running import Simulated


class Timers:
    """The timers of one case, found by what they may touch: see Simulated.touches.

    Each is looked at once when it comes and once when it is gone, so that many tasks beside many
    timers take no longer than both together. A token waits for its timer from the step that made
    it, so that only new tokens are looked at.
    """

    def __init__(self, run: Simulated) -> None:
        self._run = run
        self._seen = 0
        self._later: list[tuple[datetime, int]] = []
        self._order: list[tuple[datetime, int]] = []
        self._anywhere: dict[int, Node] = {}
        self._beside: dict[str, dict[int, Node]] = {}
        self._in_scope: dict[str, dict[int, Node]] = {}

    def first(self) -> tuple[datetime, int] | None:
        """When the next timer is due, and its token; of those due at once, the oldest."""
        self._look()
        while self._order and self._due(self._order[0][1]) != self._order[0][0]:
            heappop(self._order)
        return self._order[0] if self._order else None

    def touch(self, task: Waiting, until: datetime) -> bool:
        """Whether one that is due until then may interrupt or accompany the open task."""
        self._take_in(until)
        if self._first(self._anywhere):
            return True
        around = self._run.around(task.element)
        answered = self._run.is_answered(task)
        for place in (task.element, *around):
            timers = self._beside.get(place, {})
            if answered and any(not node.interrupting for node in self._waiting(timers)):
                return True
            if not answered and self._first(timers):
                return True
        return self._elsewhere(around)

    def _elsewhere(self, around: set[str]) -> bool:
        """Whether one stands beside an activity of a scope that is not around the task."""
        gone = []
        for scope, timers in self._in_scope.items():
            if scope in around:
                continue
            if self._first(timers):
                break
            gone.append(scope)
        else:
            scope = ""
        for empty in gone:
            del self._in_scope[empty]
        return bool(scope)

    def _look(self) -> None:
        """The timers of new tokens are known."""
        case = self._run.case
        for number in range(self._seen + 1, case.number + 1):
            due = self._due(number)
            if due is not None:
                heappush(self._later, (due, number))
                heappush(self._order, (due, number))
        self._seen = case.number

    def _take_in(self, until: datetime) -> None:
        self._look()
        case = self._run.case
        while self._later and self._later[0][0] <= until:
            _due, number = heappop(self._later)
            if self._due(number) is None:
                continue
            element = case.index[number].task_spec.node
            if element.attached_to is not None:
                self._beside.setdefault(element.attached_to, {})[number] = element
                self._in_scope.setdefault(element.scope, {})[number] = element
            elif element.by_event:
                self._anywhere[number] = element

    def _due(self, number: int) -> datetime | None:
        """When the timer of a token is due; None when it waits for none."""
        token = self._run.case.index.get(number)
        if token is None or not token.is_live:
            return None
        waits = token.internal_data.get("waits", ())
        return next((w.get("due") for w in waits if w["kind"] == "timer"), None)

    def _waiting(self, timers: dict[int, Node]) -> Iterator[Node]:
        """Those that still wait; the others are left out for good."""
        for number in list(timers):
            if self._due(number) is None:
                del timers[number]
            else:
                yield timers[number]

    def _first(self, timers: dict[int, Node]) -> bool:
        """Whether one still waits."""
        while timers:
            number = next(iter(timers))
            if self._due(number) is not None:
                return True
            del timers[number]
        return False
