"""Statements that every step repeats, made ready once for the driver of each database.

SQLAlchemy stays the owner of connections, transactions and types; what it would work out anew at
each execution (cache key, parameters, result) is worked out when a statement is used first. For
what a completion does that is half of its processor time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy.engine import Dialect

from engine.writing import Lane

Row = tuple[Any, ...]
Given = Mapping[str, Any]
_NAME = re.compile(r"%\((\w+)\)s")
MOST_TOGETHER = 8
"""Statements that are sent as one: each combination is a text of its own for the server."""


@dataclass(frozen=True)
class Ready:
    """A statement as a driver takes it, and what its values pass on the way there and back."""

    text: str
    by_name: bool
    answers: bool  # whether it gives rows
    inward: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    fixed: dict[str, Any]
    outward: tuple[tuple[int, Callable[[Any], Any]], ...]

    def values(self, given: Given) -> Any:
        """The parameters of one execution, as the driver takes them."""
        found = self.converted(given)
        return dict(zip(self.names, found, strict=True)) if self.by_name else found

    def converted(self, given: Given) -> list[Any]:
        """The values of its parameters, in their order."""
        found = []
        for name, convert in self.inward:
            value = given[name] if name in given else self.fixed[name]
            found.append(value if convert is None or value is None else convert(value))
        return found

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its parameters, in their order."""
        return tuple(name for name, _convert in self.inward)

    def rows(self, raw: list[Row]) -> list[Row]:
        """What the driver gave, as the columns' own types."""
        if not self.outward:
            return raw
        found = []
        for row in raw:
            cells = list(row)
            for index, convert in self.outward:
                if cells[index] is not None:
                    cells[index] = convert(cells[index])
            found.append(tuple(cells))
        return found


def _ready(statement: Any, dialect: Dialect) -> Ready:
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    by_name = compiled.positiontup is None
    order = compiled.binds if by_name else compiled.positiontup
    inward = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect)
        for name, bind in compiled.binds.items()
    }
    asked = getattr(statement, "selected_columns", ())
    outward = [c.type.dialect_impl(dialect).result_processor(dialect, None) for c in asked]
    return Ready(
        text=str(compiled),
        by_name=by_name,
        answers=bool(statement.is_select or statement.returning_column_descriptions),
        inward=tuple((name, inward[name]) for name in order),
        fixed={n: bind.value for n, bind in compiled.binds.items() if not bind.required},
        outward=tuple((i, convert) for i, convert in enumerate(outward) if convert is not None),
    )


class Prepared:
    """One statement. Its parameters are given by name, all of them at each execution."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._ready: dict[str, Ready] = {}

    def ready(self, dialect: Dialect) -> Ready:
        """The statement as the database's driver takes it."""
        found = self._ready.get(dialect.name)
        if found is None:
            found = self._ready[dialect.name] = _ready(self._statement, dialect)
        return found

    def run(self, lane: Lane, given: Given) -> list[Row]:
        """Its rows; none when it gives none."""
        ready = self.ready(lane.dialect)
        return _execute(lane, ready, ready.text, ready.values(given))

    def run_with(self, other: Prepared, lane: Lane, given: Given) -> tuple[list[Row], list[Row]]:
        """Its rows and those of the other, which is executed after it with the same parameters.

        On PostgreSQL they travel together, so the server is waited for once. The second still
        sees what was committed while the first waited for a lock: each has a snapshot of its own.
        """
        first, second = self.ready(lane.dialect), other.ready(lane.dialect)
        if lane.dialect.name != "postgresql":
            return self.run(lane, given), other.run(lane, given)
        try:
            with lane.driver.pipeline():
                one = lane.driver.execute(first.text, first.values(given))
                two = lane.driver.execute(second.text, second.values(given))
            return first.rows(one.fetchall()), second.rows(two.fetchall())
        except lane.dialect.loaded_dbapi.Error as problem:
            raise lane.told(first.text, problem) from problem

    def each(self, lane: Lane, given: Sequence[Given]) -> None:
        """Executed once for each; what it gives is not asked for."""
        ready, driver = self.ready(lane.dialect), lane.driver
        cursor = driver.cursor()
        try:
            cursor.executemany(ready.text, [ready.values(one) for one in given])
        except lane.dialect.loaded_dbapi.Error as problem:
            raise lane.told(ready.text, problem) from problem
        finally:
            cursor.close()


class Together:
    """Statements whose answers nobody waits for, but for the last one's.

    On PostgreSQL they travel as one, each a part of a WITH: a step then waits for the server once
    instead of four times. No two may touch the same row, since all see the rows as they were.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Prepared, Given]] = []

    def add(self, statement: Prepared, given: Given) -> None:
        """The statement is executed when the whole is sent."""
        self._waiting.append((statement, given))

    def send(self, lane: Lane) -> list[Row]:
        """All are executed, in their order; the rows of the last."""
        waiting, self._waiting = self._waiting, []
        if lane.dialect.name != "postgresql" or len(waiting) > MOST_TOGETHER:
            rows: list[Row] = []
            for statement, given in waiting:
                rows = statement.run(lane, given)
            return rows
        if not waiting:
            return []
        parts = [statement.ready(lane.dialect) for statement, _given in waiting]
        text, names = _joined(tuple(statement for statement, _given in waiting), lane.dialect)
        found: list[Any] = []
        for part, (_statement, given) in zip(parts, waiting, strict=True):
            found += part.converted(given)
        return _execute(lane, parts[-1], text, dict(zip(names, found, strict=True)))


@lru_cache(maxsize=500)
def _joined(kinds: tuple[Prepared, ...], dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """One statement of many, and the names of its parameters in their order."""
    parts = [statement.ready(dialect) for statement in kinds]
    names = tuple(f"{name}_{number}" for number, p in enumerate(parts) for name in p.names)
    return _joined_text(parts), names


def _joined_text(parts: Sequence[Ready]) -> str:
    """WITH step_0 AS (...), step_1 AS (...) and the last one's own."""
    texts = [_NAME.sub(rf"%(\1_{number})s", part.text) for number, part in enumerate(parts)]
    *before, last = texts
    if not before:
        return last
    above = ", ".join(f"step_{number} AS ({text})" for number, text in enumerate(before))
    if last.startswith("WITH "):
        return f"WITH {above}, {last.removeprefix('WITH ')}"
    return f"WITH {above} {last}"


def _execute(lane: Lane, ready: Ready, text: str, values: Any) -> list[Row]:
    """The rows of a text whose last statement is the one made ready."""
    try:
        if lane.is_unbegun:
            with lane.driver.pipeline():  # BEGIN and the first statement travel together.
                cursor = lane.driver.execute(text, values)
        else:
            cursor = lane.driver.execute(text, values)
        return ready.rows(cursor.fetchall()) if ready.answers else []
    except lane.dialect.loaded_dbapi.Error as problem:
        raise lane.told(text, problem) from problem
