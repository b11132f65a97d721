"""What the pools of one file say to one another, and which of them begin by it (BPMN 2.0
§9, §13.5).

The chosen process begins. Every other executable process of the file that none calls is a pool
that takes part:
- a message goes to each case that waits for it under its key, one token of each, else begins a
  case at each start event, receive task or event gateway of another pool that it instantiates;
- a signal reaches every case that waits, and begins a case at each start event of another pool;
- a pool with a plain start event begins once, as soon as something is said that it waits for
  somewhere, or somebody waits for something that it says;
- a message that nobody waits for yet is kept, a signal is lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine import conversations, correlation
from engine.apply import Waiting
from engine.bpmn import EventDefinition, Node, Process
from engine.conversations import ANY, Message, key_at, key_of, texts_of
from engine.correlation import Key
from engine.errors import StepFailed
from engine.simulation.choosing import names_of
from engine.values import Record
from engine.world import World

SPEAKING = frozenset({"intermediateThrowEvent", "endEvent", "sendTask"})
SAID = ("message", "signal")
NOW, FIRST = "now", "first"


@dataclass(frozen=True)
class Said:
    """A message or signal that case `number` has thrown; key: of a message."""

    kind: str
    number: int
    name: str
    data: Record
    key: Key | None = None


@dataclass(frozen=True)
class Begun:
    """An element of a pool whose event begins a case. key: {"element", "correlation", ...} under
    which one case alone may be open, nothing where any number may; texts: how else it may be told.
    """

    process: Process
    node: Node
    event: EventDefinition
    key: Record = field(default_factory=dict)
    texts: tuple[str, ...] = ()

    @property
    def trigger(self) -> Record:
        """What the case has to know of its beginning."""
        return {"kind": self.event.kind, "name": self.event.name}

    def is_as(self, key: Record) -> bool:
        """Whether a case under that key has begun by it: under one of its keys, and none against
        the others.
        """
        texts = {*self.texts, *texts_of(self.key)}
        is_same = key.get("element") == self.node.id and not texts.isdisjoint(texts_of(key))
        return is_same and conversations.agrees(key, self.key)


class Between:
    """What was said and has not been passed on yet, and which pools may begin by it.

    kept: messages that nobody has waited for yet.
    """

    def __init__(self, pools: Sequence[Process]) -> None:
        self.pools = pools
        self.kept: list[Said] = []
        self._begun: dict[int, str] = {}
        self._ids: set[str] = set()
        self._said: deque[Said] = deque()
        # Pools that begin by themselves and have not, with the words that they catch and throw.
        self._caught: dict[tuple[str, str], dict[str, Process]] = {}
        self._spoken: dict[str, dict[str, Process]] = {}
        self._events: dict[tuple[str, str | None], list[Begun]] = {}
        self._named: dict[str, list[Begun]] = {}
        for process in pools:
            self._list(process)

    def _list(self, process: Process) -> None:
        for begun in _triggers(process):
            self._events.setdefault((begun.event.kind, begun.event.name), []).append(begun)
            for name in names_of(begun.node):
                self._named.setdefault(name, []).append(begun)
        if not _begins_by_itself(process):
            return
        for kind in SAID:
            for name in _words(process, kind, caught=True):
                self._caught.setdefault((kind, name), {})[process.id] = process
            for name in _words(process, kind, caught=False):
                self._spoken.setdefault(name, {})[process.id] = process

    @property
    def waiting(self) -> bool:
        """Whether something was said that may still come to somebody."""
        return bool(self._said or self.kept)

    def note(self, number: int, process: str) -> None:
        """Case `number` has begun and runs that process."""
        self._begun[number] = process
        self._ids.add(process)

    def hear(self, number: int, sent: Sequence[Any], thrown: Sequence[tuple[str, Record]]) -> None:
        """What a case has sent in its last step."""
        self._said += [Said("message", number, p.name, p.data, p.key) for p in sent]
        self._said += [Said("signal", number, name, data) for name, data in thrown]

    def next(self) -> Said | None:
        """The oldest thing said, which is then passed on."""
        return self._said.popleft() if self._said else None

    def listeners(self, said: Said) -> list[Process]:
        """Pools that begin by themselves, have not begun, and wait for it somewhere."""
        return self._to_begin(self._caught.get((said.kind, said.name), {}))

    def speakers(self, name: str) -> list[Process]:
        """Pools that begin by themselves, have not begun, and say what is waited for."""
        return self._to_begin(self._spoken.get(name, {}))

    def spoken(self) -> list[str]:
        """What pools say that begin by themselves and have not begun."""
        return [name for name, pools in self._spoken.items() if self._to_begin(pools)]

    def _to_begin(self, pools: dict[str, Process]) -> list[Process]:
        """Those that have not begun; the others are left out for good."""
        for begun in pools.keys() & self._ids:
            del pools[begun]
        return list(pools.values())

    def begun_by(self, name: str) -> Begun | None:
        """What something sent from outside begins: a pool that has not begun, by the name or id of
        its event.
        """
        found = self._named.get(name, ())
        return next((begun for begun in found if begun.process.id not in self._ids), None)

    def begun_with(self, said: Said, now: datetime) -> Iterator[Begun]:
        """The elements of other pools that begin a case with it."""
        for found in self._events.get((said.kind, said.name), ()):
            if found.process.id != self._begun[said.number]:
                yield _with_key(found, said, now)


def _triggers(process: Process) -> Iterator[Begun]:
    """The events of a pool that begin a case."""
    for element in process.top.triggers():
        node = process.top.nodes.get(element)
        if node is not None:
            yield from (Begun(process, node, event) for event in node.events)


def fits(said: Said, waiting: Waiting, node: Node, now: datetime, *, loose: bool) -> str | None:
    """Whether the message is the one that the element waits for, under its key if it has one: NOW,
    or FIRST where it goes to one of those alone that wait so.

    loose: whether data were passed, so that a key that is not known may be any.
    """
    marks, message = waiting.marks, Message(said.name, said.key, said.data)
    if conversations.takes(marks, message, node.events, now):
        return FIRST if marks.get("correlation") == ANY else NOW
    if not loose or marks.get("name") != said.name:
        return None
    awaited = marks.get("correlation")
    key = said.key or key_at(node.events, said.name, said.data, now)
    keys = (key, Key(awaited) if isinstance(awaited, str) else None)
    return FIRST if any(one is not None and not one.is_known for one in keys) else None


def contradicts(waiting: Waiting, node: Node, data: Record, now: datetime) -> bool:
    """Whether a message from outside with those data has another key than is awaited. One whose
    data give no key has none to contradict.
    """
    awaited = waiting.marks.get("correlation")
    if not isinstance(awaited, str) or awaited == ANY or not Key(awaited).is_known:
        return False
    name, own = str(waiting.marks.get("name")), node.properties.get("correlation")
    said = Said("message", 0, name, data)
    try:
        key = _own(own, said, now) if own else key_at(node.events, name, data, now)
    except StepFailed:
        return False
    if key is None or not key.is_known:
        return False
    if {*texts_of(waiting.marks)}.isdisjoint(key.texts):
        return True
    return conversations.contradicts(waiting.marks, data, key, World(now, {}), name)


def _own(text: str, said: Said, now: datetime) -> Key:
    return correlation.evaluated((text,), said.data, World(now, {}), said.name)


def _with_key(found: Begun, said: Said, now: datetime) -> Begun:
    own = found.node.properties.get("correlation")
    if said.kind != "message" or not (own or found.event.retrieval):
        return found
    if own:
        key: Key | None = _own(own, said, now)
    else:
        key = key_of(found.event, said.data, World(now, {}), said.name)
    key = correlation.of_start(said.key, key)
    if key is None or not key.is_known:
        return found
    record: Record = {"element": found.node.id, "correlation": key.text}
    if not own:
        record |= conversations.populated(found.event, said.data, now, said.name)
    return replace(found, key=record, texts=key.texts)


def _begins_by_itself(process: Process) -> bool:
    starts = process.top.starts()
    return any(not s.events for s in starts) or not (starts or process.top.triggers())


def _words(process: Process, kind: str, *, caught: bool) -> set[str]:
    """Names of the messages or signals that a process waits for on its way, or that it throws."""
    beginning = process.top.triggers()
    return {
        event.name
        for node in process.nodes()
        if (node.kind not in SPEAKING) == caught and not (caught and node.id in beginning)
        for event in node.events
        if event.kind == kind and event.name
    }
