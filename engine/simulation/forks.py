"""Conditions, loops and waits of a drawing whose expressions are passed or belong to another
language.
"""

from __future__ import annotations

import re
from typing import Any

from engine.bpmn import ACTIVITIES
from engine.errors import Sentence, StepFailed
from engine.simulation.choosing import NODES
from engine.simulation.data import as_feel, forget_people, inner, quoted
from engine.simulation.dialects import bpmn, camunda, local
from engine.spelling import is_number

CHOICE = "simulated_choice"
ITEMS = "simulated_items"
ANSWER = "simulated_answer"
CLOSING = "simulated_closing"
_AT_ONCE = frozenset({"intermediateCatchEvent"})
_FORKS = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})


class Ways:
    """The sequence flows of a process by the element that they leave."""

    def __init__(self, process: Any) -> None:
        self.root = process.getroottree().getroot()
        self.outgoing: dict[str, list[Any]] = {}
        self.racing: set[str] = set()
        self.reached = {f.get("targetRef") for f in self.root.iter(bpmn("messageFlow"))}
        gateways = {g.get("id") for g in process.iter(bpmn("eventBasedGateway"))}
        for flow in process.iter(bpmn("sequenceFlow")):
            self.outgoing.setdefault(flow.get("sourceRef"), []).append(flow)
            if flow.get("sourceRef") in gateways:
                self.racing.add(flow.get("targetRef"))


def check_flows(process: Any) -> None:
    """Raises StepFailed for a sequence flow that leads from or to nothing in its own scope."""
    inside: dict[Any, set[str]] = {}
    for flow in process.iter(bpmn("sequenceFlow")):
        scope = flow.getparent()
        if scope not in inside:
            inside[scope] = {e.get("id") for e in scope if local(e) in NODES}
        for end in ("sourceRef", "targetRef"):
            if flow.get(end) not in inside[scope]:
                words = {"id": flow.get(end)}
                reason = Sentence('there is no element "{id}" beside it.', words)
                raise StepFailed(element=flow.get("id"), reason=reason)


def put_choices(element: Any, ways: Ways) -> None:
    """Every flow out of the element asks the simulation whether it is taken, in place of its own
    condition and the default, which it is told of.
    """
    kind, name = local(element), element.get("id")
    flows = ways.outgoing.get(name, [])
    if kind in {"parallelGateway", "eventBasedGateway"}:
        return
    conditional = [f for f in flows if f.find(bpmn("conditionExpression")) is not None]
    if not conditional and (kind not in _FORKS or len(flows) < 2):
        return
    # A complex gateway asks once more when it is reset; what is passed was passed at its start.
    late = "if waitingForStart = false then false else " if kind == "complexGateway" else ""
    default = element.attrib.pop("default", None) if conditional else None
    element.attrib.pop("default", None)
    for flow in flows:
        for condition in flow.findall(bpmn("conditionExpression")):
            flow.remove(condition)
        condition = flow.makeelement(bpmn("conditionExpression"))
        told = f'"{quoted(name)}", "{quoted(flow.get("id"))}"'
        condition.text = f"={late}{CHOICE}({told}, {str(flow.get('id') == default).lower()})"
        flow.append(condition)


def put_answer(element: Any) -> None:
    """What the simulation answers is what the task puts into the case, in the turn in which it is
    reached: under its result variable or id, where it is one value.
    """
    name = element.get("id")
    variable = element.attrib.pop(camunda("resultVariable"), None) or name
    element.tag = bpmn("scriptTask")
    script = element.makeelement(bpmn("script"))
    script.text = f'={ANSWER}("{quoted(name)}", "{quoted(variable)}")'
    element.append(script)


def fit_loop(element: Any) -> None:
    """A loop whose expressions are passed: a plain number of instances stays, and a condition that
    can be worked out; a collection that is no list of the case's counts as one item.
    """
    many = element.find(bpmn("multiInstanceLoopCharacteristics"))
    standard = element.find(bpmn("standardLoopCharacteristics"))
    if standard is not None:
        _fit_standard(standard)
    if many is None:
        return
    for condition in many.findall(bpmn("completionCondition")):
        known = as_feel("".join(condition.itertext()))
        if known is None:
            many.remove(condition)
        else:
            condition.text = known
    for condition in many.iterfind(f"{bpmn('complexBehaviorDefinition')}/{bpmn('condition')}"):
        condition.text = as_feel("".join(condition.itertext())) or "true"
    for row in many.iter(camunda("property")):
        if row.get("name") == "output_item":
            row.set("value", as_feel(row.get("value", "")) or "null")
    cardinality = many.find(bpmn("loopCardinality"))
    text = "".join(cardinality.itertext()) if cardinality is not None else ""
    number = inner(text).strip()
    # A number too large to be carried out is refused by the engine, not taken for an expression.
    if cardinality is not None and (is_number(number) or number.isdecimal()):
        cardinality.text = number
        return
    if cardinality is not None:
        many.remove(cardinality)
    data = many.find(bpmn("loopDataInputRef"))
    source = many.get(camunda("collection")) or (data.text if data is not None else "") or text
    items = as_feel(source) or "null"
    if source == text:
        many_of = f"if ({items}) < 1 then [] else for i in 1..({items}) return i"
        items = f"if ({items}) instance of number then {many_of} else {items}"
    many.set(camunda("collection"), f'={ITEMS}("{quoted(element.get("id"))}", {items})')


