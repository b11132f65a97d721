"""A case step by step, run again from its journal, for those who check it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from engine import journal, proof
from engine.errors import QuytrinhError
from engine.moves import Mover
from engine.ports import Actor
from engine.program import Program
from engine.tables import Entry
from engine.values import Record
from engine.views import Marks, follow, loaded
from engine.world import BY_CONVERSATION, BY_VALUE


@dataclass(frozen=True)
class AuditStep:
    """One entry, where the case stood after it, and what data it changed.

    changed: [("request.phone", "0900", "0911"), ...]; None when the entry cannot be run again as
    it or an earlier one is not what was written. data: all variables after the step.
    """

    entry: Entry
    marks: Marks
    changed: list[tuple[str, Any, Any]] | None
    data: Record


@dataclass(frozen=True)
class Audited:
    """A case with all its steps."""

    steps: list[AuditStep]
    program: Program


def audit(session: Session, mover: Mover, case_id: int, actor: Actor) -> Audited:
    """Every entry of a case run again. Raises NotFound.

    Where running it again fails the recorded marking is shown: an auditor must see what the
    journal says above all when something is wrong with it. An entry that holds nothing that could
    be told ends the list; EntryUnreadable is raised when that is the first.
    """
    row, program = loaded(session, mover, case_id, actor)
    again = _Again(program, row.code)
    past: Counter[str] = Counter()
    flows: set[str] = set()
    whole = {f.name for form in program.forms.values() for f in form.walk() if f.holds_value}
    found: list[AuditStep] = []
    try:
        for entry in journal.entries(session, case_id):
            if not _is_told(entry):
                break
            step = again.step(entry)
            follow(entry.path, past, flows)
            now = _places(program, entry, step, found)
            marks = Marks(dict(past), now, [], [], sorted(flows))
            found.append(_step(entry, step, marks, again, whole=whole))
    except journal.EntryUnreadable:
        pass  # The verdict names it; what stands before it is still shown.
    if not found:
        raise journal.EntryUnreadable(seq=1)
    return Audited(found, program)


def _is_told(entry: Entry) -> bool:
    """Whether the parts of an entry are of the kind that is written there."""
    told: Any = (entry.input, entry.input.get("data", {}) if isinstance(entry.input, dict) else 0)
    marks: Any = (entry.path, entry.facts)
    return (
        all(isinstance(part, dict) for part in (*told, entry.rest))
        and all(isinstance(part, list) for part in marks)
        and all(isinstance(mark, str) and mark for mark in entry.path)
        and all(isinstance(fact, list) and len(fact) == 3 for fact in entry.facts)
        and isinstance(entry.rest.get("marking", []), (list, type(None)))
    )


def _before(steps: list[AuditStep]) -> list[str]:
    return steps[-1].marks.now if steps else []


def _places(
    program: Program, entry: Entry, step: proof.Step | None, before: list[AuditStep]
) -> list[str]:
    """Where people see the case: not the frame around a step, nor an event that only listens."""
    marking = step.rest.marking if step is not None else entry.rest.get("marking")
    if marking is None:
        return _before(before)
    here = [mark[0] for mark in marking if isinstance(mark, (list, tuple)) and mark]
    nodes = [program.nodes[element] for element in here if element in program.nodes]
    return sorted({n.id for n in nodes if n.kind != "boundaryEvent" and not n.is_scope})


class _Again:
    """Runs entries again until the first that is not what was written; from there on nothing is
    proved.
    """

    def __init__(self, program: Program, code: str) -> None:
        self.replay: proof.Replay | None = proof.Replay(program, code)
        self.count, self.previous = 0, ""

    @property
    def has_deadline(self) -> bool:
        """Whether the case had a deadline after the last entry that was run."""
        return self.replay is not None and self.replay.told.case.get("due_at") is not None

    def step(self, entry: Entry) -> proof.Step | None:
        """The entry run again, None when it or one before is not what was written."""
        self.count += 1
        if self.replay is None or proof.chain(entry, self.count, self.previous):
            self.replay = None
            return None
        self.previous = entry.hash
        try:
            return self.replay.step(entry)
        except (QuytrinhError, *proof.FORGED):
            self.replay = None
            return None


def _step(
    entry: Entry, step: proof.Step | None, marks: Marks, again: _Again, *, whole: set[str]
) -> AuditStep:
    if step is None:
        return AuditStep(entry, marks, None, {})
    # A clock that no deadline has set going cannot stand still.
    paused = [w for w in step.rest.waiting.values() if w.paused]
    timed = [w for w in paused if again.has_deadline or (w.kind == "task" and w.due)]
    hold = sorted({w.element for w in timed})
    changed = changes(step.before, step.after, whole=whole)
    return AuditStep(entry, replace(marks, hold=hold), changed, step.after)


def changes(
    before: Record, after: Record, path: str = "", *, whole: Set[str] = frozenset()
) -> list[tuple[str, Any, Any]]:
    """What differs between two records: [("request.phone", "0900", "0911"), ...].

    Absent is None. whole: paths of records that are one value, such as a file of a form.
    """
    found: list[tuple[str, Any, Any]] = []
    for key in [*before, *(k for k in after if k not in before)]:
        old: Any = before.get(key)
        new: Any = after.get(key)
        name = f"{path}{key}"
        if old == new and type(old) is type(new):
            continue
        records = all(isinstance(v, (dict, type(None))) for v in (old, new))
        if records and name not in whole:
            found += changes(old or {}, new or {}, f"{name}.", whole=whole)
        else:
            found.append((name, old, new))
    return found


def learned(entry: Entry) -> list[list[Any]]:
    """What the step learned from outside its case: [what was asked, of what, the answer]. What it
    notes of how it told keys of messages apart is none of that.
    """
    return [fact for fact in entry.facts if fact[0] not in (BY_VALUE, BY_CONVERSATION)]
