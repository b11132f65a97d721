"""Waiting for events: what a token writes down of it, several events at once, conditions.

A token waits for one event. Where an element names several (§10.5.2), a token waits for each of
them: of a race the first goes on and the others vanish, of a group the last.
"""

from __future__ import annotations

from typing import Any

from engine import correlation, expressions, values
from engine.bpmn import EventDefinition, Node
from engine.errors import StepFailed
from engine.spiff import conversations
from engine.spiff.data import write_out
from engine.spiff.performers import candidates
from engine.spiff.specs import vanish
from engine.spiff.tokens import WAITING, Token
from engine.values import Record

_LACKING = {
    "timer": "its timer has no time: give it a date, a duration or a cycle in the drawing.",
    "conditional": "its condition is empty: write one in the drawing.",
}
CODED = frozenset({"error", "escalation"})

LOOKS_OF_CONDITION = 50
"""What it counts to look at a condition, in tokens looked at: about as long as it takes."""


def wait_for(token: Token, event: EventDefinition, node: Node | None = None) -> None:
    """The token waits; what it waits for is written into it, so that rows can be made of it.

    node: the element whose properties say more of it, if not the token's own.
    """
    top, label = token.workflow.top_workflow, token.task_spec.label
    wait: Record = {"kind": event.kind}
    lacking = _LACKING.get(event.kind)
    if lacking is not None and not (event.text or "").strip():
        raise StepFailed(element=label, reason=lacking)
    if event.kind == "timer":
        view = token.frame.view()
        wait |= expressions.timer(event.timer or "", event.text or "", view, top.world, label)
    elif event.kind in {"message", "signal"}:
        wait |= _subscription(token, event, node or token.task_spec.node)
    elif event.kind in CODED:
        wait["code"] = event.code
        wait |= {
            k: v
            for k, v in (("variable", event.variable), ("words", event.message_variable))
            if v is not None
        }
    elif event.kind == "conditional":
        wait |= {"text": event.text or "", "was": False}
    token.internal_data["waits"] = [wait]
    notice_waits(token)
    token._set_state(WAITING)


def notice_waits(token: Token) -> None:
    """The token is found by what it waits for, without looking for it."""
    top = token.workflow.top_workflow
    top.hearing.add(token)
    conversations.notice(token)
    if any(wait["kind"] == "conditional" for wait in token.internal_data["waits"]):
        top.watching.add(token)


def _subscription(token: Token, event: EventDefinition, node: Node) -> Record:
    own = {**token.task_spec.node.properties, **node.properties}
    name = evaluated_name(token, event.name)
    wait: Record = {"name": name or token.task_spec.label}
    key = key_of(token, own.get("correlation"), event, correlation.AWAITED)
    if key is not None and event.kind == "message":
        wait["correlation"] = key.text
    elif event.kind == "message":
        wait |= conversations.awaited(token, event)
    if own.get("sender"):
        wait["senders"] = list(candidates(token, own["sender"]))
    return wait


def evaluated_name(token: Token, name: str | None) -> str | None:
    """A message's or signal's name: itself, or FEEL after "="."""
    if not name or not name.startswith("="):
        return name
    view, world = token.frame.view(), token.workflow.top_workflow.world
    found = expressions.value(name, view, world, token.task_spec.label)
    if found is None:
        raise expressions.failed(
            token.task_spec.label, 'The name "{text}" gives nothing.', text=name
        )
    return str(found)


def key_of(
    token: Token, own: str | None, event: EventDefinition | None, side: str
) -> correlation.Key | None:
    """The key under which a message is awaited or sent, as `side` says: the element's own
    expression, else what the process subscribes to (§8.4.2).
    """
    view, world = token.frame.view(), token.workflow.top_workflow.world
    label = token.task_spec.label
    if own:
        return correlation.evaluated([own], view, world, label, side=side)
    if event is None or not event.bindings:
        return None
    return correlation.in_order(event, event.bindings, view, world, label, side=side)


def wait_for_all(token: Token, events: tuple[EventDefinition, ...], *, parallel: bool) -> None:
    """The token waits for the first event, and others beside it for each of the rest."""
    wait_for(token, events[0])
    if len(events) == 1:
        return
    group = "all" if parallel else "race"
    token.internal_data.setdefault(group, token.id)
    token.workflow.group(token)
    marks = {k: v for k, v in token.internal_data.items() if k != "waits"}
    for event in events[1:]:
        other = Token(token.workflow, token.task_spec, token.workflow.task_tree)
        other.internal_data.update(values.copy(marks))
        token.workflow.group(other)
        wait_for(other, event)


def others_missing(token: Token) -> bool:
    """Whether the token's group still waits for another event."""
    group = token.internal_data.get("all")
    others = token.workflow.groups.get(("all", group), {})
    return group is not None and len(others) > (token.id in others)


def end_race(token: Token) -> None:
    """The token's event has happened first: the others of its race are gone."""
    race = token.internal_data.get("race")
    if race is None:
        return
    for other in token.workflow.grouped("race", race):
        if other is not token:
            if other.task_spec is token.task_spec:
                vanish(other)
            else:
                other.cancel()


def leave_group(token: Token) -> None:
    """The token's event has happened, and others of its group are still awaited."""
    for other in token.workflow.grouped("all", token.internal_data["all"]):
        other.later |= token.after
    vanish(token)


def happen(token: Token, payload: Record, wait: Record, *, after: int) -> None:
    """What the token waits for has happened in the case itself: what follows comes after what was
    thrown on the way to it, and what listens once more in the token's place listens as before.
    """
    token.later |= after
    conversations.received(token, payload, wait)
    with token.in_turn():
        token.task_spec.catch(token, payload, wait)


def receive(token: Token, payload: Record, node: Node | None = None) -> None:
    """Puts an event's data into the case: along its data output associations, into its result
    variable, or as it is.

    Camunda knows no result of an event, so that its editors warn of such an attribute; drawings
    name the variable by the property result_variable.
    """
    token.after |= token.later
    node = node or token.task_spec.node
    name = node.properties.get("result_variable") or node.camunda.get("resultVariable")
    if node.data_out:
        write_out(token, node, {**token.frame.view(), **payload}, payload)
    elif name:
        token.frame.put(name, values.copy(payload))
    elif payload:
        token.frame.write(values.copy(payload))


def watched(case: Any) -> bool:
    """Lets the first condition happen that has become true; whether one has (§10.5.5).

    It must have been false before it happens again.
    """
    views: dict[int, Record] = {}
    while (token := case.watching.next(case.world)) is not None:
        if not token.has_state(WAITING):
            continue
        label, frame = token.task_spec.label, token.frame
        for wait in token.internal_data["waits"]:
            if wait["kind"] != "conditional":
                continue
            case.look(LOOKS_OF_CONDITION, label)
            if frame.number not in views:
                views[frame.number] = frame.view()
            view = views[frame.number]
            now = expressions.evaluate(wait["text"], view, case.world, label) is True
            before, wait["was"] = wait["was"], now
            if now and not before:
                case.watching.forget(token)
                # The turn before it has made it true.
                happen(token, {}, wait, after=case.turn.after if case.turn else 0)
                return True
    return False
