"""Decision tables side by side: which rules, columns and ways of choosing differ, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext
from lxml import etree

from engine import bpmn_reader

Difference = tuple[str, str, str, str]
"""kind (added, changed, removed), part in words, before, after."""


@dataclass(frozen=True)
class Table:
    """A decision by what its editor shows: name, hit policy, heads of columns, rules by id.

    rules: {"Rule_1": (1, "male, > 60 → retired")}, number and cells.
    """

    name: str
    policy: str
    columns: str
    rules: Mapping[str, tuple[int, str]]
    other: str


def compare(old: str, new: str, path: str) -> list[Difference]:
    """What two DMN files say otherwise; nothing if only their layout differs.

    Raises a refusal of a file that is no XML.
    """
    before, after = _tables(old, path), _tables(new, path)
    found: list[Difference] = []
    for key, table in after.items():
        part = gettext("Decision “%(name)s”", name=table.name)
        if key in before:
            found += _differing(part, before[key], table)
        else:
            found.append(("added", part, "", table.columns))
    for key, table in before.items():
        if key not in after:
            part = gettext("Decision “%(name)s”", name=table.name)
            found.append(("removed", part, table.columns, ""))
    return found


def _differing(part: str, old: Table, new: Table) -> Iterator[Difference]:
    words = (
        (gettext("name"), old.name, new.name),
        (gettext("hit policy"), old.policy, new.policy),
        (gettext("columns"), old.columns, new.columns),
        (gettext("expression"), old.other, new.other),
    )
    for word, before, after in words:
        if before != after:
            yield "changed", f"{part}, {word}", before, after
    for key, (number, cells) in new.rules.items():
        rule = f"{part}, {gettext('rule %(n)s', n=number)}"
        if key not in old.rules:
            yield "added", rule, "", cells
        elif old.rules[key][1] != cells:
            yield "changed", rule, old.rules[key][1], cells
    for key, (number, cells) in old.rules.items():
        if key not in new.rules:
            rule = f"{part}, {gettext('rule %(n)s', n=number)}"
            yield "removed", rule, cells, ""
    kept = [key for key in new.rules if key in old.rules]
    if kept != [key for key in old.rules if key in new.rules]:
        was, now = (
            ", ".join(str(old.rules[key][0]) for key in order)
            for order in (sorted(kept, key=lambda key: old.rules[key][0]), kept)
        )
        yield "changed", f"{part}, {gettext('order of the rules')}", was, now


def _tables(text: str, path: str) -> dict[str, Table]:
    """The decisions of a file by id."""
    root = bpmn_reader.parse_xml(text.encode(), path)
    found = (e for e in root.iter("{*}decision") if e.getparent() is root)
    return {each.get("id", ""): _table(each) for each in found}


def _table(decision: etree._Element) -> Table:
    logic = decision.find("{*}decisionTable")
    name = decision.get("name") or decision.get("id", "")
    if logic is None:
        other = " ".join(filter(None, (_text(e) for e in decision.iter("{*}text"))))
        return Table(name, "", "", {}, other)
    heads = [_head(e, e.find("{*}inputExpression")) for e in logic.iter("{*}input")]
    results = [_head(e, e) for e in logic.iter("{*}output")]
    policy = " ".join((logic.get("hitPolicy", "UNIQUE"), logic.get("aggregation", ""))).strip()
    rules = {}
    for number, rule in enumerate(logic.iter("{*}rule"), 1):
        cells = _row(
            map(_cell, rule.iter("{*}inputEntry")), map(_cell, rule.iter("{*}outputEntry"))
        )
        rules[rule.get("id") or str(number)] = (number, cells)
    return Table(name, policy, _row(heads, results), rules, "")


def _head(column: etree._Element, source: etree._Element | None) -> str:
    """A column as its label, what it reads or writes, and of which kind: "Tuổi (age: number)"."""
    if source is None:
        return column.get("label", "")
    what = source.get("name") or _cell(source)
    kind = f"{what}: {source.get('typeRef')}" if source.get("typeRef") else what
    allowed = (*column.findall("{*}inputValues"), *column.findall("{*}outputValues"))
    values = " ".join(map(_cell, allowed))
    said = f"{column.get('label')} ({kind})" if column.get("label") else kind
    return f"{said} ∈ {values}" if values else said


def looks_alone(old: str, new: str, path: str) -> bool:
    """Whether two DMN files differ only in where their shapes lie and how the text is spaced."""
    return _meaning(old, path) == _meaning(new, path)


def _meaning(text: str, path: str) -> bytes:
    root = bpmn_reader.parse_xml(text.encode(), path, comments=False)
    for drawn in root.findall("{*}DMNDI"):
        root.remove(drawn)
    etree.indent(root)
    return bytes(etree.tostring(root, method="c14n2"))


def _row(given: Iterator[str] | list[str], result: Iterator[str] | list[str]) -> str:
    return " | ".join(given) + " → " + " | ".join(result)


def _cell(entry: etree._Element | None) -> str:
    """What stands in a cell; a dash where it may be anything."""
    return (_text(entry.find("{*}text")) if entry is not None else "") or "–"


def _text(element: etree._Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""
