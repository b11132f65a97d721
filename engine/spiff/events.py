"""Events: catching them, throwing them, and what they interrupt (BPMN 2.0 §10.5, §13.5)."""

from __future__ import annotations

from typing import Any

from engine import expressions
from engine.bpmn import EventDefinition, Node, Scope
from engine.errors import Sentence, StepFailed
from engine.spiff.compensation import go_on, inside_record, undo
from engine.spiff.specs import NodeSpec, arrive, start_scope, vanish, withdraw_all
from engine.spiff.throwing import end, throw_all
from engine.spiff.tokens import READY, STARTED, Token
from engine.spiff.transactions import cancel_transaction
from engine.spiff.waits import (
    end_race,
    leave_group,
    others_missing,
    receive,
    wait_for,
    wait_for_all,
)
from engine.values import Record
from engine.world import FIRED_GOES_ON, UNDONE_BY_EVENT


class CatchSpec(NodeSpec):
    """A start, intermediate or receive element that waits for its event."""

    is_event = True

    def enter(self, token: Token) -> bool:
        events = self.node.events
        if "started" in token.internal_data:
            events = self.remaining(token.internal_data["started"])
        if not events or any(e.kind == "link" for e in events):
            return True
        wait_for_all(token, events, parallel=self.node.parallel)
        return False

    def remaining(self, trigger: Any) -> tuple[EventDefinition, ...]:
        """What a parallel multiple start event awaits after the event that began the case."""
        if not self.node.parallel or not isinstance(trigger, dict):
            return ()
        for event in self.node.events:
            if event.kind == trigger["kind"] and event.name == trigger.get("name"):
                return tuple(e for e in self.node.events if e is not event)
        return ()

    def catch(self, token: Token, payload: Record, wait: Record) -> None:
        """What was waited for has happened: the token goes on, and others of an event gateway are
        withdrawn. Of several events that are all awaited, the last one does so.
        """
        receive(token, payload)
        token.internal_data.pop("waits", None)
        if others_missing(token):
            leave_group(token)
            return
        end_race(token)
        token._ready()


class BoundarySpec(NodeSpec):
    """Waits beside its activity; interrupting, it ends the activity in the same step."""

    is_event = True

    def catch(self, token: Token, payload: Record, wait: Record) -> None:
        if others_missing(token):
            receive(token, payload)
            leave_group(token)
            return
        host = token.workflow.top_workflow.index[token.internal_data["host"]]
        if self.node.interrupting:
            token.internal_data.pop("host")
            if token.workflow.spec.ad_hoc:
                token.workflow.host.task_spec.interrupted(host)
            host.cancel()
        elif self.node.parallel:
            arm(host, self)
        else:
            listen_again(token, wait, lambda n: _arm_one(host, self, n))
        receive(token, payload)
        token.internal_data.pop("waits", None)
        token.workflow.top_workflow.path.append(f"+{self.node.id}")
        token._ready()


def listen_again(token: Token, wait: Record, arm_one: Any) -> None:
    """What does not interrupt is awaited again: a timer while its cycle lasts, a condition after
    it has been false.
    """
    if wait["kind"] == "timer":
        following = expressions.next_cycle(wait, token.task_spec.label)
        if following:
            arm_one(token.internal_data.get("event", 0)).internal_data["waits"] = [following]
        return
    other = arm_one(token.internal_data.get("event", 0))
    if wait["kind"] == "conditional":
        other.internal_data["waits"][0]["was"] = True


def arm(host: Token, spec: BoundarySpec) -> None:
    """Puts a boundary event's tokens beside its activity, one for each of its events; they are no
    step of the path until it fires.
    """
    tokens = [_arm_one(host, spec, number) for number in range(len(spec.node.events))]
    if spec.node.parallel:
        _together(tokens)


def _together(tokens: list[Token]) -> None:
    """The tokens wait for their events together."""
    for token in tokens:
        token.internal_data["all"] = tokens[0].id
        token.workflow.group(token)


def _arm_one(host: Token, spec: BoundarySpec, number: int) -> Token:
    token = Token(host.workflow, spec, host.workflow.task_tree)
    token.internal_data["host"] = host.id
    token.workflow.attach(token)
    if number:
        token.internal_data["event"] = number
    if "frame" in host.internal_data:
        token.internal_data["frame"] = host.internal_data["frame"]
    wait_for(token, spec.node.events[number])
    return token


