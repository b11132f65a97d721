"""One case of a simulation: it answers its own tasks and says what it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import expressions, spiff
from engine.apply import Waiting, move, view_of, waiting_of, waits_at
from engine.bpmn import Node, Process
from engine.bundles import form_name
from engine.dry import DryRun
from engine.errors import StepFailed
from engine.forms import FormErrors, sample
from engine.moves import own_data
from engine.ports import Surroundings
from engine.program import Program
from engine.simulation.answers import Answer
from engine.simulation.choosing import named, names_of
from engine.simulation.fitting import CALLS, Fitted, StandIn
from engine.simulation.touching import Timers
from engine.simulation.trail import Trail
from engine.simulation.world import Forks, SimulatedWorld
from engine.spiff import Signal
from engine.values import Record, copy

_FROM_OTHERS = frozenset({"message_received", "signal_received"})
PEOPLE = frozenset({"userTask", "manualTask"})


@dataclass(frozen=True)
class Stage:
    """What the cases of one simulation share."""

    fitted: Fitted
    program: Program
    trail: Trail
    forks: Forks
    surroundings: Surroundings
    session: Any = None


class Simulated(DryRun):
    """One case in memory that answers its own tasks.

    number: which of the simulation's cases it is, from 1; key: the correlation key under which it
    began; error: {"element", "code"} of a BPMN error that nothing caught; fresh: what has come to
    be waited for of messages and signals, until somebody empties it.
    """

    def __init__(self, stage: Stage, process: Process, number: int, *, now: datetime) -> None:
        super().__init__(
            stage.program, surroundings=stage.surroundings, now=now, session=stage.session
        )
        self.fitted, self.forks = stage.fitted, stage.forks
        self.trail = stage.trail if number == 1 else stage.trail.beside()
        self.process, self.number = process, number
        self.case = spiff.new(stage.program, process.id, f"DRY-{number}")
        self.key: Record = {}
        self.error: Record | None = None
        self.answered: dict[int, Answer] = {}
        self.unheard: list[Signal] = []
        self.fresh: list[Waiting] = []
        self._waits: dict[str, dict[int, Waiting]] = {}
        self._listed: dict[str, list[Waiting]] = {}
        self.timers = Timers(self)

    def move(self, given: Record) -> None:
        """One input, in the world of the simulation; what was done before a failure counts."""
        self.case.path = []
        said = given.get("data")
        if given["kind"] in _FROM_OTHERS and isinstance(said, dict):
            given = {**given, "data": own_data(said)}
        try:
            move(self.case, given, SimulatedWorld(self, self.forks))
        finally:
            self.trail.follow(self.case.path, self.case.never)
            self.error = self.case.error or self.error
            self.unheard += self.case.unheard
            self._look_again(self.case.stirred)

    def waiting(self, kind: str) -> list[Waiting]:
        """What the case waits for where it rests, oldest first."""
        if kind not in self._listed:
            waits = sorted(self._waits.get(kind, {}).items())
            self._listed[kind] = [waiting for _token, waiting in waits]
        return self._listed[kind]

    def waits_for(self, kind: str) -> bool:
        """Whether the case waits for something of that kind."""
        return bool(self._waits.get(kind))

    def waiting_at(self, token: int, kind: str) -> Waiting:
        """What the token waits for, of that kind."""
        return self._waits[kind][token]

    def _look_again(self, tokens: set[int]) -> None:
        """Those tokens wait for something else than before the step, or for nothing."""
        for number in tokens:
            for kind, waits in self._waits.items():
                if waits.pop(number, None) is not None:
                    self._listed.pop(kind, None)
            for waiting in waits_at(self.case, number):
                self._waits.setdefault(waiting.kind, {})[number] = waiting
                if waiting.kind in {"message", "signal"}:
                    self.fresh.append(waiting)
                self._listed.pop(waiting.kind, None)

    def hears(self, signal: Signal) -> bool:
        """Whether somebody waits for a signal of this case, who does not come after its throw."""
        waits = [w for w in self.waiting("signal") if w.marks.get("name") == signal.name]
        return any(not self.case.index[w.token].comes_after(signal.number) for w in waits)

    def time_has_passed(self) -> None:
        """Calls that failed may be tried once more."""
        for token in [t for t in self.attempts if t > 0]:
            self.attempts[-token] = self.attempts[token]

    def is_open(self, waiting: Waiting) -> bool:
        """Whether a task that was open a moment ago still is."""
        token = self.case.index.get(waiting.token)
        return token is not None and token.is_live and "offer" in token.internal_data

    def begin(self, data: Record, start: Node | None, trigger: Record | None = None) -> None:
        """The case has begun at an element; None leaves it to the engine.

        trigger: {"kind", "name"} of the event of that element that has happened.
        """
        content: Record = dict(data)
        if start is not None:
            if form_name(start) is not None:
                content |= copy(self.fitted.answers.next(start.id).data)
            content = {**self._form_data(start, None, content), **content}
        code = f"DRY-{self.number}"
        base: Record = {
            "initiator": "initiator",
            "unit": "unit",
            "case": {"id": self.number, "code": code, "started_at": self.now},
        }
        element = start.id if start is not None and start.events else None
        given: Record = {"kind": "case_started", "element": element, "base": base, "data": content}
        self.move({**given, "trigger": trigger} if trigger else given)

    # What time brings

    def touches(self, timer: Waiting, task: Waiting) -> bool:
        """Whether the timer may interrupt or accompany the open task, so that it must not be
        completed before the clock goes on: a boundary event of it or of what is around it, or an
        event sub-process. An answer of the task itself comes before a timer that would interrupt
        it or what is around it.
        """
        node = self.place(timer)
        own, around = node.attached_to == task.element, self.around(task.element)
        over = own or node.attached_to in around
        if over and node.interrupting and self.is_answered(task):
            return False
        if node.attached_to is not None:
            far = node.scope not in around
            return over or far
        return self.program.nodes[timer.element].by_event

    def around(self, element: str) -> set[str]:
        """The scopes around an element, the innermost and all that are around that; around a
        global task is what calls it.
        """
        call = self.fitted.calls.get(element)
        found = set() if call is None else {call}
        node: Node | None = self.program.nodes.get(call or element)
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
        scope = next((s for s in scopes if s is not None and s.starts()), None)
        if scope is None:
            return node
        marks = self.case.index[waiting.token].internal_data
        return scope.nodes[marks.get("start") or scope.starts()[0].id]

    # What is answered

    def _answer(self, waiting: Waiting) -> Answer:
        if "begins" in waiting.marks:
            # What is begun here is answered where it runs.
            return Answer()
        if waiting.token not in self.answered:
            self.answered[waiting.token] = self.fitted.answers.next(waiting.element)
        return self.answered[waiting.token]

    def is_answered(self, task: Waiting) -> bool:
        """Whether an answer was given for the task itself."""
        return self._answer(task).given

    def may_finish(self, waiting: Waiting) -> bool:
        """What an ad-hoc sub-process offers once more is done again only with an answer."""
        token = self.case.index[waiting.token]
        again = "again" in token.internal_data
        if "begins" in waiting.marks and token.task_spec.node.kind == "task":
            again = waiting.element in token.workflow.host.internal_data["ad_hoc"]["begun"]
        answer = self._answer(waiting)
        return not answer.waits and (answer.given or not again)

    def finish(self, waiting: Waiting) -> None:
        """The task is done with its answer. Raises StepFailed for work that cannot be done.

        A signal reaches who comes to wait for it in the same step. Work for people ends a step of
        a live case, other stand-ins do not.
        """
        answer, node = self._answer(waiting), self.program.nodes[waiting.element]
        if "begins" in waiting.marks:
            self._complete(waiting, {})
            return
        stand_in = self.fitted.stand_ins.get(node.id)
        if stand_in is None or stand_in.kind in PEOPLE:
            self.unheard.clear()
        if stand_in is not None and stand_in.problem and not answer.given:
            raise StepFailed(element=node.id, reason=stand_in.problem)
        data = self._data(waiting, node, stand_in, answer)
        if answer.thrown is not None:
            kind, code = answer.thrown
            self.move({"kind": "task_failed", "token": waiting.token, "thrown": kind,
                       "code": code, "data": data})  # fmt: skip
            if kind == "error" or not self.is_open(waiting):
                return
        self._complete(waiting, data)

    def _complete(self, waiting: Waiting, data: Record) -> None:
        token = waiting.token
        self.move({"kind": "task_completed", "token": token, "data": data, "by": "somebody"})

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
        return self._form_data(node, waiting.token, given)

    def _form_data(self, node: Node, token: int | None, given: Record) -> Record:
        """What the form accepts: the data given, over its defaults; and data that it has not.

        token: the task's; None for the form of a case that begins.
        """
        form = self.program.form(form_name(node))
        if form is None:
            return given
        world: dict[str, Any] = {
            "context": {} if token is None else view_of(self.case, token),
            "functions": SimulatedWorld(self, self.forks).functions,
            "now": self.now,
        }
        try:
            filled: Record = sample(form, **world)
        except FormErrors:
            filled = {}
        accepted = filled if token is None else form.load({**filled, **given}, **world)
        return {**given, **accepted}

    def called(self) -> bool:
        """A call to an outside system is made."""
        due = [w for w in self.waiting("call") if self._due(w)]
        if due:
            self._call(due[0])
        return bool(due)

    # Where it rests

    def names(self, waiting: Waiting) -> set[str]:
        """By what a caller may name what is waited for; of an element with several events, what is
        waited for here.
        """
        node, name = self.place(waiting), waiting.marks.get("name")
        found = names_of(node) | {waiting.element}
        if len(node.events) > 1:
            own = [event for event in node.events if event.kind == waiting.kind]
            own = [event for event in own if len(own) == 1 or event.name == name]
            others = (event for event in node.events if event not in own)
            found -= set[str]().union(*map(named, others)) - {node.id, node.name}
            found = found.union(*map(named, own))
        return found | ({name} if isinstance(name, str) else set())

    def at_rest(self) -> list[Mapping[str, Any]]:
        """What the case waits for, oldest first; a join that nothing else can fill, alone."""
        found: list[Mapping[str, Any]] = []
        waits = waiting_of(self.case).values()
        for waiting in sorted(waits, key=lambda w: (w.token, w.kind)):
            element = self.place(waiting).id
            element = self.fitted.calls.get(element, element)
            row: dict[str, Any] = {"element": element, "kind": waiting.kind}
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
