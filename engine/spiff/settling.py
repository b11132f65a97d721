"""Lets everything happen that needs nobody, until the case rests.

Each element that a token passes is a turn. What a turn throws is caught before the next one, so
that an interrupting event stops its siblings at once; what nobody waits for yet is offered once
more when every token has gone as far as it can, since their order is nobody's choice.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from engine.errors import EndlessStep
from engine.spiff.thrown import Post, Signal
from engine.spiff.tokens import COMPLETED, READY, CaseWorkflow, Token
from engine.spiff.waits import happen, watched
from engine.values import Record


def settle(case: CaseWorkflow) -> None:
    """The case goes on to its next rest. Raises EndlessStep, StepFailed."""
    passed, case.turn = 0, None
    late: deque[Signal | Post] = deque()
    case.watching.new_step()
    case.joining.new_step()
    while True:
        if case.signals or case.messages:
            late += _deliver(case)
            continue
        if case.watching.is_stirred() and watched(case):
            continue
        case.has_turned()
        if case.queue:
            token = case.queue.popleft()
            if token.has_state(READY):
                passed += 1
                if passed > (case.most + case.repeated) * case.world.leeway:
                    raise EndlessStep(count=passed, element=token.task_spec.label)
                case.turn = token
                token.run()
        elif late:
            _offer_again(case, late.popleft())
        elif case.ending:
            container = case.ending.popleft()
            if container.is_live:
                container._ready()
        elif case.emptied:
            _end_scope(case, case.emptied.popleft())
        elif not _join(case):
            return


def _deliver(case: CaseWorkflow) -> list[Signal | Post]:
    """What was thrown reaches whoever waits in the case; the signals and messages that nobody
    waited for. Signals always go on to the other cases.
    """
    late: list[Signal | Post] = []
    signals, case.signals = case.signals, []
    for signal in signals:
        case.thrown.append((signal.name, signal.data))
        if not _call(case, signal):
            late.append(signal)
    messages, case.messages = case.messages, []
    late += [post for post in messages if not _hand_over(case, post)]
    return late


def _offer_again(case: CaseWorkflow, thrown: Signal | Post) -> None:
    if not isinstance(thrown, Post):
        if not _call(case, thrown):
            case.unheard.append(thrown)
    elif not _hand_over(case, thrown):
        case.sent.append(thrown)


def broadcast(case: CaseWorkflow, name: str, data: Record, *, thrown: int | None = None) -> int:
    """Gives a signal to every token that waits for it; the number of tokens that did.

    thrown: its number, where the case itself has thrown it. What comes after the throw began to
    wait too late, though both may happen in one step.
    """
    return _call(case, Signal(name, data, thrown or 0, 1 << thrown if thrown else 0))


def _call(case: CaseWorkflow, signal: Signal) -> int:
    name, data, thrown, after = signal
    count = 0
    listening = case.hearing.signal(name)
    case.look(len(listening), name)
    for token, wait in listening:
        # It may be gone, or have heard it, by what the others did.
        listens = token.is_live and wait in token.internal_data.get("waits", ())
        if listens and not token.comes_after(thrown):
            happen(token, data, wait, after=after)
            count += 1
    return count


def _hand_over(case: CaseWorkflow, post: Post) -> bool:
    """Gives a message to the oldest token of the case that waits for it."""
    found = case.hearing.message(post.name, post.key, post.data)
    if found is None:
        return False
    token, wait = found
    happen(token, post.data, wait, after=post.after)
    return True


def _end_scope(case: CaseWorkflow, workflow: Any) -> None:
    if not workflow.is_done():
        return
    if workflow is not case:
        host: Token = case.index[workflow.parent_task_id]
        with host.in_turn():
            if host.is_live and host.task_spec.goes_on(host, workflow):
                return
    for listener in list(workflow.live.values()):
        case.forget(listener)
        case.stirred.add(listener.id)
        workflow.live.pop(listener.id)
        workflow.listeners.pop(listener.id, None)
        listener._state = COMPLETED
    if workflow is case:
        case.completed = True
        return
    case.subprocesses.pop(host.id, None)
    if host.is_live and not workflow.completed:
        workflow.completed = True
        host.task_spec.ended(host, workflow)


def _join(case: CaseWorkflow) -> bool:
    """Lets the first gateway go on whose tokens need wait for no other; each is asked once, for
    all that wait at it, and again when that may have changed.
    """
    while (found := case.joining.next()) is not None:
        place, token = found
        if token.task_spec.try_join(token.workflow):
            case.joining.ask(place)
            return True
    return False
