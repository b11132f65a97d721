"""The first turn: the drawing is the one deployed, and no line of the journal was touched."""

from __future__ import annotations

from engine.bundles import Bundle
from engine.journal import HASHED, entry_hash
from engine.proof.verdict import Difference
from engine.tables import Entry, Version


def chain(entry: Entry, count: int, previous: str) -> Difference | None:
    """What is wrong with an entry in its place after the hash of the one before, if anything."""
    if entry.seq != count:
        return Difference(entry.seq, "order", "Entry {expected} is missing.", {"expected": count})
    row = {name: getattr(entry, name) for name in HASHED}
    if entry_hash(row, previous) != entry.hash:
        message = "The entry was changed after it was written, or the one before it was."
        return Difference(entry.seq, "hash", message)
    return None


def deployed(version: Version) -> Difference | None:
    """Whether the files of the version are those whose sha256 it had when it was deployed."""
    if Bundle(version.process_key, version.files).sha256 == version.sha256:
        return None
    message = "Version {number} of the process has other files than were deployed."
    return Difference(1, "version", message, {"number": version.number})


def begun_on(entry: Entry, sha256: str) -> Difference | None:
    """Whether the case's first entry names the version that its row does."""
    named = entry.input.get("version") if isinstance(entry.input, dict) else None
    if entry.seq > 1 or named == sha256:
        return None
    message = "The case is said to run on another version than the one its journal names."
    return Difference(1, "version", message)
