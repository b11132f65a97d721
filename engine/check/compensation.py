"""What is thrown to be undone must be seen from there and have something that undoes it.

Sources: BPMN 2.0.2, 10.7 (compensation), 10.5.5 (activityRef), 13.5.5 (what can be seen).
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn import Node, Process, Scope
from engine.check.finding import Finding, found


def check_compensation(path: str, process: Process) -> Iterator[Finding]:
    """Findings of activities that are thrown to be undone, and of handlers without an event."""
    around = {n.id: (scope, n) for scope in process.scopes.values() for n in scope.nodes.values()}
    for scope, node in around.values():
        if node.kind in {"intermediateThrowEvent", "endEvent"}:
            yield from _thrown(path, process, around, (scope, node))
    for scope in process.scopes.values():
        led_to = {n.handler for n in scope.nodes.values() if n.compensates}
        for node in scope.nodes.values():
            if node.compensation and node.id not in led_to:
                yield found(path, "handler-unused", node)


def _thrown(
    path: str,
    process: Process,
    around: dict[str, tuple[Scope, Node]],
    thrown: tuple[Scope, Node],
) -> Iterator[Finding]:
    scope, thrower = thrown
    for event in thrower.events:
        if event.kind != "compensate" or event.activity not in around:
            continue
        target_scope, target = around[event.activity]
        if target_scope.id not in _seen(around, scope):
            yield found(path, "compensation-unseen", thrower, ref=target.name or target.id)
        elif not _can_be_undone(process, target_scope, target):
            yield found(path, "nothing-to-undo", thrower, ref=target.name or target.id)


def _seen(around: dict[str, tuple[Scope, Node]], scope: Scope) -> set[str]:
    """The scopes whose activities are seen from one: itself, and from an event sub-process those
    that are seen from the scope around it.
    """
    seen = {scope.id}
    while scope.id in around:
        outer, host = around[scope.id]
        if not host.by_event:
            break
        scope = outer
        seen.add(scope.id)
    return seen


def _can_be_undone(process: Process, scope: Scope, node: Node) -> bool:
    """Whether an activity has a handler, or something inside it has. A called process may be
    drawn in another file.
    """
    if node.kind == "callActivity" or scope.compensation_of(node.id) is not None:
        return True
    inside = process.scopes.get(node.id)
    return inside is not None and (
        inside.undoing is not None
        or any(_can_be_undone(process, inside, inner) for inner in inside.nodes.values())
    )
