"""Small drawings written as lines of text, and runs of them that save and load at every step.

drawing('''
    start s
    user a "Check"
    end e
    s > a > e
    x > a : again = true        a flow with a condition; "x > e : default" marks the default
    boundary b on=a compensate=1 handler=h    leads to the compensation handler h
    task h undo                 is a compensation handler
    catch c message=m signal2=s several events, told apart by a number; "parallel" awaits them all
    <dataObject id="d"/>        a line of BPMN is taken as it is, one after "!" goes to the root
''')
"""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from engine import bpmn_reader, spiff, values
from engine.apply import Rest, Waiting, apply, rest_of
from engine.bpmn import Drawing
from engine.values import Record, Value
from engine.world import World
from tests.engine.drawing_parts import events, formal, named_root, property_rows, repetition

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)
KINDS = {
    "start": "startEvent", "end": "endEvent", "user": "userTask", "manual": "manualTask",
    "script": "scriptTask", "service": "serviceTask", "rule": "businessRuleTask",
    "xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway",
    "events": "eventBasedGateway", "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent", "boundary": "boundaryEvent", "call": "callActivity",
    "receive": "receiveTask", "sub": "subProcess", "task": "task", "send": "sendTask",
    "transaction": "transaction", "adhoc": "adHocSubProcess", "complex": "complexGateway",
}  # fmt: skip
FLOW = re.compile(r"^[\w.-]+( > [\w.-]+)+")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def text(lines: str, key: str = "proc", **properties: str) -> str:
    """The BPMN of one process."""
    roots: dict[str, str] = {}
    body = _body(lines, roots, itertools.count())
    return (
        f"{HEAD}{''.join(roots.values())}"
        f'<bpmn:process id="{key}" name="{key}" isExecutable="true">{property_rows(properties)}'
        f"{body}</bpmn:process></bpmn:definitions>"
    )


def _body(lines: str, roots: dict[str, str], numbers: Any) -> str:
    parts: list[str] = []
    rows = [line.strip() for line in lines.strip().splitlines() if line.strip()]
    defaults = {r.split(" > ")[0]: f"f{i}" for i, r in enumerate(rows) if r.endswith(": default")}
    index = 0
    while index < len(rows):
        row = rows[index]
        if row.startswith("!"):
            roots[row] = row[1:]
        elif row.startswith("<"):
            parts.append(row)
        elif FLOW.match(row):
            parts += _flows(row, index, numbers)
        else:
            inner = ""
            if row.endswith("{"):
                depth, start = 1, index + 1
                while depth:
                    index += 1
                    depth += rows[index].endswith("{") - (rows[index] == "}")
                inner = _body("\n".join(rows[start:index]), roots, numbers)
                row = row[:-1].strip()
            parts.append(_element(row, inner, defaults, roots))
        index += 1
    return "".join(parts)


def _flows(row: str, index: int, numbers: Any) -> list[str]:
    chain, _, condition = row.partition(" : ")
    names = chain.split(" > ")
    found = []
    for source, target in itertools.pairwise(names):
        is_default = condition == "default"
        flow_id = f"f{index}" if is_default else f"f{next(numbers)}_{source}_{target}"
        inner = ""
        if condition and not is_default:
            inner = formal("conditionExpression", condition)
        found.append(
            f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">'
            f"{inner}</bpmn:sequenceFlow>"
        )
    return found


def _element(row: str, inner: str, defaults: dict[str, str], roots: dict[str, str]) -> str:
    """ "boundary b on=a timer=PT1H non" and so on; `key=value` values without
    spaces, or quoted.
    """
    found = re.findall(r'([\w.:]+)=("[^"]*"|\S+)|"([^"]*)"|(\S+)', row)
    words = [w for _k, _v, _q, w in found if w]
    options = {k: v.strip('"') for k, v, _q, _w in found if k}
    name = next((q for _k, _v, q, _w in found if q), words[1])
    tag, node_id = KINDS[words[0]], words[1]
    attributes = {"id": node_id, "name": name}
    if node_id in defaults:
        attributes["default"] = defaults[node_id]
    attributes |= _attributes(words, options)
    if words[0] in {"receive", "send"} and "message" in options:
        attributes["messageRef"] = named_root("message", options.pop("message"), roots)
    head = " ".join(f"{k}={quoteattr(v)}" for k, v in attributes.items())
    content = (
        _extensions(options) + _script(options) + events(options, roots) + repetition(options)
    )
    after = ""
    if "handler" in options:
        ends = f'sourceRef="{node_id}" targetRef="{options["handler"]}"'
        after = f'<bpmn:association id="as_{node_id}" {ends}/>'
    for key, tag_name in (("activation", "activationCondition"), ("done", "completionCondition")):
        if key in options:
            inner += formal(tag_name, options[key])
    return f"<bpmn:{tag} {head}>{content}{inner}</bpmn:{tag}>{after}"


