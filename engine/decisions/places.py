"""Where in a file something stands, in words that its owner knows from the editor.

Decision “Mức phí” (fee), rule 2, input “Bậc”
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.errors import Sentence

MAX_STEPS = 6


def local(element: Any) -> str:
    """The name of an element without its namespace; "" for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


class Places:
    """The places of one file; the children of an element are counted once."""

    def __init__(self) -> None:
        self.counted: dict[Any, dict[str, list[Any]]] = {}
        self.numbers: dict[Any, int] = {}
        self.spots: dict[Any, int] = {}

    def of(self, element: Any) -> Sentence | None:
        """The place of an element, the part of the file first; None for the file as a whole."""
        steps = [step for step in self.steps(element) if step is not None]
        found: Sentence | None = None
        for step in reversed([*steps[:MAX_STEPS], *steps[MAX_STEPS:][-1:]]):
            found = step if found is None else Sentence(
                "{outer}, {inner}", {"outer": found, "inner": step}
            )  # fmt: skip
        return found

    def steps(self, element: Any) -> Iterator[Sentence | None]:
        """What an element and those around it are, from the inside out."""
        while element is not None and element.getparent() is not None:
            around = element.getparent()
            kind = local(element)
            if local(around) == "definitions":
                yield part(element, kind)
            elif kind in ("inputEntry", "outputEntry"):
                yield self.cell(element, around)
                element = around
            elif local(around) == "row":
                yield self.in_row(element, around)
                element = around
            elif kind in ("inputValues", "outputValues", "defaultOutputEntry"):
                yield self.values(around, kind)
                element = around
            else:
                yield self.step(element, kind)
            element = element.getparent()

    def step(self, element: Any, kind: str) -> Sentence | None:
        name = called(element)
        if kind == "input":
            return Sentence("input “{name}”", {"name": self.column(element)})
        if kind == "output":
            return Sentence("output “{name}”", {"name": self.column(element)})
        if kind == "rule":
            return Sentence("rule {number}", {"number": self.number(element)})
        if kind == "row":
            return Sentence("row {number}", {"number": self.number(element)})
        if kind == "contextEntry":
            return self.entry(element)
        if kind == "binding":
            name = next((called(one) for one in element if local(one) == "parameter"), "")
            return Sentence("parameter “{name}”", {"name": name})
        if kind == "itemComponent":
            return Sentence("field “{name}”", {"name": name})
        if kind in BRANCHES:
            return Sentence("the part “{name}”", {"name": kind})
        if local(element.getparent()) == "list":
            return Sentence("item {number}", {"number": self.among_all(element)})
        return None

    def entry(self, element: Any) -> Sentence:
        """An entry of a context: by its name, by its number where it has none."""
        variable = next((one for one in element if local(one) == "variable"), None)
        if variable is None or not called(variable):
            return Sentence("entry {number}", {"number": self.number(element)})
        return Sentence("entry “{name}”", {"name": called(variable)})

    def cell(self, element: Any, rule: Any) -> Sentence:
        kind = "input" if local(element) == "inputEntry" else "output"
        column = self.nth(rule.getparent(), kind, self.number(element))
        fields = {"number": self.number(rule), "name": column}
        if kind == "input":
            return Sentence("rule {number}, input “{name}”", fields)
        return Sentence("rule {number}, output “{name}”", fields)

    def in_row(self, element: Any, row: Any) -> Sentence:
        column = self.nth(row.getparent(), "column", self.among_all(element))
        fields = {"number": self.number(row), "name": column}
        return Sentence("row {number}, column “{name}”", fields)

    def values(self, column: Any, kind: str) -> Sentence:
        fields = {"name": self.column(column)}
        if kind == "inputValues":
            return Sentence("allowed values of the input “{name}”", fields)
        if kind == "outputValues":
            return Sentence("values of the output “{name}”", fields)
        return Sentence("default of the output “{name}”", fields)

    def nth(self, around: Any, kind: str, number: int) -> str:
        """What the nth column is called; its number where there are fewer."""
        columns = self.children(around).get(kind, [])
        return self.column(columns[number - 1]) if number <= len(columns) else str(number)

    def column(self, element: Any) -> str:
        """What a column shows at its head: its label, its expression, its name or its number."""
        source = next((one for one in element if local(one) == "inputExpression"), ())
        text = " ".join("".join(t) for one in source if (t := one.itertext()))
        label = element.get("label") or " ".join(text.split()) or element.get("name")
        return label or str(self.number(element))

    def number(self, element: Any) -> int:
        """Which of its kind an element is among its siblings, from 1."""
        if element not in self.numbers:
            self.children(element.getparent())
        return self.numbers[element]

    def among_all(self, element: Any) -> int:
        """Which of all its siblings an element is, from 1, variables and texts left out."""
        around = element.getparent()
        if element not in self.spots:
            listed = [one for one in around if local(one) not in BESIDE]
            self.spots |= {one: number for number, one in enumerate(listed, 1)}
        return self.spots.get(element, 1)

    def children(self, around: Any) -> dict[str, list[Any]]:
        if around not in self.counted:
            kinds: dict[str, list[Any]] = {}
            for one in around:
                kinds.setdefault(local(one), []).append(one)
            self.counted[around] = kinds
            for ones in kinds.values():
                self.numbers |= {one: number for number, one in enumerate(ones, 1)}
        return self.counted[around]


BRANCHES = ("if", "then", "else", "in", "match", "return", "satisfies")
BESIDE = ("", "description", "extensionElements", "variable", "typeRef")


def called(element: Any) -> str:
    return " ".join((element.get("name") or "").split())


def part(element: Any, kind: str) -> Sentence | None:
    """A part of the file by its name and id."""
    key = element.get("id") or "-"
    fields = {"name": called(element) or key, "id": key}
    if kind == "decision":
        return Sentence("Decision “{name}” ({id})", fields)
    if kind == "businessKnowledgeModel":
        return Sentence("Function “{name}” ({id})", fields)
    if kind == "decisionService":
        return Sentence("Decision service “{name}” ({id})", fields)
    if kind == "inputData":
        return Sentence("Input “{name}” ({id})", fields)
    if kind == "itemDefinition":
        return Sentence("Type “{name}”", fields)
    return Sentence("Import “{name}”", fields) if kind == "import" else None
