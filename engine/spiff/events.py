"""Events: waiting for them, catching them, throwing them, and what they interrupt (BPMN 2.0 §10.5,
§13.5).
"""

from __future__ import annotations

from typing import Any

from engine import expressions, values
from engine.bpmn import EventDefinition, Scope
from engine.errors import StepFailed
from engine.spiff.specs import NodeSpec, arrive, start_scope
from engine.spiff.tokens import COMPLETED, STARTED, WAITING, Token
from engine.values import Record


def wait_for(token: Token, events: tuple[EventDefinition, ...]) -> None:
    """The token waits; what it waits for is written into it, so that rows can be made of it."""
    top = token.workflow.top_workflow
    spec = token.task_spec
    waits: list[Record] = []
    for event in events:
        wait: Record = {"kind": event.kind}
        if event.kind == "timer":
            view = token.frame.view()
            wait |= expressions.timer(
                event.timer or "", event.text or "", view, top.world, spec.label
            )
        elif event.kind in {"message", "signal"}:
            wait |= _subscription(token, event)
        elif event.kind in {"error", "escalation"}:
            wait["code"] = event.code
        waits.append(wait)
    token.internal_data["waits"] = waits
    token._set_state(WAITING)


def _subscription(token: Token, event: EventDefinition) -> Record:
    spec, world = token.task_spec, token.workflow.top_workflow.world
    own, view = spec.node.properties, token.frame.view()
    correlation = own.get("correlation")
    key = expressions.value(correlation, view, world, spec.label) if correlation else None
    wait: Record = {"name": event.name or spec.label}
    if correlation:
        wait["correlation"] = str(key)
    if own.get("sender"):
        from engine.spiff.people import candidates  # people need events for their boundaries

        wait["senders"] = list(candidates(token, own["sender"]))
    return wait


class CatchSpec(NodeSpec):
    """A start, intermediate or receive element that waits for its event."""

    def enter(self, token: Token) -> bool:
        if not self.node.events or "started" in token.internal_data:
            return True
        if self.node.event and self.node.event.kind == "link":
            return True
        wait_for(token, self.node.events)
        return False

    def catch(self, token: Token, payload: Record, wait: Record) -> None:
        """What was waited for has happened: others of an event gateway are withdrawn, the token
        goes on.
        """
        race = token.internal_data.get("race")
        for other in list(token.workflow.live.values()):
            if race is not None and other is not token and other.internal_data.get("race") == race:
                other.cancel()
        receive(token, payload)
        token.internal_data.pop("waits", None)
        token._ready()


def receive(token: Token, payload: Record) -> None:
    """Puts a message's data into the case: into the result variable if one is named."""
    name = token.task_spec.node.camunda.get("resultVariable")
    if name:
        token.frame.content[name] = values.copy(payload)
    elif payload:
        token.frame.write(values.copy(payload))


class BoundarySpec(NodeSpec):
    """Waits beside its activity; interrupting, it ends the activity in the same step."""

    def enter(self, token: Token) -> bool:
        wait_for(token, self.node.events)
        return False

    def catch(self, token: Token, payload: Record, wait: Record) -> None:
        host = token.workflow.top_workflow.index[token.internal_data["host"]]
        if self.node.interrupting:
            token.internal_data.pop("host")
            host.cancel()
        else:
            following = expressions.next_cycle(wait, self.label)
            if wait["kind"] != "timer":
                arm(host, self)
            elif following:
                arm(host, self).internal_data["waits"] = [following]
        receive(token, payload)
        token.internal_data.pop("waits", None)
        token.workflow.top_workflow.path.append(f"+{self.node.id}")
        token._ready()


def arm(host: Token, spec: BoundarySpec) -> Token:
    """Puts a boundary event's token beside its activity; it is no step of the path until it
    fires.
    """
    token = Token(host.workflow, spec, host.workflow.task_tree)
    token.internal_data["host"] = host.id
    if "frame" in host.internal_data:
        token.internal_data["frame"] = host.internal_data["frame"]
    spec._update(token)
    return token


def disarm(host: Token) -> None:
    """Withdraws the boundary events of an activity that has ended."""
    for other in list(host.workflow.live.values()):
        if other.internal_data.get("host") == host.id:
            other._set_state(COMPLETED)


