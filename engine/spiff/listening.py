"""Which tokens of a case wait for what, found without looking at every one of them.

All give the oldest token first, as if they had looked at every one in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Any

from engine import expressions
from engine.conversations import ANY, contradicts, texts_of
from engine.correlation import Key
from engine.spiff.frames import Changes
from engine.values import Record
from engine.world import UNKEYED_APART, World

Place = tuple[int, str]
"""The token that a scope is the inside of, 0 for the case, and an element of that scope."""


class Hearing:
    """The tokens that wait for messages and signals, by the name of these."""

    def __init__(self) -> None:
        self._tokens: dict[int, Any] = {}
        self._signals: dict[Any, dict[int, Any]] = {}
        # Numbers by name, and by name and key; what waits no more is left out when it comes first.
        self._messages: dict[tuple[Any, ...], list[int]] = {}

    def add(self, token: Any) -> None:
        """The token's waits have been written down."""
        for wait in token.internal_data["waits"]:
            if wait["kind"] == "signal":
                self._signals.setdefault(wait["name"], {})[token.id] = token
            elif wait["kind"] == "message":
                keys = [(wait["name"], key) for key in texts_of(wait)]
                for sought in ((wait["name"],), *keys):
                    heappush(self._messages.setdefault(sought, []), token.id)
            else:
                continue
            self._tokens[token.id] = token

    def forget(self, token: Any) -> None:
        """The token is gone, or has heard what it waited for."""
        if self._tokens.pop(token.id, None) is not None:
            for wait in token.internal_data.get("waits", ()):
                if wait["kind"] == "signal":
                    self._signals.get(wait["name"], {}).pop(token.id, None)

    def signal(self, name: str) -> list[tuple[Any, Record]]:
        """Who waits for a signal, each with its wait; who no longer does is left out for good."""
        listening, found = self._signals.get(name, {}), []
        for number, token in sorted(listening.items()):
            wait = _wait(token, "signal", (name,)) if number in self._tokens else None
            if wait is None:
                del listening[number]
            else:
                found.append((token, wait))
        return found

    def message(self, name: str, key: Key | None, data: Record) -> tuple[Any, Record] | None:
        """The oldest that waits for a message with that key, without one too, and those data."""
        if key is None:
            return self._unkeyed(name, data)
        told = [self._oldest((name, text), key, data) for text in key.texts]
        found = [one for one in told if one is not None]
        if not found and key.is_known:
            return self._oldest((name, ANY), key, data)
        return min(found, key=lambda one: one[0].id) if found else None

    def _unkeyed(self, name: str, data: Record) -> tuple[Any, Record] | None:
        """Who waits under a key hears no message that has none (§8.4.2)."""
        found = self._oldest((name,), None, data)
        if found is None or texts_of(found[1]) == (None,):
            return found
        if not found[0].workflow.top_workflow.world.follows(UNKEYED_APART):
            return found
        return self._oldest((name, None), None, data)

    def _oldest(
        self, sought: tuple[str | None, ...], key: Key | None, data: Record
    ) -> tuple[Any, Record] | None:
        """sought: the name, and the key where it is not any."""
        numbers = self._messages.get(sought, [])
        others: list[int] = []
        found = None
        while numbers and found is None:
            token = self._tokens.get(numbers[0])
            wait = _wait(token, "message", sought) if token is not None else None
            if wait is None:
                heappop(numbers)
            elif _refuses(token, wait, key, data):
                others.append(heappop(numbers))
            else:
                found = token, wait
        for number in others:
            heappush(numbers, number)
        return found


def _wait(token: Any, kind: str, sought: tuple[str | None, ...]) -> Record | None:
    for wait in token.internal_data.get("waits", ()):
        if wait["kind"] != kind or wait["name"] != sought[0]:
            continue
        if len(sought) == 1 or _is_under(wait, sought[1]):
            return wait  # type: ignore[no-any-return]  # a record
    return None


def _is_under(wait: Record, key: str | None) -> bool:
    texts = texts_of(wait)
    return texts == (None,) if key is None else key in texts


def _refuses(token: Any, wait: Record, key: Key | None, data: Record) -> bool:
    world = token.workflow.top_workflow.world
    return contradicts(wait, data, key, world, token.task_spec.label)


