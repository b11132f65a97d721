"""The journal: one append-only, hash-chained line for each input of a case, and
its verification.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import spiff, values
from engine.apply import MOVES, Rest, apply, rest_of, state_hash, summary
from engine.database import table_of
from engine.errors import QuytrinhError, Refusal
from engine.ports import Actor
from engine.program import Program
from engine.tables import Case, Entry
from engine.values import Record, Value
from engine.world import RecordedWorld

_BEFORE = ("case_id", "seq", "at", "kind", "actor", "actor_label", "behalf_of", "right")
_ENCODED = ("input", "facts", "rest", "path")
HASHED = (*_BEFORE, *_ENCODED, "previous")
# Their canonical texts are needed for the hash anyway, so they are not made a second time.
_INSERT = sa.insert(table_of(Entry)).values(
    {name: sa.bindparam(name, type_=sa.Text()) for name in _ENCODED}
)


FORGED = (LookupError, TypeError, ValueError, AttributeError)
"""What running an entry again may raise when somebody has written another input into it."""


class EntryUnreadable(Refusal):
    """Entry {seq} of the journal cannot be read: it was changed after it was written."""

    status = 409


class FactsLeft(Refusal):
    """The entry recorded {count} answers that running it again does not ask for."""

    status = 409


def entry_hash(entry: dict[str, Any]) -> str:
    """sha256 over the canonical text of every column but the hash itself."""
    return _hash(entry, [values.encode(entry[name]) for name in _ENCODED])


def _hash(entry: dict[str, Any], encoded: list[str]) -> str:
    """The same when the texts of input, facts, rest and path are known already.

    A list's canonical text is that of its items with commas between them.
    """
    first = values.encode([entry[name] for name in _BEFORE])
    text = f"{first[:-1]},{','.join(encoded)},{values.encode(entry['previous'])}]"
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


@dataclass(frozen=True)
class Line:
    """What an entry says: the input, who gave it when and by which right, and its outcome."""

    at: datetime
    actor: Actor
    right: str | None
    given: Record
    outcome: Outcome


def append(session: Session, head: Head, line: Line) -> tuple[int, str]:
    """The case's journal has one entry more. Returns the number and the hash of the new head."""
    entry: dict[str, Any] = {
        "case_id": head.case_id,
        "seq": head.seq + 1,
        "at": line.at,
        "kind": line.given["kind"],
        "actor": line.actor.name,
        "actor_label": line.actor.label,
        "behalf_of": line.actor.behalf_of,
        "right": line.right,
        "input": {k: v for k, v in line.given.items() if k != "kind"},
        "facts": line.outcome.facts,
        "rest": line.outcome.rest,
        "path": line.outcome.path,
        "previous": head.hash,
    }
    texts = [values.encode(entry[name]) for name in _ENCODED]
    entry["hash"] = _hash(entry, texts)
    entry |= zip(_ENCODED, texts, strict=True)
    session.connection().execute(_INSERT, entry)
    return entry["seq"], entry["hash"]


def rest_record(rest: Rest, state: bytes) -> Record:
    """What an entry keeps of a rest: {"marking": [...], "status": "open", "state": "9f41..."}."""
    marking: Any = rest.marking
    return {"marking": marking, "status": rest.status, "state": state_hash(state)}


