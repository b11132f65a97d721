"""Transactions: cancelled as a whole, with compensation (BPMN 2.0 §10.3.5, §13.3.4)."""

from __future__ import annotations

from typing import Any

from engine.errors import StepFailed
from engine.spiff.compensation import undo_scope
from engine.spiff.specs import withdraw_all
from engine.spiff.tokens import Token


def cancel_transaction(token: Token) -> None:
    """A cancel end event: whatever still runs in the transaction is withdrawn, what is completed
    is undone, and then the transaction is left by its cancel boundary event.

    Raises StepFailed when the end event stands in no transaction.
    """
    workflow, top = token.workflow, token.workflow.top_workflow
    while workflow is not top and workflow.host.task_spec.node.kind != "transaction":
        workflow = workflow.host.workflow
    if workflow is top:
        raise StepFailed(element=token.task_spec.label, reason="it is inside no transaction.")
    workflow.host.internal_data["cancelled"] = True
    withdraw_all(workflow, keep=token)
    undo_scope(workflow)


def leave_cancelled(host: Token) -> None:
    """The cancelled transaction is undone: its cancel boundary event fires."""
    hosts = (host.id, host.internal_data.get("of"))
    for other in list(host.workflow.live.values()):
        waits: Any = other.internal_data.get("waits", ())
        if other.internal_data.get("host") in hosts and waits and waits[0]["kind"] == "cancel":
            other.task_spec.catch(other, {}, waits[0])
            return
    host.cancel()
