"""Messages and signals from outside a case: who gets them, and which cases they begin.

A message goes to every case that waits for its name under its correlation key, to one token of
each; when none does, it begins cases at the start events that wait for it. A start event with a
key (its property `correlation`, FEEL over the message) begins one case a key: while that case is
open, a message of the same key begins no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import carrying, correlation, deploying, former_order, jobs, values
from engine.apply import waits_at
from engine.bpmn import EventDefinition, Node, Process
from engine.cases import Start, move_if_open, start
from engine.conversations import ANY, Message, agrees, key_at, key_of, populated, takes, texts_of
from engine.correlation import Key, of_start, of_text
from engine.errors import NobodyWaits, QuytrinhError
from engine.former_order import Then
from engine.moves import Mover, Step, own_data
from engine.ports import Actor
from engine.program import Program
from engine.spiff import CaseWorkflow, key_of_state
from engine.tables import Case, Version, Wait, WaitKey
from engine.values import Record
from engine.world import World

MOST_OF_KEY = 120
"""Letters of an errand's key that say of which message it is."""


@dataclass(frozen=True)
class Post:
    """A message from outside. A case that it begins is of `unit`, of the actor's own without.

    errand: the key of the errand that brings it from another case; the journal names it. only: the
    case that it is brought to again, since it could not go on when all others got it.
    """

    message: str
    key: Key | None
    data: Record
    actor: Actor
    now: datetime
    unit: str | None = None
    errand: str | None = None
    only: int | None = None

    @property
    def source(self) -> Record:
        """What an entry says of where the message came from."""
        return {} if self.errand is None else {"errand": self.errand}


def from_outside(
    message: str, correlation: str | None, data: Record, *, actor: Actor, now: datetime
) -> Post:
    """A message under the key that a text is. Raises ValueRefused for what no database keeps."""
    key = None if correlation is None else of_text(correlation)
    return Post(values.composed(message), key, data, actor, now)


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
    """See `Engine.deliver`.

    Who waits is read before the cases are locked: one that went on in between may listen again,
    and another may be the first of those that wait. So it is asked again until nobody was missed.
    A case that cannot go on keeps the message from no other: it gets an errand of its own, which
    says what is wrong with it.
    """
    round_ = _Round(session, mover, post)
    round_.hand_over()
    if not (round_.touched or round_.failed or post.only):
        started = _start_by_message(session, mover, post)
        if started:
            return started
        # The case that another message of this key has begun meanwhile may wait for this one.
        round_.hand_over()
        if not (round_.touched or round_.failed):
            raise NobodyWaits(message=post.message)
    if round_.failed and not round_.touched:
        raise next(iter(round_.failed.values()))
    for case_id in round_.failed:
        _bring_again(session, post, case_id)
    return round_.touched


class _Round:
    """A message on its way to those who wait: which cases got it, and which could not go on."""

    def __init__(self, session: Session, mover: Mover, post: Post) -> None:
        self.session, self.mover, self.post = session, mover, post
        self.touched: list[int] = []
        self.failed: dict[int, QuytrinhError] = {}
        self._tried: set[Place] = set()
        self._sender = carrying.parent_of(session, post.errand)

    def hand_over(self) -> None:
        """To everybody who waits for it, until nobody was missed."""
        while places := self._next():
            missed, only = False, not (self.touched or self.failed or places[1:])
            for place in places:
                self._tried.add(place)
                if place[0] in self.touched or place[0] in self.failed:
                    continue
                try:
                    with nullcontext() if only else self.session.begin_nested():
                        if self._hand_to(place):
                            self.touched.append(place[0])
                        else:
                            missed = True
                except QuytrinhError as problem:
                    self.failed[place[0]] = problem
            if not missed:
                break

    def _next(self) -> list[Place]:
        return _next_places(
            self.session, self.mover, self.post, touched=self.touched, tried=self._tried
        )

    def _hand_to(self, place: Place) -> bool:
        return _hand_over(self.session, self.mover, self.post, place, sender=self._sender)


