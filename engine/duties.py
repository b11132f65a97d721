"""Work in one case that must not be one hand's: named by a step's drawing, or by what it is.

A drawing keeps two steps apart by `separate_from`. What every drawing must keep apart is data of
the installation (`Surroundings.duties`): a step says by its property `duty` what kind of work it
is ("request", "approve"), and no hand does both kinds of a pair in one case. On a start event the
duty is that of whoever started the case.

A step says by its property `concerns` in which variable the account stands that it is about
(`found.account`, or a list of accounts): they judge nothing of their own.

By its property `in_person` it names those of its groups that do it themselves and never by
somebody who acts for them: who signs by another's authority passes that on to nobody (Điều 13.4
Nghị định 30/2020/NĐ-CP). "chanh-van-phong@authority.capacity = "TUQ."" is the group where that
holds of the case's data, "chanh-van-phong" the group always.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine import feel
from engine.bpmn import Node
from engine.spelling import BEGAN, split
from engine.values import Record

if TYPE_CHECKING:
    from engine.program import Program
    from engine.spiff import CaseWorkflow


@dataclass(frozen=True)
class Apart:
    """Two duties that no hand does both of in one case; source: the clause that says so."""

    first: str
    second: str
    source: str = ""


def duties_of(node: Node) -> list[str]:
    """What kinds of work an element is."""
    return split(node.properties.get("duty", ""))


def concerned(
    case: CaseWorkflow, node: Node, accounts: frozenset[str], *, token: int
) -> str | None:
    """Which of the accounts, those of one person, a task is about, as the variables stand now that
    its token sees: those of its instance, its scope and its process, not of the case alone.
    """
    return named(node, case.index[token].frame.view(), accounts)


def named(node: Node, view: Record, accounts: frozenset[str]) -> str | None:
    """Which of the accounts a step is about, as its `concerns` says of these data."""
    path = node.properties.get("concerns", "").strip()
    if not path:
        return None
    found: object = view
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    each = found if isinstance(found, list) else [found]
    return next((one for one in each if isinstance(one, str) and one in accounts), None)


def themselves(node: Node) -> list[tuple[str, str]]:
    """The groups that do an element themselves, and the test of the case's data that says when;
    an empty one is always.
    """
    parts = (part.partition("@") for part in split(node.properties.get("in_person", "")))
    return [(group.strip(), test.strip()) for group, _, test in parts]


def in_person(case: CaseWorkflow, node: Node, *, token: int) -> frozenset[str]:
    """The groups whose members do a task themselves, as the variables stand now that its token
    sees. A test that cannot be answered holds: it is the narrower reading.
    """
    view = case.index[token].frame.view()
    return frozenset(g for g, test in themselves(node) if not test or _may_hold(test, view))


def _may_hold(test: str, view: Record) -> bool:
    try:
        return feel.parse(test).evaluate(view, {}) is not False
    except feel.FeelError:
        return True


def known(duties: tuple[Apart, ...]) -> frozenset[str]:
    """Every duty that a drawing may name."""
    return frozenset(name for pair in duties for name in (pair.first, pair.second))


def others(program: Program, node: Node) -> Iterator[Node]:
    """The elements whose hand may not do this one."""
    for element in split(node.properties.get("separate_from", "")):
        if element in program.nodes:
            yield program.nodes[element]
    barred = {
        other
        for own in duties_of(node)
        for pair in program.duties
        for other, mine in ((pair.first, pair.second), (pair.second, pair.first))
        if mine == own
    }
    if barred:
        yield from (n for n in program.nodes.values() if barred.intersection(duties_of(n)))


def hands_of(case: CaseWorkflow, node: Node, started_by: str) -> list[str]:
    """The accounts that did an element in the case, and who held them then; who started it did its
    start event.

    Steps of before the people were kept name accounts alone. started_by: who really did. The
    variable `initiator` says only who stands for them now, or what a script has made of it.
    """
    hands = list(case.performers.get(node.id, ()))
    if node.kind == "startEvent":
        hands += [started_by, str(case.frame.view().get("initiator"))]
        hands += case.performers.get(BEGAN, ())  # And before the work was handed over to another.
    return hands


def done_by(
    program: Program, case: CaseWorkflow, node: Node, accounts: frozenset[str], *, started_by: str
) -> Node | None:
    """What one of the accounts, those of one person, or that person did in the case that must be
    done by another hand than this element.
    """
    for other in others(program, node):
        if other.id != node.id and accounts.intersection(hands_of(case, other, started_by)):
            return other
    return None
