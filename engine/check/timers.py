"""Timers: that their times can be read, and that cycles end or leave time to breathe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from engine import feel
from engine.bpmn import EventDefinition, Node, Process
from engine.check.finding import Finding, found
from engine.check.runs import SHORTEST_CYCLE_SECONDS
from engine.spelling import is_iso, spans, with_seconds

_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No case of ours began before."""

_CYCLE = re.compile(r"^R([0-9]{0,9})/(?P<rest>.+)\Z")


def check_timers(path: str, process: Process) -> Iterator[Finding]:
    """Findings about the timers of a process whose times are written out."""
    for node in process.nodes():
        for event in node.events:
            if event.kind != "timer":
                continue
            if event.timer is None:
                yield found(path, "timer-not-set", node)
            elif not event.text:
                yield found(path, "no-time", node)
            elif is_iso(event.text.strip()):
                yield from _timer(path, node, event)


def _timer(path: str, node: Node, event: EventDefinition) -> Iterator[Finding]:
    text = (event.text or "").strip()
    if event.timer == "cycle" or text.startswith("R"):
        yield from _cycle(path, node, text)
    elif time_of(text) is None:
        yield found(path, "timer-invalid", node, text=text[:100])


def _cycle(path: str, node: Node, text: str) -> Iterator[Finding]:
    match = _CYCLE.match(text)
    if match is None or not is_cycle(text):
        yield found(path, "timer-invalid", node, text=text[:100])
        return
    if match[1] and not int(match[1]):
        yield found(path, "timer-never", node, text=text[:100])
        return
    repeats = node.kind == "startEvent" or (node.kind == "boundaryEvent" and not node.interrupting)
    if match[1] or not repeats:
        return
    pause = time_of(next(p for p in reversed(match["rest"].split("/")) if p[:1] == "P"))
    seconds = int(pause.total_seconds()) if isinstance(pause, timedelta) else None
    if seconds is not None and seconds < SHORTEST_CYCLE_SECONDS:
        yield found(path, "timer-never-ends", node, seconds=seconds)
    elif node.kind == "boundaryEvent":
        yield found(path, "timer-endless", node)


def is_cycle(text: str) -> bool:
    """Whether a text writes a cycle whose times a calendar has."""
    match = _CYCLE.match(text)
    parts = match["rest"].split("/") if match is not None else []
    has_span = any(part[:1] == "P" for part in parts)
    return has_span and len(parts) <= 2 and all(time_of(part) is not None for part in parts)


def time_of(text: str) -> object | None:
    """The date, instant or span that a text writes, the longest part of a span that has several;
    None where it writes none, or a span whose end no calendar has.
    """
    parts = [_part(part) for part in spans(text)]
    if None in parts or not _is_reached(parts):
        return None
    long = [p for p in parts if not (isinstance(p, feel.YearsMonths) and p.total == 0)]
    return [*long, parts[0]][0]


def _is_reached(parts: list[object | None]) -> bool:
    """Whether a span ends before the year 10000, even if it begins as early as any can."""
    moment: object = _EARLIEST
    for part in parts:
        if isinstance(part, timedelta | feel.YearsMonths):
            moment = feel.parse("a + b").evaluate({"a": moment, "b": part}, {})
    return isinstance(moment, datetime)


def _part(text: str) -> object | None:
    form = "duration(t)" if text[:1] in "P-" else (
        "date and time(t)" if "T" in text else "date(t)"
    )  # fmt: skip
    try:
        value = feel.parse(form).evaluate({"t": with_seconds(text)}, {})
    except feel.FeelError:
        return None
    is_time = isinstance(value, date | datetime | timedelta | feel.YearsMonths)
    return value if is_time else None
