"""Which cases of a simulation wait for what, found without asking every one of them.

A case is looked at when something has happened in it: so a thing that happens in one of a thousand
cases costs what it touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.simulation.running import Simulated


class Board:
    """The cases by what they wait for, in the order in which they began.

    touched: numbers of the cases in which something has happened since it was emptied.
    """

    def __init__(self, runs: list[Simulated]) -> None:
        self._runs = runs
        self._kinds: dict[str, set[int]] = {"task": set(), "call": set()}
        self._names: dict[tuple[str, str], set[int]] = {}
        self._dues: list[tuple[datetime, int, int]] = []
        self._first: dict[int, tuple[datetime, int]] = {}
        self._unheard: set[int] = set()
        self.touched: set[int] = set()

    def note(self, run: Simulated) -> None:
        """Something has happened in the case."""
        self.touched.add(run.number)
        for kind, numbers in self._kinds.items():
            (numbers.add if run.waits_for(kind) else numbers.discard)(run.number)
        for waiting in run.fresh:
            sought = (waiting.kind, str(waiting.marks.get("name")))
            self._names.setdefault(sought, set()).add(run.number)
        run.fresh.clear()
        if run.unheard:
            self._unheard.add(run.number)
        self._note_due(run)

    def _note_due(self, run: Simulated) -> None:
        first = run.timers.first()
        if first is not None and self._first.get(run.number) != first:
            self._first[run.number] = first
            heappush(self._dues, (first[0], run.number, first[1]))

    def waiting(self, kind: str) -> Iterator[Simulated]:
        """The cases with a task, or with a call."""
        return self._of(self._kinds[kind])

    def hearing(self, kind: str, name: str) -> list[Simulated]:
        """The cases that wait for a message or signal of that name."""
        numbers = self._names.get((kind, name), set())
        found = []
        for run in self._of(numbers):
            if any(w.marks.get("name") == name for w in run.waiting(kind)):
                found.append(run)
            else:
                numbers.discard(run.number)
        return found

    def unheard(self) -> list[Simulated]:
        """The cases whose own signals may still be heard in them."""
        self._unheard = {n for n in self._unheard if self._runs[n - 1].unheard}
        return list(self._of(self._unheard))

    def next_due(self, until: datetime) -> tuple[Simulated, int] | None:
        """The case whose timer is due first until then, with its token."""
        while self._dues and self._dues[0][0] <= until:
            due, number, token = self._dues[0]
            run = self._runs[number - 1]
            if run.timers.first() == (due, token):
                return run, token
            heappop(self._dues)
            if self._first.get(number) == (due, token):
                del self._first[number]
            self._note_due(run)
        return None

    def _of(self, numbers: Iterable[int]) -> Iterator[Simulated]:
        return (self._runs[number - 1] for number in sorted(numbers))
