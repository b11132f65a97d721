"""What is given to decisions from outside, and where it stands in what is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.decisions.shapes import Shape
from engine.feel import Value


@dataclass(frozen=True)
class InputData:
    """What is given from outside, by one of its names; `shape` is its declared type.

    An import is a context by its name, and the imports of that file are in it (DMN 1.5, 6.3.3):
    `within` are the names of such contexts, from the outermost to the one that holds its `own`.
    """

    names: tuple[str, ...]
    shape: Shape
    own: tuple[str, ...] = ()
    within: tuple[tuple[str, ...], ...] = ()

    def given_in(self, context: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
        """Its values in the contexts of imports, by their dotted names."""
        for way in self.within:
            found: Value = context
            for name in way:
                found = found.get(name) if isinstance(found, dict) else None
            for name in self.own if isinstance(found, dict) else ():
                if name in found:
                    yield ".".join((*way, name)), found[name]


def spread(context: Mapping[str, Value], inputs: Iterable[InputData]) -> dict[str, Value]:
    """The context, with what it holds for inputs of imports known by its dotted names too."""
    inner = {name: value for data in inputs for name, value in data.given_in(context)}
    return {**inner, **context}
