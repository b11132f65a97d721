"""What a file of decisions cannot do, each with where it stands, and what its tables leave out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.check.boxes import wrong_boxes
from engine.check.cells import faults
from engine.check.finding import Finding, found
from engine.check.references import Known
from engine.decisions import Decisions, analyse
from engine.errors import Sentence


def check_decisions(decisions: Decisions, path: str, known: Known) -> Iterator[Finding]:
    """One finding for each fault of a file, those of files that it imports left to them.

    known: what the installation offers, asked where an expression calls what the file has not.
    """
    for wrong in (*decisions.problems, *decisions.faults, *wrong_boxes(decisions)):
        if wrong.path not in ("", path):
            continue
        if "function" in wrong.fields and wrong.fields["function"] in known().functions:
            continue
        rule = "decision-invalid" if wrong.severity == "error" else "decision-doubtful"
        finding = found(path, rule, problem=placed(wrong.place, wrong.sentence))
        if wrong.remedy:
            fields = {**wrong.fields, **finding.fields}
            finding = replace(finding, remedy=wrong.remedy, fields=fields)
        yield at(finding, wrong.element, wrong.line)
    told: set[tuple[str, str]] = set()
    yield from _cells(decisions, path, told)
    for likely in analyse(decisions):
        if likely.kind == "unreachable" and (likely.decision, likely.rules[0]) in told:
            # What stands in one of its cells, told already, is why it never applies.
            continue
        reason = placed(likely.place, Sentence(likely.message, likely.fields))
        finding = found(path, f"decision-{likely.kind}", problem=reason)
        yield at(finding, likely.element or likely.decision, likely.line)


def _cells(decisions: Decisions, path: str, told: set[tuple[str, str]]) -> Iterator[Finding]:
    """Cells whose values are not what their columns ask for; their rules are added to `told`."""
    for fault in faults(decisions):
        rule = "decision-invalid" if fault.is_error else "decision-doubtful"
        finding = found(path, rule, problem=placed(fault.place, fault.said))
        fields = {**fault.said.fields, **finding.fields}
        finding = replace(finding, remedy=fault.remedy, fields=fields)
        if fault.rule is not None:
            told.add((fault.table.owner, fault.rule.id))
        key = fault.rule.id if fault.rule is not None else fault.table.element
        yield at(finding, key, fault.line)


def placed(place: Sentence | None, said: Sentence) -> Sentence:
    """What is wrong, after where it stands."""
    if place is None:
        return said
    return Sentence("{place}: {said}", {"place": place, "said": said})


def at(finding: Finding, element: str | None, line: int | None) -> Finding:
    """The finding at an element, or at the whole file."""
    return replace(finding, element=element or None, line=line)
