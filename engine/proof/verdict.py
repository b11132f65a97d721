"""What verification found, and what it needs beside the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.files import Store
from engine.values import Record

SKEW = timedelta(minutes=1)
"""By how much the clocks of two computers that work on one database may differ."""
_JOURNAL = frozenset({"version", "order", "hash", "step", "rest", "head"})


@dataclass(frozen=True)
class Difference:
    """Something that is not as it was written. `message` is English with fields in braces.

    seq: the entry it was found at; the last one where not the journal is wrong but a row.
    kind: version, order, hash, step, rest, head of the journal; state, row, column, task, job,
    wait, comment, file of what stands beside it.
    """

    seq: int
    kind: str
    message: str
    fields: Record = field(default_factory=dict)

    @property
    def in_journal(self) -> bool:
        """Whether nothing is proved from the entry on; else the journal is whole, and a row
        beside it says something else.
        """
        return self.kind in _JOURNAL


@dataclass(frozen=True)
class Verdict:
    """What verification found of a case: the first difference of the journal, or else the first of
    each kind of row.
    """

    case_id: int
    case_code: str
    entries: int
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        return not self.differences


@dataclass(frozen=True)
class Around:
    """What verification asks outside the database: the present instant, the bytes of files, and
    for how long at most a call that failed at an instant was put off by the settings of then.
    """

    now: datetime
    store: Store
    patience: Callable[[datetime], timedelta]


def differs(seq: int, kind: str, column: str, shown: Any, got: Any, *, of: str) -> Difference:
    """A row of the case, or of what is called `of` in it, has another value than the journal
    gives.
    """
    message = "The case shows {shown} as its {column}, but its journal gives {got}."
    fields: Record = {"column": column, "shown": shown, "got": got}
    if of:
        message = _OF[kind]
        fields["of"] = of
    return Difference(seq, kind, message, fields)


_OF = {
    "task": 'The task "{of}" shows {shown} as its {column}, but its journal gives {got}.',
    "job": 'The job "{of}" has {shown} as its {column}, but its journal gives {got}.',
    "wait": 'What waits at "{of}" has {shown} as its {column}, but its journal gives {got}.',
    "file": 'The file "{of}" has {shown} as its {column}, but its journal gives {got}.',
    "comment": "The comment of {of} has {shown} as its {column}, but its journal gives {got}.",
    "column": 'The lists find the case by {shown} as its "{of}", but its journal gives {got}.',
}
