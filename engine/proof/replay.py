"""The second turn: every input run again from the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine import spiff, values
from engine.apply import MOVES, Rest, apply, rest_of, state_hash, summary
from engine.errors import QuytrinhError, Refusal
from engine.journal import given, rest_record
from engine.program import Program
from engine.proof.told import Told
from engine.proof.verdict import SKEW, Difference
from engine.tables import Entry
from engine.values import Record
from engine.world import RecordedWorld

FORGED = (LookupError, TypeError, ValueError, AttributeError)
"""What running an entry again may raise when somebody has written another input into it."""


class FactsLeft(Refusal):
    """The entry recorded {count} answers that running it again does not ask for."""

    status = 409


class FiredEarly(Refusal):
    """The entry has the timer fire at {at}, but the journal has it due at {due}."""

    status = 409


@dataclass(frozen=True)
class Step:
    """A case as it stood after one entry, run again from the journal."""

    seq: int
    rest: Rest
    before: Record
    after: Record
    state: bytes


class Replay:
    """Runs a case's entries again, one by one, with the clock and the answers that
    they recorded.
    """

    def __init__(self, program: Program, case_code: str) -> None:
        self.program = program
        self.case = spiff.new(program, program.process.id, case_code)
        self.started = False
        self.told = Told(program)

    def step(self, entry: Entry) -> Step:
        """The next entry run again. Raises what the step raises; RecordDiffers if it asks
        otherwise.
        """
        before = values.copy(self.case.frame.view()) if self.started else {}
        if entry.kind in MOVES:
            self._require_due(entry)
            world = RecordedWorld(entry.at, _asked(entry.facts), entry.facts)
            rest = apply(self.case, given(entry), world)
            found = summary(self.program, self.case, world)
            if len(world.facts) != len(entry.facts):
                raise FactsLeft(count=len(entry.facts) - len(world.facts))
            self.told.moved(entry, rest, found)
        else:
            rest = rest_of(self.case)
            self.told.noted(entry)
        self.started = True
        after = values.copy(self.case.frame.view())
        return Step(entry.seq, rest, before, after, spiff.dump(self.case))

    def _require_due(self, entry: Entry) -> None:
        """A worker takes a timer when it is due, by a clock that may go a little fast. Raises
        FiredEarly: whoever fires it sooner has moved its job, which is gone afterwards.
        """
        timer = self.told.jobs.get(entry.input.get("token", 0))
        if entry.kind == "timer_fired" and timer is not None:
            due = timer["due_at"]
            if entry.at < due - SKEW:
                raise FiredEarly(at=entry.at, due=due)


def _asked(facts: list[list[Any]]) -> dict[str, Any]:
    return {str(name): None for name, _arguments, _answer in facts}


def rerun(replay: Replay, entry: Entry) -> tuple[Difference | None, bytes]:
    """What is wrong with where the entry came to rest, if anything, and the state it left."""
    try:
        step = replay.step(entry)
    except QuytrinhError as problem:
        return Difference(entry.seq, "step", "{problem}", {"problem": problem.message}), b""
    except FORGED as problem:
        message = "The entry cannot be run again: {problem}."
        return Difference(entry.seq, "step", message, {"problem": str(problem)}), b""
    if entry.kind not in MOVES:
        return None, step.state
    got = rest_record(step.rest)
    if got != entry.rest:
        fields: Record = {"recorded": str(entry.rest.get("marking")), "got": str(got["marking"])}
        message = "The case came to rest at {recorded}, but running it again gives {got}."
        return Difference(entry.seq, "rest", message, fields), step.state
    if state_hash(step.state) != entry.state:
        message = "Running the entry again gives other data than it recorded."
        return Difference(entry.seq, "rest", message), step.state
    return None, step.state
