"""Plays a fitted drawing: begins its first case, answers what rests, sends, lets time pass, and
passes on what pools say to one another, until nothing more happens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import expressions
from engine.apply import Waiting
from engine.bpmn import Node, Process
from engine.errors import Refusal
from engine.ports import Surroundings
from engine.program import Program
from engine.simulation.board import Board
from engine.simulation.choosing import begins_by, names_of, start_of
from engine.simulation.fitting import Fitted
from engine.simulation.pools import FIRST, SAID, Begun, Between, Said, contradicts, fits
from engine.simulation.running import Simulated, Stage
from engine.simulation.trail import Trail
from engine.simulation.unending import Progress, Unending
from engine.simulation.world import Forks
from engine.values import Record, copy

MOST_CASES = 1_000
HAPPENINGS = ("message", "signal", "conditional")


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


class Play:
    """One simulation; its cases in the order in which they began."""

    def __init__(
        self,
        fitted: Fitted,
        options: Sequence[Option],
        *,
        surroundings: Surroundings,
        now: datetime,
        session: Any = None,
    ) -> None:
        self.program = Program(fitted.bundle)
        self.fitted, self.options, self.now = fitted, list(options), now
        self.trail = Trail(self.program.processes.values(), fitted.calls)
        forks = Forks(self.trail.nodes, self.trail.flows, fitted.answers)
        self.stage = Stage(fitted, self.program, self.trail, forks, surroundings, session)
        self.between = Between(self.program.pools)
        self.runs: list[Simulated] = []
        self.board = Board(self.runs)
        self._refused: list[Send] = []
        self.early: list[Send] = []
        self.until: datetime | None = None
        files = fitted.bundle.files.values()
        self.progress = Progress(self.trail, fitted.answers, files)

    def play(self, data: Record, most: int) -> None:
        """It has begun with the data and gone on until nothing more can happen.

        most: how many elements it may pass before it counts as endless. Raises as `run` does.
        """
        self.progress.allow(most)
        self.begin(data)
        self.run()

    def begin(self, data: Record) -> None:
        """The first case has begun at the start event that the first option or the drawing
        names.
        """
        first = self.options[0] if self.options else None
        sent = first.name if isinstance(first, Send) else None
        process = begins_by(self.program.pools, sent)
        start = start_of(process, sent)
        content = dict(data)
        if isinstance(first, Send) and start is not None and start.events:
            names = names_of(start)
            if first.name in names:
                self.options.pop(0)
                content.update(copy(first.data or {}))
        self._begin(process, content, start)

    def _begin(
        self, process: Process, data: Record, start: Node | None, trigger: Record | None = None
    ) -> Simulated:
        if len(self.runs) >= MOST_CASES:
            raise Unending(most=MOST_CASES, element=process.id)
        run = Simulated(self.stage, process, len(self.runs) + 1, now=self.now)
        self.runs.append(run)
        self.between.note(run.number, process.id)
        run.begin(data, start, trigger)
        self._listen(run)
        return run

    def run(self) -> None:
        """Everything that can happen has happened. Raises Unending, ErrorUncaught and what a step
        raises.
        """
        while self._move():
            self._count()
        for run in self.runs:
            error: Any = run.error
            if error is not None:
                raise ErrorUncaught(element=error["element"], code=error["code"] or "–")

    def _count(self) -> None:
        others = len(self.options) + len(self.early)
        self.progress.count(self.runs, others, self.now, self.until)

    def _move(self) -> bool:
        """One thing happens; False when nothing is left. In this order: what one case says to
        others, what was sent and is awaited, time that touches a task, tasks, calls, a pool that
        is waited for, timers that are due, the next option.
        """
        if said := self.between.next():
            self._pass_on(said)
            return True
        option = self.options[0] if self.options else None
        if self._deliver(option):
            return True
        if isinstance(option, Advance) and self.until is None:
            self.until = self._end_of(option)
        due = self._next_due()
        if due is not None and self._is_awaited(*due):
            self._fire(*due)
        elif self._finish_tasks() or self._call() or self._say_again() or self._begin_awaited():
            return True
        elif due is not None:
            self._fire(*due)
        else:
            return self._take(option)
        return True

    def _give(self, run: Simulated, given: Record) -> None:
        run.move(given)
        self._listen(run)

    def _listen(self, run: Simulated) -> None:
        self.between.hear(run.number, run.case.sent, run.case.thrown)
        self.board.note(run)

    def _take(self, option: Option | None) -> bool:
        """The next option is over: time has passed, or what was sent is kept for who waits later.

        A signal that nobody waits for is lost (BPMN 2.0 §10.5.1); a message is kept.
        """
        if option is None:
            return False
        self.options.pop(0)
        if isinstance(option, Advance):
            self._now(self.until or self.now)
            self.until = None
            for run in self.runs:
                run.time_has_passed()
        elif not self._is_signal(option.name):
            self.early.append(option)
        return True

    def _now(self, instant: datetime) -> None:
        self.now = instant
        for run in self.runs:
            run.now = instant

    # What is sent

    def _deliver(self, option: Option | None) -> bool:
        sent = [*self.early, *([option] if isinstance(option, Send) else [])]
        if not sent:
            return False
        touched = [run for run in self.runs if run.number in self.board.touched]
        for send in sent:
            # Whoever did not wait for it waits for it now only if something has happened there.
            known = any(send is other for other in self._refused)
            found = self._awaiting(send, touched if known else self.runs)
            begun = None if found else self.between.begun_by(send.name)
            if found is None and begun is None:
                continue
            (self.options.remove if send is option else self.early.remove)(send)
            data = copy(send.data or {})
            if found is not None:
                self._happen(*found, data)
            elif begun is not None:
                self._begin(begun.process, data, begun.node, begun.trigger)
            return True
        self._refused = sent
        self.board.touched.clear()
        return False

    def _awaiting(self, send: Send, runs: Sequence[Simulated]) -> tuple[Simulated, Waiting] | None:
        """Who waits for it: messages before signals, the oldest first; by its id, any event. A
        message whose data give another key than is awaited is not the one.
        """
        name = send.name
        waits = [(r, w) for r in runs for k in (*HAPPENINGS, "timer") for w in r.waiting(k)]
        for kind in HAPPENINGS:
            for run, waiting in waits:
                if waiting.kind != kind or name not in run.names(waiting):
                    continue
                if not contradicts(waiting, run.place(waiting), send.data or {}, self.now):
                    return run, waiting
        events = ((r, w) for r, w in waits if w.kind == "timer" and r.place(w).id == name)
        return next(events, None)

    def _is_signal(self, name: str) -> bool:
        return any(
            event.kind == "signal" and name in (event.name, event.ref)
            for node in self.trail.nodes.values()
            for event in node.events
        )

    def _happen(self, run: Simulated, waiting: Waiting, data: Record) -> None:
        if waiting.kind == "signal":
            self._broadcast(str(waiting.marks["name"]), data)
            return
        if waiting.kind == "timer":
            given: Record = {"kind": "timer_fired", "token": waiting.token}
        else:
            given = {"kind": f"{waiting.kind}_received", "token": waiting.token}
        self._give(run, {**given, "data": data})

    def _broadcast(self, name: str, data: Record, but: int = 0) -> None:
        """A signal reaches every case that waits for it, but the one of that number."""
        for run in self.board.hearing("signal", name):
            if run.number != but:
                given: Record = {"kind": "signal_received", "name": name, "data": copy(data)}
                self._give(run, given)

    # What one pool says to another

    def _pass_on(self, said: Said) -> None:
        """A message or signal of one case reaches who waits for it in the others, or begins a
        case; a message that nobody waits for is kept.
        """
        for process in self.between.listeners(said):
            self._begin(process, {}, start_of(process, None))
        reached = self._reach(said, but=said.number)
        if said.kind == "signal" or not reached:
            for begun in self.between.begun_with(said, self.now):
                if not begun.key or not self._is_open(begun):
                    run = self._begin(begun.process, copy(said.data), begun.node, begun.trigger)
                    run.key = begun.key
                reached = True
        if said.kind == "message" and not reached:
            self.between.kept.append(said)

    def _is_open(self, begun: Begun) -> bool:
        """Whether a case that has begun under its key has not ended."""
        return any(begun.is_as(run.key) and not run.case.completed for run in self.runs)

    def _reach(self, said: Said, but: int = 0) -> bool:
        if said.kind == "signal":
            self._broadcast(said.name, said.data, but)
            return False
        reached, first = False, None
        for run in self.board.hearing("message", said.name):
            if run.number == but:
                continue
            for waiting in run.waiting("message"):
                place, loose = run.place(waiting), self.fitted.flow_only
                found = fits(said, waiting, place, self.now, loose=loose)
                if found == FIRST:
                    first = first or (run, waiting)
                elif found:
                    self._happen(run, waiting, copy(said.data))
                    reached = True
                    break
        if first is not None and not reached:
            self._happen(*first, copy(said.data))
            return True
        return reached

    def _say_again(self) -> bool:
        """What was said too early comes to who waits for it now: a signal in the step of its own
        case alone, a message everywhere.
        """
        for run in self.board.unheard():
            while run.unheard:
                signal = run.unheard.pop(0)
                if run.hears(signal):
                    given: Record = {"kind": "signal_received", "name": signal.name}
                    given |= {"data": copy(signal.data), "thrown": signal.number}
                    self._give(run, given)
                    return True
        for said in self.between.kept:
            if self._reach(said):
                self.between.kept.remove(said)
                return True
        return False

    def _begin_awaited(self) -> bool:
        """A pool that begins by itself has begun, since somebody waits for what it says."""
        spoken = self.between.spoken()
        if not any(self.board.hearing(kind, name) for name in spoken for kind in SAID):
            return False
        for name in dict.fromkeys(self._awaited()):
            for process in self.between.speakers(name):
                self._begin(process, {}, start_of(process, None))
                return True
        return False

    def _awaited(self) -> Iterator[str]:
        for run in self.runs:
            for waiting in (*run.waiting("message"), *run.waiting("signal")):
                yield str(waiting.marks.get("name"))

    # What is done

    def _finish_tasks(self) -> bool:
        """The oldest tasks are done: one, if it may change what comes first, else all at hand."""
        for run in self.board.waiting("task"):
            done = False
            for task in run.waiting("task"):
                if not run.is_open(task) or not run.may_finish(task):
                    continue
                if self._is_left_open(run, task):
                    continue
                if done:
                    self._count()
                run.finish(task)
                self._listen(run)
                done = True
                if self.options or self.early or self.between.waiting:
                    return True
            if done:
                return True
        return False

    def _call(self) -> bool:
        for run in self.board.waiting("call"):
            if run.called():
                self._listen(run)
                return True
        return False

    # What time brings

    def _end_of(self, option: Advance) -> datetime:
        found = expressions.instant(option.text, self.now, option.text)
        return max(self.now, found or self.now)

    def _next_due(self) -> tuple[Simulated, Waiting] | None:
        found = self.board.next_due(self.until or self.now)
        if found is None:
            return None
        run, token = found
        return run, run.waiting_at(token, "timer")

    def _fire(self, run: Simulated, waiting: Waiting) -> None:
        self.progress.counted += waiting.marks.get("left", -1) not in (None, -1)
        self._now(max(self.now, waiting.due or self.now))
        self._give(run, {"kind": "timer_fired", "token": waiting.token})

    def _is_left_open(self, run: Simulated, task: Waiting) -> bool:
        """Whether a timer that is due while time passes may still happen to the task, though
        another that does not touch it comes first.
        """
        return self.until is not None and run.timers.touch(task, self.until)

    def _is_awaited(self, run: Simulated, timer: Waiting) -> bool:
        """Whether a task that could be completed is left open for the timer."""
        if self.until is None:
            return False
        return any(run.may_finish(t) and run.touches(timer, t) for t in run.waiting("task"))
