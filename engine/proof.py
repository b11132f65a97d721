"""Verification of a case: chain recomputed, inputs run again, rows held against the outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import spiff, values
from engine.apply import (
    HANDED_OVER,
    MOVES,
    RECOUNTED,
    SUCCEEDED,
    Rest,
    apply,
    rest_of,
    state_hash,
    summary,
)
from engine.errors import QuytrinhError, Refusal
from engine.handing import holder
from engine.journal import (
    HASHED,
    EntryUnreadable,
    entries,
    entry_hash,
    given,
    outcome_name,
    rest_record,
)
from engine.program import Program
from engine.projection import task_row
from engine.tables import Candidate, Case, Comment, Entry, Job, Task
from engine.values import Record
from engine.world import RecordedWorld

FORGED = (LookupError, TypeError, ValueError, AttributeError)
"""What running an entry again may raise when somebody has written another input into it."""


class FactsLeft(Refusal):
    """The entry recorded {count} answers that running it again does not ask for."""

    status = 409


@dataclass(frozen=True)
class Difference:
    """The first thing that is wrong with an entry. `message` is English with fields in braces."""

    seq: int
    kind: str  # hash, order, rest, step, head, state, row, task, job, comment
    message: str
    fields: Record = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What verification found of a case."""

    case_id: int
    case_code: str
    entries: int
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        return not self.differences


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
        self.code = case_code
        self.case = spiff.new(program, program.process.id, case_code)
        self.started = False
        self.shown: dict[str, Any] = {}  # What the case's row has to say, by column.
        self.tasks: dict[int, dict[str, Any]] = {}  # The same of its open tasks, by token.
        self.closed: dict[int, dict[str, Any]] = {}  # The same of those that are open no more.
        self.jobs: dict[int, Any] = {}  # When the timers and calls it rests on are due, by token.
        self.loose: set[int] = set()  # Tokens of jobs whose due instant is not that of the rest.
        self.remarks: list[tuple[Any, ...]] = []

    def step(self, entry: Entry) -> Step:
        """The next entry run again. Raises what the step raises; RecordDiffers if it asks
        otherwise.
        """
        before = values.copy(self.case.frame.view()) if self.started else {}
        if entry.kind in MOVES:
            world = RecordedWorld(entry.at, _asked(entry.facts), entry.facts)
            rest = apply(self.case, given(entry), world)
            self._show(entry, rest, world)
            self._offer(entry, rest)
        else:
            rest = rest_of(self.case)
            self._hand_over(entry)
            if entry.kind in ("call_stuck", "call_retried"):
                self.loose.add(entry.input["token"])
            if entry.kind == "comment_added":
                said = entry.input["text"]
                self.remarks.append((entry.at, entry.actor, entry.actor_label, said))
        self.started = True
        after = values.copy(self.case.frame.view())
        return Step(entry.seq, rest, before, after, spiff.dump(self.case))

    def _show(self, entry: Entry, rest: Rest, world: RecordedWorld) -> None:
        found = summary(self.program, self.case, world)
        if len(world.facts) != len(entry.facts):
            raise FactsLeft(count=len(entry.facts) - len(world.facts))
        if entry.kind == "case_started":
            base = entry.input["base"]
            self.shown = {
                "code": base["case"]["code"],
                "process_key": entry.input["process"],
                "started_by": base["initiator"],
                "started_at": base["case"]["started_at"],
                "unit": base["unit"],
                "outcome": None,
                "closed_at": None,
                "paused_at": None,
            }
        if entry.kind == SUCCEEDED and self.shown["unit"] == entry.input["before"]:
            self.shown["unit"] = entry.input["after"]
        since = self.shown["paused_at"] or entry.at
        self.shown |= {
            "status": rest.status,
            "title": found.title[:500],
            "due_at": found.due_at,
            "paused_at": since if rest.is_paused else None,
            "columns": found.columns,
        }
        if rest.status != "open":
            self.shown["outcome"] = outcome_name(self.program, rest.outcome)
            self.shown["closed_at"] = entry.at

    def _offer(self, entry: Entry, rest: Rest) -> None:
        """What the step left open is offered; what it closed is nobody's any more."""
        waiting = {token: w for (token, kind), w in rest.waiting.items() if kind == "task"}
        for token in self.tasks.keys() - waiting.keys():
            done = token == entry.input.get("token")
            self.closed[token] = {
                **self.tasks.pop(token),
                "status": "completed" if done else "cancelled",
                "closed_by": entry.actor if done else None,
                "closed_at": entry.at,
            }
        self.jobs = {t: w.due for (t, kind), w in rest.waiting.items() if kind in _MACHINE}
        for token in waiting.keys() - self.tasks.keys():
            row = task_row(self.program, waiting[token], entry.at, self.shown)
            names: Any = waiting[token].marks["candidates"]
            row |= {"created_at": entry.at, "status": "open", "closed_by": None, "closed_at": None}
            self.tasks[token] = {**row, "named": set(names), "assigned": set()}
        if entry.kind == RECOUNTED:
            for token, row in self.tasks.items():
                row["due_at"] = waiting[token].due or self.shown["due_at"]
                row["follow_up_at"] = waiting[token].marks.get("follow_up")
        elif entry.kind in (SUCCEEDED, HANDED_OVER):
            for token, row in self.tasks.items():
                names = waiting[token].marks["candidates"]
                row["unit"] = task_row(self.program, waiting[token], entry.at, self.shown)["unit"]
                row["named"] = set(names)
        if entry.kind == HANDED_OVER:
            for token in entry.input["tasks"]:
                self._hand(token, entry, entry.input["to"])
            for token in entry.input["back"]:
                self._hand(token, entry, None)

    def _hand_over(self, entry: Entry) -> None:
        """Claims and assignments move nothing, but say whose a task is."""
        if entry.kind not in ("task_claimed", "task_assigned", "task_released"):
            return
        task = self.tasks[entry.input["token"]]
        task["assignee"], task["claimed_at"] = entry.behalf_of or entry.actor, entry.at
        if entry.kind == "task_assigned":
            task["assignee"] = entry.input["to"]
            task["assigned"] = {f"={task['assignee']}"}
        elif entry.kind == "task_released":
            task["assignee"] = task["claimed_at"] = None
            task["assigned"] = set()

    def _hand(self, token: int, entry: Entry, new: str | None) -> None:
        task, old = self.tasks[token], entry.input["from"]
        before = task["assignee"]
        task["assignee"], task["assigned"] = holder(
            before, task["assigned"], task["named"], old=old, new=new
        )
        if task["assignee"] != before:
            task["claimed_at"] = entry.at if task["assignee"] else None


