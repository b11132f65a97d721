"""Makes a drawing from any editor ready to be simulated: one process, with all that it calls.

The drawing is changed in memory only. Whatever has no way to be carried out here (work of people,
operations that this installation does not have, and with `flow_only` scripts, decisions and
conditions too) becomes a *stand-in*: a task that rests until the simulation answers it, so that
its boundary events, loops and compensation are the engine's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.bpmn import ACTIVITIES, EVENTS, GATEWAYS, DrawingUnreadable
from engine.bpmn_reader import parse_xml
from engine.bpmn_reader.drawing import GLOBAL_TASKS
from engine.bundles import Bundle, drawing_path, form_path
from engine.errors import Sentence, StepFailed
from engine.simulation.answers import Answers, by_id, rests
from engine.simulation.called import GlobalTasks
from engine.simulation.choosing import NODES, choose, partners
from engine.simulation.data import (
    forget_people,
    is_foreign,
    label,
    own_form,
    pass_data,
    pass_messages,
)
from engine.simulation.dialects import bpmn, camunda, extensions, is_bpmn, local, translate
from engine.simulation.forks import (
    Ways,
    check_flows,
    fit_activation,
    fit_ad_hoc,
    fit_loop,
    fit_waits,
    put_answer,
    put_choices,
)
from engine.simulation.gathering import Places

CALLS = frozenset({"serviceTask", "sendTask"})
_THROWS = ("intermediateThrowEvent", "endEvent")
_DONE_BY = ("class", "expression", "delegateExpression", "type")


@dataclass(frozen=True)
class StandIn:
    """Work that the simulation does in place of the engine.

    problem: why it cannot be done, when nobody answers it; result: its result variable.
    explicit: the caller has an answer for it. defaults: what its form begins with.
    """

    element: str
    kind: str
    problem: Sentence | None = None
    result: str | None = None
    explicit: bool = False
    defaults: tuple[tuple[str, str], ...] = ()


@dataclass
class Fitted:
    """A bundle that runs, its stand-ins by element, and answers that are about nothing.

    calls: the call activity by the global task that it calls, of which it has a copy of its own.
    """

    bundle: Bundle
    process: str
    answers: Answers
    stand_ins: dict[str, StandIn] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    calls: dict[str, str] = field(default_factory=dict)
    flow_only: bool = False


@dataclass(frozen=True)
class Request:
    """What is simulated: the file, the process in it and how."""

    source: bytes
    path: str
    process: str | None
    answers: dict[str, Any]
    flow_only: bool
    places: Places
    operations: frozenset[str]


def fit(request: Request) -> Fitted:
    """The drawing made ready. Raises DrawingUnreadable, NoProcess, ProcessUnknown."""
    root = read_root(request.source, request.path)
    chosen = choose(root, request.process, request.path)
    return _Fitting(request, root).run(chosen)


def read_root(source: bytes, path: str) -> Any:
    """The definitions of a file, in the engine's dialect, with an id on everything that runs."""
    root = parse_xml(source, path, comments=False)
    translate(root)
    if root.tag != bpmn("definitions"):
        raise DrawingUnreadable(path=path, reason="its root element is not bpmn:definitions.")
    _put_ids(root)
    return root


def _put_ids(root: Any) -> None:
    """Elements without an id get one: their kind and a number."""
    taken = {e.get("id") for e in root.iter() if isinstance(e.tag, str)}
    for element in root.iter():
        kind = local(element)
        if not is_bpmn(element) or element.get("id"):
            continue
        if kind in NODES or kind in {"process", "sequenceFlow", "message"}:
            number = 1
            while f"{kind}_{number}" in taken:
                number += 1
            element.set("id", f"{kind}_{number}")
            taken.add(f"{kind}_{number}")


