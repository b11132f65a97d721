"""The state of a case as bytes: live tokens and variables, nothing of what is past.

Shape: {"v": 1, "number": 17, "performers": {...}, "outcome": null, "frames": [[1, 0, {...}], ...],
"workflows": [["", 1], [9, 1, "key/sub"]], "tokens": [[17, "", "Task_Check", "READY", {...}]]}.
A workflow is named by the token it is the inside of, "" is the case's own; what can be compensated
in it stands at its end. A frame with names of its own has them at its end. Finished tokens are
left out: no rule here looks at one, so a case of 100,000 steps is as small as a new one.
"""

from __future__ import annotations

from typing import Any

from engine import values
from engine.errors import Defect
from engine.spiff.compensation import frames_marked, frames_of
from engine.spiff.frames import Frame
from engine.spiff.gateways import InclusiveGatewaySpec, ParallelGatewaySpec
from engine.spiff.tokens import STATE_NAMES, CaseWorkflow, Token
from engine.spiff.waits import notice_waits
from engine.values import Record

FORMAT = 1
_STATES = {name: state for state, name in STATE_NAMES.items()}


class StateUnreadable(Defect):
    """The state of the case is of format {format}; this version reads up to {known}."""


def dump(case: CaseWorkflow) -> bytes:
    """The case as canonical bytes: equal cases give equal bytes."""
    return values.encode_checked(contents(case)).encode()


def contents(case: CaseWorkflow) -> Record:
    """What the bytes say, made of nothing but what case data may hold."""
    tokens = case.live_tokens()
    inside = {n: w for n, w in case.subprocesses.items() if case.index[n].is_live}
    frames = _reachable(case, tokens, list(inside.values()))
    state: Any = {
        "v": FORMAT,
        "number": case.number,
        "performers": case.performers,
        "outcome": case.outcome,
        "frames": [_frame(f) for f in frames],
        "workflows": [
            ["", case.frame.number, *([case.done] if case.done else [])],
            *(
                [n, w.frame.number, w.spec.name, *([w.done] if w.done else [])]
                for n, w in sorted(inside.items())
            ),
        ],
        "tokens": [
            [t.id, _place(t), t.task_spec.name, STATE_NAMES[t.state], t.internal_data]
            for t in tokens
        ],
    }
    if case.key_of is not None:
        state["key"] = case.key_of
    if case.pool is not None:
        state["pool"] = case.pool
    if case.converses:
        places = [(0, case), *sorted(inside.items())]
        state["conversations"] = [[n, w.conversation] for n, w in places if w.conversation]
    return state  # type: ignore[no-any-return]  # a record


def _frame(frame: Frame) -> list[Any]:
    outer = frame.outer.number if frame.outer else None
    local = [] if frame.local is None else [list(frame.local)]
    return [frame.number, outer, frame.content, *local]


def _place(token: Token) -> Any:
    workflow = token.workflow
    return "" if workflow is workflow.top_workflow else workflow.parent_task_id


def _reachable(case: CaseWorkflow, tokens: list[Token], inside: list[Any]) -> list[Frame]:
    """Frames that something live can still see, outermost first by number."""
    found: dict[int, Frame] = {}
    starts = [holder.frame for holder in [case, *inside, *tokens]]
    kept = [n for workflow in [case, *inside] for n in frames_of(workflow.done)]
    kept += [n for token in tokens for n in frames_marked(token)]
    starts += [case.frames[n] for n in kept]
    for start in starts:
        frame: Frame | None = start
        while frame is not None and frame.number not in found:
            found[frame.number] = frame
            frame = frame.outer
    return [found[n] for n in sorted(found)]


def load(case: CaseWorkflow, state: bytes) -> None:
    """Puts a saved state into a fresh case workflow. Raises StateUnreadable for a newer format."""
    saved = values.decode(state.decode())
    if saved["v"] > FORMAT:
        raise StateUnreadable(format=saved["v"], known=FORMAT)
    case.number = saved["number"]
    case.performers = saved["performers"]
    case.outcome = saved["outcome"]
    case.key_of = saved.get("key")
    if "pool" in saved:
        run_pool(case, saved["pool"])
    _load_frames(case, saved["frames"])
    _, frame, *done = saved["workflows"][0]
    case.prepare(case.frames[frame])
    case.done = done[0] if done else []
    waiting = {n: rest for n, *rest in saved["workflows"][1:]}
    for number, place, name, state_name, marks in saved["tokens"]:
        workflow: Any = case if place == "" else case.subprocesses[place]
        spec = workflow.spec.task_specs[name]
        token = Token(workflow, spec, workflow.task_tree, _STATES[state_name], id=number)
        token.internal_data = marks
        _notice(case, token)
        if number in waiting:
            frame, spec_name, *done = waiting[number]
            inside = case.create_subprocess(token, spec_name)
            inside.prepare(case.frames[frame])
            inside.done = done[0] if done else []
    case.converses = "conversations" in saved
    for place, keys in saved.get("conversations", ()):
        inside = case if place == 0 else case.subprocesses[place]
        inside.conversation = keys


def key_of_state(state: bytes) -> Record:
    """The key under which no second case may begin, of a saved state; nothing without any."""
    return values.decode(state.decode()).get("key", {})  # type: ignore[no-any-return]  # a record


def run_pool(case: CaseWorkflow, process_id: str) -> None:
    """The case runs another process of its drawing; nothing has begun in it yet."""
    case.pool = process_id
    case.spec = case.program.specs[f"{process_id}/{process_id}"]


def _notice(case: CaseWorkflow, token: Token) -> None:
    """Tokens that hear, watch data or wait at a join are found without looking for them."""
    if "waits" in token.internal_data:
        notice_waits(token)
    if "host" in token.internal_data:
        token.workflow.attach(token)
    token.workflow.group(token)
    spec = token.task_spec
    if isinstance(spec, (ParallelGatewaySpec, InclusiveGatewaySpec)) or (
        "early" in token.internal_data
    ):
        token.workflow.hold(token)
    if isinstance(spec, InclusiveGatewaySpec):
        case.joining.add(token, restless=spec.restless)


def _load_frames(case: CaseWorkflow, frames: list[list[Any]]) -> None:
    for number, outer, content, *local in frames:
        if number == 0:
            case.base.content = content
        else:
            names = tuple(local[0]) if local else None
            case.frames[number] = Frame(
                number, case.frames.get(outer), content, names, changes=case.changes
            )
