"""Plays a fitted drawing: starts it, answers what rests, sends, lets time pass, until it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import expressions, spiff
from engine.apply import Rest, Waiting, apply, rest_of, view_of
from engine.bpmn import Node
from engine.bundles import form_name
from engine.dry import DryRun
from engine.errors import Refusal, StepFailed
from engine.forms import FormErrors, sample
from engine.ports import Surroundings
from engine.program import Program
from engine.simulation.answers import Answer
from engine.simulation.choosing import names_of, start_of
from engine.simulation.fitting import CALLS, Fitted, StandIn
from engine.simulation.trail import Trail
from engine.simulation.world import Forks, SimulatedWorld
from engine.values import Record, copy

MOST_MOVES = 5_000
HAPPENINGS = ("message", "signal", "conditional")


class Unending(Refusal):
    """The run goes on by itself more than {most} times, last at "{element}". Does something repeat
    without end?
    """

    status = 422


class ErrorUncaught(Refusal):
    """The error "{code}" of "{element}" is caught by nothing, and has ended the case."""

    status = 422


@dataclass(frozen=True)
class Send:
    """A message or signal from outside, by its name or id or that of the element that waits."""

    name: str
    data: Record | None = None


@dataclass(frozen=True)
class Advance:
    """The clock goes on by a span of time; `text` is ISO 8601."""

    text: str


Option = Send | Advance


class Simulated(DryRun):
    """One case in memory that answers its own tasks."""

    def __init__(
        self,
        fitted: Fitted,
        options: Sequence[Option],
        *,
        surroundings: Surroundings,
        now: datetime,
        session: Any = None,
    ) -> None:
        program = Program(fitted.bundle)
        super().__init__(program, surroundings=surroundings, now=now, session=session)
        self.fitted = fitted
        self.options = list(options)
        self.trail = Trail(program.processes.values())
        self.forks = Forks(self.trail.nodes, self.trail.flows, fitted.answers)
        self.early: list[Send] = []
        self.until: datetime | None = None
        self.answered: dict[int, Answer] = {}

    def apply(self, given: Record) -> Rest:
        """One input, in the world of the simulation; what was done before a failure counts."""
        self.case.path = []
        try:
            self.rest = apply(self.case, given, SimulatedWorld(self, self.forks))
        finally:
            self.trail.follow(self.case.path)
        return self.rest

    def waiting(self, kind: str) -> list[Waiting]:
        """What the case waited for at its last rest, oldest first."""
        found = self.rest.waiting.values() if self.rest is not None else ()
        return sorted((w for w in found if w.kind == kind), key=lambda w: w.token)

    def begin(self, data: Record) -> None:
        """The case has begun at the start event that the first option or the drawing names."""
        first = self.options[0] if self.options else None
        sent = first.name if isinstance(first, Send) else None
        start = start_of(self.program.process, sent)
        content: Record = dict(data)
        if start is not None:
            defaults = self._form_data(start, {}, content, new=True)
            content = {**defaults, **content}
            if start.events and isinstance(first, Send) and first.name in names_of(start):
                self.options.pop(0)
                content.update(copy(first.data or {}))
        base: Record = {
            "initiator": "initiator",
            "unit": "unit",
            "case": {"id": 1, "code": "DRY-1", "started_at": self.now},
        }
        element = start.id if start is not None and start.events else None
        self.apply({"kind": "case_started", "element": element, "base": base, "data": content})

    def play(self) -> None:
        """Everything that can happen has happened. Raises Unending, ErrorUncaught and what a step
        raises.
        """
        for _ in range(MOST_MOVES):
            if not self._move():
                self._require_no_error()
                return
        last = self.trail.entered[-1] if self.trail.entered else ""
        raise Unending(most=MOST_MOVES, element=last)

    def _require_no_error(self) -> None:
        """Raises ErrorUncaught where a BPMN error that nothing catches has ended the case."""
        error: Any = self.rest.error if self.rest is not None else None
        if error is not None:
            raise ErrorUncaught(element=error["element"], code=error["code"] or "–")

    def _move(self) -> bool:
        """One thing happens; False when nothing is left. In this order: what was sent and is
        awaited, time that touches a task, tasks, calls, timers that are due, the next option.
        """
        option = self.options[0] if self.options else None
        if self._deliver(option):
            return True
        tasks = self.waiting("task")
        if isinstance(option, Advance) and self.until is None:
            self.until = self._end_of(option)
        due = self._next_due()
        if due is not None and self._is_awaited(due, tasks):
            self._fire(due)
        elif (task := next((t for t in tasks if self._may_finish(t)), None)) is not None:
            self._finish(task)
        elif self._called():
            return True
        elif due is not None:
            self._fire(due)
        else:
            return self._take(option)
        return True

    def _take(self, option: Option | None) -> bool:
        """The next option is over: time has passed, or what was sent is kept for who waits later.

        A signal that nobody waits for is lost (BPMN 2.0 §10.5.1); a message is kept.
        """
        if option is None:
            return False
        self.options.pop(0)
        if isinstance(option, Advance):
            self.now, self.until = self.until or self.now, None
            for token in [t for t in self.attempts if t > 0]:
                self.attempts[-token] = self.attempts[token]
        elif not self._is_signal(option.name):
            self.early.append(option)
        return True

    # What is sent

    def _deliver(self, option: Option | None) -> bool:
        sent = [*self.early, *([option] if isinstance(option, Send) else [])]
        for send in sent:
            waiting = self._awaiting(send.name)
            if waiting is not None:
                (self.options.remove if send is option else self.early.remove)(send)
                self._happen(waiting, copy(send.data or {}))
                return True
        return False

    def _awaiting(self, name: str) -> Waiting | None:
        """Who waits for it: messages before signals, the oldest first; by its id, any event."""
        waits = self._waits()
        for kind in HAPPENINGS:
            for waiting in waits:
                if waiting.kind == kind and name in self._names(waiting):
                    return waiting
        events = (w for w in waits if w.kind == "timer" and self.place(w).id == name)
        return next(events, None)

    def _waits(self) -> list[Waiting]:
        return [w for kind in (*HAPPENINGS, "timer") for w in self.waiting(kind)]

    def _names(self, waiting: Waiting) -> set[str]:
        found = names_of(self.place(waiting)) | {waiting.element}
        name = waiting.marks.get("name")
        return found | ({name} if isinstance(name, str) else set())

    def _is_signal(self, name: str) -> bool:
        return any(
            event.kind == "signal" and name in (event.name, event.ref)
            for node in self.trail.nodes.values()
            for event in node.events
        )

    def _happen(self, waiting: Waiting, data: Record) -> None:
        if waiting.kind == "signal":
            given: Record = {"kind": "signal_received", "name": waiting.marks["name"]}
        elif waiting.kind == "timer":
            given = {"kind": "timer_fired", "token": waiting.token}
        else:
            given = {"kind": f"{waiting.kind}_received", "token": waiting.token}
        self.apply({**given, "data": data})

    # What time brings

    def _end_of(self, option: Advance) -> datetime:
        found = expressions.instant(option.text, self.now, option.text)
        return max(self.now, found or self.now)

    def _next_due(self) -> Waiting | None:
        until = self.until or self.now
        due = [w for w in self.waiting("timer") if w.due is not None and w.due <= until]
        return min(due, key=lambda w: (w.due or until, w.token), default=None)

    def _fire(self, waiting: Waiting) -> None:
        self.now = max(self.now, waiting.due or self.now)
        self.apply({"kind": "timer_fired", "token": waiting.token})

    def _is_awaited(self, timer: Waiting, tasks: list[Waiting]) -> bool:
        """Whether a task that could be completed is left open for the timer."""
        if self.until is None:
            return False
        return any(self._may_finish(t) and self._touches(timer, t) for t in tasks)

    def _touches(self, timer: Waiting, task: Waiting) -> bool:
        """Whether the timer may interrupt or accompany the open task, so that it must not be
        completed before the clock goes on: a boundary event of it or of what is around it, or an
        event sub-process. An answer of the task itself comes before its own interrupting timer.
        """
        node = self.place(timer)
        own = node.attached_to == task.element
        if own and node.interrupting and self._answer(task).given:
            return False
        around = self._around(task.element)
        if node.attached_to is not None:
            far = node.scope not in around
            return own or node.attached_to in around or far
        return self.program.nodes[timer.element].by_event

    def _around(self, element: str) -> set[str]:
        found: set[str] = set()
        node: Node | None = self.program.nodes.get(element)
        while node is not None and node.scope not in found:
            found.add(node.scope)
            node = self.program.nodes.get(node.scope)
        return found

    def place(self, waiting: Waiting) -> Node:
        """The event that waits: of an event sub-process, its start event."""
        node = self.program.nodes[waiting.element]
        if not node.by_event:
            return node
        scopes = (p.scopes.get(node.id) for p in self.program.processes.values())
        return next((s.starts()[0] for s in scopes if s is not None and s.starts()), node)

    # What is answered

    def _answer(self, waiting: Waiting) -> Answer:
        if waiting.token not in self.answered:
            self.answered[waiting.token] = self.fitted.answers.next(waiting.element)
        return self.answered[waiting.token]

    def _may_finish(self, waiting: Waiting) -> bool:
        """What an ad-hoc sub-process offers once more is done again only with an answer."""
        again = "again" in self.case.index[waiting.token].internal_data
        answer = self._answer(waiting)
        return not answer.waits and (answer.given or not again)

    def _finish(self, waiting: Waiting) -> None:
        answer, node = self._answer(waiting), self.program.nodes[waiting.element]
        if "begins" in waiting.marks:
            self._complete(waiting, {})
            return
        stand_in = self.fitted.stand_ins.get(node.id)
        if stand_in is not None and stand_in.problem and not answer.given:
            raise StepFailed(element=node.id, reason=stand_in.problem)
        data = self._data(waiting, node, stand_in, answer)
        if answer.thrown is not None:
            kind, code = answer.thrown
            self.apply({"kind": "task_failed", "token": waiting.token, "thrown": kind,
                        "code": code, "data": data})  # fmt: skip
            if kind == "error" or waiting.token not in self._tokens():
                return
        self._complete(waiting, data)

    def _complete(self, waiting: Waiting, data: Record) -> None:
        token = waiting.token
        self.apply({"kind": "task_completed", "token": token, "data": data, "by": "somebody"})

    def _tokens(self) -> set[int]:
        return {w.token for w in self.waiting("task")}

    def _data(
        self, waiting: Waiting, node: Node, stand_in: StandIn | None, answer: Answer
    ) -> Record:
        defaults: Record = {}
        for name, text in stand_in.defaults if stand_in is not None else ():
            defaults[name] = text
        given = {**defaults, **copy(answer.data)}
        if answer.has_value:
            result = stand_in.result if stand_in is not None else None
            given[result or node.id] = answer.value
        if node.outputs and stand_in is not None and stand_in.kind in CALLS:
            given["result"] = copy(answer.value if answer.has_value else answer.data)
        view = view_of(self.case, waiting.token)
        return self._form_data(node, view, given)

    def _form_data(self, node: Node, view: Record, given: Record, *, new: bool = False) -> Record:
        """What the form accepts: the data given, over its defaults; and data that it has not."""
        form = self.program.form(form_name(node))
        if form is None:
            return given
        world: dict[str, Any] = {
            "context": view, "functions": SimulatedWorld(self, self.forks).functions,
            "now": self.now,
        }  # fmt: skip
        try:
            filled: Record = sample(form, **world)
        except FormErrors:
            filled = {}
        accepted = filled if new else form.load({**filled, **given}, **world)
        return {**given, **accepted}

    def _called(self) -> bool:
        """A call to an outside system is made."""
        due = [w for w in self.waiting("call") if self._due(w)]
        if due:
            self._call(due[0])
        return bool(due)

    # Where it rests

    def at_rest(self) -> list[Mapping[str, Any]]:
        """What the case waits for, oldest first; a join that nothing else can fill, alone."""
        found: list[Mapping[str, Any]] = []
        waits = rest_of(self.case).waiting.values()
        for waiting in sorted(waits, key=lambda w: (w.token, w.kind)):
            row: dict[str, Any] = {"element": self.place(waiting).id, "kind": waiting.kind}
            if waiting.kind == "timer":
                due = waiting.due
                row["until"] = None if due is None else due.astimezone(expressions.ZONE)
            elif waiting.kind in {"message", "signal"}:
                row["message"] = waiting.marks.get("name")
            found.append(row)
        if not found:
            for token in self.case.live_tokens():
                if spiff.STATE_NAMES[token.state] == "WAITING":
                    found.append({"element": token.task_spec.node.id, "kind": "join"})
        return found
