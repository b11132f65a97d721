"""Expressions of decisions outside of tables that can never work: types that cannot meet, calls
that fit no function, boxes that are empty.

Only what is written out, or follows from it and from declared types, is judged. Source: DMN 1.5,
7.3 and 10.2.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.check.given import Given, kind_of
from engine.check.kinds import Types, may_be, not_taken, unfit, written
from engine.decisions import Decisions
from engine.decisions.errors import DecisionInvalid
from engine.decisions.graph import Knowledge
from engine.decisions.phrases import Phrase
from engine.errors import Sentence
from engine.feel.library import BUILT_INS
from engine.feel.listed import Called
from engine.feel.tree import Name

_MEND = "Mend the expression, or the types of what it uses."
_WRITE = "Write the expression."
_BIND = "Bind each parameter of the function by its name."
_NAME = "Mend its name, or draw it as a function and the requirement of it."


def wrong_boxes(decisions: Decisions) -> Iterator[DecisionInvalid]:
    """What is wrong with the boxes of a file, those of files that it imports left to them."""
    given = Given(decisions)
    for decision in decisions.decisions.values():
        if not decision.model and decision.problem is None:
            outer = given.around(decision)
            for phrase in decision.phrases:
                yield from _judged(given, phrase, outer)
    for knowledge in decisions.functions.values():
        if isinstance(knowledge, Knowledge) and not knowledge.model and not knowledge.problem:
            for phrase in knowledge.phrases:
                yield from _judged(given, phrase, {})


def _judged(given: Given, phrase: Phrase, outer: Types) -> Iterator[DecisionInvalid]:
    types = given.of_phrase(phrase, outer)
    tree = None if phrase.found is None else phrase.found.tree
    if tree is None:
        if phrase.spot.is_all:
            said = Sentence("The expression is empty; its value is null.")
            yield _told(phrase, said, _WRITE, severity="warning")
        return
    if phrase.binds is not None:
        if isinstance(tree, Name) and (tree.name in types or not phrase.is_open):
            yield from _bound(given, phrase, tree.name, types)
        return
    reading = given.reading(types)
    kind = reading.of(tree)
    wrong = [*reading.problems]
    for wanted in {written(each): each for each in map(kind_of, phrase.wanted) if each}.values():
        wrong += unfit(kind, wanted)
    for sentence in wrong:
        yield _told(phrase, sentence, _MEND)


def _bound(given: Given, phrase: Phrase, name: str, types: Types) -> Iterator[DecisionInvalid]:
    """An invocation: of a function that there is, with its parameters, of their kinds."""
    binds, decisions = phrase.binds or {}, given.decisions
    called = types[name] if name in types else given.functions.get(name)
    outer = {each: kind for each, kind in types.items() if each not in phrase.bound}
    kinds = {each: given.kind(value, outer) for each, value in binds.items()}
    if name in types or name in given.functions:
        if not isinstance(called, Called):
            return
        fits = set(called.parameters) == set(binds)
        ways = f"{name}({', '.join(called.parameters)})"
    elif name in BUILT_INS:
        fits = BUILT_INS[name].may_take(kinds)
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
    elif isinstance(called, Called):
        for each, value in binds.items():
            if value is not None and not may_be(kinds[each], called.parameters[each]):
                yield _told(value, not_taken(each, kinds[each], called.parameters[each]), _MEND)


def _told(phrase: Phrase, said: Sentence, remedy: str, severity: str = "error") -> DecisionInvalid:
    spot = phrase.spot
    problem = DecisionInvalid(spot.element, said.template, line=spot.line, **said.fields)
    problem.place, problem.remedy, problem.severity = spot.place, remedy, severity
    return problem