def _attributes(words: list[str], options: dict[str, str]) -> dict[str, str]:
    found = {"scriptFormat": "feel"} if words[0] == "script" else {}
    if "on" in options:
        found["attachedToRef"] = options["on"]
        found["cancelActivity"] = "false" if "non" in words else "true"
    if words[0] == "start" and "non" in words:
        found["isInterrupting"] = "false"
    if "parallel" in words:
        found |= (
            {"eventGatewayType": "Parallel"}
            if words[0] == "events"
            else {"parallelMultiple": "true"}
        )
    for word, name in (("byevent", "triggeredByEvent"), ("undo", "isForCompensation"),
                       ("instantiate", "instantiate")):  # fmt: skip
        if word in words:
            found[name] = "true"
    if "keep" in words:
        found["cancelRemainingInstances"] = "false"
    for key, name in (("of", "calledElement"), ("needs", "startQuantity"),
                      ("gives", "completionQuantity"), ("ordering", "ordering")):  # fmt: skip
        if key in options:
            found[name] = options[key]
    if "topic" in options:
        found |= {"camunda:type": "external", "camunda:topic": options["topic"]}
    for camunda in (
        "candidateGroups", "assignee", "formKey", "decisionRef", "resultVariable", "dueDate",
    ):  # fmt: skip
        if camunda in options:
            found[f"camunda:{camunda}"] = options[camunda]
    return found


def _extensions(options: dict[str, str]) -> str:
    own = {"paused": ("clock", "paused"), "apart": ("separate_from", options.get("apart", "")),
           "sender": ("sender", options.get("sender", "")),
           "subject": ("subject", options.get("subject", "")),
           "sees": ("sees", options.get("sees", "")),
           "correlation": ("correlation", options.get("correlation", ""))}  # fmt: skip
    rows = "".join(
        f"<camunda:property name={quoteattr(own[k][0])} value={quoteattr(own[k][1])}/>"
        for k in own
        if k in options
    )
    found = f"<camunda:properties>{rows}</camunda:properties>" if rows else ""
    ways = ""
    for key, value in options.items():
        side, _, name = key.partition(":")
        if side in {"in", "out"} and "source" not in options.get("kind", ""):
            tag = {"in": "inputParameter", "out": "outputParameter"}[side]
            ways += f"<camunda:{tag} name={quoteattr(name)}>{escape(value)}</camunda:{tag}>"
        elif side in {"give", "take"}:
            tag = {"give": "in", "take": "out"}[side]
            found += (
                f"<camunda:{tag} sourceExpression={quoteattr(value)} target={quoteattr(name)}/>"
            )
    if ways:
        found += f"<camunda:inputOutput>{ways}</camunda:inputOutput>"
    return f"<bpmn:extensionElements>{found}</bpmn:extensionElements>" if found else ""


def _script(options: dict[str, str]) -> str:
    if "feel" not in options:
        return ""
    return f"<bpmn:script>{escape(options['feel'])}</bpmn:script>"


class TestWorld(World):
    """Answers operations with what a run was given; an operation that begins with "far." is
    remote.
    """

    __test__ = False

    def __init__(self, run: Run) -> None:
        super().__init__(run.now, run.facts)
        self.run = run

    def _is_remote(self, name: str) -> bool:
        return name.startswith("far.")

    def _answer(self, name: str, arguments: list[Value]) -> Value:
        return self.run.facts[name](*arguments)

    def _operate(self, name: str, parameters: Record, key: str) -> Record:
        self.run.calls.append((name, parameters, key))
        return self.run.results.get(name, {})


