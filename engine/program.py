"""A version made ready to run: drawings, specs, forms and decisions parsed once and kept by
sha256.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from engine import bpmn_reader, feel, spiff
from engine.bpmn import EventDefinition, Process
from engine.bundles import Bundle, drawing_path, form_path
from engine.decisions import Decisions, among, parse_decisions
from engine.decisions.graph import BUDGET
from engine.duties import Apart
from engine.errors import Sentence, StepFailed
from engine.expressions import count_work
from engine.forms import Form
from engine.spelling import split
from engine.values import Record, Value
from engine.world import World

DECLARED_TYPES = ("text", "number", "day", "instant")


class Program:
    """What a case of one version needs. Immutable once made, so threads share it."""

    def __init__(self, bundle: Bundle, duties: tuple[Apart, ...] = ()) -> None:
        self.bundle = bundle
        self.duties = duties
        self.key = bundle.key
        self.drawings = {
            path: bpmn_reader.read(text, path)
            for path, text in bundle.files.items()
            if path.endswith(".bpmn")
        }
        processes = [p for d in self.drawings.values() for p in d.callable]
        self.processes = {p.id: p for p in processes}
        own = self.drawings.get(drawing_path(bundle.key)) or bpmn_reader.read(bundle.drawing)
        self.process = own.process(bundle.key) or next(
            (p for p in own.processes if p.executable), own.processes[0]
        )
        self.nodes = {n.id: n for p in processes for n in p.nodes()}
        self.pools = [self.process, *self._pools_beside(own.processes)]

    def _pools_beside(self, processes: Iterable[Process]) -> list[Process]:
        """Those that run as pools beside the bundle's own process, in the same file."""
        taken = {self.process.id, *(node.called for node in self.nodes.values())}
        return [p for p in processes if p.executable and p.id not in taken]

    @cached_property
    def specs(self) -> dict[str, Any]:
        """The library's specs of every scope."""
        return spiff.build(p for p in self.processes.values() if p.executable)

    def events_at(self, element: str) -> tuple[EventDefinition, ...]:
        """What an element waits for: an event sub-process waits for its start event's."""
        node = self.nodes[element]
        if not node.by_event:
            return node.events
        inside = (scope for p in self.processes.values() if (scope := p.scopes.get(element)))
        return tuple(event for scope in inside for n in scope.starts() for event in n.events)

    @cached_property
    def converses(self) -> bool:
        """Whether any message of it belongs to a conversation: see `engine.conversations`."""
        return any(event.conversation for node in self.nodes.values() for event in node.events)

    @cached_property
    def forms(self) -> dict[str, Form]:
        """Forms by name "KEY/NAME"."""
        return {
            path.removeprefix("forms/").removesuffix(".form"): Form.parse(text, path=path)
            for path, text in self.bundle.files.items()
            if path.endswith(".form")
        }

    @cached_property
    def decisions(self) -> dict[str, Decisions]:
        """The file of decisions that holds a decision, by the decision's id."""
        found: dict[str, Decisions] = {}
        for path, text in self.bundle.files.items():
            if path.endswith(".dmn"):
                decisions = parse_decisions(
                    text.encode(), path=path, load=among(self.bundle.files)
                )
                found.update(dict.fromkeys(decisions.ids, decisions))
        return found

    @cached_property
    def columns(self) -> list[tuple[str, str, str]]:
        """Declared columns (name, type, FEEL): "holder:text=request.full_name,
        deadline:instant".
        """
        found = []
        for part in split(self.process.properties.get("columns", "")):
            head, _, source = part.partition("=")
            name, _, kind = head.partition(":")
            found.append((name.strip(), kind.strip() or "text", source.strip() or name.strip()))
        return found

    def form(self, name: str | None) -> Form | None:
        """A form of the bundle. Raises StepFailed when the drawing names one that is not there."""
        if not name:
            return None
        if name not in self.forms:
            reason = Sentence("there is no file {file}.", {"file": form_path(name)})
            raise StepFailed(element=name, reason=reason)
        return self.forms[name]

    def decide(
        self, name: str, view: Record, world: World, element: str
    ) -> tuple[Value, list[list[str]]]:
        """The value of a decision and the rules that gave it: [[decision id, rule id], ...]."""
        if name not in self.decisions:
            reason = Sentence('there is no decision "{name}".', {"name": name})
            raise StepFailed(element=element, reason=reason)
        try:
            budget = None if world.leeway == 1 else BUDGET.wider(world.leeway)
            hit = self.decisions[name].decide(
                name, view, world.functions, now=world.now, budget=budget
            )
        except feel.FeelError as problem:
            reason = Sentence("{name}: {why}", {"name": name, "why": problem.sentence})
            raise StepFailed(element=element, reason=reason) from problem
        count_work(hit.work, world, element)
        return hit.value, [list(rule) for rule in hit.rules]


class Programs:
    """The last used programs, by a version's sha256; parsing costs some 20 ms, running less than
    one.
    """

    def __init__(self, duties: tuple[Apart, ...] = (), most: int = 200) -> None:
        self._duties = duties
        self._most = most
        self._kept: OrderedDict[str, Program] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, sha256: str, read: Callable[[], Bundle]) -> Program:
        """The program of that version; `read` gives its bundle when it is not kept."""
        with self._lock:
            if sha256 in self._kept:
                self._kept.move_to_end(sha256)
                return self._kept[sha256]
        program = Program(read(), self._duties)
        with self._lock:
            self._kept[sha256] = program
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return program
