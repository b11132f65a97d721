"""Builds the library's specs from a drawing: one spec a scope, one task spec an element."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.bpmn import Node, Process, Scope
from engine.errors import Sentence, StepFailed
from engine.spiff.activities import (
    ActivitySpec,
    DecisionSpec,
    ReceiveTaskSpec,
    ScriptTaskSpec,
    SendTaskSpec,
    ServiceSpec,
)
from engine.spiff.adhoc import AdHocSpec
from engine.spiff.events import BoundarySpec, CatchSpec, EventSubprocessSpec, ThrowSpec
from engine.spiff.gateways import (
    ComplexGatewaySpec,
    EventGatewaySpec,
    ExclusiveGatewaySpec,
    InclusiveGatewaySpec,
    ParallelGatewaySpec,
)
from engine.spiff.people import UserTaskSpec
from engine.spiff.reach import Reach
from engine.spiff.specs import NodeSpec
from engine.spiff.subprocesses import CallActivitySpec, SubprocessSpec


class OperationThrowSpec(ServiceSpec, ThrowSpec):
    """A message event that sends by an operation."""


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
    "transaction": SubprocessSpec,
    "adHocSubProcess": AdHocSpec,
    "callActivity": CallActivitySpec,
    "exclusiveGateway": ExclusiveGatewaySpec,
    "parallelGateway": ParallelGatewaySpec,
    "inclusiveGateway": InclusiveGatewaySpec,
    "eventBasedGateway": EventGatewaySpec,
    "complexGateway": ComplexGatewaySpec,
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
    _mark_undoable(specs)
    return specs


def _mark_undoable(specs: dict[str, Any]) -> None:
    """Says of each activity whether something of it can be undone once it is completed: it has a
    handler, or its inside has a compensation event sub-process or such an activity. An event
    sub-process is one too, but for the one that undoes its scope.
    """
    changed = True
    while changed:
        changed = False
        for spec in specs.values():
            for task_spec in spec.task_specs.values():
                if not _may_keep(task_spec) or task_spec.keeps:
                    continue
                inside = specs.get(getattr(task_spec, "spec_key", ""))
                if spec.scope.compensation_of(task_spec.node.id) or (
                    inside is not None and inside.undoable
                ):
                    task_spec.keeps = spec.undoable = changed = True


def _may_keep(task_spec: Any) -> bool:
    if isinstance(task_spec, EventSubprocessSpec):
        return not task_spec.node.compensates
    return isinstance(task_spec, ActivitySpec)


def _scope_spec(key: str, process: Process, scope: Scope) -> Any:
    spec = BpmnProcessSpec(name=key)
    # The library's own "Start" and "End" would take those ids from the drawing; a root token needs
    # no more of them than the object.
    spec.task_specs.clear()
    spec.scope = scope
    spec.reach = Reach(scope)
    spec.undoable = scope.undoing is not None
    owner = process.node(scope.id)
    spec.ad_hoc = owner is not None and owner.ad_hoc is not None
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
    if node.is_scope and node.by_event:
        return EventSubprocessSpec
    operation = node.camunda.get("topic")
    if node.kind in {"intermediateThrowEvent", "endEvent"} and operation:
        return OperationThrowSpec
    if node.kind == "sendTask" and not operation and node.events:
        return SendTaskSpec
    try:
        return KINDS[node.kind]
    except KeyError:
        reason = Sentence("elements of kind {kind} are not run.", {"kind": node.kind})
        raise StepFailed(element=node.name or node.id, reason=reason) from None