def _asked(facts: list[list[Any]]) -> dict[str, Any]:
    return {str(name): None for name, _arguments, _answer in facts}


def verify(session: Session, case: Case, program: Program) -> Verdict:
    """Recomputes the chain, runs every input again and compares where the case came to rest."""
    differences: list[Difference] = []
    replay = Replay(program, case.code)
    previous, count, state = "", 0, b""
    try:
        for entry in entries(session, case.id):
            count += 1
            found = chain(entry, count, previous)
            previous = entry.hash
            if not found:
                found, state = _rerun(replay, entry)
            if found:
                differences.append(found)
                break
    except EntryUnreadable as problem:
        count += 1
        differences.append(Difference(count, "hash", problem.template, problem.fields))
    if not differences:
        differences += _ends(case, count, previous, state)
    if not differences:
        differences += (
            _row(case, replay.shown)
            or _tasks(session, case, replay.tasks)
            or _closed(session, case, replay.closed)
            or _jobs(session, case, replay)
            or _remarks(session, case, replay.remarks)
        )
    return Verdict(case.id, case.code, count, tuple(differences))


def chain(entry: Entry, count: int, previous: str) -> Difference | None:
    """What is wrong with an entry in its place after the hash of the one before, if anything."""
    if entry.seq != count:
        return Difference(entry.seq, "order", "Entry {expected} is missing.", {"expected": count})
    row = {name: getattr(entry, name) for name in HASHED}
    if entry_hash(row, previous) != entry.hash:
        message = "The entry was changed after it was written, or the one before it was."
        return Difference(entry.seq, "hash", message)
    return None


def _rerun(replay: Replay, entry: Entry) -> tuple[Difference | None, bytes]:
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


def _ends(case: Case, count: int, last: str, state: bytes) -> list[Difference]:
    if case.head_seq != count or case.head_hash != last:
        message = "The journal ends at entry {count}, but the case says {head}."
        return [Difference(count, "head", message, {"count": count, "head": case.head_seq})]
    if case.state != state:
        message = "The saved state of the case is not where its journal ends."
        return [Difference(count, "state", message)]
    return []


def _row(case: Case, shown: dict[str, Any]) -> list[Difference]:
    """The row is what people see of a case, so it too has to say what the journal says."""
    message = "The case shows {shown} as its {column}, but its journal gives {got}."
    for column, got in shown.items():
        value = getattr(case, column)
        if value != got:
            fields: Record = {"column": column, "shown": str(value), "got": str(got)}
            return [Difference(case.head_seq, "row", message, fields)]
    return []


