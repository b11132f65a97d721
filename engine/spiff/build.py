"""Builds the library's specs from a drawing: one spec a scope, one task spec an element."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.bpmn import Node, Process, Scope
from engine.errors import StepFailed
from engine.spiff.activities import (
    ActivitySpec,
    CallActivitySpec,
    DecisionSpec,
    ServiceSpec,
    SubprocessSpec,
)
from engine.spiff.events import BoundarySpec, CatchSpec, EventSubprocessSpec, ThrowSpec
from engine.spiff.people import UserTaskSpec
from engine.spiff.specs import (
    EventGatewaySpec,
    ExclusiveGatewaySpec,
    InclusiveGatewaySpec,
    NodeSpec,
    ParallelGatewaySpec,
    ScriptSpec,
)


class ScriptTaskSpec(ScriptSpec, ActivitySpec):
    """A script task: an activity whose work is a FEEL expression."""


class ReceiveTaskSpec(CatchSpec, ActivitySpec):
    """A receive task: an activity that waits for a message."""

    def enter(self, token: Any) -> bool:
        return ActivitySpec.enter(self, token)

    def begin(self, token: Any) -> bool:
        return CatchSpec.enter(self, token)


KINDS: dict[str, type[NodeSpec]] = {
    "startEvent": CatchSpec,
    "intermediateCatchEvent": CatchSpec,
    "intermediateThrowEvent": ThrowSpec,
    "endEvent": ThrowSpec,
    "boundaryEvent": BoundarySpec,
    "task": ActivitySpec,
    "userTask": UserTaskSpec,
    "manualTask": UserTaskSpec,
    "scriptTask": ScriptTaskSpec,
    "serviceTask": ServiceSpec,
    "sendTask": ServiceSpec,
    "receiveTask": ReceiveTaskSpec,
    "businessRuleTask": DecisionSpec,
    "subProcess": SubprocessSpec,
    "callActivity": CallActivitySpec,
    "exclusiveGateway": ExclusiveGatewaySpec,
    "parallelGateway": ParallelGatewaySpec,
    "inclusiveGateway": InclusiveGatewaySpec,
    "eventBasedGateway": EventGatewaySpec,
}
"""What can be run; `engine.check` refuses every other kind before it comes here."""


def spec_key(process_id: str, scope_id: str) -> str:
    """The name of a scope's spec, unique in a bundle of several drawings."""
    return f"{process_id}/{scope_id}"


def build(processes: Iterable[Process]) -> dict[str, Any]:
    """Specs of every scope of the processes, by `spec_key`. Raises StepFailed for what cannot
    run.
    """
    specs: dict[str, Any] = {}
    for process in processes:
        for scope in process.scopes.values():
            key = spec_key(process.id, scope.id)
            specs[key] = _scope_spec(key, process, scope)
    return specs


def _scope_spec(key: str, process: Process, scope: Scope) -> Any:
    spec = BpmnProcessSpec(name=key)
    # The library's own "Start" and "End" would take those ids from the drawing; a root token needs
    # no more of them than the object.
    spec.task_specs.clear()
    spec.scope = scope
    for node in scope.nodes.values():
        task_spec = _kind(node)(spec, node, scope)
        if node.is_scope:
            task_spec.spec_key = spec_key(process.id, node.id)
            task_spec.inside = process.scopes[node.id]
        elif node.kind == "callActivity":
            called = node.called or ""
            task_spec.spec_key = spec_key(called, called)
    for flow in scope.flows.values():
        spec.task_specs[flow.source].connect(spec.task_specs[flow.target])
    return spec


def _kind(node: Node) -> type[Any]:
    if node.kind == "subProcess" and node.by_event:
        return EventSubprocessSpec
    try:
        return KINDS[node.kind]
    except KeyError:
        reason = f"elements of kind {node.kind} are not run."
        raise StepFailed(element=node.name or node.id, reason=reason) from None
