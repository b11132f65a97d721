"""Transactions: cancelled as a whole, with compensation (BPMN 2.0 §10.3.5, §13.3.4)."""

from __future__ import annotations

from typing import Any

from engine.errors import StepFailed
from engine.spiff.compensation import (
    break_off,
    has_inside_running,
    inside_running,
    is_undoing,
    undo_scope,
)
from engine.spiff.loops import instance_lost
from engine.spiff.specs import vanish, withdraw_all
from engine.spiff.tokens import Token
from engine.spiff.waits import happen
from engine.world import INSTANCE_GIVEN_UP, UNDOING_KEPT, UNDONE_INSIDE


def cancel_transaction(token: Token) -> None:
    """A cancel end event: whatever still runs in the transaction is withdrawn, what is completed
    in it is undone, first in what was running, and then the transaction is left by its cancel
    boundary event. Until then no other event on its border happens but an error, which ends the
    undoing too (a hazard, §10.3.5).

    Raises StepFailed when the end event stands in no transaction.
    """
    workflow, top = token.workflow, token.workflow.top_workflow
    while workflow is not top and workflow.host.task_spec.node.kind != "transaction":
        workflow = workflow.host.workflow
    if workflow is top:
        raise StepFailed(element=token.task_spec.label, reason="it is inside no transaction.")
    workflow.host.internal_data["cancelled"] = True
    _disarm(workflow.host)
    if is_undoing(workflow) and top.world.follows(UNDOING_KEPT):
        break_off(workflow, token)
    if has_inside_running(workflow) and top.world.follows(UNDONE_INSIDE):
        workflow.done += inside_running(workflow)
    withdraw_all(workflow, keep=token)
    undo_scope(workflow)


def leave_cancelled(host: Token) -> None:
    """The cancelled transaction is undone: its cancel boundary event fires. Without one nothing
    follows it; of several instances the others go on.
    """
    for other, wait in _listening(host):
        if wait["kind"] == "cancel":
            happen(other, {}, wait, after=host.after)
            return
    if "of" in host.internal_data and host.workflow.top_workflow.world.follows(INSTANCE_GIVEN_UP):
        instance_lost(host)
    else:
        host.cancel()


def _disarm(host: Token) -> None:
    """Withdraws what must not happen any more on the border of a transaction.

    One instance of several that has no cancel event to leave by ends alone: what is on the border
    of them all stays.
    """
    listening = _listening(host)
    is_left = any(wait["kind"] == "cancel" for _other, wait in listening)
    for other, wait in listening:
        own = other.internal_data["host"] == host.id
        if wait["kind"] not in {"cancel", "error"} and (own or is_left):
            vanish(other)


def _listening(host: Token) -> list[tuple[Token, Any]]:
    """The tokens of the boundary events of a transaction, or of all its instances, and what each
    waits for.
    """
    hosts = {host.id, host.internal_data.get("of", host.id)}
    beside = [t for n in hosts for t in host.workflow.beside.get(n, {}).values()]
    waiting = sorted((t for t in beside if "host" in t.internal_data), key=lambda t: t.id)
    return [(t, t.internal_data["waits"][0]) for t in waiting if t.internal_data.get("waits")]