class ThrowSpec(NodeSpec):
    """An intermediate throw or an end event: throws, then goes on or ends."""

    def act(self, token: Token) -> bool:
        top = token.workflow.top_workflow
        for event in self.node.events:
            if event.kind == "signal":
                top.signals.append((event.name or self.label, payload_of(token)))
            elif event.kind == "error":
                throw(token, "error", event.code)
            elif event.kind == "escalation":
                throw(token, "escalation", event.code)
        return token.is_live

    def leave(self, token: Token) -> None:
        if self.node.kind == "endEvent":
            end(token)
        elif self.node.event and self.node.event.kind == "link":
            target = next(
                n.id
                for n in self.scope.nodes.values()
                if n.kind == "intermediateCatchEvent"
                and n.event
                and n.event.kind == "link"
                and n.event.name == self.node.event.name
            )
            arrive(token.workflow, target)
        else:
            super().leave(token)


def payload_of(token: Token) -> Record:
    """What a thrown message or signal carries: the element's input parameters."""
    world, view = token.workflow.top_workflow.world, token.frame.view()
    label = token.task_spec.label
    return {
        name: expressions.text_or_value(source, view, world, label)
        for name, source in token.task_spec.node.inputs
    }


def end(token: Token) -> None:
    """A token has reached an end event; a terminate event also ends every other token of its
    scope.
    """
    workflow, spec = token.workflow, token.task_spec
    top = workflow.top_workflow
    around = workflow
    while around is not top and isinstance(around.host.task_spec, EventSubprocessSpec):
        around = around.host.workflow
    if around is top:
        top.outcome = spec.node.id
    if any(e.kind == "terminate" for e in spec.node.events):
        for other in list(workflow.live.values()):
            other.cancel()


def throw(token: Token, kind: str, code: str | None, payload: Record | None = None) -> bool:
    """Looks outwards for who catches an error or escalation; True when somebody does.

    An error that nobody catches ends the token's scope as a plain end would; an escalation then
    goes on.
    """
    top = token.workflow.top_workflow
    place: Any = token
    while place is not None:
        for other in _catchers(place, kind, code):
            wait = next(w for w in other.internal_data["waits"] if w["kind"] == kind)
            other.task_spec.catch(other, payload or {}, wait)
            return True
        inside = place.workflow
        place = inside.host if inside is not top else None
    return False


def _catchers(place: Token, kind: str, code: str | None) -> list[Token]:
    """Boundary events of the activity and event sub-processes of its scope; the exact code goes
    first.
    """
    # An instance of a repeated activity has its boundary events at the container.
    hosts = (place.id, place.internal_data.get("of"))
    found = []
    for other in place.workflow.live.values():
        beside = other.internal_data.get("host") in hosts
        if not beside and not other.internal_data.get("event_subprocess"):
            continue
        for wait in other.internal_data.get("waits", ()):
            if wait["kind"] == kind and wait.get("code") in (None, code):
                found.append(((not beside, wait.get("code") is None, other.id), other))
    return [other for _, other in sorted(found, key=lambda pair: pair[0])]


class EventSubprocessSpec(NodeSpec):
    """A sub-process that its own start event begins, while the scope around it lives (§10.3.5)."""

    spec_key: str
    inside: Scope

    @property
    def start(self) -> Any:
        return self.inside.starts()[0]

    def arm(self, workflow: Any) -> Token:
        token = Token(workflow, self, workflow.task_tree)
        token.internal_data["event_subprocess"] = True
        wait_for(token, self.start.events)
        return token

    def catch(self, token: Token, payload: Record, wait: Record) -> None:
        workflow, top = token.workflow, token.workflow.top_workflow
        if self.start.interrupting:
            for other in list(workflow.live.values()):
                if other is not token:
                    other.cancel()
        elif wait["kind"] != "timer":
            self.arm(workflow)
        else:
            following = expressions.next_cycle(wait, self.label)
            if following:
                self.arm(workflow).internal_data["waits"] = [following]
        token.internal_data.pop("waits", None)
        token.internal_data.pop("event_subprocess", None)
        receive(token, payload)
        top.path.append(f"+{self.node.id}")
        token._set_state(STARTED)
        start_scope(top.create_subprocess(token, self.spec_key), token.frame)

    def ended(self, token: Token, inside: Any) -> None:
        token.complete()

    def leave(self, token: Token) -> None:
        """An event sub-process has no flows out; its scope ends when nothing else lives in it."""


def unhandled(token: Token, code: str) -> StepFailed:
    """The refusal for an error that no element of the drawing catches."""
    return StepFailed(
        element=token.task_spec.label, reason=f'the error "{code}" is caught by no boundary event.'
    )
