"""Which process of a file runs, and where it begins."""

from __future__ import annotations

from typing import Any

from engine.bpmn import EventDefinition, Node, Process
from engine.errors import Refusal
from engine.simulation.dialects import bpmn, is_bpmn, local

_CONTENT = frozenset({"startEvent", "endEvent", "task", "userTask"})


class NoProcess(Refusal):
    """The file {path} has no process with any element in it."""

    status = 422


class ProcessUnknown(Refusal):
    """There is no process "{wanted}" in this file. It has: {known}."""

    status = 404


def choose(root: Any, wanted: str | None, path: str) -> str:
    """The id of the process to run: the wanted one, by its id, name or pool; else the first that
    is executable and has a start event; else the first with a start event, with any element.

    Raises NoProcess, ProcessUnknown.
    """
    processes = [p for p in root.iter(bpmn("process")) if p.getparent() is root]
    known = ", ".join(str(p.get("id")) for p in processes) or "–"
    if wanted is not None:
        pools = {
            name: pool.get("processRef", "").rpartition(":")[2]
            for pool in root.iter(bpmn("participant"))
            for name in (pool.get("id"), pool.get("name"))
        }
        for process in processes:
            if wanted in (process.get("id"), process.get("name")):
                return str(process.get("id"))
            if pools.get(wanted) == process.get("id"):
                return str(process.get("id"))
        raise ProcessUnknown(wanted=wanted, known=known)
    ranked = sorted(processes, key=_rank, reverse=True)
    if not ranked or not _nodes(ranked[0]):
        raise NoProcess(path=path)
    return str(ranked[0].get("id"))


def _rank(process: Any) -> tuple[bool, bool, bool]:
    has_start = process.find(bpmn("startEvent")) is not None
    executable = process.get("isExecutable") == "true"
    return (executable and has_start, has_start, bool(_nodes(process)))


def _nodes(process: Any) -> bool:
    return any(
        is_bpmn(child) and (local(child).endswith(("Task", "Event", "Gateway", "Activity"))
                            or local(child) in {"task", "subProcess", "transaction"})
        for child in process
    )  # fmt: skip


def names_of(node: Node) -> set[str]:
    """By what a caller may name an element: its id, its name, or what it waits for."""
    found = {node.id, node.name, node.properties.get("label", "")}
    for event in node.events:
        found |= named(event)
    return found - {""}


def named(event: EventDefinition) -> set[str]:
    """The name and id of the message, signal or code of an event."""
    return {text for text in (event.name, event.ref, event.code) if text}


def start_of(process: Process, first: str | None) -> Node | None:
    """The start event that the case begins at; None leaves it to the engine.

    first: the message or signal that the caller sends first. It begins the case when a start
    event waits for it, unless a plain start event begins the case and something later in the
    process waits for the same.
    """
    starts = process.top.starts()
    plain = [node for node in starts if not node.events]
    if first is not None:
        meant = [node for node in starts if node.events and first in names_of(node)]
        later = [n for n in process.nodes() if n not in starts and first in names_of(n)]
        if meant and not (plain and later):
            return meant[0]
    return next(iter([*plain, *starts]), None)
