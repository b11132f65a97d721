"""FEEL, the expression language of DMN 1.5: the one language of drawings, forms and tables.

    parse('amount > 1000 and kind = "a"').evaluate({"amount": 2000, "kind": "a"})  # True
    parse_unary('"a", "b"').matches("b", {})                                       # True

It has no side effects and no way to Python; each evaluation has a budget; the clock is handed in.
Values are plain Python values: see `values`.
"""

from __future__ import annotations

from engine.feel.canonical import canonical
from engine.feel.errors import FeelBudgetExceeded, FeelError, FeelSyntaxError
from engine.feel.expression import Expression, UnaryTests, parse, parse_unary
from engine.feel.json_values import keys_within, read_json, to_json
from engine.feel.runtime import Budget
from engine.feel.values import Function, Range, Value, YearsMonths, kind_of, narrowed
from engine.feel.warnings import Answer, Warning
from engine.feel.written import text_of

__all__ = [
    "Answer",
    "Budget",
    "Expression",
    "FeelBudgetExceeded",
    "FeelError",
    "FeelSyntaxError",
    "Function",
    "Range",
    "UnaryTests",
    "Value",
    "Warning",
    "YearsMonths",
    "canonical",
    "keys_within",
    "kind_of",
    "narrowed",
    "parse",
    "parse_unary",
    "read_json",
    "text_of",
    "to_json",
]
