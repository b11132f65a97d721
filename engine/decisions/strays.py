"""Names in the cells of a table that nothing in the file gives a value: texts without quotes."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from engine.decisions.graph import Decisions
from engine.decisions.pieces import tests_of
from engine.decisions.tables import Rule, Table
from engine.errors import Sentence
from engine.feel import Expression, FeelError, parse
from engine.feel.names import normal
from engine.feel.tree import Name, Node, RangeOf

UNKNOWN = "“{word}” is neither a value nor a name that the file declares; it is null."
QUOTE = 'If it is a text, write it in quotes: "{word}"; if it is data, draw it as an input.'
DECLARE = "Write a value; if it is data, draw it as an input of the decision."


@dataclass(frozen=True)
class Stray:
    """A name that nobody gives, in a cell of `rule`, on a line of the file.

    place: the decision, the rule and the column in words; is_text: the column may hold texts.
    """

    table: Table
    rule: Rule
    name: str
    place: Sentence
    line: int | None
    is_text: bool

    @property
    def said(self) -> Sentence:
        """What is wrong with it."""
        return Sentence(UNKNOWN, {"word": self.name})

    @property
    def remedy(self) -> str:
        """What to do, a template for the fields of `said`."""
        return QUOTE if self.is_text else DECLARE


def strays(decisions: Decisions, table: Table, known: Set[str]) -> Iterator[Stray]:
    """The names of a table's cells that neither the file nor the head of a column declares.

    A column that asks about a name declares it: drawings without inputs take it from the case.
    known: what `declared` gives, made once for a file. Only words by themselves are told; an
    expression asks for data that a case may have.
    """
    owner = decisions.decisions.get(table.owner) or decisions.functions.get(table.owner)
    uses = getattr(owner, "uses", None)
    taken = {name for _, name in uses.variables} if uses is not None else set()
    unknown = taken - known
    if not unknown:
        return
    split = len(table.inputs)
    shapes = [*(one.known for one in table.inputs), *(one.shape for one in table.outputs)]
    labels = [one.label for one in table.inputs] + [one.label for one in table.outputs]
    for rule in table.rules:
        found = [lone(*(test.value for test in tests_of(cell))) for cell in rule.tests]
        found += [lone(tree_of(decisions, text)) for text in rule.written]
        for at, names in enumerate(found):
            for name in sorted(names & unknown):
                is_text = shapes[at].root().kind in ("any", "string")
                label = labels[at]
                place = cell_place(table, rule, label, is_result=at >= split)
                yield Stray(table, rule, name, place, rule.lines[at], is_text)


def cell_place(table: Table, rule: Rule, label: str, *, is_result: bool) -> Sentence:
    """Where a cell stands, in words: its decision, rule and column."""
    words = "rule {number}, output “{name}”" if is_result else "rule {number}, input “{name}”"
    inner = Sentence(words, {"number": rule.number, "name": label})
    if table.place is None:
        return inner
    return Sentence("{outer}, {inner}", {"outer": table.place, "inner": inner})


def declared(decisions: Decisions) -> set[str]:
    """The names of all parts, and those that the heads of columns ask about."""
    found = {normal(name) for part in decisions.decisions.values() for name in part.names}
    found |= {normal(name) for data in decisions.inputs.values() for name in data.names}
    found |= set(decisions.names)
    for names in decisions.lent:
        found |= set(names)
    for column in decisions.columns():
        found |= {column.text, column.variable, *variables(decisions, column.text)}
    # The name of a file that is imported stands before the dot of its parts.
    return found | {name.partition(".")[0] for name in found}


def lone(*nodes: Node | None) -> set[str]:
    """The names that stand by themselves: as a value, or as an end of a range."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, Name):
            found.add(node.name)
        elif isinstance(node, RangeOf):
            found |= lone(node.start, node.end)
    return found


def variables(decisions: Decisions, text: str) -> frozenset[str]:
    """The names that a text takes from around it; none where it cannot be read."""
    found = read(decisions, text)
    return frozenset() if found is None else found.variables


def tree_of(decisions: Decisions, text: str) -> Node | None:
    """The tree of a text; None where it cannot be read."""
    found = read(decisions, text)
    return None if found is None else found.tree


def read(decisions: Decisions, text: str) -> Expression | None:
    """A text of the file; None where it cannot be read."""
    names = [name for data in decisions.inputs.values() for name in data.names]
    try:
        return parse(text, names=[*decisions.names, *names], strict=False)
    except FeelError:
        return None