def _bring_again(session: Session, post: Post, case_id: int) -> None:
    """An errand of its own brings the message to the one case."""
    source = post.errand or f"message:{uuid4()}:{post.message}"[:MOST_OF_KEY]
    key: Record = {"correlation": None} if post.key is None else post.key.record
    order = {"message": post.message, **key, "data": post.data, "unit": post.unit, "case": case_id}
    jobs.enqueue(session, "deliver", order, key=f"{source}:{case_id}", at=post.now, due_at=None)


def _next_places(
    session: Session, mover: Mover, post: Post, *, touched: list[int], tried: set[Place]
) -> list[Place]:
    """Everything that waits for the message under its key; if nothing did, who has waited longest
    for one that will populate a key of its conversation: the message under no known key begins
    none. Of those that were not tried.
    """
    found: set[Place] = set()
    of_any: set[Place] = set()
    then = _since_then(session, mover, post)
    today = _waiting(session, mover, post, most=len(tried) + 1)
    for place, awaited, key in [*(r for r in today if r[0] not in then), *then.values()]:
        if place in tried or place[0] in touched:
            continue
        if awaited in ((None,) if key is None else key.texts):
            found.add(place)
        elif awaited == ANY and key is not None and key.is_known:
            of_any.add(place)
    return sorted(found) if found or touched else sorted(of_any)[:1]


def _hand_over(
    session: Session, mover: Mover, post: Post, place: Place, *, sender: Case | None
) -> bool:
    """Whether the case, now that it is locked, still waits there for the message, and got it."""
    case_id, token, element = place
    given: Record = {
        "kind": "message_received",
        "token": token,
        "element": element,
        "name": post.message,
        "data": own_data(post.data),
        **post.source,
    }
    step = Step(given, post.actor, post.now, token=token)
    message = Message(post.message, post.key, post.data)

    def awaits(case: CaseWorkflow) -> bool:
        events = case.program.events_at(element)
        waits, before = waits_at(case, token), Then(session, message, post.now)
        return any(
            takes(w.marks, before.meant(case_id, element, w.marks, events), events, post.now)
            for w in waits
            if w.kind == "message"
        )

    return move_if_open(session, mover, step, case_id, sender=sender, awaits=awaits)


Place = tuple[int, int, str]
"""What waits: the case, its token, the element."""


_Waiting = tuple[Place, str | None, Key | None]
"""What waits, under what, and the key that the message has for it."""


def _waiting(session: Session, mover: Mover, post: Post, *, most: int) -> list[_Waiting]:
    """What waits for the message, once for each key that it waits under; `most` of those that
    wait under any.

    One statement, hence of one instant: what waits under any key gets one by somebody else's
    message, and between two questions it would wait under neither.
    """
    same = sa.and_(WaitKey.case_id == Wait.case_id, WaitKey.token == Wait.token)
    own = _named(post, Wait.correlation)
    others = _named(post, WaitKey.correlation).join(WaitKey, same)
    if post.key is None:
        return _with_keys(session, mover, post, sa.union_all(own, others))
    texts = post.key.texts
    under = [own.where(Wait.correlation.in_(texts)), others.where(WaitKey.correlation.in_(texts))]
    if post.key.is_known:
        of_any = own.where(Wait.correlation == ANY).order_by(Wait.case_id, Wait.token)
        under.append(sa.select(of_any.limit(most).subquery()))
    rows = session.execute(sa.union_all(*under))
    return [((case, token, element), awaited, post.key) for case, token, element, awaited in rows]


def _since_then(session: Session, mover: Mover, post: Post) -> dict[Place, _Waiting]:
    """What waits for the message under a key in the order of before, see `former_order`."""
    if post.key is not None and not former_order.is_of_parts(post.key):
        return {}
    query = _named(post, Wait.correlation).where(former_order.has_parts())
    then = Then(session, Message(post.message, post.key, post.data), post.now)
    found: dict[Place, _Waiting] = {}
    for place, awaited, (_version, element), events in _drawn(session, mover, query):
        key = then.key(place[0], element, awaited, events)
        if key is not None:
            found[place] = (place, awaited, key)
    return found


