"""The built-in functions of FEEL. Source: DMN 1.5, 10.3.4.

Beside the standard's there are those of Camunda's FEEL that have no side effects and that the
editors of process owners offer: `get or else`, `is defined`, `is blank`, `trim` and others.
"""

from __future__ import annotations

from engine.feel.library import (  # noqa: F401  # each declares its functions when imported
    contexts,
    conversion,
    listing,
    lists,
    moments,
    numeric,
    range_text,
    ranges,
    strings,
)
from engine.feel.library.registry import BUILT_INS, BuiltIn, call_function


def is_built_in(name: str) -> bool:
    return name in BUILT_INS


__all__ = ["BUILT_INS", "BuiltIn", "call_function", "is_built_in"]
