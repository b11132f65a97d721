"""The one place that knows SpiffWorkflow: builds its specs, moves its tokens, keeps its state.

`build` makes specs of drawings, `new`/`load`/`dump` make and keep a case, and the moves below
bring it from
one rest to the next. `engine.apply` is their only caller.
"""

from __future__ import annotations

from typing import Any

from engine.errors import EndlessStep, StepFailed
from engine.spiff.build import build, spec_key
from engine.spiff.events import throw, unhandled
from engine.spiff.people import UserTaskSpec
from engine.spiff.specs import InclusiveGatewaySpec, start_scope
from engine.spiff.state import dump
from engine.spiff.state import load as _load
from engine.spiff.tokens import READY, STATE_NAMES, WAITING, CaseWorkflow, Token
from engine.values import Record, copy

MOST_ELEMENTS = 25_000
"""Elements that one step may pass before it counts as endless: some 8,000 turns of a small loop.
"""


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


def start(case: CaseWorkflow, base: Record, data: Record, *, element: str | None = None) -> None:
    """Begins the case: `base` are the fixed variables, `data` the first case data."""
    case.base.content = copy(base)
    start_scope(case, case.new_frame(case.base, copy(data)), element)
    settle(case)


def complete_task(case: CaseWorkflow, number: int, data: Record, by: str) -> None:
    """A person did a task."""
    token = waiting_token(case, number, READY)
    if not isinstance(token.task_spec, UserTaskSpec):
        raise StepFailed(element=token.task_spec.label, reason="it is no task for a person.")
    token.task_spec.finish(token, data, by)
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
    wait = next(w for w in token.internal_data["waits"] if w["kind"] == kind)
    token.task_spec.catch(token, data, wait)
    settle(case)


def broadcast(case: CaseWorkflow, name: str, data: Record) -> int:
    """Gives a signal to every token that waits for it; the number of tokens that did."""
    count = _broadcast(case, name, data)
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


def settle(case: CaseWorkflow) -> None:
    """Lets everything happen that needs nobody, until the case rests."""
    passed = 0
    while True:
        while case.queue:
            token = case.queue.popleft()
            if not token.has_state(READY):
                continue
            passed += 1
            if passed > MOST_ELEMENTS:
                raise EndlessStep(count=passed, element=token.task_spec.label)
            token.run()
        if case.emptied:
            _end_scope(case, case.emptied.pop(0))
        elif case.signals and _inner_signal(case):
            continue
        elif not _join(case):
            return


def _end_scope(case: CaseWorkflow, workflow: Any) -> None:
    if not workflow.is_done():
        return
    for listener in list(workflow.live.values()):
        workflow.live.pop(listener.id)
        listener._state = 0
    if workflow is case:
        case.completed = True
        return
    host = case.index[workflow.parent_task_id]
    case.subprocesses.pop(host.id, None)
    if host.is_live and not workflow.completed:
        workflow.completed = True
        host.task_spec.ended(host, workflow)


def _join(case: CaseWorkflow) -> bool:
    for workflow in case.workflows():
        for token in list(workflow.live.values()):
            spec = token.task_spec
            if (
                isinstance(spec, InclusiveGatewaySpec)
                and token.has_state(WAITING)
                and spec.try_join(workflow)
            ):
                return True
    return False


def _inner_signal(case: CaseWorkflow) -> bool:
    """Signals reach the case's own tokens first; `case.thrown` keeps them for the other cases."""
    name, data = case.signals.pop(0)
    case.thrown.append((name, data))
    _broadcast(case, name, data)
    return True


def _broadcast(case: CaseWorkflow, name: str, data: Record) -> int:
    count = 0
    for token in case.live_tokens():
        for wait in token.internal_data.get("waits", ()):
            if token.is_live and wait["kind"] == "signal" and wait["name"] == name:
                token.task_spec.catch(token, data, wait)
                count += 1
                break
    return count


__all__ = [
    "STATE_NAMES",
    "CaseWorkflow",
    "Token",
    "broadcast",
    "build",
    "call_rejected",
    "call_returned",
    "cancel",
    "complete_task",
    "dump",
    "happen",
    "load",
    "new",
    "settle",
    "start",
    "task_failed",
    "throw",
]