def _named(post: Post, awaited: sa.SQLColumnExpression[Any]) -> sa.Select[Any]:
    columns: list[Any] = [Wait.case_id, Wait.token, Wait.element, awaited.label("awaited")]
    found: sa.Select[Any] = sa.select(*columns)
    found = found.where(Wait.kind == "message", Wait.name == post.message)
    return found if post.only is None else found.where(Wait.case_id == post.only)


_Drawn = tuple[Place, str | None, tuple[int, str], Sequence[EventDefinition]]
"""What waits, under what; the version and the element at which it does, with its events."""


def _drawn(
    session: Session, mover: Mover, query: sa.Select[Any] | sa.CompoundSelect[Any]
) -> Iterator[_Drawn]:
    waits = query.subquery()
    more = sa.select(waits, Version.id, Version.sha256).join(Case, Case.id == waits.c.case_id)
    rows = session.execute(more.join(Version, Version.id == Case.version_id)).all()
    for case_id, token, element, awaited, version_id, sha256 in rows:
        events = mover.program(session, version_id, sha256).events_at(element)
        yield (case_id, token, element), awaited, (version_id, element), events


def _with_keys(
    session: Session, mover: Mover, post: Post, query: sa.CompoundSelect[Any]
) -> list[_Waiting]:
    """The message has no key of its own: it has one by the properties of each drawing, worked out
    once for each drawing and element, however many wait there.
    """
    keys: dict[tuple[int, str], Key | None] = {}
    found = []
    for place, awaited, at, events in _drawn(session, mover, query):
        if at not in keys:
            keys[at] = key_at(events, post.message, post.data, post.now)
        found.append((place, awaited, keys[at]))
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
    """The cases that have begun by the message; none where each was begun under its key before."""
    started: list[int] = []
    for trigger in triggers(session, mover, "message", post.message, post.now):
        key = _key_at(trigger, post)
        record: Record | None = None
        if key is not None and key.is_known:
            record = {"element": trigger.node.id, "name": post.message, "correlation": key.text}
            if not trigger.node.properties.get("correlation"):
                record |= populated(trigger.event, post.data, post.now, post.message)
            _queue(session, trigger, record)
            if _has_begun(session, trigger, record, key):
                continue
        started.append(trigger.start(session, mover, post, record))
    return started


def _queue(session: Session, trigger: Trigger, key: Record) -> None:
    """Of two messages of one key the second waits until the first is committed, and then finds
    the case that it began. SQLite lets no two transactions write at once anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        for text in sorted(texts_of(key)):
            names = (trigger.version.process_key, key["element"], key["name"], text)
            digest = hashlib.sha256(values.encode(list(names)).encode()).digest()
            number = int.from_bytes(digest[:8], "big", signed=True)
            session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _has_begun(session: Session, trigger: Trigger, record: Record, key: Key) -> bool:
    """Whether an open case of the process was begun under this key; of several, under one of them
    and none against the others.
    """
    of_case = (
        sa.select(Case.id, Case.state)
        .join(Wait, Case.id == Wait.case_id)
        .where(
            Wait.kind == "key",
            Wait.name == record["name"],
            Wait.element == record["element"],
            Case.process_key == trigger.version.process_key,
        )
    )
    same = sa.and_(WaitKey.case_id == Wait.case_id, WaitKey.token == Wait.token)
    texts = {*key.texts, *texts_of(record)}
    first = session.execute(of_case.where(Wait.correlation.in_(texts)))
    other = session.execute(of_case.join(WaitKey, same).where(WaitKey.correlation.in_(texts)))
    return any(agrees(key_of_state(state), record) for _id, state in (*first, *other))


def waiting_for_signal(session: Session, name: str) -> list[int]:
    """Ids of the cases that wait for a signal."""
    query = sa.select(Wait.case_id).where(Wait.kind == "signal", Wait.name == name).distinct()
    return list(session.scalars(query.order_by(Wait.case_id)))


def start_by_signal(session: Session, mover: Mover, post: Post) -> list[int]:
    """A case begins at every start event that waits for the signal; their ids."""
    found = triggers(session, mover, "signal", post.message, post.now)
    return [trigger.start(session, mover, post) for trigger in found]
