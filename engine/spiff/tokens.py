"""Tokens and the workflows they move in: SpiffWorkflow's own classes, without its prediction.

The library keeps a tree of everything that was and everything that may be, and walks it at each
completion. Here a workflow keeps its live tokens by number, nothing is predicted, and the finished
are left behind when the case is saved; so a step costs the same in its tenth year as on its first
day.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import Defect, EndlessStep, Sentence, StepFailed
from engine.spiff.frames import Changes, Frame
from engine.spiff.listening import Hearing, Joining, Watching
from engine.spiff.thrown import Post, Signal
from engine.values import Record
from engine.world import World

READY, WAITING, STARTED = TaskState.READY, TaskState.WAITING, TaskState.STARTED
FUTURE, COMPLETED, CANCELLED = TaskState.FUTURE, TaskState.COMPLETED, TaskState.CANCELLED
FINISHED = TaskState.FINISHED_MASK
MOST_ELEMENTS = 25_000
"""Elements that one step may pass before it counts as endless: some 8,000 turns of a small loop.
"""
FOR_INSTANCE, FOR_INSTANCES = 10, 3
"""How many elements more each instance of a repeated activity allows its step; and how many times
as many as without them, all of them may: 75,000.
"""
MOST_IN_STEP = 25_000
"""Instances of repeated activities, also of those inside one another, that one step may begin."""
GROUPS = ("race", "all", "of")
"""Marks that tokens share: of one race, awaited together, instances of one activity."""
MOST_LOOKED = 30_000_000
"""How many tokens and elements one step may look at to find who goes on: seconds of work."""
DEEPEST = 50
"""Sub-processes and called processes inside one another; a process that calls itself ends here."""
STATE_NAMES = {READY: "READY", WAITING: "WAITING", STARTED: "STARTED", FUTURE: "FUTURE"}


class NoScripts(PythonScriptEngine):  # type: ignore[misc]  # the library is untyped
    """Stands where the library would run Python: drawings have FEEL only, so nothing may come
    here.
    """

    def __init__(self) -> None:
        super().__init__(environment=object())

    def evaluate(self, task: Any, expression: Any, external_context: Any = None) -> Any:
        raise Defect

    def execute(self, task: Any, script: Any, external_context: Any = None) -> Any:
        raise Defect


_NO_SCRIPTS = NoScripts()


class Token(Task):  # type: ignore[misc]  # the library is untyped
    """A token at one element. Its number is given out by the case, so that a replay gives the
    same.

    after: the signals that were thrown on its way here, a bit for the number of each. What follows
    a throw in the same step waits for the next signal (§10.5.1), what goes on beside it may catch
    this one. `later` are those that it comes after once what it waits for has happened: it has
    listened before. came: where the step's path tells of its arrival, until it has begun.
    """

    def __init__(
        self, workflow: Any, spec: Any, parent: Token | None, state: int = FUTURE, *, id: int = 0
    ) -> None:
        top = workflow.top_workflow
        super().__init__(workflow, spec, parent, state, id or top.next_number())
        top.index[self.id] = self
        self.after: int = top.running.after if top.running else 0
        self.later = 0
        self.came: int | None = None
        if not state & FINISHED:
            workflow.live[self.id] = self
            workflow.standing[spec.name] = workflow.standing.get(spec.name, 0) + 1

    @property
    def frame(self) -> Frame:
        number = self.internal_data.get("frame")
        if number is None:
            return self.workflow.frame  # type: ignore[no-any-return]  # ours, see ScopeWorkflow
        return self.workflow.top_workflow.frames[number]  # type: ignore[no-any-return]

    @property
    def is_live(self) -> bool:
        return not self._state & FINISHED

    def _set_state(self, value: int) -> None:
        """The library also logs the whole data of the case here, at every change."""
        self._state = value
        workflow = self.workflow
        workflow.top_workflow.stirred.add(self.id)
        if value & FINISHED:
            workflow.top_workflow.forget(self)
            if workflow.held:
                workflow.release(self)
            if workflow.beside:
                workflow.beside.get(self.internal_data.get("host"), {}).pop(self.id, None)
            if workflow.groups or workflow.listeners:
                workflow.ungroup(self)
            if self.after:
                self._follow()
            if workflow.live.pop(self.id, None) is not None:
                workflow.leave(self.task_spec.name)
                if workflow.is_done():
                    workflow.top_workflow.emptied.append(workflow)

    def comes_after(self, thrown: int | None) -> bool:
        """Whether the signal of that number was thrown on its way here; None is of no step."""
        return thrown is not None and bool(self.after >> thrown & 1)

    def _follow(self) -> None:
        """What comes after the repeated activity, or after the scope, comes after this."""
        index, workflow = self.workflow.top_workflow.index, self.workflow
        for number in (self.internal_data.get("of"), workflow.place):
            if number in index:
                index[number].after |= self.after

    def run(self) -> bool | None:
        """Does the element's work; completes it when the work is done at once."""
        self.came = None
        with self.in_turn():
            done: bool | None = self.task_spec._run_hook(self)
            if done and self.is_live:
                self.complete()
        return done

    def complete(self) -> None:
        with self.in_turn():
            super().complete()

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Tokens that are made meanwhile come after what this one has thrown."""
        top = self.workflow.top_workflow
        before, top.running = top.running, self
        try:
            yield
        finally:
            top.running = before

    def cancel(self) -> None:
        if self.is_live:
            self._set_state(CANCELLED)
            self.task_spec._on_cancel(self)


class Live:
    """What a case and its sub-workflows share: live tokens by number, the frame of variables."""

    live: dict[int, Token]
    standing: dict[str, int]
    awaiting: dict[str, list[str]]
    frame: Frame
    done: list[Record]
    held: dict[str, dict[str, dict[int, Token]]]
    beside: dict[int, dict[int, Token]]
    groups: dict[tuple[str, Any], dict[int, Token]]
    listeners: dict[int, Token]
    hindering: dict[str, set[str]]
    conversation: dict[str, str]
    conversing: dict[int, Token]

    def prepare(self, frame: Frame) -> None:
        """Gives the workflow its frame and its root token, which is past from the beginning."""
        self.live = {}
        self.standing = {}  # how many live tokens stand at an element
        self.awaiting = {}  # for a join that waits, elements where a token stands that may come
        self.frame = frame
        self.done = []  # completed activities that could be compensated, oldest first
        self.held = {}  # tokens that wait for others at an element, by the flow they came on
        self.beside = {}  # tokens of boundary events, by the token of their activity
        self.groups = {}  # tokens of a race, of a group, and instances, by the mark they share
        self.listeners = {}  # tokens of event sub-processes that have not begun
        self.hindering = {}  # joins that wait because of a token at an element, by the element
        self.conversation = {}  # the keys of its messages that are known, by their names
        self.conversing = {}  # tokens that wait for its messages, or did
        self.task_tree = Token(self, self.spec.start, None, COMPLETED, id=-1)  # type: ignore[attr-defined]

    @property
    def place(self) -> int:
        """The number of the token that this is the inside of; 0 for the case's own workflow."""
        return self.parent_task_id or 0  # type: ignore[attr-defined]

    def leave(self, element: str) -> None:
        """A token that stood at the element is gone."""
        self.standing[element] -= 1
        if not self.standing[element]:
            del self.standing[element]
            for join in self.hindering.pop(element, ()):
                self.top_workflow.joining.ask((self.place, join))  # type: ignore[attr-defined]

    def hold(self, token: Token) -> None:
        """The token waits at its element for others to come."""
        flows = self.held.setdefault(token.task_spec.name, {})
        flows.setdefault(token.internal_data.get("flow", ""), {})[token.id] = token

    def attach(self, token: Token) -> None:
        """The token waits beside an activity, as one of its boundary events."""
        self.beside.setdefault(token.internal_data["host"], {})[token.id] = token

    def group(self, token: Token) -> None:
        """The token is found by what it shares with others, or as one that may begin a scope."""
        for mark in GROUPS:
            if mark in token.internal_data:
                shared = (mark, token.internal_data[mark])
                self.groups.setdefault(shared, {})[token.id] = token
        if "event_subprocess" in token.internal_data:
            self.listeners[token.id] = token

    def grouped(self, mark: str, number: Any) -> list[Token]:
        """The live tokens that share a mark, oldest first."""
        return [token for _id, token in sorted(self.groups.get((mark, number), {}).items())]

    def ungroup(self, token: Token) -> None:
        """The token is gone."""
        for mark in GROUPS:
            if mark in token.internal_data:
                shared = (mark, token.internal_data[mark])
                self.groups.get(shared, {}).pop(token.id, None)
        self.listeners.pop(token.id, None)

    def first_held(self, element: str) -> dict[str, Token]:
        """The oldest token that waits at an element, for each flow that has one."""
        flows = self.held.get(element, {})
        return {flow: next(iter(tokens.values())) for flow, tokens in flows.items()}

    def release(self, token: Token) -> None:
        """The token waits no more."""
        flows = self.held.get(token.task_spec.name)
        flow = token.internal_data.get("flow", "")
        if flows is not None and flow in flows:
            flows[flow].pop(token.id, None)
            if not flows[flow]:
                del flows[flow]

    def is_done(self) -> bool:
        """Whether nothing lives here but event sub-processes that were never begun."""
        return len(self.live) == len(self.listeners)

    def is_completed(self) -> bool:
        return bool(self.completed)  # type: ignore[attr-defined]

    def _task_completed_notify(self, token: Token) -> None:
        """The library walks the whole tree here; our tokens tell whoever waits for them
        themselves.
        """
        self.last_task = token


