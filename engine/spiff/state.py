"""The state of a case as bytes: live tokens and variables, nothing of what is past.

Shape: {"v": 1, "number": 17, "performers": {...}, "outcome": null, "frames": [[1, 0, {...}], ...],
"workflows": [["", 1], [9, 1, "key/sub"]], "tokens": [[17, "", "Task_Check", "READY", {...}],
...]}; a workflow
is named by the token it is the inside of, "" is the case's own. Finished tokens are left out: no
rule here
looks at one, so a case of 100,000 steps is as small as a new one.
"""

from __future__ import annotations

from typing import Any

from engine import values
from engine.errors import Defect
from engine.spiff.tokens import STATE_NAMES, CaseWorkflow, Frame, Token

FORMAT = 1
_STATES = {name: state for state, name in STATE_NAMES.items()}


class StateUnreadable(Defect):
    """The state of the case is of format {format}; this version reads up to {known}."""


def dump(case: CaseWorkflow) -> bytes:
    """The case as canonical bytes: equal cases give equal bytes."""
    tokens = case.live_tokens()
    inside = {n: w for n, w in case.subprocesses.items() if case.index[n].is_live}
    frames = _reachable(case, tokens, list(inside.values()))
    state = {
        "v": FORMAT,
        "number": case.number,
        "performers": case.performers,
        "outcome": case.outcome,
        "frames": [[f.number, f.outer.number if f.outer else None, f.content] for f in frames],
        "workflows": [["", case.frame.number]]
        + [[n, w.frame.number, w.spec.name] for n, w in sorted(inside.items())],
        "tokens": [
            [t.id, _place(t), t.task_spec.name, STATE_NAMES[t.state], t.internal_data]
            for t in tokens
        ],
    }
    return values.encode(state).encode()


def _place(token: Token) -> Any:
    workflow = token.workflow
    return "" if workflow is workflow.top_workflow else workflow.parent_task_id


def _reachable(case: CaseWorkflow, tokens: list[Token], inside: list[Any]) -> list[Frame]:
    """Frames that something live can still see, outermost first by number."""
    found: dict[int, Frame] = {}
    for holder in [case, *inside, *tokens]:
        frame: Frame | None = holder.frame
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
    _load_frames(case, saved["frames"])
    case.prepare(case.frames[saved["workflows"][0][1]])
    waiting = {n: (frame, spec) for n, frame, spec in saved["workflows"][1:]}
    for number, place, name, state_name, marks in saved["tokens"]:
        workflow: Any = case if place == "" else case.subprocesses[place]
        spec = workflow.spec.task_specs[name]
        token = Token(workflow, spec, workflow.task_tree, _STATES[state_name], id=number)
        token.internal_data = marks
        if number in waiting:
            frame, spec_name = waiting[number]
            case.create_subprocess(token, spec_name).prepare(case.frames[frame])


def _load_frames(case: CaseWorkflow, frames: list[list[Any]]) -> None:
    for number, outer, content in frames:
        if number == 0:
            case.base.content = content
        else:
            case.frames[number] = Frame(number, case.frames.get(outer), content)