@dataclass(frozen=True)
class Difference:
    """The first thing that is wrong with an entry. `message` is English with fields in braces."""

    seq: int
    kind: str  # hash, chain, order, rest, step, head, state, row
    message: str
    fields: Record = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What verification found of a case."""

    case_id: int
    case_code: str
    entries: int
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        return not self.differences


@dataclass(frozen=True)
class Step:
    """A case as it stood after one entry, run again from the journal."""

    seq: int
    rest: Rest
    before: Record
    after: Record
    state: bytes


class Replay:
    """Runs a case's entries again, one by one, with the clock and the answers that
    they recorded.
    """

    def __init__(self, program: Program, case_code: str) -> None:
        self.program = program
        self.code = case_code
        self.case = spiff.new(program, program.process.id, case_code)
        self.started = False
        self.shown: dict[str, Any] = {}  # What the case's row has to say, by column.

    def step(self, entry: Entry) -> Step:
        """The next entry run again. Raises what the step raises; RecordDiffers if it asks
        otherwise.
        """
        given: Record = {"kind": entry.kind, **entry.input}
        before = values.copy(self.case.frame.view()) if self.started else {}
        if entry.kind in MOVES:
            world = RecordedWorld(entry.at, _asked(entry.facts), entry.facts)
            rest = apply(self.case, given, world)
            self._show(entry, rest, world)
        else:
            rest = rest_of(self.case)
        self.started = True
        after = values.copy(self.case.frame.view())
        return Step(entry.seq, rest, before, after, spiff.dump(self.case))

    def _show(self, entry: Entry, rest: Rest, world: RecordedWorld) -> None:
        found = summary(self.program, self.case, world)
        if len(world.facts) != len(entry.facts):
            raise FactsLeft(count=len(entry.facts) - len(world.facts))
        if entry.kind == "case_started":
            base = entry.input["base"]
            self.shown = {
                "code": base["case"]["code"],
                "started_by": base["initiator"],
                "started_at": base["case"]["started_at"],
                "unit": base["unit"],
                "outcome": None,
                "closed_at": None,
            }
        self.shown |= {
            "status": rest.status,
            "title": found.title[:500],
            "due_at": found.due_at,
            "columns": found.columns,
        }
        if rest.status != "open":
            self.shown["outcome"] = outcome_name(self.program, rest.outcome)
            self.shown["closed_at"] = entry.at


def outcome_name(program: Program, element: str | None) -> str | None:
    """What a case says it ended with: the name of its last end event."""
    node = program.nodes.get(element or "")
    return (node.name or node.id)[:300] if node is not None else None


def _asked(facts: list[list[Any]]) -> dict[str, Any]:
    return {str(name): None for name, _arguments, _answer in facts}


def verify(session: Session, case: Case, program: Program) -> Verdict:
    """Recomputes the chain, runs every input again and compares where the case came to rest."""
    differences: list[Difference] = []
    replay = Replay(program, case.code)
    previous, count, state = "", 0, b""
    try:
        for entry in entries(session, case.id):
            count += 1
            found = _chain(entry, count, previous)
            previous = entry.hash
            if not found:
                found, state = _rerun(replay, entry)
            if found:
                differences.append(found)
                break
    except EntryUnreadable as problem:
        count += 1
        differences.append(Difference(count, "hash", problem.template, problem.fields))
    if not differences:
        differences += _ends(case, count, previous, state)
    if not differences:
        differences += _row(case, replay.shown)
    return Verdict(case.id, case.code, count, tuple(differences))


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


def _chain(entry: Entry, count: int, previous: str) -> Difference | None:
    if entry.seq != count:
        return Difference(entry.seq, "order", "Entry {expected} is missing.", {"expected": count})
    if entry.previous != previous:
        return Difference(entry.seq, "chain", "The entry does not follow the one before it.")
    row = {name: getattr(entry, name) for name in HASHED}
    if entry_hash(row) != entry.hash:
        return Difference(entry.seq, "hash", "The entry was changed after it was written.")
    return None


def _rerun(replay: Replay, entry: Entry) -> tuple[Difference | None, bytes]:
    try:
        step = replay.step(entry)
    except QuytrinhError as problem:
        return Difference(entry.seq, "step", "{problem}", {"problem": problem.message}), b""
    except FORGED as problem:
        message = "The entry cannot be run again: {problem}."
        return Difference(entry.seq, "step", message, {"problem": str(problem)}), b""
    if entry.kind not in MOVES:
        return None, step.state
    got = rest_record(step.rest, step.state)
    if got["marking"] != entry.rest["marking"] or got["status"] != entry.rest["status"]:
        fields: Record = {"recorded": str(entry.rest["marking"]), "got": str(got["marking"])}
        message = "The case came to rest at {recorded}, but running it again gives {got}."
        return Difference(entry.seq, "rest", message, fields), step.state
    if got["state"] != entry.rest["state"]:
        message = "Running the entry again gives other data than it recorded."
        return Difference(entry.seq, "rest", message), step.state
    return None, step.state


def _ends(case: Case, count: int, last: str, state: bytes) -> list[Difference]:
    if case.head_seq != count or case.head_hash != last:
        message = "The journal ends at entry {count}, but the case says {head}."
        return [Difference(count, "head", message, {"count": count, "head": case.head_seq})]
    if case.state != state:
        message = "The saved state of the case is not where its journal ends."
        return [Difference(count, "state", message)]
    return []


def _row(case: Case, shown: dict[str, Any]) -> list[Difference]:
    """The row is what people see of a case, so it too has to say what the journal says."""
    message = "The case shows {shown} as its {column}, but its journal gives {got}."
    for column, got in shown.items():
        value = getattr(case, column)
        if value != got:
            fields: Record = {"column": column, "shown": str(value), "got": str(got)}
            return [Difference(case.head_seq, "row", message, fields)]
    return []
