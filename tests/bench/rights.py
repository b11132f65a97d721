"""`rights`: what a right costs to ask for somebody who is in 500 groups, and to work out.

An official is in a group in each of 500 units of a tree, as the head of a large one-stop desk is.
Asked is what a page and a step ask of each task: whether a permission holds in its unit, and
whether one of ten candidacies is the reader's. Processor time is counted: nothing is waited for.
Making the actor, once a request, reads the database and is shown beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle

from app.people.models import Account, Grant, Person, Unit, UnitSpan
from app.people.rights import duties, groups, in_force
from engine import Actor
from engine.database import sessions
from engine.moves import is_candidate
from tests.bench.figures import Bar, Figure, Sheet, timed
from tests.bench.places import Place
from tests.clocks import MONDAY

NAME = "bench-rights"
SINCE = MONDAY.date()
BAR = Bar("<=", 100)


@dataclass(frozen=True)
class Effort:
    """How much is done: rounds, groups that are held, and times that a right is asked a round."""

    rounds: int = 20
    groups: int = 500
    times: int = 2_000


QUICK = Effort(rounds=2, groups=12, times=5)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    effort = effort or Effort()
    sheet = Sheet("rights", place.name)
    account = _settle(place, effort.groups)
    actors, made = [], []
    with sessions(place.bind)() as session:
        for _ in range(effort.rounds):
            make = lambda: actors.append(in_force.actor_for(session, account, MONDAY))  # noqa: E731
            made.append(timed(make) * 1_000)
    actor: Actor = actors[0]
    assert len(actor.candidacies) == effort.groups
    rounds = [_asked(actor, effort) for _ in range(effort.rounds)]
    kinds = ("a permission in a unit", "a task of ten candidacies, of which the last is mine",
             "a task of ten candidacies, none of them mine")  # fmt: skip
    for number, kind in enumerate(kinds):
        yield sheet.figure(kind, [row[number] for row in rounds], "µs", BAR)
    yield sheet.figure(f"an actor made of {effort.groups} groups", made, "ms")


def _asked(actor: Actor, effort: Effort) -> tuple[float, float, float]:
    """Microseconds of processor time for each question."""
    last = effort.groups - 1
    mine = sorted(actor.candidacies)[0]
    others = [f"nobody@{NAME}-{number}" for number in range(10)]
    with_mine = [*others[:9], mine]
    assert is_candidate(actor, with_mine) == mine
    assert is_candidate(actor, others) is None
    assert actor.may("inbox.work", f"{NAME}-{last}")
    return (
        _micros(lambda: actor.may("inbox.work", f"{NAME}-{last}"), effort.times),
        _micros(lambda: is_candidate(actor, with_mine), effort.times),
        _micros(lambda: is_candidate(actor, others), effort.times),
    )


def _micros(work: Callable[[], object], times: int) -> float:
    began = time.thread_time()
    for _ in range(times):
        work()
    return (time.thread_time() - began) / times * 1_000_000


def _settle(place: Place, count: int) -> Account:
    """An account that is in one group in each of so many units, all below one."""
    working = [
        key
        for key, group in groups.catalogue().items()
        # What separation of duties keeps apart would give less together than alone.
        if "inbox.work" in group.permissions and not duties.binding("internal", [group])
    ]
    with sessions(place.bind).begin() as session:
        codes = [f"{NAME}-{number}" for number in range(count)]
        session.add_all(Unit(code=code) for code in codes)
        session.flush()
        session.add_all(
            UnitSpan(
                unit_code=code, parent_code=None if code == codes[0] else codes[0], name=code,
                kind="division", valid_from=SINCE,
            )
            for code in codes
        )  # fmt: skip
        account = Account(
            user_name=NAME, kind="internal", person=Person(full_name="Nguyễn Văn An"),
            created_at=MONDAY, created_by="system", unit_code=codes[0],
        )  # fmt: skip
        session.add(account)
        session.flush()
        session.add_all(
            Grant(
                account_id=account.id, group_key=key, unit_code=code, valid_from=SINCE,
                granted_at=MONDAY, granted_by="system",
            )
            for code, key in zip(codes, cycle(working))  # the units are fewer
        )  # fmt: skip
    return account
