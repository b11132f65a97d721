"""When a simulation counts as endless: it passes too much, or goes round and nothing changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from engine.errors import Refusal
from engine.simulation.answers import Answers
from engine.simulation.running import Simulated
from engine.simulation.trail import Trail

MOST_PASSED = 100_000
"""How many elements one simulation may pass, and how many things may happen in it: as many as one
step of a live case may pass at most. `simulate` on the command line has a bound of time besides.
"""
UNCHANGED = 10
"""After a tenth of that it is told, if nothing has changed on which a way out could depend: what
comes again then comes for ever.
"""
_LOOKS = 20
_READS_TIME = re.compile(r"\b(?:now|today)\s*\(")


class Unending(Refusal):
    """The run goes on by itself more than {most} times, last at "{element}". Does something repeat
    without end?
    """

    status = 422


class Progress:
    """What a simulation has passed, and when something in it last changed.

    Something changes when a variable is written, an answer out of a list is given, an instance of
    a repeated activity begins, a cycle with a number comes back, or a case begins. `others` counts
    what else is given from outside.
    """

    def __init__(self, trail: Trail, answers: Answers, files: Iterable[str]) -> None:
        self.trail, self.answers = trail, answers
        self.allow(MOST_PASSED)
        self.moves = self.counted = 0
        self._reads_time = any(_READS_TIME.search(content) for content in files)
        self._seen: tuple[object, ...] = ()
        self._since = 0
        self._at: datetime | None = None

    def allow(self, most: int) -> None:
        """So much may be passed."""
        self.most, self.unchanged = most, most // UNCHANGED

    @property
    def passed(self) -> int:
        """How much has happened."""
        return max(self.moves, len(self.trail.entered))

    def count(
        self, runs: Sequence[Simulated], others: int, now: datetime, until: datetime | None
    ) -> None:
        """One more thing has happened. Raises Unending."""
        self.moves += 1
        passed = self.passed
        last = self.trail.entered[-1] if self.trail.entered else ""
        if passed > self.most:
            raise Unending(most=self.most, element=last)
        if self.moves % max(1, self.unchanged // _LOOKS):
            return
        if self._goes_round(runs, others, now, until):
            raise Unending(most=self.unchanged, element=last)

    def _goes_round(
        self, runs: Sequence[Simulated], others: int, now: datetime, until: datetime | None
    ) -> bool:
        """Whether nothing has changed for so long that nothing will, before too much is passed."""
        written = sum(run.case.changes.count for run in runs)
        given = (self.answers.spent, others, until)
        seen = (written, *given, len(self.trail.begun), self.counted, len(runs))
        if seen != self._seen:
            self._seen, self._since, self._at = seen, self.passed, now
            return False
        gone = self.passed - self._since
        if gone < self.unchanged:
            return False
        if until is None or self._at is None:
            return True
        # While time passes, what comes back ends with it: is that too far away?
        if self._reads_time or now <= self._at:
            return now <= self._at
        return self._since + gone * ((until - self._at) / (now - self._at)) > self.most
