"""The decisions of a file, what each requires, and how one is made.

Source: DMN 1.5, 6.3 (requirements), 10.4 (execution semantics).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from engine.decisions.boxed import BoxReader, Uses, function, shaped
from engine.decisions.document import Document, Element, child, children, reference
from engine.decisions.errors import DecisionFailed
from engine.decisions.shapes import Shape, Shapes, coerced_all
from engine.decisions.tables import Code, Table, Trace
from engine.feel import Budget, FeelBudgetExceeded, Function, Value
from engine.feel.expression import check_clock
from engine.feel.runtime import NO_FUNCTIONS, Run, Scope

# A table has many cells: three times what a single expression may take.
BUDGET = Budget(steps=300_000)


@dataclass(frozen=True)
class Hit:
    """What a decision came to: its value, and the rules (decision id, rule id) that gave it."""

    value: Value
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Decision:
    """One decision. `requires` are ids of decisions of the same file, in the file's order.

    Its value is known to others by the names of its variable and itself, and by its id.
    """

    id: str
    names: tuple[str, ...]
    requires: tuple[str, ...]
    code: Code
    uses: Uses
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Service:
    """A decision service: decisions that are called like a function.

    `inputs` and `given` are its parameters: the names of input data, then ids of decisions whose
    values are handed in.
    """

    name: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    given: tuple[str, ...]


class Decisions:
    """All decisions of one file."""

    def __init__(
        self,
        decisions: Iterable[Decision],
        functions: Mapping[str, Code],
        services: Iterable[Service],
        shapes: Mapping[str, Shape],
    ) -> None:
        self.decisions = {decision.id: decision for decision in decisions}
        self.functions = functions
        self.services = tuple(services)
        self.shapes = shapes
        self.ids = tuple(self.decisions)

    def decide(  # the face: what a decision depends on, and nothing else
        self,
        decision_id: str,
        context: Mapping[str, Value],
        functions: Mapping[str, Callable[..., Value]] = NO_FUNCTIONS,
        *,
        now: dt.datetime | None = None,
        budget: Budget | None = None,
    ) -> Hit:
        """The value of a decision and the rules that gave it, required decisions first.

        One output gives its value, several a context; policies of many hits give a list.
        Raises DecisionFailed where rules contradict each other, FeelBudgetExceeded, and FeelError
        for a lent function that is called wrongly.
        """
        if decision_id not in self.decisions:
            raise DecisionFailed(decision_id, "There is no decision “{decision}” in this file.")
        check_clock(now)
        run = Trace(functions, now, budget or BUDGET)
        try:
            value = self.value_of(decision_id, coerced_all(context, self.shapes, run), run, {})
        except RecursionError:
            raise FeelBudgetExceeded("The decision is nested too deep to evaluate.") from None
        run.measure(value)
        return Hit(value, tuple(run.fired))

    def value_of(
        self, decision_id: str, context: Mapping[str, Value], run: Run, given: dict[str, Value]
    ) -> Value:
        """The value of a decision; `given` are values of decisions that are not made again."""
        values = dict(given)
        outside = Scope(context, Scope(self.lent(run), None, run), run)
        for at in self.order(decision_id, given):
            decision = self.decisions[at]
            known = {
                name: values[required]
                for required in decision.requires
                for name in self.decisions[required].names
            }
            values[at] = decision.code(Scope(known, outside, run))
        return values[decision_id]

    def order(self, decision_id: str, given: Mapping[str, Value]) -> list[str]:
        """The decisions to make for one, each after those that it requires."""
        found: dict[str, None] = {}
        stack = [(decision_id, False)]
        while stack:
            at, ready = stack.pop()
            if at in found or at in given:
                continue
            if ready:
                found[at] = None
                continue
            stack.append((at, True))
            stack += [(other, False) for other in reversed(self.decisions[at].requires)]
        return list(found)

    def lent(self, run: Run) -> dict[str, Value]:
        """The functions of the file by name: business knowledge models and decision services."""
        made: dict[str, Value] = {}
        scope = Scope(made, None, run)
        for name, code in self.functions.items():
            made[name] = code(scope)
        for service in self.services:
            made[service.name] = self.as_function(service)
        return made

    def as_function(self, service: Service) -> Function:
        """A decision service as a function of its input data and input decisions."""
        given_names = [self.decisions[at].names[0] for at in service.given]

        def invoke(run: Run, values: list[Value]) -> Value:
            count = len(service.inputs)
            context = coerced_all(
                dict(zip(service.inputs, values[:count], strict=True)), self.shapes, run
            )
            given = dict(zip(service.given, values[count:], strict=True))
            run.descend()
            results = {
                self.decisions[at].names[0]: self.value_of(at, context, run, given)
                for at in service.outputs
            }
            run.depth -= 1
            return next(iter(results.values())) if len(results) == 1 else results

        return Function((*service.inputs, *given_names), invoke)

    def uses(self, decision_id: str) -> Uses:
        """What a decision and those it requires take from the context, with where they do.

        Names that required decisions, input data of services or functions give are left out.
        """
        found = Uses()
        own = set(self.functions) | {service.name for service in self.services}
        for at in self.order(decision_id, {}):
            decision = self.decisions[at]
            known = own.union(*(self.decisions[other].names for other in decision.requires))
            found.variables += [use for use in decision.uses.variables if use[1] not in known]
            found.calls += [use for use in decision.uses.calls if use[1] not in known]
        return found


def parse_decisions(xml: bytes, *, path: str) -> Decisions:
    """The decisions of a DMN file (1.1 to 1.5). Raises DecisionInvalid."""
    document = Document(xml, path)
    for part in children(document.root, "import"):
        raise document.refuse(
            part,
            "The file imports “{name}”; put all decisions into one file.",
            name=part.get("name") or part.get("namespace") or "",
        )
    reader = GraphReader(document)
    decisions = [reader.decision(part) for part in children(document.root, "decision")]
    functions = dict(
        reader.knowledge(part) for part in children(document.root, "businessKnowledgeModel")
    )
    services = [reader.service(part) for part in children(document.root, "decisionService")]
    made = Decisions(decisions, functions, services, reader.input_shapes())
    reader.check_circles(made)
    return made


class GraphReader:
    """Reads decisions, functions and services of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.shapes = Shapes(document)
        self.parts = {
            part.get("id", ""): part
            for part in children(
                document.root, "decision", "inputData", "businessKnowledgeModel", "decisionService"
            )
        }
        if "" in self.parts:
            raise document.refuse(self.parts[""], "Each decision and input needs an id.")
        self.names = self.shapes.names().union(*map(names_of, self.parts.values()))

    def box_reader(self, element: Element) -> BoxReader:
        return BoxReader(self.document, self.shapes, element.get("id", ""), self.names)

    def decision(self, element: Element) -> Decision:
        reader = self.box_reader(element)
        code = reader.logic(element)
        if code is None:
            raise self.document.refuse(
                element,
                "The decision “{name}” has no logic; draw its table or expression.",
                name=element.get("name") or element.get("id"),
            )
        variable = child(element, "variable")
        shape = self.shapes.named(None if variable is None else variable.get("typeRef"))
        return Decision(
            element.get("id", ""),
            names_of(element),
            tuple(self.required(element)),
            shaped(code, shape),
            reader.uses,
            tuple(reader.tables),
        )

    def required(self, element: Element) -> Iterable[str]:
        """The ids of the decisions that a decision requires; all must be in this file."""
        for requirement in children(element, "informationRequirement"):
            target = reference(child(requirement, "requiredDecision"))
            if target and target not in self.parts:
                raise self.document.refuse(
                    requirement, "The required decision “{target}” is not in this file.",
                    target=target,
                )  # fmt: skip
            if target:
                yield target

    def knowledge(self, element: Element) -> tuple[str, Code]:
        """A business knowledge model as a function by its name."""
        reader = self.box_reader(element)
        logic = child(element, "encapsulatedLogic")
        if logic is None:
            raise self.document.refuse(
                element, "The function “{name}” has no logic.", name=element.get("name")
            )
        code = function(reader, logic)
        return names_of(element)[0], code

    def service(self, element: Element) -> Service:
        def targets(kind: str) -> tuple[str, ...]:
            found = tuple(reference(part) for part in children(element, kind))
            for target in found:
                if target not in self.parts:
                    raise self.document.refuse(
                        element, "“{target}” is not in this file.", target=target
                    )
            return found

        inputs = tuple(names_of(self.parts[at])[0] for at in targets("inputData"))
        return Service(
            names_of(element)[0], targets("outputDecision"), inputs, targets("inputDecision")
        )

    def input_shapes(self) -> dict[str, Shape]:
        """The declared types of input data by name."""
        found: dict[str, Shape] = {}
        for element in children(self.document.root, "inputData"):
            variable = child(element, "variable")
            if variable is not None and variable.get("typeRef"):
                found[names_of(element)[0]] = self.shapes.named(variable.get("typeRef"))
        return found

    def check_circles(self, made: Decisions) -> None:
        """Refuse decisions that require themselves, however long the way round."""
        for decision in made.decisions.values():
            waiting = list(decision.requires)
            seen: set[str] = set()
            while waiting:
                at = waiting.pop()
                if at == decision.id:
                    raise self.document.refuse(
                        self.parts[at], "The decision “{name}” requires itself.",
                        name=decision.names[0],
                    )  # fmt: skip
                if at not in seen:
                    seen.add(at)
                    waiting += made.decisions[at].requires


def names_of(element: Element) -> tuple[str, ...]:
    """The names by which a thing's value is known, the variable's first."""
    variable = child(element, "variable")
    found = (
        None if variable is None else variable.get("name"),
        element.get("name"),
        element.get("id"),
    )
    return tuple(dict.fromkeys(name for name in found if name))