_CLOSED = (
    "element", "name", "name_en", "legal_basis", "unit", "assignee", "claimed_at", "created_at",
    "due_at", "follow_up_at", "priority", "status", "closed_by", "closed_at",
)  # fmt: skip
_TASK = (*_CLOSED, "paused")
_MACHINE = ("timer", "call")


def _tasks(
    session: Session, case: Case, open_tasks: dict[int, dict[str, Any]]
) -> list[Difference]:
    """The inbox holds the tasks that the journal leaves open, for those whom it names."""
    found = {task.token: task for task in _open(session, case.id)}
    message = "The journal leaves the task {element} open, but the inbox has no such task."
    for token, row in open_tasks.items():
        if token not in found:
            return [Difference(case.head_seq, "task", message, {"element": row["element"]})]
    for token, task in found.items():
        if token not in open_tasks:
            message = "The inbox has the open task {element}, but the journal leaves none open."
            return [Difference(case.head_seq, "task", message, {"element": task.element})]
        shown = {name: getattr(task, name) for name in _TASK} | {"candidates": _who(session, task)}
        row = open_tasks[token]
        told = row | {"candidates": sorted(row["named"] | row["assigned"])}
        for name, value in shown.items():
            if value != told[name]:
                return [_task_differs(case, task, name, (value, told[name]))]
    return []


def _task_differs(case: Case, task: Task, column: str, both: tuple[Any, Any]) -> Difference:
    message = "The task {element} shows {shown} as its {column}, but its journal gives {got}."
    fields: Record = {
        "element": task.element,
        "column": column,
        "shown": str(both[0]),
        "got": str(both[1]),
    }
    return Difference(case.head_seq, "task", message, fields)


def _open(session: Session, case_id: int) -> list[Task]:
    query = sa.select(Task).where(Task.case_id == case_id, Task.status == "open")
    return list(session.scalars(query))


def _who(session: Session, task: Task) -> list[str]:
    return sorted(session.scalars(sa.select(Candidate.who).where(Candidate.task_id == task.id)))


def _closed(session: Session, case: Case, told: dict[int, dict[str, Any]]) -> list[Difference]:
    """The tasks that were done or withdrawn say by whom and when, as their entries do."""
    left = dict(told)
    query = sa.select(Task).where(Task.case_id == case.id, Task.status != "open")
    for task in session.scalars(query.order_by(Task.id)):
        row = left.pop(task.token, None)
        if row is None:
            message = "The closed task {element} stands in the lists, but not in the journal."
            return [Difference(case.head_seq, "task", message, {"element": task.element})]
        for name in _CLOSED:
            if getattr(task, name) != row[name]:
                return [_task_differs(case, task, name, (getattr(task, name), row[name]))]
    message = "The journal has closed the task {element}, but the lists have no such task."
    for row in left.values():
        return [Difference(case.head_seq, "task", message, {"element": row["element"]})]
    return []


def _jobs(session: Session, case: Case, replay: Replay) -> list[Difference]:
    """Each timer and call that the case rests on has one live job; one that was never tried is
    due when the rest says. One that was tried may be due at another time.
    """
    told = replay.jobs
    query = sa.select(Job.token, Job.due_at, Job.attempts).where(
        Job.case_id == case.id,
        Job.kind.in_(_MACHINE),
        Job.status.in_(("waiting", "running", "stuck")),
    )
    rows = session.execute(query).all()
    if sorted(row.token or 0 for row in rows) != sorted(told):
        message = "The timers and calls that wait are not those that the journal leaves waiting."
        return [Difference(case.head_seq, "job", message)]
    for token, due_at, attempts in rows:
        due = told[token or 0]
        if due is not None and due_at != due and not attempts and token not in replay.loose:
            message = "A timer waits until {shown}, but its journal gives {got}."
            fields: Record = {"shown": str(due_at), "got": str(due)}
            return [Difference(case.head_seq, "job", message, fields)]
    return []


def _remarks(session: Session, case: Case, told: list[tuple[Any, ...]]) -> list[Difference]:
    """The comments say what their entries say."""
    query = sa.select(Comment.at, Comment.by, Comment.by_label, Comment.text)
    rows = session.execute(query.where(Comment.case_id == case.id).order_by(Comment.id))
    if [tuple(row) for row in rows] != told:
        message = "The comments of the case are not those of its journal."
        return [Difference(case.head_seq, "comment", message)]
    return []
