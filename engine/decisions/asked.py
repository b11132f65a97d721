"""What must be given for a decision to be made."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.decisions.graph import BUDGET, Decisions, Making, Service
from engine.decisions.strays import Stray, declared, strays
from engine.feel.runtime import Run


def missing(decisions: Decisions, key: str, given: Collection[str]) -> list[str]:
    """The names that a decision, service or function asks for and nobody gave, each once.

    Of a part that has several names, the one by which it is required.
    """
    wanted = parameters(decisions, key) if key in decisions.functions else asked(decisions, key)
    return list(dict.fromkeys(names[0] for names in wanted if not {*names} & {*given}))


def parameters(decisions: Decisions, key: str) -> Iterator[tuple[str, ...]]:
    """The names of each parameter of a service or function."""
    part = decisions.functions[key]
    if isinstance(part, Service):
        yield from (link.names for link in (*part.inputs, *part.given))
        return
    function = Making(decisions, Run(budget=BUDGET)).function(key)
    yield from ((name,) for name in function.parameters or ())


def asked(decisions: Decisions, key: str) -> Iterator[tuple[str, ...]]:
    """The names of each input that a decision and those it requires name in expressions.

    A word in a cell that nothing declares is no input but a mistake: see `stray_names`.
    """
    inputs = [
        (*link.names, *decisions.inputs[link.key].names)
        for at in decisions.order(key, {})
        for link in decisions.decisions[at].inputs
    ]
    yield from inputs
    known = {name for names in inputs for name in names}
    known |= {stray.name for stray in stray_names(decisions, key)}
    variables = (name for _, name in decisions.uses(key).variables)
    yield from ((name,) for name in variables if name not in known)


def stray_names(decisions: Decisions, key: str) -> Iterator[Stray]:
    """The words without a value in the tables of a decision and of those that it requires."""
    known = declared(decisions)
    for at in decisions.order(key, {}) if key in decisions.decisions else ():
        for table in decisions.decisions[at].tables:
            yield from strays(decisions, table, known)