def _fit_standard(loop: Any) -> None:
    """Repeats while its condition is true; where nothing says whether it is, up to the loop's
    maximum, or once.
    """
    condition = loop.find(bpmn("loopCondition"))
    feel_text = as_feel("".join(condition.itertext())) if condition is not None else None
    unknown = "true" if loop.get("loopMaximum") is not None else "loopCounter < 1"
    if condition is None:
        condition = loop.makeelement(bpmn("loopCondition"))
        loop.append(condition)
    known = f"({feel_text})"
    condition.text = (
        f"if {known} instance of boolean then {known} else {unknown}" if feel_text else unknown
    )


def fit_waits(element: Any, ways: Ways, *, flow_only: bool) -> None:
    """A receive task without a message waits for what its message flow brings, else for one of its
    own name. With `flow_only` a timer
    that says no time that can be read is due a second later, and a condition in the flow holds.
    """
    named = element.get("messageRef") or element.find(bpmn("messageEventDefinition")) is not None
    named = named or element.get("id") in ways.reached
    if local(element) == "receiveTask" and not named:
        _put_message(ways.root, element)
    if not flow_only:
        return
    for timer in element.findall(bpmn("timerEventDefinition")):
        texts = [t for t in timer if local(t).startswith("time")]
        if not texts or not _is_time("".join(texts[0].itertext()).strip(), local(texts[0])):
            for text in texts:
                timer.remove(text)
            later = timer.makeelement(bpmn("timeDuration"))
            later.text = "PT1S"
            timer.append(later)
    at_once = local(element) in _AT_ONCE and element.get("id") not in ways.racing
    for event in element.findall(bpmn("conditionalEventDefinition")):
        if at_once:
            element.remove(event)
        else:
            _fit_condition(event.find(bpmn("condition")))


def fit_ad_hoc(element: Any) -> None:
    """An ad-hoc sub-process ends by its condition where that can be worked out, and at the latest
    when each activity was done once; what runs by itself begins so.
    """
    forget_people(element, all_of_them=True)
    once = sum(1 for e in element if local(e) in ACTIVITIES and not _apart(e))
    for condition in element.findall(bpmn("completionCondition")):
        known = as_feel("".join(condition.itertext()))
        if known is None:
            element.remove(condition)
        else:
            condition.text = f'={CLOSING}("{quoted(element.get("id"))}", {once}, {known})'


def _apart(activity: Any) -> bool:
    """Whether no choice of an ad-hoc sub-process begins it."""
    return any(activity.get(name) == "true" for name in ("isForCompensation", "triggeredByEvent"))


def fit_activation(element: Any) -> None:
    """A complex gateway whose condition cannot be worked out goes on with the first token."""
    for condition in element.findall(bpmn("activationCondition")):
        known = as_feel("".join(condition.itertext()))
        if known is None:
            element.remove(condition)
        else:
            condition.text = f"if ({known}) instance of boolean then ({known}) else true"


def _fit_condition(condition: Any | None) -> None:
    """A condition that cannot be read holds only when it is sent by its event's id."""
    if condition is not None:
        condition.text = as_feel("".join(condition.itertext())) or "false"


def _put_message(root: Any, element: Any) -> None:
    name = f"message_of_{element.get('id')}"
    label = element.get("name") or element.get("id")
    root.insert(0, root.makeelement(bpmn("message"), {"id": name, "name": label}))
    element.set("messageRef", name)


_SPAN = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?.*)?\Z")


def _is_time(text: str, kind: str) -> bool:
    if kind == "timeCycle":
        parts = text.split("/")
        return len(parts) > 1 and parts[0][:1] == "R" and any(_SPAN.match(p) for p in parts)
    return bool(_SPAN.match(text) or _DAY.match(text))