class ScopeWorkflow(Live, BpmnSubWorkflow):  # type: ignore[misc]  # the library is untyped
    """The inside of a sub-process or of a called process."""

    def __init__(self, spec: Any, parent_task_id: int, top_workflow: CaseWorkflow) -> None:
        super().__init__(spec, parent_task_id, top_workflow, deserializing=True)

    def _calculate_depth(self) -> int:
        """The library climbs to the top each time; one below the activity it is inside of."""
        depth = int(self.host.workflow.depth) + 1
        if depth > DEEPEST:
            raise EndlessStep(count=depth, element=self.host.task_spec.label)
        return depth

    @property
    def host(self) -> Token:
        """The token of the activity that this is the inside of."""
        return self.top_workflow.index[self.parent_task_id]  # type: ignore[no-any-return]


class CaseWorkflow(Live, BpmnWorkflow):  # type: ignore[misc]  # the library is untyped
    """One case: the process's own workflow, the sub-workflows inside, and what they share."""

    world: World
    running: Token | None = None

    def __init__(self, spec: Any, subprocess_specs: dict[str, Any]) -> None:
        super().__init__(spec, subprocess_specs, script_engine=_NO_SCRIPTS, deserializing=True)
        self.program: Any = None
        self.key = ""
        self.changes = Changes()
        self.base = Frame(0, None, {}, changes=self.changes)
        self.number = 0
        self.index: dict[int, Token] = {}
        self.frames: dict[int, Frame] = {0: self.base}
        self.performers: dict[str, list[str]] = {}
        self.outcome: str | None = None
        self.error: Record | None = None
        self.key_of: Record | None = None
        self.pool: str | None = None
        self.converses = False
        self.by: str | None = None
        self.path: list[str] = []
        self.never: set[int] = set()  # Marks of the path of what was withdrawn before it began.
        self.arrived: list[Token] = []
        self.queue: deque[Token] = deque()
        self.emptied: deque[Any] = deque()
        self.ending: deque[Token] = deque()  # Repeated activities whose last instance has thrown.
        self.signals: list[Signal] = []
        self.thrown: list[tuple[str, Record]] = []
        self.unheard: list[Signal] = []
        self.messages: list[Post] = []
        self.sent: list[Post] = []
        self.hearing = Hearing()
        self.watching = Watching(self.changes)
        self.joining = Joining(self.changes)
        self.looked = 0
        self.stirred: set[int] = set()
        self.turn: Token | None = None
        self.most = MOST_ELEMENTS
        self.repeated = 0
        self.instances = 0
        self.throws = 0

    @property
    def place(self) -> int:
        return 0

    def inside_of(self, place: int) -> Any | None:
        """The workflow inside a token, or the case's own for 0; None when it has ended."""
        return self if place == 0 else self.subprocesses.get(place)

    def arrives(self, token: Token) -> None:
        """The path has just told of the token's arrival."""
        token.came = len(self.path) - 1
        self.arrived.append(token)

    def has_turned(self) -> None:
        """A turn is over: what it brought has begun, but for what has its own turn to come."""
        for token in self.arrived:
            if not token.has_state(READY) or token.task_spec.waits_for_people(token):
                token.came = None
        self.arrived.clear()

    def forget(self, token: Token) -> None:
        """A finished token hears nothing, watches no data and waits at no join."""
        self.hearing.forget(token)
        self.watching.forget(token)
        self.joining.forget(token)

    def allow_instance(self, element: str) -> None:
        """An instance begins: its step may pass more elements, since their number is bounded.
        Raises StepFailed for one too many: they are made before any of them is passed.
        """
        self.instances += 1
        if self.instances > MOST_IN_STEP * self.world.leeway:
            words = {"most": MOST_IN_STEP}
            template = "it would be carried out more than {most} times in one step."
            raise StepFailed(element=element, reason=Sentence(template, words))
        self.repeated = min(self.repeated + FOR_INSTANCE, FOR_INSTANCES * self.most)

    def look(self, count: int, element: str) -> None:
        """So many tokens or elements are looked at. Raises StepFailed for too many in a step."""
        self.looked += count
        if self.looked > MOST_LOOKED * self.world.leeway:
            reason = "more waits at once than one step can look through."
            raise StepFailed(element=element, reason=reason)

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def get_task_from_id(self, task_id: int) -> Token:
        return self.index[task_id]

    def new_frame(
        self, outer: Frame | None, content: Record, local: tuple[str, ...] | None = None
    ) -> Frame:
        frame = Frame(self.next_number(), outer, content, local, changes=self.changes)
        self.frames[frame.number] = frame
        return frame

    def create_subprocess(self, my_task: Token, spec_name: str) -> ScopeWorkflow:
        inside = ScopeWorkflow(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = inside
        return inside

    def workflows(self) -> list[Any]:
        """The case's own workflow and all that live inside it."""
        return [self, *self.subprocesses.values()]

    def live_tokens(self) -> list[Token]:
        """All live tokens, oldest first."""
        found = [t for w in self.workflows() for t in w.live.values()]
        return sorted(found, key=lambda token: token.id)
