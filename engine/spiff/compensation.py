"""Compensation: what completed activities leave behind, and how it is undone (BPMN 2.0 §13.5.5).

A scope keeps a record of each completed activity that can be undone, oldest first:
{"element": id, "at": number, "frame": number, "scope": number, "done": [...]}; `frame` holds the
variables of its own as they were, `scope` and `done` are of the inside of a sub-process, which was
not completed itself if it is marked `cut`. Undoing
is a chain: {"rest": [[place, record], ...], "then": thrower}, carried by the handler that runs;
the last completed activity is undone first, each after the one before it.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn import EventDefinition
from engine.spiff.frames import Frame
from engine.spiff.specs import arrive
from engine.spiff.tokens import STARTED, Token
from engine.values import Record
from engine.world import UNDONE_BY_EVENT


def record_of(token: Token) -> Record | None:
    """What is kept of a completed activity; None when there is nothing to undo."""
    spec, marks = token.task_spec, token.internal_data
    inside: Any = marks.pop("inside", None)
    if not spec.keeps or "undo" in marks or spec.node.compensation:
        return None
    if spec.scope.compensation_of(spec.node.id) is None and not inside:
        return None
    top = token.workflow.top_workflow
    record: Record = {"element": spec.node.id, "at": top.next_number(), **(inside or {})}
    if "frame" in marks:
        _seal(token.frame)
        record["frame"] = token.frame.number
    return record


def _seal(frame: Frame) -> None:
    """The frame of a completed instance keeps what only the instance had; what it shared is read
    and written further out from now on.
    """
    if frame.local is None and frame.outer is not None:
        seen, missing = frame.outer.view(), object()
        frame.content = {k: v for k, v in frame.content.items() if seen.get(k, missing) != v}
        frame.local = tuple(frame.content)


def inside_record(inside: Any) -> Record | None:
    """What is kept of the inside of a sub-process that has ended."""
    if not inside.done and inside.spec.scope.undoing is None:
        return None
    return {"scope": inside.frame.number, "done": inside.done}


def undo(thrower: Token, event: EventDefinition) -> bool:
    """Compensation is thrown for the activity of the event, or for all completed ones that can be
    seen from it. True when the thrower may go on.
    """
    top, workflow = thrower.workflow.top_workflow, thrower.workflow
    chain: list[Any] = []
    while workflow is not None:
        chosen = [r for r in workflow.done if event.activity in (None, r["element"])]
        workflow.done = [r for r in workflow.done if event.activity not in (None, r["element"])]
        chain = [[workflow.place, r] for r in chosen] + chain
        seen_outwards = workflow is not top and workflow.host.task_spec.node.by_event
        workflow = workflow.host.workflow if seen_outwards else None
    if not chain:
        return True
    go_on(top, {"rest": chain, "then": thrower.id if event.waits else None})
    return not event.waits


def has_inside_running(workflow: Any) -> bool:
    """Whether `inside_running` finds anything; nothing is changed by asking."""
    return any(
        token.internal_data.get("loop", {}).get("undone") or (inside is not None and _any(inside))
        for token, inside in _running(workflow)
    )


def _any(inside: Any) -> bool:
    return bool(inside.done) or has_inside_running(inside)


def inside_running(workflow: Any) -> list[Record]:
    """What is completed in activities of a scope that still run: instances of repeated ones, and
    whatever their insides hold. They leave it when they are cut short (§10.5.1).
    """
    top, found = workflow.top_workflow, []
    for token, inside in _running(workflow):
        marks = token.internal_data
        found += marks.get("loop", {}).get("undone", ())
        if inside is None or not _any(inside):
            continue
        if token.task_spec.node.by_event and not top.world.follows(UNDONE_BY_EVENT):
            continue
        record: Record = {"element": token.task_spec.node.id, "at": top.next_number()}
        done = [*inside.done, *inside_running(inside)]
        record |= {"scope": inside.frame.number, "done": done, "cut": True}
        if "frame" in marks:
            _seal(token.frame)
            record["frame"] = token.frame.number
        found.append(record)
    return found


def _running(workflow: Any) -> list[tuple[Token, Any]]:
    """The live tokens of a scope, oldest first, with the inside of those whose can be undone."""
    tokens, insides = workflow.live.values(), workflow.top_workflow.subprocesses
    return [
        (t, insides.get(t.id) if _is_undoable(t) else None)
        for t in sorted(tokens, key=lambda t: t.id)
    ]


def _is_undoable(token: Token) -> bool:
    return getattr(token.task_spec, "keeps", False) and "undo" not in token.internal_data


def is_undoing(workflow: Any) -> bool:
    """Whether something in a scope, or inside what runs in it, is being undone."""
    insides = workflow.top_workflow.subprocesses
    return any(
        "undo" in token.internal_data or (token.id in insides and is_undoing(insides[token.id]))
        for token in workflow.live.values()
    )


def break_off(workflow: Any, by: Token) -> None:
    """Puts back what is being undone in a scope, and what was to be undone after it: whose undoing
    is broken off is not undone yet. What the token is inside of has come to its end by it.
    """
    top, insides = workflow.top_workflow, workflow.top_workflow.subprocesses
    for token in sorted(workflow.live.values(), key=lambda t: t.id):
        chain: Any = token.internal_data.get("undo")
        for place, record in chain["rest"] if chain else ():
            scope = top.inside_of(place)
            if scope is not None:
                scope.done.append(record)
        inside = insides.get(token.id)
        if inside is not None:
            break_off(inside, by)
        if chain and not _is_inside(by, inside):
            workflow.done.append(_put_back(token, inside, chain["rest"]))
    workflow.done.sort(key=lambda record: record["at"])


def _is_inside(token: Token, scope: Any) -> bool:
    workflow, top = token.workflow, token.workflow.top_workflow
    while workflow is not scope and workflow is not top:
        workflow = workflow.host.workflow
    return workflow is scope


def _put_back(token: Token, inside: Any, rest: Any) -> Record:
    """The record that a handler came from, or the inside of a sub-process that is undone by
    undoing what is in it; completed after what its chain goes on with.
    """
    spec, marks = token.task_spec, token.internal_data
    at = max((r["at"] for p, r in rest if p == token.workflow.place), default=0)
    if "reopened" not in marks:
        record: Record = {"element": spec.scope.undone_by(spec.node.id), "at": at}
    else:
        record = {"element": spec.node.id, "at": at, "scope": inside.frame.number}
        record["done"] = inside.done
    return record | ({"frame": marks["frame"]} if "frame" in marks else {})


def undo_scope(workflow: Any) -> None:
    """Everything completed in a scope is undone; the scope ends when that is done."""
    chain: Any = [[workflow.place, record] for record in workflow.done]
    workflow.done = []
    go_on(workflow.top_workflow, {"rest": chain, "then": None})
    if not workflow.live:
        workflow.top_workflow.emptied.append(workflow)


def go_on(top: Any, chain: Record) -> None:
    """Undoes the next activity of a chain; after the last one its thrower goes on."""
    rest: Any = chain["rest"]
    while rest:
        place, record = rest.pop()
        workflow = top.inside_of(place)
        if workflow is not None:
            _begin(workflow, record, {"rest": rest, "then": chain["then"]})
            return
    thrower = top.index.get(chain["then"])
    if thrower is not None and thrower.is_live:
        if top.running is not None:
            thrower.after |= top.running.after
        thrower.complete()


def _begin(workflow: Any, record: Record, chain: Record) -> None:
    element: Any = record["element"]
    marks: dict[str, Any] = {"undo": chain}
    if "frame" in record:
        marks["frame"] = record["frame"]
    handler, is_cut = workflow.spec.scope.compensation_of(element), "cut" in record
    if handler is not None and not is_cut:
        arrive(workflow, handler.id, **marks)
        return
    spec, top = workflow.spec.task_specs[element], workflow.top_workflow
    host = Token(workflow, spec, workflow.task_tree)
    # The activity is compensated, not entered once more (§13.3.2): its path shows what is inside.
    host.internal_data.update(marks, reopened=True)
    host._set_state(STARTED)
    inside = top.create_subprocess(host, spec.spec_key)
    inside.prepare(top.frames[record["scope"]])
    inside.done = record["done"]
    undoing = inside.spec.scope.undoing
    if undoing is not None and not is_cut:
        inside.spec.task_specs[undoing.id].compensate(inside)
    else:
        undo_scope(inside)


def frames_of(records: Any) -> list[int]:
    """Numbers of the frames that records refer to."""
    found: list[int] = []
    for record in records:
        found += [record[name] for name in ("frame", "scope") if name in record]
        found += frames_of(record.get("done", ()))
    return found


def frames_marked(token: Token) -> list[int]:
    """Numbers of the frames that a token's marks refer to."""
    marks: Any = token.internal_data
    found = frames_of(marks.get("loop", {}).get("undone", ()))
    if "undo" in marks:
        found += frames_of(record for _place, record in marks["undo"]["rest"])
    return found