class Watching:
    """The tokens that wait for conditions, and whose condition must be looked at: every one once,
    then those whose variables were written. What asks more than variables, a fact or the clock,
    is looked at in each step.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._tokens: dict[int, Any] = {}
        self._stirred: list[int] = []
        self._readers: dict[tuple[int, str], dict[int, None]] = {}
        self._reads: dict[int, list[tuple[int, str]]] = {}
        self._restless: dict[int, None] = {}

    def add(self, token: Any) -> None:
        self._tokens[token.id] = token
        heappush(self._stirred, token.id)

    def forget(self, token: Any) -> None:
        if self._tokens.pop(token.id, None) is not None:
            self._restless.pop(token.id, None)
            for read in self._reads.pop(token.id, ()):
                self._readers[read].pop(token.id, None)

    def new_step(self) -> None:
        """A step begins: facts and the clock may be others."""
        for number in self._restless:
            heappush(self._stirred, number)
        if not self._tokens:
            self._changes.names.clear()

    def is_stirred(self) -> bool:
        """Whether the condition of any token must be looked at."""
        return bool(self._tokens) and bool(self._stirred or self._changes.names)

    def next(self, world: World) -> Any | None:
        """The oldest token whose condition must be looked at; it counts as looked at."""
        for read in self._changes.names & self._readers.keys():
            for number in self._readers[read]:
                heappush(self._stirred, number)
        self._changes.names.clear()
        while self._stirred:
            number = heappop(self._stirred)
            while self._stirred and self._stirred[0] == number:
                heappop(self._stirred)
            if number in self._tokens:
                token = self._tokens[number]
                if number not in self._reads:
                    self._note(token, world)
                return token
        return None

    def _note(self, token: Any, world: World) -> None:
        """Writes down which variables the token's conditions read, in which frames."""
        texts = [w["text"] for w in token.internal_data["waits"] if w["kind"] == "conditional"]
        names = [n for t in texts for n in expressions.names_in(t, world.names)]
        reads = [(number, name) for number in _numbers(token) for name in names]
        self._reads[token.id] = reads
        for read in reads:
            self._readers.setdefault(read, {})[token.id] = None
        if any(expressions.asks_more(text, world.names) for text in texts):
            self._restless[token.id] = None


def _numbers(token: Any) -> Iterable[int]:
    frame = token.frame
    while frame is not None:
        yield frame.number
        frame = frame.outer


class Joining:
    """The joins at which tokens wait, and which of them must be asked whether they may go on:
    every one once, then those to which a token has come, or where those are gone that held it up.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._seen = 0
        self._tokens: dict[Place, dict[int, Any]] = {}
        self._asked: list[tuple[int, Place]] = []
        self._restless: dict[Place, None] = {}

    def add(self, token: Any, *, restless: bool) -> None:
        """The token waits at its join. restless: what the join goes by is in variables."""
        place = (token.workflow.place, token.task_spec.name)
        self._tokens.setdefault(place, {})[token.id] = token
        if restless:
            self._restless[place] = None
        self.ask(place)

    def forget(self, token: Any) -> None:
        if not self._tokens:
            return
        place = (token.workflow.place, token.task_spec.name)
        waiting = self._tokens.get(place)
        if waiting is not None:
            waiting.pop(token.id, None)
            if not waiting:
                del self._tokens[place]
                self._restless.pop(place, None)

    def ask(self, place: Place) -> None:
        """The join must be asked, if a token waits there."""
        waiting = self._tokens.get(place)
        if waiting:
            heappush(self._asked, (next(iter(waiting)), place))

    def new_step(self) -> None:
        """A step begins: facts and the clock may be others."""
        for place in self._restless:
            self.ask(place)

    def next(self) -> tuple[Place, Any] | None:
        """The join that must be asked and where the oldest token waits, with that token."""
        if self._seen != self._changes.count:
            self._seen = self._changes.count
            self.new_step()
        while self._asked:
            number, place = heappop(self._asked)
            while self._asked and self._asked[0] == (number, place):
                heappop(self._asked)
            waiting = self._tokens.get(place)
            if not waiting:
                continue
            oldest = next(iter(waiting))
            if oldest == number:
                return place, waiting[oldest]
            heappush(self._asked, (oldest, place))
        return None
