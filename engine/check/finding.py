"""One finding, how heavily it weighs, and what a drawing may name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.check.rules import RULES
from engine.errors import QuytrinhError, Sentence
from engine.registers import Entered

if TYPE_CHECKING:
    from engine.papers import Examine
    from engine.ports import Operation


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, and how to mend it; `message` and `remedy` hold `fields` in braces."""

    file: str
    line: int | None
    element: str | None
    rule: str
    severity: str  # error: will not run; warning: advice
    message: str
    remedy: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """As JSON prints it, with the words filled in."""
        return {
            "file": self.file,
            "line": self.line,
            "element": self.element,
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message.format_map(self.fields),
            "remedy": self.remedy.format_map(self.fields),
        }


def packed(finding: Finding) -> dict[str, Any]:
    """A finding as JSON carries it from one process to another, its words still to be translated;
    `unpacked` gives it back.
    """
    return {
        "file": finding.file,
        "line": finding.line,
        "element": finding.element,
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "remedy": finding.remedy,
        "fields": {name: _packed(value) for name, value in finding.fields.items()},
    }


def _packed(value: Any) -> Any:
    if isinstance(value, QuytrinhError | Sentence):
        fields = {name: _packed(inner) for name, inner in value.fields.items()}
        return {"template": value.template, "fields": fields}
    return value if isinstance(value, int | float | None) else str(value)


def unpacked(record: Mapping[str, Any]) -> Finding:
    """The finding that was packed."""
    fields = {name: _unpacked(value) for name, value in record["fields"].items()}
    return Finding(**{**record, "fields": fields})


def _unpacked(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    fields = {name: _unpacked(inner) for name, inner in value["fields"].items()}
    return Sentence(value["template"], fields)


def found(file: str, rule: str, item: Any = None, **fields: Any) -> Finding:
    """The finding of a rule, at an element of a drawing or at the whole file."""
    words = RULES[rule]
    element = getattr(item, "id", None) or None
    named = {"name": getattr(item, "name", "") or element or file, **fields}
    return Finding(
        file=file,
        line=getattr(item, "line", None),
        element=element,
        rule=rule,
        severity=words.severity,
        message=words.message,
        remedy=words.remedy_with(named),
        fields=named,
    )


Guard = Callable[[str, Callable[[], Iterable[Finding]]], list[Finding]]
"""Looks at the file of that path, or says instead that it could not be looked at."""

UNSEEN = frozenset({"too-hard", "no-time-left"})
"""Rules that say so."""


def unguarded(_path: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Looks at every file, however long it takes."""
    return list(look())


@dataclass(frozen=True)
class Purpose:
    """What a file is checked for.

    is_deployed: it is to be put in force here, so whatever is missing for that is an error.
    is_import: it is looked at as if its processes were to be run, whatever they say.
    """

    is_deployed: bool = True
    is_import: bool = False


@dataclass(frozen=True)
class Still:
    """Ids of elements in processes that do not ask to be run, and in those that say they are not
    to be; the second are among the first.
    """

    unasked: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()


def weigh(findings: Iterable[Finding], purpose: Purpose, still: Still) -> Iterator[Finding]:
    """The findings with their severity for a purpose."""
    for finding in findings:
        rule = RULES.get(finding.rule)
        weight = rule.weight if rule is not None else finding.severity
        lighter = weight in {"run", "deploy"} and finding.element in still.unasked
        lighter = lighter or (weight == "wrong" and finding.element in still.refused)
        lighter = lighter and not purpose.is_import
        if weight == "import" and not purpose.is_import:
            if finding.element in still.unasked:
                continue
            lighter = True
        if weight == "deploy" and not (purpose.is_deployed or purpose.is_import):
            lighter = True
        yield replace(finding, severity="warning") if lighter else finding


@dataclass(frozen=True)
class Catalogue:
    """What drawings may name in an installation. `groups`, `people`, `duties`, `permissions` None:
    any is accepted. people: names of the accounts that are not closed. templates: tries those of
    papers; None where they are not tried. entered: with what cases stand in its registers, by
    their keys.
    """

    operations: Mapping[str, Operation] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    groups: frozenset[str] | None = None
    people: frozenset[str] | None = None
    duties: frozenset[str] | None = None
    permissions: frozenset[str] | None = None
    templates: Examine | None = None
    entered: Mapping[str, Entered] = field(default_factory=dict)
