"""The one place that knows SpiffWorkflow: builds its specs, moves its tokens, keeps its state.

`build` makes specs of drawings, `new`/`load`/`dump` make and keep a case, and the moves below
bring it from one rest to the next. `engine.apply` is their only caller.
"""

from __future__ import annotations

from typing import Any

from engine.errors import Sentence, StepFailed
from engine.spelling import BEGAN
from engine.spiff import conversations, settling
from engine.spiff.build import build, spec_key
from engine.spiff.people import UserTaskSpec
from engine.spiff.recounting import moved, recount
from engine.spiff.settling import settle
from engine.spiff.specs import start_scope
from engine.spiff.state import contents, dump, key_of_state, run_pool
from engine.spiff.state import load as _load
from engine.spiff.succession import hand_over, succeed
from engine.spiff.throwing import throw, unhandled
from engine.spiff.thrown import Post, Signal
from engine.spiff.tokens import (
    MOST_ELEMENTS,
    READY,
    STATE_NAMES,
    WAITING,
    CaseWorkflow,
    Token,
)
from engine.values import Record, copy


def new(program: Any, process_id: str, key: str) -> CaseWorkflow:
    """A case that has not begun. `program` has `specs` by spec_key and answers `decide`."""
    name = spec_key(process_id, process_id)
    case = CaseWorkflow(program.specs[name], program.specs)
    case.program, case.key = program, key
    return case


def load(program: Any, process_id: str, key: str, state: bytes) -> CaseWorkflow:
    """The case that `dump` wrote."""
    case = new(program, process_id, key)
    _load(case, state)
    return case


def start(case: CaseWorkflow, base: Record, data: Record, given: Record | None = None) -> None:
    """Begins the case: `base` are the fixed variables, `data` the first case data.

    given: {"element": the element whose event began it, "trigger": {"kind", "name"} where that has
    several, "key": {"element", "name", "correlation"} under which no second case may begin}; each
    may be missing. "pool": the process of the same drawing that runs, if not the version's own.
    "persons": who held the account in whose name it begins.
    """
    order: Any = given or {}
    case.base.content = copy(base)
    case.key_of = order.get("key")
    if order.get("persons"):
        case.performers[BEGAN] = list(order["persons"])
    if order.get("pool"):
        run_pool(case, order["pool"])
    frame = case.new_frame(case.base, copy(data))
    conversations.begin(case)
    start_scope(case, frame, order.get("element"), order.get("trigger"))
    conversations.begun_by(case, order.get("element"), order.get("trigger"), data)
    settle(case)


def complete_task(
    case: CaseWorkflow,
    number: int,
    data: Record,
    hands: list[str],
    *,
    whose: str | None = None,
    group: str | None = None,
) -> None:
    """A person did a task, or chose what begins in an ad-hoc sub-process.

    hands: the account that did it, the one for which it was done, and who held them then.
    whose: the one for which it was done, None where nobody acts for another. group: the key of the
    group in whose name it was done, None where it was theirs by name.
    """
    token = waiting_token(case, number, READY)
    if "begins" in token.internal_data.get("offer", {}):
        token.workflow.host.task_spec.chosen(token)
    elif isinstance(token.task_spec, UserTaskSpec):
        token.task_spec.finish(token, data, hands, whose=whose, group=group)
    else:
        raise StepFailed(element=token.task_spec.label, reason="it is no task for a person.")
    settle(case)


def task_failed(case: CaseWorkflow, number: int, *, thrown: str, code: str, data: Record) -> None:
    """A task for a person ends with the BPMN error of that code, or throws an escalation and
    stays. Raises StepFailed for an error that nobody catches.
    """
    token = waiting_token(case, number, READY)
    token.frame.write(copy(data))
    if not throw(token, thrown, code) and thrown == "error":
        raise unhandled(token, code)
    settle(case)


def happen(case: CaseWorkflow, number: int, kind: str, data: Record) -> None:
    """What a token waits for has happened: its timer, message or signal."""
    token = waiting_token(case, number, WAITING)
    wait = next((w for w in token.internal_data.get("waits", ()) if w["kind"] == kind), None)
    if wait is None:
        reason = Sentence("it waits for no {kind}.", {"kind": kind})
        raise StepFailed(element=token.task_spec.label, reason=reason)
    conversations.received(token, data, wait)
    token.task_spec.catch(token, data, wait)
    settle(case)


def broadcast(case: CaseWorkflow, name: str, data: Record, *, thrown: int | None = None) -> int:
    """Gives a signal to every token that waits for it; the number of tokens that did."""
    count = settling.broadcast(case, name, data, thrown=thrown)
    settle(case)
    return count


def call_returned(case: CaseWorkflow, number: int, result: Record) -> None:
    """An outside system answered."""
    token = waiting_token(case, number, WAITING)
    token.task_spec.returned(token, result)
    settle(case)


def call_rejected(case: CaseWorkflow, number: int, code: str, message: str) -> None:
    """An outside system said no: a BPMN error of that code. Raises StepFailed if nobody catches
    it.
    """
    token = waiting_token(case, number, WAITING)
    token.task_spec.reject(token, code, message)
    settle(case)


def cancel(case: CaseWorkflow) -> None:
    """Ends the case where it stands."""
    for token in list(case.live.values()):
        token.cancel()
    settle(case)


def waiting_token(case: CaseWorkflow, number: int, state: int) -> Token:
    """The live token of that number. Raises StepFailed when the case has moved on."""
    token = case.index.get(number)
    if token is None or not token.has_state(state):
        raise StepFailed(element=str(number), reason="the case does not wait there any more.")
    return token


__all__ = [
    "MOST_ELEMENTS",
    "STATE_NAMES",
    "CaseWorkflow",
    "Post",
    "Signal",
    "Token",
    "broadcast",
    "build",
    "call_rejected",
    "call_returned",
    "cancel",
    "complete_task",
    "contents",
    "dump",
    "hand_over",
    "happen",
    "key_of_state",
    "load",
    "moved",
    "new",
    "recount",
    "succeed",
    "settle",
    "start",
    "task_failed",
    "throw",
]
