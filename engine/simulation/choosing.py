"""Which process of a file runs, and where it begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.bpmn import ACTIVITIES, EVENTS, GATEWAYS, EventDefinition, Node, Process
from engine.errors import Refusal
from engine.simulation.dialects import bpmn, is_bpmn, local

NODES = ACTIVITIES | GATEWAYS | EVENTS
_EVENT = ("messageEvent", "timerEvent", "signalEvent", "conditionalEvent", "eventDefinitionRef")


class NoProcess(Refusal):
    """The file {path} has no process with any element in it."""

    status = 422


class ProcessUnknown(Refusal):
    """There is no process "{wanted}" in this file. It has: {known}."""

    status = 404


def choose(root: Any, wanted: str | None, path: str) -> str:
    """The id of the process to run first: the wanted one, by its id, name or pool; else the first
    that is executable and has a plain start event, that is executable and has a start event, that
    has a plain one, that has any, that has an element. One that another calls comes after it.

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
    called = {
        c.get("calledElement", "").rpartition(":")[2] for c in root.iter(bpmn("callActivity"))
    }
    ranked = sorted(processes, key=lambda p: _rank(p, called), reverse=True)
    if not ranked or not _nodes(ranked[0]):
        raise NoProcess(path=path)
    return str(ranked[0].get("id"))


def _rank(process: Any, called: set[str]) -> tuple[bool, ...]:
    starts = process.findall(bpmn("startEvent"))
    plain = any(not any(local(e).startswith(_EVENT) for e in start) for start in starts)
    runs = process.get("isExecutable") == "true" and bool(starts)
    alone = process.get("id") not in called
    return (runs and alone, runs and plain, runs, plain and alone, bool(starts), _nodes(process))


def _nodes(process: Any) -> bool:
    return any(is_bpmn(child) and local(child) in NODES for child in process)


def partners(root: Any, chosen: str) -> list[str]:
    """The ids of the other processes that take part as pools: executable ones, or all where the
    file says of none that it is.
    """
    processes = [p for p in root.iter(bpmn("process")) if p.getparent() is root]
    runs = [p for p in processes if p.get("isExecutable") == "true"] or processes
    return [str(p.get("id")) for p in runs if p.get("id") != chosen and _nodes(p)]


def begins_by(pools: Sequence[Process], first: str | None) -> Process:
    """The pool whose case begins: the first, but one whose start event waits for what is sent
    first, where the first pool has neither that nor a plain start event.
    """
    own = start_of(pools[0], first)
    if first is None or own is None or not own.events or first in names_of(own):
        return pools[0]
    for process in pools[1:]:
        start = start_of(process, first)
        if start is not None and start.events and first in names_of(start):
            return process
    return pools[0]


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
