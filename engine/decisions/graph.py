"""The decisions of a file, what each requires, and how one is made.

Source: DMN 1.5, 6.3 (requirements), 10.4 (execution semantics).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.decisions.errors import DecisionFailed, DecisionInvalid
from engine.decisions.given import InputData, spread
from engine.decisions.phrases import Phrase, Uses
from engine.decisions.shapes import ANYTHING, Code, Shape, typed
from engine.decisions.tables import Input, Rule, Table, Trace
from engine.errors import Sentence
from engine.feel import Budget, FeelBudgetExceeded, Function, Value
from engine.feel.calls import call_function_named
from engine.feel.expression import check_clock
from engine.feel.names import normal
from engine.feel.runtime import NO_FUNCTIONS, DeclaredType, Run, Scope
from engine.feel.warnings import warn

# A table has many cells: three times what a single expression may take.
BUDGET = Budget(steps=300_000)


@dataclass(frozen=True)
class Hit:
    """What a decision came to: its value, and the rules (decision id, rule id) that gave it.

    warnings: (decision id, sentence) for what made a value null, where somebody asked for them.
    work: how much it took, in steps of the budget.
    """

    value: Value
    rules: tuple[tuple[str, str], ...]
    warnings: tuple[tuple[str, Sentence], ...] = ()
    work: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Link:
    """A part that another requires: its key, and the names that it has there."""

    key: str
    names: tuple[str, ...]


@dataclass
class Decision:
    """One decision. `id` is its key, `model` the number of its file, `problem` what keeps it
    from being made.

    Its value is known to others by the names of its variable and itself, and by its id.
    """

    id: str
    model: int
    names: tuple[str, ...]
    shape: Shape
    requires: tuple[Link, ...] = ()
    inputs: tuple[Link, ...] = ()
    code: Code = field(default=lambda scope: None)
    uses: Uses = field(default_factory=Uses)
    tables: tuple[Table, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    problem: DecisionInvalid | None = None


@dataclass(frozen=True)
class Knowledge:
    """A business knowledge model of the file `model`: code that gives the function, its
    `parameters` where it has logic, and `problem`, which keeps it from being made.
    """

    key: str
    model: int
    names: tuple[str, ...]
    shape: Shape
    code: Code
    uses: Uses
    tables: tuple[Table, ...]
    problem: DecisionInvalid | None = None
    phrases: tuple[Phrase, ...] = ()
    parameters: Mapping[str, Shape] | None = None


@dataclass(frozen=True)
class Service:
    """A decision service: decisions that are called like a function.

    Its parameters are the input data, then the decisions whose values are handed in. `problem`
    says why it cannot be made, `inner` which decisions stand in it without being outputs.
    """

    key: str
    names: tuple[str, ...]
    shape: Shape
    outputs: tuple[Link, ...]
    inputs: tuple[Link, ...]
    given: tuple[Link, ...]
    problem: DecisionInvalid | None = None
    model: int = 0
    inner: tuple[Link, ...] = ()


@dataclass
class Decisions:
    """All decisions of a file and of those that it imports.

    ids: of the file's own decisions. lent: for each file the functions it may call, by name.
    types: for each file the declared types by name. problems: all that is wrong, by line.
    faults: what is wrong with the declared types, and keeps no decision from being made.
    """

    decisions: dict[str, Decision]
    inputs: dict[str, InputData]
    functions: dict[str, Knowledge | Service]
    lent: list[dict[str, str]]
    types: list[Mapping[str, DeclaredType]]
    problems: tuple[DecisionInvalid, ...]
    names: dict[str, list[str]]
    faults: tuple[DecisionInvalid, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(key for key, decision in self.decisions.items() if not decision.model)

    def decide(  # the face: what a decision depends on, and nothing else
        self,
        decision_id: str,
        context: Mapping[str, Value],
        functions: Mapping[str, Callable[..., Value]] = NO_FUNCTIONS,
        *,
        now: dt.datetime | None = None,
        budget: Budget | None = None,
        warn: bool = False,
    ) -> Hit:
        """The value of a decision and the rules that gave it, required decisions first.

        One output gives its value, several a context; policies of many hits give a list. A
        decision service or business knowledge model takes its parameters from the context.
        Raises DecisionFailed where rules contradict each other, DecisionInvalid for logic that
        cannot be read, FeelBudgetExceeded, and FeelError for a lent function called wrongly.
        """
        if decision_id not in self.decisions and decision_id not in self.functions:
            raise DecisionFailed(decision_id, "There is no decision “{decision}” in this file.")
        check_clock(now)
        run = Trace(functions, now, budget or BUDGET)
        run.warnings = [] if warn else None
        making = Making(self, run)
        try:
            given = making.admitted(context)
            making.attribute(decision_id)
            if decision_id in self.decisions:
                value = making.value_of(decision_id, given, {})
            else:
                value = making.called(decision_id, given)
        except RecursionError:
            raise FeelBudgetExceeded("The decision is nested too deep to evaluate.") from None
        run.measure(value)
        making.attribute(decision_id)
        return Hit(value, tuple(run.fired), tuple(making.warnings), run.spent)

    def read(self, data: Mapping[str, Value]) -> dict[str, Value]:
        """Data from outside, with the texts read that declared types take for moments.

        A name without a declared type has that of a table's column that is just this name.
        """
        run = Run(budget=BUDGET)
        data = spread(data, self.inputs.values())
        shapes: dict[str, Shape] = {}
        parts: list[Decision | InputData] = [*self.decisions.values(), *self.inputs.values()]
        for part in reversed(parts):
            shapes |= dict.fromkeys(part.names, part.shape)
        for service in self.functions.values():
            shapes |= {
                name: shape
                for name, shape in service.shape.root().parameters.items()
                if name not in shapes
            }
        for column in self.columns():
            if shapes.get(column.text, ANYTHING).is_open:
                shapes[column.text] = column.known
        return {
            name: shapes[name].read(value, run) if name in shapes else value
            for name, value in data.items()
        }

    def columns(self) -> Iterator[Input]:
        """The conditions of all tables, those of imports too."""
        for part in (*self.decisions.values(), *self.functions.values()):
            for table in getattr(part, "tables", ()):
                yield from table.inputs

    def find(self, name: str) -> list[str]:
        """The keys of the parts that have that id or name; ids come first."""
        if name in self.decisions or name in self.functions:
            return [name]
        return self.names.get(normal(name), [])

    def tops(self) -> list[str]:
        """The decisions of the file that no other one requires."""
        required = {link.key for made in self.decisions.values() for link in made.requires}
        return [key for key in self.ids if key not in required]

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
            stack += [(link.key, False) for link in reversed(self.decisions[at].requires)]
        return list(found)

    def tables(self) -> Iterator[Table]:
        """All tables of the file itself, those within functions too."""
        for decision in self.decisions.values():
            if not decision.model:
                yield from decision.tables
        for function in self.functions.values():
            if isinstance(function, Knowledge) and not function.model:
                yield from function.tables

    def rule(self, owner: str, rule_id: str) -> Rule | None:
        """The rule that a hit names."""
        part = self.decisions.get(owner) or self.functions.get(owner)
        for table in getattr(part, "tables", ()):
            for rule in table.rules:
                if rule.id == rule_id:
                    found: Rule = rule
                    return found
        return None

    def uses(self, decision_id: str) -> Uses:
        """What a decision and those it requires take from the context, with where they do.

        Names that required decisions and the file's own functions give are left out.
        """
        found = Uses()
        for at in self.order(decision_id, {}):
            decision = self.decisions[at]
            known = set(self.lent[decision.model])
            known.update(name for link in decision.requires for name in link.names)
            found.variables += [use for use in decision.uses.variables if use[1] not in known]
            found.calls += [use for use in decision.uses.calls if use[1] not in known]
        return found


class Making:
    """One decision under way: what was given, and the functions of each file."""

    def __init__(self, decisions: Decisions, run: Run) -> None:
        self.decisions = decisions
        self.run = run
        self.run.types = merged(decisions.types)
        self.scopes: dict[int, Scope] = {}
        self.owners: dict[str, InputData] = {}
        self.warnings: list[tuple[str, Sentence]] = []

    def attribute(self, key: str) -> None:
        """Note whose the warnings are that came up since the last time."""
        noted = self.run.warnings or []
        self.warnings += [(key, warning.sentence) for warning in noted]
        noted.clear()

    def admitted(self, context: Mapping[str, Value]) -> dict[str, Value]:
        """The context with the values of input data coerced to their declared types; what does not
        conform is null (DMN 1.5, 10.3.2.9.4), and told.
        """
        context = spread(context, self.decisions.inputs.values())
        found = dict(context)
        for data in self.decisions.inputs.values():
            # A bare name is the file's own input before it is one of an import.
            self.owners |= {name: data for name in data.names if name not in self.owners}
        for name, data in self.owners.items():
            if name in context and not data.shape.is_open:
                found[name] = data.shape.coerced(context[name], self.run)
                if found[name] is None and context[name] is not None:
                    warn(
                        self.run,
                        0,
                        "The value given for “{name}” is not of its declared type; null is taken.",
                        name=name,
                    )
        return found

    def functions(self, model: int) -> Scope:
        """The functions that a file may call: its own and those that it imports."""
        if model not in self.scopes:
            made: dict[str, Value] = {}
            self.scopes[model] = Scope(made, None, self.run)
            for name, key in self.decisions.lent[model].items():
                made[name] = self.function(key)
        return self.scopes[model]

    def function(self, key: str) -> Function:
        """A business knowledge model or decision service as a function."""
        part = self.decisions.functions[key]
        if isinstance(part, Service):
            return self.service(part)
        made = part.code(Scope({}, self.functions(part.model), self.run))
        shape = part.shape.root()
        if shape.kind == "function":
            return typed(made, shape.parameters, shape.result)
        # DMN 1.1 declares the type of the result where later versions declare the function's.
        return made if part.shape.is_open else typed(made, {}, part.shape)

    def service(self, part: Service) -> Function:
        """A decision service as a function of its input data and input decisions."""
        parameters = (*part.inputs, *part.given)
        kinds = {link.names[0]: self.decisions.inputs[link.key].shape for link in part.inputs} | {
            link.names[0]: self.decisions.decisions[link.key].shape for link in part.given
        }

        def invoke(run: Run, values: list[Value]) -> Value:
            if part.problem is not None:
                raise part.problem
            pairs = list(zip(parameters, values, strict=True))
            context = {
                name: value for link, value in pairs[: len(part.inputs)] for name in link.names
            }
            given = {link.key: value for link, value in pairs[len(part.inputs) :]}
            run.descend()
            results = {
                link.names[0]: self.value_of(link.key, context, given) for link in part.outputs
            }
            run.depth -= 1
            return next(iter(results.values())) if len(results) == 1 else results

        made = typed(Function(tuple(link.names[0] for link in parameters), invoke), kinds, None)
        return typed(made, part.shape.root().parameters, part.shape.root().result)

    def called(self, key: str, context: Mapping[str, Value]) -> Value:
        """The value of a function whose arguments stand in the context; absent ones are null."""
        part = self.decisions.functions[key]
        if part.problem is not None:
            raise part.problem
        function = self.function(key)
        names: dict[str, tuple[str, ...]] = {name: (name,) for name in function.parameters or ()}
        if isinstance(part, Service):
            names |= {link.names[0]: link.names for link in (*part.inputs, *part.given)}
        values = {
            name: next((context[other] for other in known if other in context), None)
            for name, known in names.items()
        }
        return call_function_named(self.run, function, values)

    def value_of(
        self, decision_id: str, context: Mapping[str, Value], given: Mapping[str, Value]
    ) -> Value:
        """The value of a decision; `given` are values of decisions that are not made again."""
        values = dict(given)
        for at in self.decisions.order(decision_id, given):
            decision = self.decisions.decisions[at]
            if decision.problem is not None:
                raise decision.problem
            known = {name: values[link.key] for link in decision.requires for name in link.names}
            for link in decision.inputs:
                self.provide(link, context, known)
            outside = Scope(context, self.functions(decision.model), self.run)
            values[at] = decision.code(Scope(known, outside, self.run))
            self.attribute(at)
        return values[decision_id]

    def provide(self, link: Link, context: Mapping[str, Value], known: dict[str, Value]) -> None:
        """Make an input known by the names that it has where it is required."""
        data = self.decisions.inputs[link.key]
        found = next((name for name in (*data.names, *link.names) if name in context), None)
        if found is not None:
            value = context[found]
            if self.owners.get(found) not in (None, data):
                value = data.shape.coerced(value, self.run)
            known |= dict.fromkeys(link.names, value)


def merged(types: list[Mapping[str, DeclaredType]]) -> Mapping[str, DeclaredType]:
    """The types of all files by name; the file's own before those of its imports."""
    found: dict[str, DeclaredType] = {}
    for names in types:
        found = {**names, **found}
    return found
