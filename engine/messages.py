"""Messages and signals from outside a case: who gets them, and which cases they begin.

A message goes to every case that waits for its name under its correlation key, to one token of
each; when none does, it begins cases at the start events that wait for it. A start event with a
key (its property `correlation`, FEEL over the message) begins one case a key: while that case is
open, a message of the same key begins no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import carrying, correlation, deploying, values
from engine.bpmn import EventDefinition, Node, Process
from engine.cases import Start, move_if_open, start
from engine.conversations import ANY, key_at, key_of
from engine.correlation import Key, of_start, of_text
from engine.errors import NobodyWaits
from engine.moves import Mover, Step, own_data
from engine.ports import Actor
from engine.program import Program
from engine.tables import Case, Version, Wait
from engine.values import Record
from engine.world import World


@dataclass(frozen=True)
class Post:
    """A message from outside. A case that it begins is of `unit`, of the actor's own without.

    errand: the key of the errand that brings it from another case; the journal names it.
    """

    message: str
    key: Key | None
    data: Record
    actor: Actor
    now: datetime
    unit: str | None = None
    errand: str | None = None

    @property
    def source(self) -> Record:
        """What an entry says of where the message came from."""
        return {} if self.errand is None else {"errand": self.errand}


def from_outside(
    message: str, correlation: str | None, data: Record, *, actor: Actor, now: datetime
) -> Post:
    """A message under the key that a text is. Raises ValueRefused for what no database keeps."""
    key = None if correlation is None else of_text(correlation)
    return Post(message, key, data, actor, now)


@dataclass(frozen=True)
class Trigger:
    """An element whose event can begin a case."""

    version: Version
    program: Program
    process: Process
    node: Node
    event: EventDefinition

    @property
    def begins(self) -> Record:
        """What the case has to know of its beginning."""
        found: Record = {"trigger": {"kind": self.event.kind, "name": self.event.name}}
        if self.process is not self.program.process:
            found["pool"] = self.process.id
        return found if self.node.parallel or "pool" in found else {}

    def start(self, session: Session, mover: Mover, post: Post, key: Record | None = None) -> int:
        """The id of the case that has begun."""
        begins = {**self.begins, **post.source} | ({} if key is None else {"key": key})
        order = Start(
            self.version.process_key,
            post.data,
            post.actor,
            post.now,
            post.unit or post.actor.unit,
            self.node.id,
            begins,
        )
        return start(session, mover, order).case_id


def triggers(session: Session, mover: Mover, kind: str, name: str, now: datetime) -> list[Trigger]:
    """What waits for a message or signal to begin a case, in the versions in force."""
    return [
        Trigger(version, program, process, node, event)
        for version in deploying.all_in_force(session, now)
        for program in (mover.program(session, version.id, version.sha256),)
        for process in program.pools
        for node, event in _events(process)
        if event.kind == kind and event.name == name
    ]


def _events(process: Process) -> Iterator[tuple[Node, EventDefinition]]:
    for element in process.top.triggers():
        node = process.top.nodes.get(element)
        if node is not None:
            yield from ((node, event) for event in node.events)


def deliver(session: Session, mover: Mover, post: Post) -> list[int]:
    """See `Engine.deliver`."""
    touched: list[int] = []
    sender = carrying.parent_of(session, post.errand)
    receivers = _receivers(session, mover, post) or _first_of_any(session, mover, post)
    for case_id, token, element in receivers:
        given: Record = {
            "kind": "message_received",
            "token": token,
            "element": element,
            "name": post.message,
            "data": own_data(post.data),
            **post.source,
        }
        step = Step(given, post.actor, post.now, token=token)
        if case_id in touched:
            continue
        if move_if_open(session, mover, step, case_id, sender=sender):
            touched.append(case_id)
    return touched or _start_by_message(session, mover, post)


Place = tuple[int, int, str]
"""What waits: the case, its token, the element."""


def _waiting(post: Post) -> sa.Select[int, int, str]:
    return (
        sa.select(Wait.case_id, Wait.token, Wait.element)
        .where(Wait.kind == "message", Wait.name == post.message)
        .order_by(Wait.case_id, Wait.token)
    )


def _receivers(session: Session, mover: Mover, post: Post) -> list[Place]:
    """Everything that waits for the message under its key."""
    query = _waiting(post)
    if post.key is not None:
        query = query.where(Wait.correlation.in_(post.key.texts))
        return [(case, token, element) for case, token, element in session.execute(query)]
    return [
        place
        for place, awaited, key in _with_keys(session, mover, post, query)
        if awaited in ((None,) if key is None else key.texts)
    ]


def _first_of_any(session: Session, mover: Mover, post: Post) -> list[Place]:
    """Who has waited longest for a message that will populate a key of its conversation: the
    message under no known key begins none.
    """
    query = _waiting(post).where(Wait.correlation == ANY)
    if post.key is None:
        rows = _with_keys(session, mover, post, query)
        return [place for place, _, key in rows if key is not None and key.is_known][:1]
    if not post.key.is_known:
        return []
    rows_of_one = session.execute(query.limit(1))
    return [(case, token, element) for case, token, element in rows_of_one]


def _with_keys(
    session: Session, mover: Mover, post: Post, query: sa.Select[int, int, str]
) -> list[tuple[Place, str | None, Key | None]]:
    """What waits, under what, and the key that the message, which has none of its own, has for it
    by the properties of its drawing: worked out once for each drawing and element, however many
    wait there.
    """
    more = query.join(Case, Case.id == Wait.case_id).join(Version, Version.id == Case.version_id)
    rows = session.execute(more.add_columns(Wait.correlation, Version.id, Version.sha256)).all()
    keys: dict[tuple[int, str], Key | None] = {}
    found = []
    for case_id, token, element, awaited, version_id, sha256 in rows:
        at = (version_id, element)
        if at not in keys:
            events = mover.program(session, version_id, sha256).events_at(element)
            keys[at] = key_at(events, post.message, post.data, post.now)
        found.append(((case_id, token, element), awaited, keys[at]))
    return found


def message_key(event: EventDefinition, post: Post) -> Key | None:
    """A key made of a message by its correlation properties (§8.4.2); None without any."""
    return key_of(event, post.data, World(post.now, {}), post.message)


def _key_at(trigger: Trigger, post: Post) -> Key | None:
    """The key under which a message begins one case; None without any."""
    own = trigger.node.properties.get("correlation")
    if own:
        found = correlation.evaluated((own,), post.data, World(post.now, {}), post.message)
        return of_start(post.key, found)
    if not trigger.event.retrieval:
        return None
    return of_start(post.key, message_key(trigger.event, post))


def _start_by_message(session: Session, mover: Mover, post: Post) -> list[int]:
    started: list[int] = []
    for trigger in triggers(session, mover, "message", post.message, post.now):
        key = _key_at(trigger, post)
        record: Record | None = None
        if key is not None and key.is_known:
            record = {"element": trigger.node.id, "name": post.message, "correlation": key.text}
            _queue(session, trigger, record)
            if _has_begun(session, trigger, record, key):
                continue
        started.append(trigger.start(session, mover, post, record))
    if not started:
        raise NobodyWaits(message=post.message)
    return started


def _queue(session: Session, trigger: Trigger, key: Record) -> None:
    """Of two messages of one key the second waits until the first is committed, and then finds
    the case that it began. SQLite lets no two transactions write at once anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        names = (trigger.version.process_key, key["element"], key["name"], key["correlation"])
        digest = hashlib.sha256(values.encode(list(names)).encode()).digest()
        number = int.from_bytes(digest[:8], "big", signed=True)
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _has_begun(session: Session, trigger: Trigger, record: Record, key: Key) -> bool:
    """Whether an open case of the process was begun under this key."""
    query = (
        sa.select(Wait.case_id)
        .join(Case, Case.id == Wait.case_id)
        .where(
            Wait.kind == "key",
            Wait.name == record["name"],
            Wait.correlation.in_(key.texts),
            Wait.element == record["element"],
            Case.process_key == trigger.version.process_key,
        )
    )
    return session.scalar(query.limit(1)) is not None


def waiting_for_signal(session: Session, name: str) -> list[int]:
    """Ids of the cases that wait for a signal."""
    query = sa.select(Wait.case_id).where(Wait.kind == "signal", Wait.name == name).distinct()
    return list(session.scalars(query.order_by(Wait.case_id)))


def start_by_signal(session: Session, mover: Mover, post: Post) -> list[int]:
    """A case begins at every start event that waits for the signal; their ids."""
    found = triggers(session, mover, "signal", post.message, post.now)
    return [trigger.start(session, mover, post) for trigger in found]
