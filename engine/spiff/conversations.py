"""The conversations of a case: which values the keys of its messages have (BPMN 2.0.2, 8.4.2).

Each instance of a repeated activity, and the case itself, is in one conversation at a time; what
waits in an instance that is in none waits for that around it. A message under other values than
those of the conversation that its sender or receiver is in begins another in its place.
"""

from __future__ import annotations

from typing import Any

from engine import conversations
from engine.bpmn import EventDefinition
from engine.conversations import ANY
from engine.correlation import Key
from engine.spiff.tokens import Token
from engine.values import Record
from engine.world import ALL_KEYS, WAIT_STAYS


def begin(case: Any) -> None:
    """The case, which has just begun, takes part in conversations, if its drawing has any. One
    that began before there were any never does: it goes on as it began.
    """
    if case.world.by_conversation and case.program.converses:
        case.world.note_by_conversation()
        case.converses = True


def begun_by(case: Any, element: str | None, trigger: Any, data: Record) -> None:
    """The message that began the case is the first of its conversation."""
    node = case.spec.scope.nodes.get(element)
    if not case.converses or node is None:
        return
    for event in node.events:
        named = not isinstance(trigger, dict) or event.name == trigger.get("name")
        if event.kind == "message" and named:
            values = conversations.values_of(event.conversation, data, case.world, node.id)
            _take_part(case, values)


def sent(token: Token, event: EventDefinition, view: Record) -> None:
    """The token sends a message with those data."""
    top = token.workflow.top_workflow
    if top.converses and event.conversation:
        label = token.task_spec.label
        values = conversations.values_of(event.conversation, view, top.world, label)
        _take_part(token.workflow, values)


def received(token: Token, data: Record, wait: Record) -> None:
    """The token gets a message with those data."""
    ways: Any = wait.get("keys")
    if ways:
        top, label = token.workflow.top_workflow, token.task_spec.label
        values = conversations.values_of(ways, data, top.world, label)
        _take_part(token.workflow, values)


def awaited(token: Token, event: EventDefinition) -> Record:
    """What is written down of the conversation in which a message is awaited."""
    if not event.conversation or not token.workflow.top_workflow.converses:
        return {}
    ways: Any = [[name, list(paths)] for name, paths in event.conversation]
    return {"keys": ways, **_awaited(token.workflow, ways)}


def notice(token: Token) -> None:
    """The token is told when the conversations change in which it waits."""
    if any("keys" in wait for wait in token.internal_data["waits"]):
        for place in _around(token.workflow):
            place.conversing[token.id] = token


def _around(workflow: Any) -> list[Any]:
    """The instances of repeated activities around, from the innermost, and the case."""
    top, found = workflow.top_workflow, []
    while workflow is not top:
        host = workflow.host
        if "of" in host.internal_data:
            found.append(workflow)
        workflow = host.workflow
    return [*found, top]


def _awaited(workflow: Any, ways: Any) -> Record:
    """The first key of the message that is populated, and all of them where several are."""
    for place in _around(workflow):
        found = {n: place.conversation[n] for n, _paths in ways if n in place.conversation}
        if found:
            first: Record = {"correlation": next(iter(found.values()))}
            if len(found) == 1 or not workflow.top_workflow.world.follows(ALL_KEYS):
                return first
            return {**first, "populated": found}
    return {"correlation": ANY}


def _take_part(workflow: Any, values: dict[str, Key]) -> None:
    if not values:
        return
    around = _around(workflow)
    texts = {name: key.text for name, key in values.items()}
    for place in around:
        if _is_same(place, texts):
            place.conversation = {**texts, **place.conversation}
            break
    else:
        place = around[0]
        if place.conversation.keys() & texts.keys():
            place.conversation = {}
        place.conversation = {**place.conversation, **texts}
    _tell(place)


def _is_same(place: Any, texts: dict[str, str]) -> bool:
    """Whether a message with those keys belongs to the conversation of the place: it has one of
    its values, and no other for a key that is populated there (before 2026-11-23: one is enough).
    """
    both = place.conversation.keys() & texts.keys()
    same = {name for name in both if place.conversation[name] == texts[name]}
    if not same or same == both:
        return bool(same)
    return not place.top_workflow.world.follows(ALL_KEYS)


def _tell(place: Any) -> None:
    """Those who wait in the conversation wait under its keys.

    Who waits in the one before it stays there; what listens for its scope goes with the scope's.
    """
    top = place.top_workflow
    top.look(len(place.conversing), "")
    for number, token in list(place.conversing.items()):
        waits = token.internal_data.get("waits", ()) if token.is_live else ()
        if not any("keys" in wait for wait in waits):
            del place.conversing[number]
            continue
        now = [_again(token, wait) for wait in waits]
        if now != waits:
            token.internal_data["waits"] = now
            top.hearing.add(token)
            top.stirred.add(number)


def _again(token: Token, wait: Record) -> Record:
    if "keys" not in wait:
        return wait
    kept = {name: part for name, part in wait.items() if name != "populated"}
    now = {**kept, **_awaited(token.workflow, wait["keys"])}
    is_scopes = "event_subprocess" in token.internal_data
    if is_scopes or _under(wait) == {ANY} or _under(wait) & _under(now):
        return now
    return wait if token.workflow.top_workflow.world.follows(WAIT_STAYS) else now


def _under(wait: Record) -> set[Any]:
    """The keys under which somebody waits."""
    populated: Any = wait.get("populated", {})
    return {wait["correlation"], *populated.values()}
