"""What a simulated step may ask outside its case: doubles, and which way a passed fork takes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from engine.bpmn import Flow, Node
from engine.dry import DryRun, DryWorld
from engine.errors import Sentence
from engine.simulation.answers import AnswerRefused, Answers
from engine.simulation.forks import ANSWER, CHOICE, CLOSING, ITEMS
from engine.values import Value, copy

ROUNDS = 20
"""How often a passed exclusive gateway takes the same flow: one that leads back would do so for
ever.
"""


class Forks:
    """Which flows are taken where conditions are passed or the caller has answered.

    Unless answered: at an exclusive gateway the first flow in the order of the file, and after
    `ROUNDS` visits the next; elsewhere every flow but the default. The engine asks for each flow
    of a visit in the same order, so a visit begins when the first is asked for.
    """

    def __init__(self, nodes: dict[str, Node], flows: dict[str, Flow], answers: Answers) -> None:
        self._nodes = nodes
        self._flows = flows
        self.answers = answers
        self._taken: dict[str, list[str] | None] = {}
        self._visits: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()

    def takes(self, element: str, flow: str, *, is_default: bool) -> bool:
        """Whether the flow is answered, the default one where no other is; unanswered, every
        condition holds and no default goes.
        """
        outgoing = self._nodes[element].outgoing
        one = self._nodes[element].kind == "exclusiveGateway"
        if flow == outgoing[0]:
            self._visits[element] += 1
            self._taken[element] = self._visit(element, outgoing, one=one)
        taken = self._taken.get(element)
        if taken is None:
            return flow == self._passed(element, outgoing) if one else not is_default
        return flow in taken if taken else is_default

    def has_passed(self, element: str, once: int) -> bool:
        """Whether an ad-hoc sub-process was asked whether it ends after each of its activities."""
        self._asked[element] += 1
        return self._asked[element] % once == 0

    def _passed(self, element: str, outgoing: tuple[str, ...]) -> str:
        """The first flow; when that has led back here time and again, the next, and so on."""
        turns = (self._visits[element] - 1) // ROUNDS
        return outgoing[turns % len(outgoing)]

    def _visit(self, element: str, outgoing: tuple[str, ...], *, one: bool) -> list[str] | None:
        names = self.answers.flows(element, one=one)
        if names is None:
            return None
        return [self._flow(element, name, outgoing) for name in names]

    def _flow(self, element: str, name: str, outgoing: tuple[str, ...]) -> str:
        for flow in outgoing:
            drawn = self._flows[flow]
            target = self._nodes.get(drawn.target)
            if name in (flow, drawn.name, drawn.target) or (target and name == target.name):
                return flow
        words = {"name": name, "known": ", ".join(outgoing) or "–"}
        reason = Sentence('no flow "{name}" goes out of it. It has: {known}.', words)
        raise AnswerRefused(element=element, reason=reason)


class SimulatedWorld(DryWorld):
    """A dry world that also answers for forks and repetitions."""

    def __init__(self, run: DryRun, forks: Forks) -> None:
        super().__init__(run)
        self.forks = forks
        self.functions[CHOICE] = self._choice
        self.functions[ITEMS] = self._items
        self.functions[ANSWER] = self._given
        self.functions[CLOSING] = self._closes

    def _choice(self, element: Any, flow: Any, is_default: Any) -> Value:
        return self.forks.takes(str(element), str(flow), is_default=is_default is True)

    def _closes(self, element: Any, once: Any, holds: Any) -> Value:
        return holds is True or self.forks.has_passed(str(element), int(once))

    def _given(self, element: Any, variable: Any) -> Value:
        """What an answered task of no kind puts into the case."""
        answer = self.forks.answers.next(str(element))
        return {str(variable): answer.value} if answer.has_value else copy(answer.data)

    def _items(self, _element: Any, found: Any) -> Value:
        """The items that an activity is repeated for: a list of the case, else one item."""
        return found if isinstance(found, list) else [found]