class Program:
    """What the moves need of a program, made of drawings alone."""

    def __init__(self, *drawings: Drawing) -> None:
        self.process = drawings[0].processes[0]
        processes = [p for d in drawings for p in d.callable]
        self.specs = spiff.build(processes)
        self.nodes = {n.id: n for p in processes for n in p.nodes()}
        self.converses = any(e.conversation for n in self.nodes.values() for e in n.events)

    def decide(
        self, name: str, view: Record, world: World, element: str
    ) -> tuple[Value, list[list[str]]]:
        """Every decision answers what was picked; its first rule fired."""
        return view.get("pick"), [[name, "r1"]]


class Run:
    """A case in memory. `saved=False` keeps it alive between steps, to compare; `most` is how
    many elements a step may pass.
    """

    def __init__(self, *sources: str, saved: bool = True, most: int = spiff.MOST_ELEMENTS) -> None:
        sources = tuple(s if s.startswith("<") else text(s) for s in sources)
        self.program = Program(*(bpmn_reader.read(s) for s in sources))
        self.saved = saved
        self.most = most
        self.now = NOW
        self.facts: dict[str, Any] = {}
        self.results: dict[str, Record] = {}
        self.calls: list[tuple[str, Record, str]] = []
        self.path: list[str] = []
        self.inputs: list[tuple[datetime, Record, list[Any]]] = []
        self.case = spiff.new(self.program, self.program.process.id, "X-1")
        self.rest: Rest | None = None

    def start(self, **data: Value) -> Run:
        self.give(
            {"kind": "case_started", "base": {"initiator": "an", "unit": "vp"}, "data": data}
        )
        return self

    def give(self, given: Record) -> Rest:
        """One input; the case is saved and loaded before, and its bytes must not
        change by that.
        """
        if self.rest is not None and self.saved:
            values.check(spiff.contents(self.case), "state")  # It is written unchecked.
            state = spiff.dump(self.case)
            self.case = spiff.load(self.program, self.program.process.id, "X-1", state)
            assert spiff.dump(self.case) == state
        self.case.most = self.most
        world = TestWorld(self)
        self.rest = apply(self.case, given, world)
        self.path += self.rest.path
        self.inputs.append((self.now, given, world.facts))
        return self.rest

    def waiting(self, kind: str = "task") -> list[Waiting]:
        return [w for k, w in sorted(rest_of(self.case).waiting.items()) if k[1] == kind]

    def at(self) -> list[str]:
        """Ids of the open tasks."""
        return sorted(w.element for w in self.waiting())

    def one(self, element: str, kind: str = "task") -> int:
        return next(w.token for w in self.waiting(kind) if w.element == element)

    def do(self, element: str, **data: Value) -> Run:
        """The oldest open task of that element is done."""
        token = self.one(element)
        self.give({"kind": "task_completed", "token": token, "data": data, "by": "an"})
        return self

    def message(self, element: str, **data: Value) -> Run:
        token = self.one(element, "message")
        self.give({"kind": "message_received", "token": token, "data": data})
        return self

    def timer(self, element: str) -> Run:
        waiting = next(w for w in self.waiting("timer") if w.element == element)
        assert waiting.due is not None
        self.now = max(self.now, waiting.due)
        self.give({"kind": "timer_fired", "token": waiting.token})
        return self

    def returned(self, element: str, **result: Value) -> Run:
        token = self.one(element, "call")
        self.give({"kind": "call_returned", "token": token, "result": result})
        return self

    def rejected(self, element: str, code: str) -> Run:
        token = self.one(element, "call")
        self.give({"kind": "call_rejected", "token": token, "code": code, "message": code})
        return self

    @property
    def data(self) -> Record:
        return self.case.frame.content

    @property
    def done(self) -> list[str]:
        """Ids of the elements that were left, in order."""
        return [step[1:] for step in self.path if step.startswith("-")]

    @property
    def status(self) -> str:
        assert self.rest is not None
        return self.rest.status

    @property
    def outcome(self) -> str | None:
        assert self.rest is not None
        return self.rest.outcome
