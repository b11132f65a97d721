"""Expressions of decisions outside of tables that can never work: types that cannot meet, calls
that fit no function, boxes that are empty.

Only what is written out, or follows from it and from declared types, is judged. Source: DMN 1.5,
7.3 and 10.2.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.cells import functions_of, kind_in
from engine.check.kinds import mismatch
from engine.check.types import Reading
from engine.decisions import Decisions
from engine.decisions.errors import DecisionInvalid
from engine.decisions.graph import Decision, Knowledge
from engine.decisions.phrases import Phrase
from engine.errors import Sentence
from engine.feel.library import BUILT_INS
from engine.feel.tree import Name

_ALSO = {("date", "date and time")}
_MEND = "Mend the expression, or the types of what it uses."
_WRITE = "Write the expression."
_BIND = "Bind each parameter of the function by its name."
_NAME = "Mend its name, or draw it as a function and the requirement of it."


def wrong_boxes(decisions: Decisions) -> Iterator[DecisionInvalid]:
    """What is wrong with the boxes of a file, those of files that it imports left to them."""
    functions = functions_of(decisions)
    for decision in decisions.decisions.values():
        if not decision.model and decision.problem is None:
            types = _known(decisions, decision)
            for phrase in decision.phrases:
                yield from _judged(decisions, phrase, types, functions)
    for knowledge in decisions.functions.values():
        if isinstance(knowledge, Knowledge) and not knowledge.model and not knowledge.problem:
            for phrase in knowledge.phrases:
                yield from _judged(decisions, phrase, {}, functions)


def _known(decisions: Decisions, decision: Decision) -> dict[str, str | None]:
    """The types of what a decision requires, by name."""
    shapes = [(link, decisions.inputs[link.key].shape) for link in decision.inputs]
    shapes += [(link, decisions.decisions[link.key].shape) for link in decision.requires]
    return {name: kind_in(shape) for link, shape in shapes for name in link.names}


def _judged(
    decisions: Decisions,
    phrase: Phrase,
    outer: dict[str, str | None],
    functions: dict[str, tuple[str, ...] | None],
) -> Iterator[DecisionInvalid]:
    own = {name: kind_in(shape) for name, shape in phrase.bound.items()}
    types = {**({} if phrase.is_open else outer), **own}
    tree = None if phrase.found is None else phrase.found.tree
    if tree is None:
        if phrase.spot.is_all:
            said = Sentence("The expression is empty; its value is null.")
            yield _told(phrase, said, _WRITE, severity="warning")
        return
    if phrase.binds is not None:
        if isinstance(tree, Name) and tree.name not in types and not phrase.is_open:
            yield from _bound(decisions, phrase, tree.name, functions)
        return
    reading = Reading(types, functions=functions)
    kind = reading.of(tree)
    wanted = {kind_in(shape) for shape in phrase.wanted}
    wrong = [*reading.problems]
    for each in sorted(filter(None, wanted)):
        if (kind, each) not in _ALSO:
            wrong += mismatch(kind, each)
    for sentence in wrong:
        yield _told(phrase, sentence, _MEND)


def _bound(
    decisions: Decisions,
    phrase: Phrase,
    name: str,
    functions: dict[str, tuple[str, ...] | None],
) -> Iterator[DecisionInvalid]:
    """An invocation: of a function that there is, with its parameters."""
    binds = phrase.binds or ()
    if name in functions:
        parameters = functions[name]
        fits = parameters is None or set(parameters) == set(binds)
        ways = f"{name}({', '.join(parameters or ())})"
    elif name in BUILT_INS:
        fits = BUILT_INS[name].may_take(dict.fromkeys(binds))
        ways = BUILT_INS[name].written
    else:
        if name not in decisions.names:
            said = Sentence(
                "The function “{function}” is unknown; its value is null.", {"function": name}
            )
            yield _told(phrase, said, _NAME, severity="warning")
        return
    if not fits:
        template = "The function is called as {ways}; like this it always gives null."
        yield _told(phrase, Sentence(template, {"ways": ways}), _BIND)


def _told(phrase: Phrase, said: Sentence, remedy: str, severity: str = "error") -> DecisionInvalid:
    spot = phrase.spot
    problem = DecisionInvalid(spot.element, said.template, line=spot.line, **said.fields)
    problem.place, problem.remedy, problem.severity = spot.place, remedy, severity
    return problem
