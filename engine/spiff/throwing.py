"""Throwing: who catches, what an end event ends (BPMN 2.0 §10.5.6, §13.5)."""

from __future__ import annotations

from typing import Any

from engine import conversations, correlation, expressions
from engine.bpmn import EventDefinition
from engine.errors import Sentence, StepFailed
from engine.spiff import conversations as talking
from engine.spiff.data import read_in
from engine.spiff.specs import withdraw_all
from engine.spiff.thrown import Post, Signal
from engine.spiff.tokens import Token
from engine.spiff.waits import evaluated_name, happen, key_of
from engine.values import Record
from engine.world import OUTCOME_STAYS, PASSED_ON


def payload_of(token: Token) -> Record:
    """What a thrown message or signal carries: the element's input parameters, and what its data
    input associations give.
    """
    world, view = token.workflow.top_workflow.world, token.frame.view()
    node, label = token.task_spec.node, token.task_spec.label
    given = {
        name: expressions.text_or_value(source, view, world, label) for name, source in node.inputs
    }
    return {**read_in(token, node), **given}


def send_signal(token: Token, event: EventDefinition) -> None:
    """A signal goes to every token of the case that waits for it, then to the other cases."""
    top = token.workflow.top_workflow
    name = evaluated_name(token, event.name) or token.task_spec.label
    top.throws += 1
    token.after |= 1 << top.throws
    top.signals.append(Signal(name, payload_of(token), top.throws, token.after))


def send_message(token: Token, event: EventDefinition) -> None:
    """A message goes to one receiver: a token of the case that waits for it, else another case.

    Its key is the element's own `correlation`, else made of its data as the file's correlation
    properties say. Nothing is sent to a pool of which nothing is drawn.
    """
    node, top = token.task_spec.node, token.workflow.top_workflow
    if node.outward:
        return
    data = payload_of(token)
    key = key_of(token, node.properties.get("correlation"), None, correlation.SENT)
    view, label = {**token.frame.view(), **data}, token.task_spec.label
    if key is None and event.retrieval:
        if top.converses:
            key = conversations.key_of(event, view, top.world, label)
        else:
            key = correlation.in_order(event, event.retrieval, view, top.world, label)
    talking.sent(token, event, view)
    name = evaluated_name(token, event.name) or token.task_spec.label
    top.messages.append(Post(name, key, data, token.after))


def throw(token: Token, kind: str, code: str | None, payload: Record | None = None) -> bool:
    """Looks outwards for who catches an error or escalation; True when somebody does."""
    top = token.workflow.top_workflow
    place: Any = token
    while place is not None:
        for other in _catchers(place, kind, code):
            wait = next(w for w in other.internal_data["waits"] if w["kind"] == kind)
            given = dict(payload or {})
            if wait.get("variable"):
                given[wait["variable"]] = given.pop("error_code", code)
            if wait.get("words"):
                given[wait["words"]] = given.pop("error_message", None)
            happen(other, given, wait, after=token.after)
            return True
        inside = place.workflow
        place = inside.host if inside is not top else None
    return False


def _catchers(place: Token, kind: str, code: str | None) -> list[Token]:
    """Boundary events of the activity and event sub-processes of its scope; the exact code goes
    first. What an event sub-process throws leaves the scope that it handles (§10.5.7), so it does
    not begin itself again.
    """
    # An instance of a repeated activity has its boundary events at the container.
    workflow, hosts = place.workflow, {place.id, place.internal_data.get("of", place.id)}
    beside_it = [t for number in hosts for t in workflow.beside.get(number, {}).values()]
    found = []
    world = workflow.top_workflow.world
    for other in (*beside_it, *workflow.listeners.values()):
        beside = "host" in other.internal_data
        for wait in other.internal_data.get("waits", ()):
            if wait["kind"] != kind or wait.get("code") not in (None, code):
                continue
            if not beside and other.task_spec is place.task_spec and world.follows(PASSED_ON):
                continue
            found.append(((not beside, wait.get("code") is None, other.id), other))
    return [other for _, other in sorted(found, key=lambda pair: pair[0])]


def throw_all(token: Token, events: tuple[EventDefinition, ...]) -> None:
    """Throws events in their order: signals, messages, escalations, and errors.

    An error that nobody catches ends the case (§10.5.6): everything in it is withdrawn, and the
    end event is its outcome. An escalation that nobody catches changes nothing.
    """
    top = token.workflow.top_workflow
    for event in events:
        if not token.is_live:
            return
        if event.kind == "signal":
            send_signal(token, event)
        elif event.kind == "message":
            send_message(token, event)
        elif event.kind == "escalation":
            throw(token, "escalation", event.code)
        elif event.kind == "error" and not throw(token, "error", event.code):
            top.error = {"element": token.task_spec.node.id, "code": event.code}


def end(token: Token) -> None:
    """A token has reached an end event; a terminate event also ends every other token of its
    scope, an error that nobody caught every token of the case.
    """
    workflow, spec = token.workflow, token.task_spec
    top = workflow.top_workflow
    around, beside = workflow, False
    while around is not top and around.host.task_spec.node.by_event:
        begins = around.host.task_spec.inside.starts()
        beside = beside or not any(start.interrupting for start in begins)
        around = around.host.workflow
    failed = top.error is not None and top.error["element"] == spec.node.id
    if failed or (around is top and not (beside and _has_ended(top, spec.node.id))):
        top.outcome = spec.node.id
    if failed:
        withdraw_all(top)
    elif any(e.kind == "terminate" for e in spec.node.events):
        withdraw_all(workflow)


def _has_ended(top: Any, element: str) -> bool:
    """Whether the case has come to an end event by then: what runs beside it and ends later does
    not say with what it ended.
    """
    differs = top.outcome not in (None, element)
    return differs and bool(top.world.follows(OUTCOME_STAYS))


def unhandled(token: Token, code: str) -> StepFailed:
    """The refusal for an error that no element of the drawing catches."""
    reason = Sentence('the error "{code}" is caught by no boundary event.', {"code": code})
    return StepFailed(element=token.task_spec.label, reason=reason)
