"""Large drawings cost what they hold: twice as many elements take twice the work, not four times.

Work is counted in calls of functions, which are the same on every machine.
"""

from __future__ import annotations

import re
import sys
import tracemalloc
from collections.abc import Callable

import pytest

from engine import Bundle
from engine.check import Catalogue, check_bundle
from engine.simulation import simulate
from engine.simulation.playing import Advance
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


def tasking(count: int) -> str:
    """A process that calls one global task so many times."""
    calls = " > ".join(["s", *(f"c{n}" for n in range(count)), "e"])
    return text("\n".join(["!<globalTask id=\"G\"/>", "start s", "end e",
                           *(f"call c{n} of=G" for n in range(count)), calls]))  # fmt: skip


def chained(count: int) -> str:
    """Each process calls the next."""
    calls = [f"call c{n} of=p{n + 1}" for n in range(count - 1)]
    return f"{HEAD}{''.join(process(f'p{n}', call) for n, call in enumerate(calls))}{END}"


def conditional(count: int) -> str:
    """Flows with conditions of their own, all into one inclusive join; half of them are taken."""
    rows = ["start s\nor f\nor j\nend e\ns > f\nj > e"]
    rows += [f"task t{n}\nf > t{n} : {n % 2} = 0\nt{n} > j" for n in range(count)]
    return text("\n".join(rows))


def beside(count: int, row: str, chain: str) -> str:
    """So many branches of the row side by side, and one branch of so many elements of the chain;
    each {} is the branch's or the element's number.
    """
    rows = ["start s\nand f\nend e\ns > f"]
    rows += [row.format(n) for n in range(count)]
    rows += [chain.format(n) for n in range(count)]
    rows.append(" > ".join(["f", *(f"k{n}" for n in range(count)), "e"]))
    return text("\n".join(rows))


def piled(count: int, condition: str = "") -> str:
    """So many tokens at the two flows into a complex join, most of them behind one another."""
    rows = [f"start s\nand f\nxor m\nxor n\ncomplex j {condition}\nend e\ns > f\nm > j > e\nn > j"]
    rows += [f"task t{n}\nf > t{n} > {'mn'[n % 2]}" for n in range(count)]
    return text("\n".join(rows))


def joins(count: int) -> str:
    """So many inclusive joins side by side, each waiting for the last task of one chain."""
    rows = ["start s\nand f\nor o\nend e\ns > f\nf > o"]
    for n in range(count):
        rows.append(f"or j{n}\ntask k{n}\nf > j{n} > e\no > k{n} > j{n}")
    return text("\n".join(rows))


def ring(count: int) -> str:
    """So many inclusive joins in a circle, each waiting for the one before it."""
    rows = ["start s", "or f", "s > f", *(f"or j{n}" for n in range(count))]
    rows += [f"f > j{n} > j{(n + 1) % count}" for n in range(count)]
    return text("\n".join(rows))


def linked(count: int) -> str:
    """So many pairs of link events, one after the other."""
    rows = [f"throw t{n} link=L{n}\ncatch c{n} link=L{n}\nc{n} > t{n + 1}" for n in range(count)]
    return text("\n".join(["start s", *rows, f"end t{count}", "s > t0"]))


WAITS = {
    "conditional waits": lambda n: beside(
        n, 'catch c{0} when="x{0} = 1"\nf > c{0} > e', 'script k{0} feel="{{x{0}: 1}}"'
    ),
    "conditions of one variable that is written once": lambda n: beside(
        n, 'catch c{0} when="x0 = 1"\nf > c{0} > e', 'script k{0} feel="{{x{0}: 1}}"'
    ),
    "receivers of as many messages": lambda n: beside(
        n, "catch c{0} message=m\nf > c{0} > e", "throw k{0} message=m"
    ),
    "receivers of one signal among many": lambda n: beside(
        n, "catch c{0} signal=g0\nf > c{0} > e", "throw k{0} signal=g{0}"
    ),
    "races of two events": lambda n: beside(
        n,
        "events g{0}\ncatch c{0} message=m\ncatch d{0} timer=PT1H\n"
        "f > g{0} > c{0} > e\ng{0} > d{0} > e",
        "throw k{0} message=m",
    ),
    "errors that are caught": lambda n: beside(
        n,
        "sub u{0} {{\nstart s{0}\nend n{0} error=E\ns{0} > n{0}\n}}\n"
        "boundary b{0} on=u{0} error=E\nf > u{0} > e\nb{0} > e",
        "task k{0}",
    ),
    "tokens at a complex join": piled,
    "tokens at a complex join with a condition": lambda n: piled(
        n, 'activation="activationCount > 1"'
    ),
    "inclusive joins": joins,
    "inclusive joins in a circle": ring,
}
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
    "link events": linked,
    "processes that one calls": calling,
    "calls of one global task": tasking,
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


