"""A figure: the median of interleaved rounds with its spread, and the bar it is held against."""

from __future__ import annotations

import json
import operator
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

HOLDS = {"<=": operator.le, ">=": operator.ge, "=": operator.eq}


@dataclass(frozen=True)
class Bar:
    """What a figure must be: Bar("<=", 1.2)."""

    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        return bool(HOLDS[self.sign](value, self.limit))

    def __str__(self) -> str:
        return f"{self.sign} {short(self.limit)}"


@dataclass(frozen=True)
class Figure:
    """One line of a result. A figure without a bar is there to be read, not to be held."""

    bench: str
    name: str
    value: float
    unit: str
    least: float
    most: float
    bar: Bar | None = None

    @property
    def holds(self) -> bool | None:
        return None if self.bar is None else self.bar.holds(self.value)

    def as_json(self) -> str:
        """{"bench", "name", "value", "unit", "min", "max", "bar", "holds"} on one line."""
        return json.dumps(
            {
                "bench": self.bench,
                "name": self.name,
                "value": round(self.value, 4),
                "unit": self.unit,
                "min": round(self.least, 4),
                "max": round(self.most, 4),
                "bar": None if self.bar is None else str(self.bar),
                "holds": self.holds,
            },
            ensure_ascii=False,
        )


@dataclass(frozen=True)
class Sheet:
    """Makes the figures of one bench on one database."""

    bench: str
    place: str

    def figure(
        self, name: str, values: Sequence[float], unit: str, bar: Bar | None = None
    ) -> Figure:
        """The median of one value a round, with the least and the most."""
        middle = statistics.median(values)
        return Figure(
            self.bench, f"{self.place}: {name}", middle, unit, min(values), max(values), bar
        )


def timed(work: Callable[[], object]) -> float:
    """Seconds of wall-clock time that the work takes: what somebody waits for."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Round by round, so that what slows the machine for a while slows both alike."""
    return [a / b for a, b in zip(above, below, strict=True)]


def table(figures: Iterable[Figure]) -> Iterable[str]:
    """The lines of a table for people."""
    head = ("bench", "figure", "median", "min", "max", "unit", "bar", "holds")
    rows = [head, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        cells = [
            cell.rjust(width) if i in (2, 3, 4) else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _cells(figure: Figure) -> tuple[str, ...]:
    verdict = {None: "", True: "yes", False: "NO"}[figure.holds]
    numbers = (short(figure.value), short(figure.least), short(figure.most))
    bar = str(figure.bar) if figure.bar else ""
    return (figure.bench, figure.name, *numbers, figure.unit, bar, verdict)


def short(number: float) -> str:
    """Three digits that count: 1234, 12.3, 0.123."""
    return f"{number:.0f}" if abs(number) >= 100 or number == int(number) else f"{number:.3g}"