def disarm(host: Token) -> None:
    """Withdraws the boundary events of an activity that has ended.

    One that has fired in the same step waits no more: it goes on, whether or not its turn comes
    before the activity's end (§13.5.3).
    """
    world = host.workflow.top_workflow.world
    for other in list(host.workflow.beside.pop(host.id, {}).values()):
        if not other.is_live or "host" not in other.internal_data:
            continue
        if other.has_state(READY) and world.follows(FIRED_GOES_ON):
            other.internal_data.pop("host")
        else:
            vanish(other)


class ThrowSpec(NodeSpec):
    """An intermediate throw or an end event: throws, then goes on or ends."""

    is_event = True

    def act(self, token: Token) -> bool:
        throw_all(token, self.node.events)
        for event in self.node.events:
            if not token.is_live:
                return False
            if event.kind == "cancel":
                cancel_transaction(token)
            elif event.kind == "compensate" and not undo(token, event):
                token._set_state(STARTED)
                return False
        return token.is_live

    def leave(self, token: Token) -> None:
        if self.node.kind == "endEvent":
            end(token)
        elif self.node.event and self.node.event.kind == "link":
            arrive(token.workflow, self._linked(self.node.event.name))
        else:
            super().leave(token)

    def _linked(self, name: str | None) -> str:
        """The catch event of the link. Raises StepFailed when there is none."""
        found = self.scope.link_target(name)
        if found is not None:
            return found.id
        reason = Sentence('no event beside it catches the link "{name}".', {"name": name or ""})
        raise StepFailed(element=self.label, reason=reason)


class EventSubprocessSpec(NodeSpec):
    """A sub-process that its own start event begins, while the scope around it lives (§10.3.5).

    What is completed in it is undone as in any other sub-process, with the scope that it is in.
    """

    spec_key: str
    inside: Scope
    keeps = False

    def arm(self, workflow: Any) -> None:
        """It listens for each event of its start event."""
        for start in self.inside.starts():
            tokens = [self._arm_one(workflow, start, n) for n in range(len(start.events))]
            if start.parallel:
                _together(tokens)

    def _arm_one(self, workflow: Any, start: Node, number: int) -> Token:
        token = Token(workflow, self, workflow.task_tree)
        token.internal_data["event_subprocess"] = True
        workflow.group(token)
        if number:
            token.internal_data["event"] = number
        if start is not self.inside.starts()[0]:
            token.internal_data["start"] = start.id
        wait_for(token, start.events[number], start)
        return token

    def catch(self, token: Token, payload: Record, wait: Record) -> None:
        workflow, top = token.workflow, token.workflow.top_workflow
        start = self.inside.nodes[
            token.internal_data.pop("start", None) or self.inside.starts()[0].id
        ]
        if others_missing(token):
            receive(token, payload, start)
            leave_group(token)
            return
        if start.interrupting:
            if workflow.spec.ad_hoc:
                workflow.host.task_spec.ends(workflow)
            withdraw_all(workflow, keep=token)
        elif start.parallel:
            self.arm(workflow)
        else:
            listen_again(token, wait, lambda n: self._arm_one(workflow, start, n))
        token.internal_data.pop("waits", None)
        if token.internal_data.pop("event_subprocess", None):
            workflow.listeners.pop(token.id, None)
        receive(token, payload, start)
        top.path.append(f"+{self.node.id}")
        token._set_state(STARTED)
        start_scope(top.create_subprocess(token, self.spec_key), token.frame, start.id)

    def compensate(self, workflow: Any) -> None:
        """The compensation event sub-process of a completed sub-process begins."""
        token = Token(workflow, self, workflow.task_tree)
        workflow.top_workflow.path.append(f"+{self.node.id}")
        token._set_state(STARTED)
        inside = workflow.top_workflow.create_subprocess(token, self.spec_key)
        start_scope(inside, token.frame)

    def goes_on(self, token: Token, inside: Any) -> bool:
        return False

    def ended(self, token: Token, inside: Any) -> None:
        top, workflow = token.workflow.top_workflow, token.workflow
        record = (
            inside_record(inside) if self.keeps and "undo" not in token.internal_data else None
        )
        if record is not None and top.world.follows(UNDONE_BY_EVENT):
            workflow.done.append({"element": self.node.id, "at": top.next_number(), **record})
        token.complete()

    def _on_complete_hook(self, token: Token) -> None:
        if "undo" in token.internal_data:
            go_on(token.workflow.top_workflow, token.internal_data["undo"])
        else:
            super()._on_complete_hook(token)

    def leave(self, token: Token) -> None:
        """An event sub-process has no flows out; its scope ends when nothing else lives in it."""
