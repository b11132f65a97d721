"""`feel`: what a condition of a drawing costs, beside RestrictedPython's for the same condition.

Both have read the text before; a round evaluates every condition some thousand times in turn.
Processor time is counted: a condition waits for nothing.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import getitem
from types import CodeType
from typing import Any

from RestrictedPython import compile_restricted, safe_builtins
from RestrictedPython.Eval import default_guarded_getiter

from engine import feel
from tests.bench.figures import Bar, Figure, Sheet, ratios
from tests.bench.places import Place

DATA = {
    "amount": 2_000,
    "kind": "a",
    "approved": False,
    "level": 3,
    "status": "done",
    "urgent": True,
    "days": 2,
    "applicant": {"age": 31, "province": "HN"},
    "items": [{"price": 20}, {"price": 50}, {"price": 120}],
    "due_on": dt.date(2026, 11, 22),
    "sent_on": dt.date(2026, 11, 20),
}
# The condition in FEEL, and the same in Python.
CONDITIONS = [
    ("approved", "approved"),
    ('amount > 1000 and kind = "a"', 'amount > 1000 and kind == "a"'),
    ("not(approved) or level >= 3", "not approved or level >= 3"),
    ('status = "done" or status = "cancelled"', 'status == "done" or status == "cancelled"'),
    ("amount between 10 and 5000", "10 <= amount <= 5000"),
    (
        'applicant.age >= 18 and applicant.province in ("HN", "HCM")',
        'applicant["age"] >= 18 and applicant["province"] in ("HN", "HCM")',
    ),
    ("sent_on <= due_on", "sent_on <= due_on"),
    ("count(items) > 2", "len(items) > 2"),
    ("if urgent then days <= 3 else days <= 10", "days <= 3 if urgent else days <= 10"),
    (
        "some row in items satisfies row.price > 100",
        'any([row["price"] > 100 for row in items])',
    ),
]
GUARDS = {"_getitem_": getitem, "_getiter_": default_guarded_getiter}
BUILTINS = {**safe_builtins, "any": any}


@dataclass(frozen=True)
class Effort:
    """How much is done: rounds, and evaluations of each condition a round."""

    rounds: int = 20
    times: int = 1_000


QUICK = Effort(rounds=2, times=5)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench; the database takes no part."""
    effort = effort or Effort()
    sheet = Sheet("feel", place.name)
    ours = [evaluator(text) for text, _ in CONDITIONS]
    theirs = [restricted(text) for _, text in CONDITIONS]
    assert [one() for one in ours] == [one() for one in theirs] == [False] + [True] * 9
    rows = [
        [
            (micros(one, effort.times), micros(other, effort.times))
            for one, other in zip(ours, theirs, strict=True)
        ]
        for _ in range(effort.rounds)
    ]
    mine = [sum(one for one, _ in row) / len(row) for row in rows]
    other = [sum(two for _, two in row) / len(row) for row in rows]
    yield sheet.figure("a condition", mine, "µs", Bar("<=", 20))
    yield sheet.figure("the slowest condition", [max(row)[0] for row in rows], "µs")
    yield sheet.figure("the same in RestrictedPython", other, "µs")
    yield sheet.figure("a condition / RestrictedPython's", ratios(mine, other), "x")


def evaluator(text: str) -> Callable[[], Any]:
    """Evaluates the condition as cases do: the text is looked up, its reading is cached."""
    return lambda: feel.parse(text).evaluate(DATA)


def restricted(text: str) -> Callable[[], Any]:
    """Evaluates the compiled condition in a namespace of its own, with the library's guards."""
    code: CodeType = compile_restricted(text, "<condition>", "eval")
    return lambda: eval(code, {"__builtins__": BUILTINS, **GUARDS}, DATA)


def micros(work: Callable[[], Any], times: int) -> float:
    """Microseconds of processor time that the work takes once."""
    began = time.thread_time()
    for _ in range(times):
        work()
    return (time.thread_time() - began) / times * 1_000_000
