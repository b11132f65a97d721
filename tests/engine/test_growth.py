"""Large drawings cost what they hold: twice as many elements take twice the work, not four times.

Work is counted in calls of functions, which are the same on every machine.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable

import pytest

from engine import Bundle
from engine.check import Catalogue, check_bundle
from engine.simulation import simulate
from tests.engine.drawings import HEAD, Run, text


def branches(kind: str, count: int, beside: str = "") -> str:
    """A gateway, so many tasks side by side, and the gateway that joins them."""
    rows = [f"start s\n{kind} f\n{kind} j\nend e\ns > f\nj > e"]
    rows += [f"user t{n}{beside.format(n)}\nf > t{n} > j" for n in range(count)]
    return text("\n".join(rows))


def bounded(count: int) -> str:
    """Each task has a boundary event."""
    return branches("and", count, "\nboundary b{0} on=t{0} timer=PT1H\nb{0} > e")


def calling(count: int) -> str:
    """A process that calls so many others, one after the other."""
    calls = " > ".join(["s", *(f"c{n}" for n in range(count)), "e"])
    rows = ["start s", "end e", *(f"call c{n} of=p{n}" for n in range(count)), calls]
    called = "".join(process(f"p{n}", f"user t{n}") for n in range(count))
    return text("\n".join(rows)).replace("</bpmn:definitions>", f"{called}</bpmn:definitions>")


def chained(count: int) -> str:
    """Each process calls the next."""
    calls = [f"call c{n} of=p{n + 1}" for n in range(count - 1)]
    return f"{HEAD}{''.join(process(f'p{n}', call) for n, call in enumerate(calls))}{END}"


def conditional(count: int) -> str:
    """Flows with conditions of their own, all into one inclusive join; half of them are taken."""
    rows = ["start s\nor f\nor j\nend e\ns > f\nj > e"]
    rows += [f"task t{n}\nf > t{n} : {n % 2} = 0\nt{n} > j" for n in range(count)]
    return text("\n".join(rows))


END = "</bpmn:definitions>"


def process(key: str, line: str) -> str:
    name = line.split()[1]
    rows = f"start {key}s\n{line}\nend {key}e\n{key}s > {name} > {key}e"
    return text(rows, key).removeprefix(HEAD).removesuffix(END)


def calls(work: Callable[[], object]) -> int:
    """How many functions are called until the work is done."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


DRAWINGS = {
    "parallel branches": lambda n: branches("and", n),
    "inclusive branches": lambda n: branches("or", n),
    "conditional flows": conditional,
    "boundary events": bounded,
    "processes that one calls": calling,
    "processes that call the next": chained,
}


def check(source: str) -> object:
    return check_bundle(Bundle("p", {"processes/bpmn/p.bpmn": source}), Catalogue())


@pytest.mark.parametrize("kind", DRAWINGS)
def test_checking_twice_as_much_takes_twice_the_work(kind: str):
    sources = [DRAWINGS[kind](count) for count in (20, 100, 200)]
    _first, once, twice = (calls(lambda s=s: check(s)) for s in sources)
    assert twice < 2.3 * once


@pytest.mark.parametrize("kind", list(DRAWINGS)[:-1])
def test_running_twice_as_much_takes_twice_the_work(kind: str):
    sources = [DRAWINGS[kind](count) for count in (20, 100, 200)]
    _first, once, twice = (calls(lambda s=s: simulate(s)) for s in sources)
    assert twice < 2.3 * once


def peak(work: Callable[[], object]) -> int:
    """The most bytes that were held at one time until the work was done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_an_inclusive_join_of_twice_as_many_flows_takes_twice_the_memory():
    _first, once, twice = (peak(lambda n=n: Run(conditional(n)).start()) for n in (20, 400, 800))
    assert twice < 2.3 * once
