"""What the expressions of a file of decisions are given: the kinds of inputs and of decisions that
are required, and what the functions take and give that may be called.

Where no type is declared, a value is of the kind that its literal expression gives.
"""

from __future__ import annotations

from engine.check.kinds import SUITS, Types
from engine.check.types import Reading
from engine.decisions import Decisions
from engine.decisions.formal import result_of
from engine.decisions.graph import Decision, Knowledge, Service
from engine.decisions.phrases import Phrase
from engine.decisions.shapes import Shape
from engine.decisions.tables import Table
from engine.feel.listed import Called, Fielded, Listed

MAX_DEPTH = 5
"""So deep is the kind of a declared type told, which may be made from itself."""


def kind_of(shape: Shape, depth: int = 0) -> str | None:
    """What a value of a type is; None where that may be anything."""
    if shape.collection:
        return Listed([kind_of(shape.item(), depth)])
    if shape.base is not None and depth <= MAX_DEPTH:
        return kind_of(shape.base, depth + 1)
    if shape.fields and depth <= MAX_DEPTH:
        return Fielded({name: kind_of(one, depth + 1) for name, one in shape.fields.items()})
    if shape.kind == "function" and not shape.named and shape.parameters:
        return Called({n: kind_of(one, depth + 1) for n, one in shape.parameters.items()})
    return None if shape.kind == "any" else shape.kind


class Given:
    """The kinds that a file's own expressions may rely on; each is worked out once."""

    def __init__(self, decisions: Decisions) -> None:
        self.decisions = decisions
        self.types: Types = {
            name: kind_of(shape)
            for name, shape in (decisions.types[0] if decisions.types else {}).items()
            if isinstance(shape, Shape)
        }
        self._kinds: dict[str, str | None] = {}
        self._phrases: dict[int, str | None] = {}
        self._around: dict[str, dict[str, str | None]] = {}
        self.functions: dict[str, str | None] = {}
        lent = decisions.lent[0] if decisions.lent else {}
        # A function's body may call those before it; of one that is not yet known it says nothing.
        self.functions |= {name: self._called(key) for name, key in lent.items()}

    def reading(self, types: Types) -> Reading:
        """A reading of an expression that sees these names."""
        return Reading(types, functions=self.functions, types=self.types)

    def around(self, decision: Decision) -> dict[str, str | None]:
        """The kinds of what a decision requires, by name."""
        if decision.id not in self._around:
            for before in self.decisions.order(decision.id, self._kinds):
                if before != decision.id:
                    self._made(self.decisions.decisions[before])
            inputs, others = self.decisions.inputs, self.decisions.decisions
            found = [(link, kind_of(inputs[link.key].shape)) for link in decision.inputs]
            found += [(link, self._made(others[link.key])) for link in decision.requires]
            self._around[decision.id] = {name: kind for link, kind in found for name in link.names}
        return self._around[decision.id]

    def of_table(self, table: Table) -> dict[str, str | None]:
        """The kinds of the names that the cells of a table see."""
        decision = self.decisions.decisions.get(table.owner)
        if decision is not None:
            return self.around(decision)
        part = self.decisions.functions.get(table.owner)
        taken = part.parameters if isinstance(part, Knowledge) else None
        return {name: kind_of(shape) for name, shape in (taken or {}).items()}

    def of_phrase(self, phrase: Phrase, outer: Types) -> dict[str, str | None]:
        """The kinds of the names that a literal expression sees.

        outer: those of what its decision requires.
        """
        own = {name: kind_of(shape) for name, shape in phrase.bound.items()}
        for name, origin in phrase.origins.items():
            if own.get(name) is None:
                own[name] = self.kind(origin, outer)
        return {**({} if phrase.is_open else outer), **own}

    def kind(self, phrase: Phrase | None, outer: Types) -> str | None:
        """What a literal expression gives."""
        if phrase is None or phrase.found is None or phrase.binds is not None:
            return None
        key = id(phrase)
        if key not in self._phrases:
            self._phrases[key] = None
            types = self.of_phrase(phrase, outer)
            found = self.reading(types).of(phrase.found.tree)
            declared = [kind_of(shape) for shape in phrase.wanted if shape.kind not in SUITS]
            self._phrases[key] = next(filter(None, declared), found)
        return self._phrases[key]

    def _made(self, decision: Decision) -> str | None:
        """What a decision gives: what it declares, else what its only expression does."""
        if decision.id not in self._kinds:
            self._kinds[decision.id] = kind_of(decision.shape)
            if decision.shape.is_open and decision.problem is None:
                whole = [phrase for phrase in decision.phrases if phrase.spot.is_all]
                if len(whole) == 1 and len(decision.phrases) == 1 and not decision.tables:
                    self._kinds[decision.id] = self.kind(whole[0], self.around(decision))
        return self._kinds[decision.id]

    def _called(self, key: str) -> str | None:
        """What a function takes and gives."""
        part = self.decisions.functions.get(key)
        if isinstance(part, Service):
            return self._service(part)
        if part is None or part.parameters is None:
            return None
        typed = part.shape.root().parameters
        taken = {
            name: kind_of(typed[name] if shape.is_open and name in typed else shape)
            for name, shape in part.parameters.items()
        }
        result = result_of(part.shape)
        if result.is_open and part.problem is None and not part.tables and len(part.phrases) == 1:
            whole = part.phrases[0]
            return Called(taken, self.kind(whole, {}) if whole.spot.is_all else None)
        return Called(taken, kind_of(result))

    def _service(self, part: Service) -> str | None:
        decisions, typed = self.decisions, part.shape.root()
        given = [(link, decisions.inputs[link.key].shape) for link in part.inputs]
        given += [(link, decisions.decisions[link.key].shape) for link in part.given]
        taken = {link.names[0]: kind_of(shape) for link, shape in given}
        for name, shape in typed.parameters.items():
            if taken.get(name, "") is None:
                taken[name] = kind_of(shape)
        if not result_of(part.shape).is_open:
            return Called(taken, kind_of(result_of(part.shape)))
        only = part.outputs[0] if len(part.outputs) == 1 else None
        return Called(
            taken, None if only is None else kind_of(decisions.decisions[only.key].shape)
        )
