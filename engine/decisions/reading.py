"""Reads the decisions, functions and services of a file and of those that it imports.

A part that cannot be read keeps its own decision from being made, and no other one.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.decisions.boxed import BoxReader
from engine.decisions.document import Element, child, children, local, names_of, reference
from engine.decisions.doubts import doubts
from engine.decisions.errors import DecisionInvalid, once
from engine.decisions.formal import function, parameters_of, result_of
from engine.decisions.given import InputData
from engine.decisions.graph import Decision, Decisions, Knowledge, Link, Service
from engine.decisions.models import Load, Model, read_models, variable_type
from engine.decisions.shapes import Code, shaped
from engine.feel import Function, Value
from engine.feel.runtime import DeclaredType, Run, Scope


def parse_decisions(xml: bytes, *, path: str, load: Load | None = None) -> Decisions:
    """The decisions of a DMN file (1.1 to 1.6), all fit to be made. Raises DecisionInvalid.

    load: finds the files of imports.
    """
    found = read_decisions(xml, path=path, load=load)
    for problem in found.problems:
        if problem.severity == "error":
            raise problem
    return found


def read_decisions(xml: bytes, *, path: str, load: Load | None = None) -> Decisions:
    """The same, with what is wrong in `problems`: decisions that have none can be made.

    Raises DecisionInvalid where nothing can be read at all.
    """
    try:
        reader = GraphReader(read_models(xml, path, load))
        reader.read()
        return reader.made()
    except RecursionError:
        raise DecisionInvalid(
            "", "The types of the file build on each other too deep; put them together.", path=path
        ) from None


DEEPEST = 5
"""Imports one within the other whose inputs are known by their names there."""
MOST_WAYS = 500
"""Ways through imports that are looked at for each input."""
FUNCTIONS = ("businessKnowledgeModel", "decisionService")


class GraphReader:
    """Reads the parts of all models into one graph."""

    def __init__(self, models: list[Model]) -> None:
        self.models = models
        self.decisions: dict[str, Decision] = {}
        self.elements: dict[str, Element] = {}
        self.inputs: dict[str, InputData] = {}
        self.functions: dict[str, Knowledge | Service] = {}
        self.problems: list[DecisionInvalid] = []
        self.faults: list[DecisionInvalid] = []

    def read(self) -> None:
        for model in self.models:
            names, given = frozenset(model.names()), model.given()
            for part_id, part in model.parts.items():
                key = model.key(part_id)
                self.elements[key] = part
                reader = BoxReader(model.document, model.shapes, key, names, given=given)
                self.part(model, part, reader)
            model.shapes.read_all()
            self.problems += [*model.problems, *model.shapes.problems, *doubts(model)]
            self.faults += model.shapes.faults
        self.check_circles()
        self.check_services()

    def part(self, model: Model, part: Element, reader: BoxReader) -> None:
        key, kind = reader.owner, local(part)
        if kind == "inputData":
            shape = model.shapes.named(variable_type(part))
            own, ways = names_of(part), tuple(self.ways_to(model))
            inner = [".".join((*way, name)) for way in ways for name in own]
            names = tuple(dict.fromkeys((*inner, *self.outer_names(model, part))))
            self.inputs[key] = InputData(names, shape, own, ways)
        elif kind == "decisionService":
            self.functions[key] = self.service(model, key, part)
        elif kind == "decision":
            self.decisions[key] = self.decision(model, part, reader)
        else:
            self.functions[key] = self.knowledge(model, part, reader)

    def ways_to(self, wanted: Model) -> Iterator[tuple[str, ...]]:
        """The names of the imports, one within the other, by which the first file has another."""
        todo: list[tuple[tuple[str, ...], tuple[Model, ...]]] = [((), (self.models[0],))]
        for at in range(MOST_WAYS):
            if at >= len(todo):
                return
            way, chain = todo[at]
            if chain[-1] is wanted and way:
                yield way
            for name, model in chain[-1].imports if len(chain) <= DEEPEST else ():
                if model not in chain:
                    todo.append(((*way, name) if name else way, (*chain, model)))

    def outer_names(self, model: Model, part: Element) -> tuple[str, ...]:
        """The names by which whoever asks the first file knows a part."""
        own = names_of(part)
        for prefix, other in self.models[0].visible():
            if other is model and prefix:
                return (*(prefix + name for name in own), *own)
        return own

    def decision(self, model: Model, part: Element, reader: BoxReader) -> Decision:
        shape = model.shapes.named(variable_type(part))
        made = Decision(reader.owner, model.number, names_of(part), shape)
        wrong = reader.problems
        made.requires = tuple(self.links(model, part, "Decision", ("decision",), wrong=wrong))
        made.inputs = tuple(self.links(model, part, "Input", ("inputData",), wrong=wrong))
        tuple(self.links(model, part, "Knowledge", FUNCTIONS, wrong=wrong))
        code = self.logic(reader, part)
        if code is None and not reader.problems:
            self.problems.append(
                model.document.warn(
                    part,
                    "The decision “{name}” has no logic: its value must be given.",
                    "Draw its table or write its expression, or make it an input.",
                    name=made.names[0] if made.names else "",
                )
            )
            code = handed_in(made.names)
        self.problems += [*reader.problems, *reader.mistakes]
        made.problem = next(iter(reader.problems), model.doubled.get(part))
        made.code = made.code if code is None else code if shape.is_open else shaped(code, shape)
        made.uses = reader.uses
        reader.want(part, shape)
        made.phrases = tuple(reader.phrases.values())
        made.tables = tuple(reader.tables)
        return made

    def logic(self, reader: BoxReader, part: Element) -> Code | None:
        """The logic of a decision; None where it has none, or none that can be read to its end."""
        try:
            return reader.logic(part)
        except DecisionInvalid as problem:
            reader.problems.append(problem)
            return None

    def links(
        self,
        model: Model,
        part: Element,
        what: str,
        kinds: tuple[str, ...],
        *,
        wrong: list[DecisionInvalid],
    ) -> Iterator[Link]:
        """The parts of one kind that a part requires; errors of those not there go to `wrong`."""
        kind = "knowledgeRequirement" if what == "Knowledge" else "informationRequirement"
        for requirement in children(part, kind):
            href = child(requirement, f"required{what}")
            if href is not None:
                try:
                    yield self.link(model, requirement, href, kinds)
                except DecisionInvalid as problem:
                    wrong.append(problem)

    def link(self, model: Model, around: Element, href: Element, kinds: tuple[str, ...]) -> Link:
        found = model.find(href, kinds)
        if found is None:
            raise model.document.refuse(
                around, "“{target}”, which is required, is not in this file.",
                "Draw the requirement anew from what is meant, or remove it.",
                target=reference(href)[1] or href.get("href") or "",
            )  # fmt: skip
        prefix, other, target = found
        names = other.names_of[target]
        return Link(other.key(target), tuple(prefix + name for name in names) or (target,))

    def knowledge(self, model: Model, part: Element, reader: BoxReader) -> Knowledge:
        """A business knowledge model; one without logic is a function that gives null."""
        shape = model.shapes.named(variable_type(part))
        logic = child(part, "encapsulatedLogic")
        code: Code | None = None
        tuple(self.links(model, part, "Knowledge", FUNCTIONS, wrong=self.problems))
        try:
            if logic is not None:
                code = function(reader, logic)
                of_logic = model.shapes.named(logic.get("typeRef"))
                code = code if of_logic.is_open else shaped(code, of_logic)
                reader.want(logic, result_of(shape))
        except DecisionInvalid as problem:
            reader.problems.append(problem)
        if logic is None:
            message = "The function “{name}” has no logic."
            remedy = "Write what the function gives, or remove it."
            name = part.get("name") or ""
            self.problems.append(model.document.warn(part, message, remedy, name=name))
        self.problems += [*reader.problems, *reader.mistakes]
        if code is None or reader.problems:
            code = unusable(reader.problems[0] if reader.problems else None)
        return Knowledge(
            reader.owner,
            model.number,
            names_of(part),
            shape,
            code,
            reader.uses,
            tuple(reader.tables),
            next(iter(reader.problems), model.doubled.get(part)),
            tuple(reader.phrases.values()),
            None if logic is None else parameters_of(model.shapes, logic),
        )

    def service(self, model: Model, key: str, part: Element) -> Service:
        wrong: list[DecisionInvalid] = []

        def targets(name: str, kind: str) -> tuple[Link, ...]:
            found = []
            for href in children(part, name):
                try:
                    found.append(self.link(model, part, href, (kind,)))
                except DecisionInvalid as problem:
                    wrong.append(problem)
            return tuple(found)

        outputs = targets("outputDecision", "decision")
        problem = next(iter(wrong), None)
        inputs, given = targets("inputData", "inputData"), targets("inputDecision", "decision")
        inner = targets("encapsulatedDecision", "decision")
        if not outputs and not wrong:
            message = "The decision service “{name}” gives nothing: no decision is its output."
            remedy = "Put a decision into the upper part of its box."
            name = part.get("name") or ""
            self.problems.append(model.document.warn(part, message, remedy, name=name))
        self.problems += wrong
        shape = model.shapes.named(variable_type(part))
        return Service(
            key, names_of(part), shape, outputs, inputs, given, problem, model.number, inner
        )

    def check_circles(self) -> None:
        """Decisions that require themselves, however long the way round, cannot be made."""
        for circle in circles(self.decisions):
            for key in circle:
                decision = self.decisions[key]
                document = self.models[decision.model].document
                problem = document.refuse(
                    self.elements[key],
                    "The decision “{name}” requires itself.",
                    "Remove one of the requirements that make the circle.",
                    name=decision.names[0] if decision.names else key,
                )
                decision.problem = problem
                decision.requires = ()
                self.problems.append(problem)

    def check_services(self) -> None:
        """Decisions that a service makes without holding them (DMN 1.5, 6.3.5): they are made,
        and whoever reads its box does not see it.
        """
        for key, service in self.functions.items():
            if not isinstance(service, Service) or service.model or service.problem is not None:
                continue
            given = {link.key for link in service.given}
            held = {link.key for link in (*service.outputs, *service.inner)}
            rest, needed = [link.key for link in service.outputs], set[str]()
            while rest:
                inner = {link.key for link in self.decisions[rest.pop()].requires} - given
                rest += inner - needed
                needed |= inner
            for missing in sorted(needed - held):
                self.problems.append(
                    self.models[0].document.warn(
                        self.elements[key],
                        "The service needs “{name}”, which is neither in it nor handed in.",
                        "Put the decision into the lower part of its box, or make it an input.",
                        name=next(iter(self.decisions[missing].names), missing),
                    )
                )

    def made(self) -> Decisions:
        lent = [self.lent(model) for model in self.models]
        own = self.models[0].document
        names: dict[str, list[str]] = {}
        for prefix, model in self.models[0].visible():
            for name, keys in parts_by_name(model).items():
                names.setdefault(prefix + name, keys)
        return Decisions(
            self.decisions,
            self.inputs,
            self.functions,
            lent,
            [self.types(model) for model in self.models],
            tuple(sorted(once(self.problems), key=lambda p: (p.path != own.path, p.line or 0))),
            names,
            tuple(once(self.faults)),
        )

    def lent(self, model: Model) -> dict[str, str]:
        """The keys of the functions that a file may call, by the names that they have there."""
        return {
            prefix + name: other.key(part_id)
            for prefix, other in reversed(list(model.visible()))
            for part_id in other.parts
            if other.key(part_id) in self.functions
            for name in other.names_of[part_id][:2]
        }

    def types(self, model: Model) -> dict[str, DeclaredType]:
        return {name: model.shapes.named(name) for name in model.shapes.names()}


def parts_by_name(model: Model) -> dict[str, list[str]]:
    """The keys of what can be asked for, by each of its names."""
    found: dict[str, list[str]] = {}
    for part_id, part in model.parts.items():
        if local(part) != "inputData":
            for name in model.names_of[part_id]:
                found.setdefault(name, []).append(model.key(part_id))
    return found


def circles(decisions: dict[str, Decision]) -> Iterator[list[str]]:
    """The decisions that require each other in a circle (strongly connected components)."""
    at: dict[str, int] = {}
    low: dict[str, int] = {}
    path: dict[str, None] = {}
    for start in decisions:
        work = [] if start in at else [(start, entered(decisions, start, at, low))]
        path |= {key: None for key, _ in work}
        while work:
            key, rest = work[-1]
            link = next(rest, None)
            if link is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[key])
                if low[key] == at[key]:
                    yield from closed(decisions, path, key)
            elif link.key not in at:
                work.append((link.key, entered(decisions, link.key, at, low)))
                path[link.key] = None
            elif link.key in path:
                low[key] = min(low[key], at[link.key])


def entered(
    decisions: dict[str, Decision], key: str, at: dict[str, int], low: dict[str, int]
) -> Iterator[Link]:
    at[key] = low[key] = len(at)
    return iter(decisions[key].requires)


def closed(decisions: dict[str, Decision], path: dict[str, None], key: str) -> Iterator[list[str]]:
    """Take a component off the path; it is a circle if it has two members or requires itself."""
    found: list[str] = []
    while not found or found[-1] != key:
        found.append(path.popitem()[0])
    if len(found) > 1 or any(link.key == key for link in decisions[key].requires):
        yield found[::-1]


def handed_in(names: tuple[str, ...]) -> Code:
    """The value that somebody gave for a decision without logic; null where nobody did."""

    def find(scope: Scope) -> Value:
        for name in names:
            value = scope.find(name)
            if value is not None:
                return value
        return None

    return find


def unusable(problem: DecisionInvalid | None) -> Code:
    """A function that gives null, or tells what is wrong with it as soon as it is called."""

    def invoke(run: Run, values: list[Value]) -> Value:
        if problem is not None:
            raise problem
        return None

    return lambda scope: Function(None, invoke)
