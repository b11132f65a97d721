"""The one function that moves a case, and what it says about where the case came to rest.

Live work, timers, messages, scenarios and the auditor's verification all come through `apply`, so
what is replayed is what ran. Input shapes, by "kind":
    {"kind": "case_started", "process": key, "element": id|null, "base": {...}, "data": {...}},
        and "persons": [...] as below, and, where a message or signal began it,
        "trigger": {...} and "key": {...}: see spiff.start
    {"kind": "task_completed", "token": 7, "data": {...}, "by": "annv"}
        and "for": "binhtv" when it was done for another, "persons": ["person:17"] who held these
        accounts then (missing in entries of before that was kept)
    {"kind": "timer_fired" | "message_received", "token": 7, "data": {...}}
    {"kind": "signal_received", "name": "...", "data": {...}}
    {"kind": "call_returned", "token": 7, "result": {...}}
    {"kind": "call_rejected", "token": 7, "code": "...", "message": "..."}
    {"kind": "task_failed", "token": 7, "thrown": "error"|"escalation", "code": "...", "data": {}}
    {"kind": "case_cancelled", "reason": "..."}
    {"kind": "deadlines_recounted", "frames": [[2, ["deadline"], instant]],
        "tokens": [[7, ["offer", "due"], instant]]}: see engine.recounting
    {"kind": "unit_succeeded", "before": "p-cu", "after": "p-moi", "ordered_by": "annv",
        "basis": "QĐ 12/QĐ-BQL"}: see engine.succession
    {"kind": "work_handed_over", "from": "annv", "to": "binhtv", "tasks": [7], "back": [9]}: see
        engine.handing; "to" may be null
Every other kind (task_claimed, comment_added, ...) is journalled but moves nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import expressions, spiff
from engine.program import Program
from engine.spiff import CaseWorkflow, Post, Token
from engine.values import Record, Value, copy
from engine.world import World


@dataclass(frozen=True)
class Waiting:
    """A live token that somebody or something must move: a task, a timer, a message or a call."""

    token: int
    element: str
    kind: str  # task, timer, message, signal, conditional, call, key
    paused: bool
    marks: Record
    due: datetime | None = None


@dataclass(frozen=True)
class Rest:
    """Where a case came to rest.

    marking: [["Task_Check", "READY"], ...], sorted, one item a live token.
    waiting: by (token, kind); status: open, completed or cancelled; outcome: id of the last end
    event.
    path: what the step did: "+X" entered, "-X" left, "!X" withdrawn, ">F" flow taken, in order.
    thrown, sent: signals for the other cases, messages that nobody in this one waited for.
    error: {"element", "code"} when an error that nothing catches has ended the case.
    """

    marking: list[list[str]]
    waiting: dict[tuple[int, str], Waiting]
    status: str
    outcome: str | None
    path: list[str]
    thrown: list[tuple[str, Record]]
    sent: list[Post] = field(default_factory=list)
    error: Record | None = None

    @property
    def is_paused(self) -> bool:
        return any(w.paused for w in self.waiting.values())


RECOUNTED = "deadlines_recounted"
SUCCEEDED = "unit_succeeded"
HANDED_OVER = "work_handed_over"
MOVES: dict[str, Callable[[CaseWorkflow, Any], object]] = {
    "case_started": lambda c, i: spiff.start(c, i["base"], i["data"], i),
    "task_completed": lambda c, i: spiff.complete_task(
        c,
        i["token"],
        i["data"],
        [i["by"], *([i["for"]] if "for" in i else []), *i.get("persons", ())],
        whose=i.get("for"),
        group=i.get("group"),
    ),
    "timer_fired": lambda c, i: spiff.happen(c, i["token"], "timer", {}),
    "message_received": lambda c, i: spiff.happen(c, i["token"], "message", i["data"]),
    "conditional_received": lambda c, i: spiff.happen(c, i["token"], "conditional", {}),
    "signal_received": lambda c, i: spiff.broadcast(
        c, i["name"], i["data"], thrown=i.get("thrown")
    ),
    "call_returned": lambda c, i: spiff.call_returned(c, i["token"], i["result"]),
    "call_rejected": lambda c, i: spiff.call_rejected(c, i["token"], i["code"], i["message"]),
    "task_failed": lambda c, i: spiff.task_failed(
        c, i["token"], thrown=i["thrown"], code=i["code"], data=i["data"]
    ),
    "case_cancelled": lambda c, i: spiff.cancel(c),
    RECOUNTED: lambda c, i: spiff.recount(c, i["frames"], i["tokens"]),
    SUCCEEDED: lambda c, i: spiff.succeed(c, i["before"], i["after"]),
    HANDED_OVER: lambda c, i: spiff.hand_over(c, i["from"], i["to"], i["tasks"]),
}


def apply(case: CaseWorkflow, given: Record, world: World) -> Rest:
    """Moves the case by one input to its next rest.

    The same case, input and answers of the world always give the same rest. Raises StepFailed or
    EndlessStep; the caller then forgets the case as it is and keeps the saved one.
    """
    move(case, given, world)
    return rest_of(case, cancelled=given["kind"] == "case_cancelled")


def move(case: CaseWorkflow, given: Record, world: World) -> None:
    """What `apply` does, without looking at where the case came to rest: that takes as long as
    tokens are live in it.
    """
    case.world = world
    case.path, case.thrown, case.sent, case.error = [], [], [], None
    case.stirred, case.never = set(), set()
    case.unheard, case.repeated, case.instances, case.looked = [], 0, 0, 0
    rule = MOVES.get(str(given["kind"]))
    if rule is not None:
        rule(case, given)


def rest_of(case: CaseWorkflow, *, cancelled: bool = False) -> Rest:
    """Where the case stands."""
    tokens = case.live_tokens()
    closed = "cancelled" if cancelled else "completed"
    return Rest(
        marking=sorted([t.task_spec.node.id, spiff.STATE_NAMES[t.state]] for t in tokens),
        waiting=waiting_of(case),
        status=closed if case.completed else "open",
        outcome=case.outcome,
        path=case.path,
        thrown=case.thrown,
        sent=case.sent,
        error=case.error,
    )


def waiting_of(case: CaseWorkflow) -> dict[tuple[int, str], Waiting]:
    """What waits for somebody or something, oldest first."""
    waiting = {(w.token, w.kind): w for t in case.live_tokens() for w in _waiting(t)}
    if case.key_of is not None and not case.completed:
        waiting[0, "key"] = Waiting(0, str(case.key_of["element"]), "key", False, case.key_of)
    return waiting


def waits_at(case: CaseWorkflow, number: int) -> list[Waiting]:
    """What one token waits for; nothing when it is no more."""
    token = case.index.get(number)
    return _waiting(token) if token is not None and token.is_live else []


def _waiting(token: Token) -> list[Waiting]:
    node, marks = token.task_spec.node, token.internal_data
    paused = node.properties.get("clock") == "paused"
    found = []
    if "offer" in marks:
        due = marks["offer"].get("due")
        found.append(Waiting(token.id, node.id, "task", paused, marks["offer"], due))
    if "call" in marks:
        found.append(Waiting(token.id, node.id, "call", paused, marks["call"]))
    for wait in marks.get("waits", ()):
        if wait["kind"] in {"timer", "message", "signal", "conditional"}:
            found.append(Waiting(token.id, node.id, wait["kind"], paused, wait, wait.get("due")))
    return found


def state_hash(state: bytes) -> str:
    """What an entry keeps of the state: enough to see any difference."""
    return hashlib.sha256(state).hexdigest()[:32]


def view_of(case: CaseWorkflow, token: int | None = None) -> Record:
    """All variables as seen from the case or from one of its tokens, as a copy."""
    frame = case.index[token].frame if token is not None else case.frame
    return copy(frame.view())  # type: ignore[no-any-return]  # a record gives a record


@dataclass(frozen=True)
class Summary:
    """What lists show of a case without opening it."""

    title: str
    due_at: datetime | None
    columns: dict[str, Value]


def summary(program: Program, case: CaseWorkflow, world: World) -> Summary:
    """Title, deadline and declared columns, from the process's own properties."""
    view, own = case.frame.view(), program.process.properties
    title = expressions.value(own["title"], view, world, "title") if own.get("title") else None
    due = expressions.evaluate(own["due"], view, world, "due") if own.get("due") else None
    return Summary(
        title=str(title or program.process.name),
        due_at=expressions.instant(due, world.now, "due"),
        columns={
            name: expressions.value(source, view, world, name)
            for name, _kind, source in program.columns
        },
    )