class _Fitting:
    """Walks the chosen process and what it calls."""

    def __init__(self, request: Request, root: Any) -> None:
        self.request = request
        self.root = root
        self.files: dict[str, str] = {}
        self.stand_ins: dict[str, StandIn] = {}
        self.names: dict[str, list[str]] = {}
        self.answered: set[str] = set()
        self.waiting: list[str] = []
        self.used: set[str] = set()
        self.calls: dict[str, str] = {}
        self.tasks: dict[Any, GlobalTasks] = {}

    def run(self, chosen: str) -> Fitted:
        own = {p.get("id"): p for p in self.root.iter(bpmn("process"))}
        self._collect_names(self.root)
        self._process(own[chosen], own)
        for name in partners(self.root, chosen) if self.request.process is None else ():
            self._partner(own[name], own)
        while self.waiting:
            name = self.waiting.pop()
            if name in own:
                self._process(own[name], own)
            else:
                self._called_file(name)
        self._keep(self.root, drawing_path(chosen))
        answers, unknown = by_id(self.request.answers, self.names)
        bundle = Bundle(chosen, self.files)
        flow_only = self.request.flow_only
        return Fitted(
            bundle, chosen, Answers(answers), self.stand_ins, unknown, self.calls, flow_only
        )

    def _partner(self, process: Any, own: dict[str, Any]) -> None:
        """Another pool takes part, unless it cannot run at all."""
        try:
            check_flows(process)
        except StepFailed:
            return
        self._process(process, own)

    def _collect_names(self, root: Any) -> None:
        for element in root.iter():
            if is_bpmn(element) and local(element) in NODES:
                for name in {element.get("id"), label(element)}:
                    if name:
                        self.names.setdefault(name, []).append(element.get("id"))
        for name, ids in self.names.items():
            if name in self.request.answers:
                self.answered.update(ids)

    def _called_file(self, name: str) -> None:
        # A file that two activities call is made ready once: a second reading is as it was drawn.
        found = None if name in self.used else self.request.places.drawing(name)
        if found is None:
            return
        root = read_root(found[1].encode(), found[0])
        processes = {p.get("id"): p for p in root.iter(bpmn("process"))}
        self._collect_names(root)
        if name in processes:
            self._process(processes[name], processes)
            self._keep(root, drawing_path(name))

    def _keep(self, root: Any, path: str) -> None:
        for process in root.iter(bpmn("process")):
            runs = process.get("id") in self.used
            process.set("isExecutable", "true" if runs else "false")
        self.files[path] = etree.tostring(root, encoding="unicode")

    def _process(self, process: Any, own: dict[str, Any]) -> None:
        """The process with all inside it is made ready."""
        if process.get("id") in self.used:
            return
        self.used.add(process.get("id"))
        check_flows(process)
        ways = Ways(process)
        if self.request.flow_only:
            pass_messages(ways.root)
        for element in list(process.iter()):
            if is_bpmn(element) and local(element) in NODES:
                self._element(element, own, ways)

    def _element(self, element: Any, own: dict[str, Any], ways: Ways) -> None:
        kind, name = local(element), element.get("id")
        if kind in _THROWS:
            self._throw(element)
        if kind in EVENTS or kind == "receiveTask":
            fit_waits(element, ways, flow_only=self.request.flow_only)
        if self.request.flow_only:
            fit_loop(element)
            pass_data(element)
            if kind == "adHocSubProcess":
                fit_ad_hoc(element)
            elif kind == "complexGateway":
                fit_activation(element)
        if self.request.flow_only or (name in self.answered and kind in GATEWAYS):
            put_choices(element, ways)
        self._form(element)
        if kind in ACTIVITIES:
            self._activity(element, kind, own)

    def _activity(self, element: Any, kind: str, own: dict[str, Any]) -> None:
        rule = {
            "task": self._plain,
            "manualTask": self._people,
            "userTask": self._people,
            "scriptTask": self._script,
            "serviceTask": self._service,
            "sendTask": self._service,
            "businessRuleTask": self._rule,
        }.get(kind)
        if kind == "callActivity":
            self._call(element, own)
        elif rule is not None:
            rule(element)

    def _is_passed(self, element: Any) -> bool:
        return self.request.flow_only or element.get("id") in self.answered

    def _plain(self, element: Any) -> None:
        """A task of no kind is nobody's work: it passes at once, as in a live case, and its answer
        is its data. It rests only where it is told to, or what it throws is answered.
        """
        own, answers = element.get("id"), self.request.answers
        given = [answers[n] for n, ids in self.names.items() if own in ids and n in answers]
        if any(map(rests, given)):
            self._people(element)
            return
        forget_people(element, all_of_them=True)
        self._fit_mappings(element, "task")
        if given:
            put_answer(element)

    def _people(self, element: Any) -> None:
        self._stand_in(element)
        forget_people(element, all_of_them=self.request.flow_only)

    def _script(self, element: Any) -> None:
        script = element.find(bpmn("script"))
        language = (element.get("scriptFormat") or "").strip()
        empty = script is None or not "".join(script.itertext()).strip()
        if self._is_passed(element) or empty:
            self._stand_in(element)
        elif language and "feel" not in language.lower():
            words = 'its script is written in "{language}", and only FEEL is run.'
            self._stand_in(element, Sentence(words, {"language": language}))

    def _service(self, element: Any) -> None:
        topic = element.get(camunda("topic"))
        if topic is None and self._says(element) and element.get("id") not in self.answered:
            return
        if self._is_passed(element) or topic not in self.request.operations:
            self._stand_in(element)

    def _says(self, element: Any) -> bool:
        """Whether it is a send task that throws a message of its own."""
        if local(element) != "sendTask" or any(element.get(camunda(n)) for n in _DONE_BY):
            return False
        flows = (f.get("sourceRef") for f in self.root.iter(bpmn("messageFlow")))
        return bool(element.get("messageRef")) or element.get("id") in flows

    def _throw(self, element: Any) -> None:
        """An event whose operation cannot be called here throws its message."""
        for place in (element, *element.findall(bpmn("messageEventDefinition"))):
            topic = place.get(camunda("topic"))
            if topic is not None and (
                self.request.flow_only or topic not in self.request.operations
            ):
                place.attrib.pop(camunda("topic"))

    def _rule(self, element: Any) -> None:
        name = element.get(camunda("decisionRef"))
        found = self.request.places.decision(name) if name else None
        if found is not None:
            self.files[f"processes/dmn/{found[0]}"] = found[1]
        if self._is_passed(element):
            self._stand_in(element)
        elif found is None and name:
            words = 'no file with the decision "{name}" was found.'
            self._stand_in(element, Sentence(words, {"name": name}))
        elif found is None:
            other = any(element.get(camunda(n)) for n in ("class", "topic", "expression"))
            other = other or element.get(camunda("delegateExpression")) is not None
            self._stand_in(element, None if other else Sentence("it names no decision."))

    def _call(self, element: Any, own: dict[str, Any]) -> None:
        name = (element.get("calledElement") or "").rpartition(":")[2]
        if name:
            element.set("calledElement", name)
        task = self._tasks_beside(element).copy_for(element, name)
        if task is not None:
            self._task(element, task)
            return
        known = name in own or (name and self.request.places.drawing(name) is not None)
        if element.get("id") in self.answered:
            self._stand_in(element)
        elif known:
            self.waiting.append(name)
        elif self.request.flow_only:
            self._stand_in(element)
        elif not name:
            self._stand_in(element, Sentence("it names no process to call."))
        else:
            words = 'no file with the process "{name}" was found.'
            self._stand_in(element, Sentence(words, {"name": name}))

    def _tasks_beside(self, element: Any) -> GlobalTasks:
        """The global tasks of the element's file."""
        root = element.getroottree().getroot()
        if root not in self.tasks:
            self.tasks[root] = GlobalTasks(root)
        return self.tasks[root]

    def _task(self, element: Any, task: Any) -> None:
        """The call of a global task is answered as that task itself (§10.3.6)."""
        name, own = task.get("id"), {element.get("id"), label(element), label(task)}
        self.calls[name] = element.get("id")
        for called in own - {""} | {element.get("calledElement")}:
            self.names.setdefault(called, []).append(name)
            if called in self.request.answers:
                self.answered.add(name)
        element.set("calledElement", name)
        self._form(task)
        self._activity(task, GLOBAL_TASKS[local(task)], {})

    def _stand_in(self, element: Any, problem: Sentence | None = None) -> None:
        name, kind = element.get("id"), GLOBAL_TASKS.get(local(element), local(element))
        self.stand_ins[name] = StandIn(
            element=name,
            kind=kind,
            problem=problem,
            result=element.get(camunda("resultVariable")),
            explicit=name in self.answered,
            defaults=tuple(own_form(element)),
        )
        element.tag = bpmn("globalUserTask" if name in self.calls else "userTask")
        if kind not in {"task", "manualTask", "userTask"}:
            forget_people(element, all_of_them=True)
        self._fit_mappings(element, kind)
        if kind in {"callActivity", "businessRuleTask", "scriptTask"}:
            for child in [c for c in extensions(element) if local(c) in {"in", "out"}]:
                extensions(element).remove(child)

    def _fit_mappings(self, element: Any, kind: str) -> None:
        """Mappings that cannot be worked out, and those that nothing comes of, are left out. What
        a call puts out is worked out over its answer, by itself and as "result".
        """
        calls = kind in CALLS
        for mapping in list(element.iter(camunda("inputOutput"))):
            outputs = mapping.findall(camunda("outputParameter"))
            if self.request.flow_only or is_foreign(element) or (calls and not outputs):
                mapping.getparent().remove(mapping)
            elif calls:
                row = mapping.makeelement(camunda("inputParameter"), {"name": "result"})
                row.text = "=null"
                mapping.insert(0, row)

    def _form(self, element: Any) -> None:
        """The form of a task or start event is brought along, or the name of it taken away."""
        for word in ("formRef", "formKey"):
            name = element.get(camunda(word))
            if not name:
                continue
            text = self.request.places.form(name)
            if text is None:
                element.attrib.pop(camunda(word))
            else:
                self.files[form_path(name)] = text
