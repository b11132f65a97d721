"""Expressions by the thousand: made by chance, but always the same ones.

Each maker gives an expression that should come to one kind of value, out of smaller ones; now and
then one of another kind slips in, because nulls are half of the language.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

DASH = '"-"'
CONTEXT = {
    "a": 3,
    "b": -7,
    "rate": 0.25,
    "s": "Đề nghị",
    "yes": True,
    "nothing": None,
    "xs": [3, 1, 2],
    "words": ["b", "a", "c"],
    "rows": [{"n": 1, "k": "x"}, {"n": 5, "k": "y"}, {"n": 3, "k": "x"}],
    "who": {"name": "An", "age": 31, "unit": {"code": "H1"}},
}


class Maker:
    """Makes expressions; `chance` decides everything."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)

    def pick(self, *options: str | Callable[[], str]) -> str:
        option = self.chance.choice(options)
        return option if isinstance(option, str) else option()

    def any(self, depth: int) -> str:
        makers = (
            self.number, self.number, self.string, self.boolean, self.boolean, self.numbers,
            self.context, self.date, self.moment, self.span,
        )  # fmt: skip
        return self.chance.choice(makers)(depth)

    def strayed(self, maker: Callable[[int], str], depth: int) -> str:
        """What was asked for; in one of fifteen cases null or something else."""
        stray = self.chance.randrange(15)
        return "null" if stray == 0 else self.any(0) if stray == 1 else maker(depth)

    def number(self, depth: int) -> str:
        if depth <= 0:
            whole = str(self.chance.randrange(-20, 100))
            parts = f"{self.chance.randrange(50)}.{self.chance.randrange(1, 100)}"
            return self.pick(whole, whole, parts, "a", "b", "rate", "who.age", "xs[1]")
        n = lambda: self.strayed(self.number, depth - 1)  # noqa: E731
        xs = lambda: self.strayed(self.numbers, depth - 1)  # noqa: E731
        s = lambda: self.strayed(self.string, depth - 1)  # noqa: E731
        return self.pick(
            lambda: f"{n()} + {n()}",
            lambda: f"{n()} - {n()}",
            lambda: f"({n()}) * ({n()})",
            lambda: f"({n()}) / ({n()})",
            lambda: f"({n()}) ** {self.chance.randrange(4)}",
            lambda: f"-({n()})",
            lambda: f"if {self.boolean(depth - 1)} then {n()} else {n()}",
            lambda: f"abs({n()})",
            lambda: f"floor({n()})",
            lambda: f"ceiling({n()})",
            lambda: f"modulo({n()}, {self.chance.randrange(1, 9)})",
            lambda: f"decimal({n()}, {self.chance.randrange(3)})",
            lambda: f"sum({xs()})",
            lambda: f"count({xs()})",
            lambda: f"min({xs()})",
            lambda: f"max({xs()})",
            lambda: f"mean({xs()})",
            lambda: f"product({xs()})",
            lambda: f"median({xs()})",
            lambda: f"({xs()})[{self.chance.randrange(-3, 4)}]",
            lambda: f"string length({s()})",
            lambda: f"({self.date(depth - 1)}).{self.pick('year', 'month', 'day', 'weekday')}",
            lambda: f"({self.moment(depth - 1)}).{self.pick('hour', 'minute', 'second')}",
            lambda: f'number("{self.chance.randrange(1000)}.5")',
            lambda: f"({self.context(depth - 1)}).x",
            lambda: f"{{f: function(p, q) p * 2 + q, r: f({n()}, {n()})}}.r",
        )

    def string(self, depth: int) -> str:
        if depth <= 0:
            return self.pick('"abc"', '"Đơn số 12"', '""', '"x"', "s", "who.name", "words[2]")
        s = lambda: self.strayed(self.string, depth - 1)  # noqa: E731
        k = lambda: str(self.chance.randrange(-3, 5) or 1)  # noqa: E731
        return self.pick(
            lambda: f"{s()} + {s()}",
            lambda: f"upper case({s()})",
            lambda: f"lower case({s()})",
            lambda: f"substring({s()}, {k()})",
            lambda: f"substring({s()}, {k()}, {self.chance.randrange(1, 4)})",
            lambda: f'substring before({s()}, "b")',
            lambda: f'substring after({s()}, "a")',
            lambda: f'replace({s()}, "[a-c]", "-")',
            lambda: f"string({self.chance.randrange(999)})",
            lambda: f"string({self.boolean(depth - 1)})",
            lambda: f"string({self.date(depth - 1)})",
            lambda: f"string join(words, {self.pick(DASH, 'null')})",
            lambda: f"if {self.boolean(depth - 1)} then {s()} else {s()}",
            lambda: f"day of week({self.date(depth - 1)})",
            lambda: f"month of year({self.date(depth - 1)})",
        )

    def boolean(self, depth: int) -> str:
        if depth <= 0:
            return self.pick("true", "false", "yes", "null", "a > 2", 's = "x"')
        p = lambda: self.strayed(self.boolean, depth - 1)  # noqa: E731
        n = lambda: self.strayed(self.number, depth - 1)  # noqa: E731
        s = lambda: self.strayed(self.string, depth - 1)  # noqa: E731
        operator = self.chance.choice(("=", "!=", "<", "<=", ">", ">="))
        return self.pick(
            lambda: f"({n()}) {operator} ({n()})",
            lambda: f"({s()}) {operator} ({s()})",
            lambda: f"({self.date(depth - 1)}) {operator} ({self.date(depth - 1)})",
            lambda: f"({self.span(depth - 1)}) {operator} ({self.span(depth - 1)})",
            lambda: f"({p()}) and ({p()})",
            lambda: f"({p()}) or ({p()})",
            lambda: f"not({p()})",
            lambda: f"({n()}) between {self.number(0)} and {self.number(0)}",
            lambda: f"({n()}) in {self.range()}",
            lambda: f"({n()}) in (> {self.number(0)}, {self.number(0)})",
            lambda: f"contains({s()}, {s()})",
            lambda: f"starts with({s()}, {s()})",
            lambda: f"ends with({s()}, {s()})",
            lambda: f'matches({s()}, "^[A-Za-z]+$")',
            lambda: f"list contains({self.numbers(depth - 1)}, {n()})",
            lambda: f"some v in {self.numbers(depth - 1)} satisfies v > {self.number(0)}",
            lambda: f"every v in {self.numbers(depth - 1)} satisfies v > {self.number(0)}",
            lambda: f"odd({self.chance.randrange(50)}) = even({self.chance.randrange(50)})",
            lambda: f"all([{p()}, {p()}])",
            lambda: f"any([{p()}, {p()}])",
            lambda: f"({self.context(depth - 1)}) = ({self.context(depth - 1)})",
            lambda: f"({self.numbers(depth - 1)}) = ({self.numbers(depth - 1)})",
        )

    def range(self) -> str:
        low, high = self.chance.randrange(9), self.chance.randrange(9, 30)
        return f"{self.pick('[', '(')}{low}..{high}{self.pick(']', ')')}"

    def numbers(self, depth: int) -> str:
        if depth <= 0:
            inner = ", ".join(self.number(0) for _ in range(self.chance.randrange(4)))
            return self.pick(f"[{inner}]", "xs", "rows.n", "[1, 2, 2, 5]")
        xs = lambda: self.strayed(self.numbers, depth - 1)  # noqa: E731
        n = lambda: self.strayed(self.number, depth - 1)  # noqa: E731
        return self.pick(
            lambda: f"[{n()}, {n()}]",
            lambda: f"append({xs()}, {n()})",
            lambda: f"concatenate({xs()}, {xs()})",
            lambda: f"union({xs()}, {xs()})",
            lambda: f"reverse({xs()})",
            lambda: f"distinct values({xs()})",
            lambda: f"flatten([{xs()}, [{xs()}]])",
            lambda: f"sort({xs()}, function(l, r) l < r)",
            lambda: f"index of({xs()}, {n()})",
            lambda: f"insert before({xs()}, 1, {n()})",
            lambda: f"({xs()})[item > {self.number(0)}]",
            lambda: f"for v in {xs()} return v * {self.number(0)}",
            lambda: f"for v in 1..{self.chance.randrange(1, 6)} return v + {n()}",
            lambda: f"for v in xs, w in [1, 2] return v - w + {self.number(0)}",
            lambda: f'rows[k = "{self.pick("x", "y", "z")}"].n',
        )

    def context(self, depth: int) -> str:
        if depth <= 0:
            return self.pick("{x: 1}", "{x: a, y: b}", "who", "rows[1]", '{"x": 2}', "{}")
        n = lambda: self.strayed(self.number, depth - 1)  # noqa: E731
        return self.pick(
            lambda: f"{{x: {n()}, y: x + 1}}",
            lambda: f"{{x: {n()}}}",
            lambda: f'context put({self.context(depth - 1)}, "x", {n()})',
            lambda: f"context merge([{self.context(depth - 1)}, {self.context(depth - 1)}])",
            lambda: f"rows[n > {self.number(0)}][1]",
        )

    def day(self) -> str:
        year, month, day = (
            self.chance.randrange(*ends) for ends in ((1999, 2031), (1, 13), (1, 29))
        )
        return f"{year}-{month:02}-{day:02}"

    def date(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(f'date("{self.day()}")', f'@"{self.day()}"')
        return self.pick(
            lambda: f"{self.date(depth - 1)} + {self.months()}",
            lambda: f"{self.date(depth - 1)} - {self.months()}",
            lambda: f'{self.date(depth - 1)} + @"P{self.chance.randrange(400)}D"',
            lambda: f'date(date and time({self.date(0)}, time("23:30:00")))',
            lambda: (
                f"date({self.chance.randrange(2000, 2030)}, {self.chance.randrange(1, 13)}, 28)"
            ),
        )

    def moment(self, depth: int) -> str:
        if depth <= 0:
            clock = f"{self.chance.randrange(24):02}:{self.chance.randrange(60):02}:30"
            zone = self.pick("", "Z", "+07:00", "-05:30")
            return f'@"{self.day()}T{clock}{zone}"'
        return self.pick(
            lambda: f"{self.moment(depth - 1)} + {self.span(0)}",
            lambda: f"{self.moment(depth - 1)} - {self.span(0)}",
            lambda: f"{self.moment(depth - 1)} + {self.months()}",
            lambda: f'date and time({self.date(0)}, time("08:30:00"))',
        )

    def months(self) -> str:
        return f'@"P{self.chance.randrange(3)}Y{self.chance.randrange(12)}M"'

    def span(self, depth: int) -> str:
        if depth <= 0:
            return f'@"P{self.chance.randrange(3)}DT{self.chance.randrange(24)}H"'
        return self.pick(
            lambda: f"{self.span(depth - 1)} + {self.span(depth - 1)}",
            lambda: f'@"P{self.chance.randrange(3, 7)}D" - {self.span(0)}',
            lambda: f'duration("PT{self.chance.randrange(100)}H")',
        )


def expressions(count: int, seed: int = 20261122) -> list[str]:
    """So many different expressions, the same ones each time."""
    maker = Maker(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[maker.any(maker.chance.randrange(1, 4))] = None
    return list(found)
