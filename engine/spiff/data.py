"""Variables of an activity's own: data associations and Camunda's input parameters (§10.3.2)."""

from __future__ import annotations

from engine import expressions
from engine.bpmn import DataAssociation, Node
from engine.spiff.tokens import Token
from engine.values import Record, Value


def read_in(token: Token, node: Node) -> Record:
    """What the data input associations give, by the names of the data inputs."""
    found: Record = {}
    view = token.frame.view()
    for association in node.data_in:
        if association.target and (association.sources or association.transformation):
            found[association.target] = _carried(token, association, view)
        for source, name in association.assignments:
            found[name] = _evaluated(token, source, {**view, **found})
    return found


def write_out(token: Token, node: Node, view: Record, result: Record | None = None) -> None:
    """Writes what the data output associations carry into the scope around the activity.

    result: what an event brought; a data output that it does not name is all of it.
    """
    frame = token.workflow.frame
    if "of" in token.internal_data or not node.is_activity:
        frame = token.frame
    for association in node.data_out:
        if association.target and (association.sources or association.transformation):
            seen = view
            if result is not None:
                seen = {**view, **{s: result.get(s, result) for s in association.sources}}
            frame.put(association.target, _carried(token, association, seen))
        for source, name in association.assignments:
            frame.put(name, _evaluated(token, source, view))


def _carried(token: Token, association: DataAssociation, view: Record) -> Value:
    if association.transformation:
        return _evaluated(token, association.transformation, view)
    return view.get(association.sources[0])


def _evaluated(token: Token, source: str, view: Record) -> Value:
    world = token.workflow.top_workflow.world
    return expressions.value(source, view, world, token.task_spec.label)


def localise(token: Token, content: Record, names: tuple[str, ...] = ()) -> None:
    """Gives the token variables of its own; every other name is written further out as before."""
    if not content and not names:
        return
    if "of" in token.internal_data and "frame" in token.internal_data:
        token.frame.take(content)
        return
    top = token.workflow.top_workflow
    local = tuple(dict.fromkeys([*content, *names]))
    token.internal_data["frame"] = top.new_frame(token.frame, content, local).number


def own_names(node: Node) -> set[str]:
    """Variables that an activity has for itself: what comes in, and its data outputs."""
    names = {name for name, _source in node.inputs}
    names |= {a.target for a in node.data_in if a.target}
    names |= {name for a in node.data_in for _source, name in a.assignments}
    return names | {name for a in node.data_out for name in a.sources}