@pytest.mark.parametrize("kind", WAITS)
def test_twice_as_much_that_waits_at_once_takes_twice_the_work(kind: str):
    runs = [Run(WAITS[kind](count)) for count in (10, 80, 160)]
    _first, once, twice = (calls(run.start) for run in runs)
    assert twice < 2.3 * once


def clocked(count: int) -> str:
    """Tasks with timers that are not due yet, and as many timers beside them that are."""
    waiting = "catch c{0} timer=PT1H\nf > c{0} > e"
    return branches("and", count, f"\nboundary b{{0}} on=t{{0}} timer=P2D\nb{{0}} > e\n{waiting}")


def test_people_who_come_one_after_another_to_a_join_take_no_square_of_their_number():
    """A join that goes on each time asks another question each time."""
    sources = [piled(count) for count in (10, 300, 600)]
    _first, once, twice = (calls(lambda s=s: simulate(s)) for s in sources)
    assert twice < 2.3 * once


@pytest.mark.parametrize("drawing", [bounded, clocked])
def test_time_that_passes_beside_twice_as_many_tasks_takes_twice_the_work(drawing):
    sources = [drawing(count) for count in (10, 80, 160)]
    _first, once, twice = (
        calls(lambda s=s: simulate(s, options=[Advance("PT2H")])) for s in sources
    )
    assert twice < 2.3 * once


def answering(count: int) -> str:
    """So many pools that each begin the next by a message and wait for its answer."""
    roots, pools = "", ""
    for n in range(count):
        begun = f"message=m{n}" if n else ""
        rows = f"start s{n} {begun}\nthrow t{n} message=m{n + 1}\ncatch c{n} message=a{n + 1}"
        rows += f"\nend e{n} message=a{n}\ns{n} > t{n} > c{n} > e{n}"
        if n == count - 1:
            rows = f"start s{n} message=m{n}\nend e{n} message=a{n}\ns{n} > e{n}"
        drawn = text(rows, f"p{n}").split('instance">', 1)[1].removesuffix(END)
        first, _, last = drawn.partition("<bpmn:process")
        roots, pools = roots + first, f"{pools}<bpmn:process{last}"
    parts = dict.fromkeys(re.findall("<bpmn:message [^>]*>", roots))
    return f"{HEAD}{''.join(parts)}{pools}{END}"


def test_twice_as_many_pools_that_wait_for_one_another_take_twice_the_work():
    sources = [answering(count) for count in (5, 40, 80)]
    found = simulate(sources[0])
    assert (found.state, found.entered[-1]) == ("completed", "e0")
    _first, once, twice = (calls(lambda s=s: simulate(s)) for s in sources)
    assert twice < 2.3 * once


def growing(count: int) -> str:
    """A script that adds an item to a list so many times in one step."""
    again = f"count(items) < {count}"
    return text(
        'start s\nscript a feel="append(items, count(items))" resultVariable=items\nxor m\nxor x\n'
        f"end e\ns > m > a > x\nx > m : {again}\nx > e : default"
    )


def test_a_list_that_grows_by_a_script_takes_no_square_of_its_length():
    sources = [growing(count) for count in (10, 60, 120)]
    _first, once, twice = (calls(lambda s=s: simulate(s, data={"items": []})) for s in sources)
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
    _first, once, twice = (peak(lambda n=n: Run(conditional(n)).start()) for n in (20, 300, 600))
    assert twice < 2.3 * once
