"""The journal: one append-only, hash-chained line for each input of a case, and
its verification.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import values
from engine.apply import Rest
from engine.database import table_of
from engine.errors import Refusal
from engine.ports import Actor
from engine.prepared import Prepared, Together
from engine.program import Program
from engine.tables import Entry
from engine.values import Record, Value

_BEFORE = ("case_id", "seq", "at", "kind", "actor", "actor_label", "behalf_of", "right")
_ENCODED = ("input", "facts", "rest", "path")
HASHED = (*_BEFORE, *_ENCODED, "state")
# Their canonical texts are needed for the hash anyway, so they are not made a second time.
_INSERT = Prepared(
    sa.insert(table_of(Entry)).values(
        {name: sa.bindparam(name) for name in (*_BEFORE, "state", "hash")}
        | {name: sa.bindparam(name, type_=sa.Text()) for name in _ENCODED}
    )
)


class EntryUnreadable(Refusal):
    """Entry {seq} of the journal cannot be read: it was changed after it was written."""

    status = 409


def entry_hash(entry: dict[str, Any], previous: str) -> str:
    """sha256 over the canonical text of every column but the hash itself, and the hash before."""
    return _hash(entry, [values.encode(entry[name]) for name in _ENCODED], previous)


def _hash(entry: dict[str, Any], encoded: list[str], previous: str) -> str:
    """The same when the texts of input, facts, rest and path are known already.

    A list's canonical text is that of its items with commas between them.
    """
    first = values.encode_checked([entry[name] for name in _BEFORE])
    state = f'"{entry["state"]}"' if entry["state"] is not None else "null"
    text = f'{first[:-1]},{",".join(encoded)},{state},"{previous}"]'
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Head:
    """The last entry of a case, after which the next one is chained."""

    case_id: int
    seq: int
    hash: str


@dataclass(frozen=True)
class Outcome:
    """What a step learnt from outside, where the case came to rest and the way it took there."""

    facts: list[list[Value]]
    rest: Record
    path: list[str]
    state: str | None = None


@dataclass(frozen=True)
class Line:
    """What an entry says: the input, who gave it when and by which right, and its outcome."""

    at: datetime
    actor: Actor
    right: str | None
    given: Record
    outcome: Outcome


def append(head: Head, line: Line, writes: Together) -> tuple[int, str]:
    """The case's journal has one entry more, once the writes are sent.

    Returns the number and the hash of the new head.
    """
    entry: dict[str, Any] = {
        "case_id": head.case_id,
        "seq": head.seq + 1,
        "at": line.at,
        "kind": line.given["kind"],
        "actor": line.actor.name,
        "actor_label": line.actor.label,
        "behalf_of": line.actor.behalf_of,
        "right": line.right,
        "input": _kept(line),
        "facts": line.outcome.facts,
        "rest": line.outcome.rest,
        "path": line.outcome.path,
        "state": line.outcome.state,
    }
    texts = [values.encode_checked(entry[name]) for name in _ENCODED]
    entry["hash"] = _hash(entry, texts, head.hash)
    entry |= zip(_ENCODED, texts, strict=True)
    writes.add(_INSERT, entry)
    return entry["seq"], entry["hash"]


def _kept(line: Line) -> Record:
    """The input without what the entry's own columns say."""
    columns = {"kind": line.given["kind"], "by": line.actor.name, "for": line.actor.behalf_of}
    kept = {
        name: value
        for name, value in line.given.items()
        if name not in columns or value != columns[name]
    }
    mandate = line.actor.mandate
    return kept if mandate is None else {**kept, "mandate": mandate.number}


def given(entry: Entry) -> Record:
    """The input as it was given to the case."""
    whom = {} if entry.behalf_of is None else {"for": entry.behalf_of}
    return {"kind": entry.kind, "by": entry.actor, **whom, **entry.input}


def rest_record(rest: Rest) -> Record:
    """What an entry keeps of a rest: {"marking": [...]}, and "status" unless it is open."""
    marking: Any = rest.marking
    return {"marking": marking} | ({} if rest.status == "open" else {"status": rest.status})


def outcome_name(program: Program, element: str | None) -> str | None:
    """What a case says it ended with: the name of its last end event."""
    node = program.nodes.get(element or "")
    return (node.name or node.id)[:300] if node is not None else None


def entries(session: Session, case_id: int, batch: int = 200) -> Iterator[Entry]:
    """All entries of a case in order, in constant memory. Raises EntryUnreadable at the first
    that somebody has made unreadable.
    """
    last = 0
    while True:
        query = sa.select(Entry).where(Entry.case_id == case_id, Entry.seq > last)
        try:
            rows = session.scalars(query.order_by(Entry.seq).limit(batch)).all()
        except ValueError:
            if batch == 1:
                raise EntryUnreadable(seq=last + 1) from None
            batch = 1  # One by one, so that all before the unreadable one are still given.
            continue
        for entry in rows:
            yield entry
            session.expunge(entry)
        if len(rows) < batch:
            return
        last = rows[-1].seq
