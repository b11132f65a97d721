"""Every bench by its name, in the order in which all of them run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench import (
    age,
    blocks,
    feel,
    inbox,
    journal,
    lists,
    login,
    patterns,
    rights,
    statements,
    waiting,
    years,
)
from tests.bench.figures import Figure
from tests.bench.places import Place


@dataclass(frozen=True)
class Bench:
    """One bench: `run(place, effort)`; `quick` is an effort that shows only that it runs."""

    run: Callable[..., Iterator[Figure]]
    quick: Any

    def figures(self, place: Place, *, quick: bool) -> Iterator[Figure]:
        return self.run(place, self.quick) if quick else self.run(place)


BENCHES = {
    "age": Bench(age.run, age.QUICK),
    "statements": Bench(statements.run, statements.QUICK),
    "patterns": Bench(patterns.run, patterns.QUICK),
    "blocks": Bench(blocks.run, blocks.QUICK),
    "inbox": Bench(inbox.run, inbox.QUICK),
    "waiting": Bench(waiting.run, waiting.QUICK),
    "journal": Bench(journal.run, journal.QUICK),
    "feel": Bench(feel.run, feel.QUICK),
    "rights": Bench(rights.run, rights.QUICK),
    "login": Bench(login.run, login.QUICK),
    "lists": Bench(lists.run, lists.QUICK),
    "years": Bench(years.run, years.QUICK),
}
