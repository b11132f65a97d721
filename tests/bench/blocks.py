"""`blocks`: completing a task costs no more for the parallel blocks that come after it.

Five blocks in a row, each of three user tasks side by side, against one such block: an engine that
predicts all that may follow has 3^5 branches before it at the first task.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from engine import Engine
from tests.bench import procedure
from tests.bench.figures import Bar, Figure, Sheet, timed
from tests.bench.places import Place
from tests.bench.procedure import WRITER

WIDTH = 3


@dataclass(frozen=True)
class Effort:
    """How much is done: rounds, and how many blocks there are in a row."""

    rounds: int = 20
    blocks: int = 5


QUICK = Effort(rounds=1, blocks=3)


def run(place: Place, effort: Effort | None = None) -> Iterator[Figure]:
    """All figures of the bench on one database."""
    effort = effort or Effort()
    sheet = Sheet("blocks", place.name)
    engine = procedure.engine(place)
    keys = {count: f"bench-blocks-{count}" for count in (1, effort.blocks)}
    for count, key in keys.items():
        procedure.put(engine, procedure.bundle(key, blocks(count), {}))
    single, many = [], []
    # A first round warms up what is kept between cases and is not told.
    for _ in range(effort.rounds + 1):
        single.append(statistics.median(_spent(engine, keys[1], 1)))
        many.append(_spent(engine, keys[effort.blocks], effort.blocks))
    places = [
        [spent[place] / one for spent, one in zip(many[1:], single[1:], strict=True)]
        for place in range(WIDTH * effort.blocks)
    ]
    slowest = max(places, key=statistics.median)
    name = f"the slowest completion of {effort.blocks} blocks / one of one block"
    yield sheet.figure(name, slowest, "x", Bar("<=", 3))
    all_of_it = [statistics.mean(spent) for spent in many[1:]]
    yield sheet.figure(f"a completion of {effort.blocks} blocks", _ms(all_of_it), "ms")
    yield sheet.figure("a completion of one block", _ms(single[1:]), "ms")


def blocks(count: int) -> str:
    """The drawing of so many blocks in a row."""
    lines = ["start s", "end e", "s > a0", f"b{count - 1} > e"]
    for block in range(count):
        lines += [f"and a{block}", f"and b{block}"]
        for task in range(WIDTH):
            lines.append(f"user u{block}_{task} candidateGroups=chuyen-vien")
            lines.append(f"a{block} > u{block}_{task} > b{block}")
        if block:
            lines.append(f"b{block - 1} > a{block}")
    return "\n".join(lines)


def _spent(engine: Engine, key: str, count: int) -> list[float]:
    """Seconds of each completion of one case, in order."""
    waiting = list(engine.start(key, {}, actor=WRITER).tasks)
    found = []
    while waiting:
        task = waiting.pop(0)
        found.append(timed(lambda: waiting.extend(_completed(engine, task, waiting))))  # noqa: B023
    assert len(found) == WIDTH * count
    return found


def _completed(engine: Engine, task: int, waiting: list[int]) -> list[int]:
    """The tasks that have come up since."""
    moved = engine.complete(task, {}, actor=WRITER)
    return [one for one in moved.tasks if one not in waiting]


def _ms(seconds: list[float]) -> list[float]:
    return [one * 1_000 for one in seconds]
