"""Says of a bundle what must be mended before it can run, per element, with the remedy.

`check_bundle` is what deploy asks; errors refuse a deploy, warnings are advice.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine import bpmn_reader
from engine.bpmn import Drawing
from engine.bundles import Bundle, drawing_path
from engine.check.calls import check_calls
from engine.check.finding import Catalogue, Finding, found
from engine.check.references import check_references
from engine.check.structure import check_structure
from engine.decisions import DecisionInvalid, parse_decisions
from engine.errors import Refusal
from engine.forms import Form, FormInvalid


def check_bundle(bundle: Bundle, catalogue: Catalogue) -> list[Finding]:
    """All findings, in the order of files and lines. Never raises for what a file holds."""
    findings = list(_forms(bundle)) + list(_decisions(bundle))
    path = drawing_path(bundle.key)
    if path not in bundle.files:
        return [*findings, found(path, "no-drawing", key=bundle.key, path=path)]
    drawings: list[Drawing] = []
    for name, text in bundle.files.items():
        if name.endswith(".bpmn"):
            try:
                drawings.append(bpmn_reader.read(text, name))
            except Refusal as problem:
                findings.append(found(name, "unreadable", problem=problem.message))
    for drawing in drawings:
        findings += _drawing(drawing, bundle, catalogue)
    findings += check_calls(drawings)
    return sorted(findings, key=lambda f: (f.file, f.line or 0, f.rule))


def _drawing(drawing: Drawing, bundle: Bundle, catalogue: Catalogue) -> Iterator[Finding]:
    path = drawing.path
    yield from check_structure(drawing)
    yield from check_references(drawing, bundle, catalogue)
    if path == drawing_path(bundle.key) and drawing.process(bundle.key) is None:
        ids = ", ".join(p.id for p in drawing.processes) or "none"
        yield found(path, "process-key", key=bundle.key, ids=ids)


def _forms(bundle: Bundle) -> Iterator[Finding]:
    for path, text in bundle.files.items():
        if not path.endswith(".form"):
            continue
        try:
            Form.parse(text, path=path)
        except FormInvalid as problem:
            for f in problem.findings:
                yield Finding(
                    path, f.line, f.element, f.rule, f.severity, f.message, f.remedy, f.fields
                )


def _decisions(bundle: Bundle) -> Iterator[Finding]:
    for path, text in bundle.files.items():
        if not path.endswith(".dmn"):
            continue
        try:
            parse_decisions(text.encode(), path=path)
        except DecisionInvalid as problem:
            yield found(path, "decision-invalid", problem, problem=str(problem))


__all__ = ["Catalogue", "Finding", "check_bundle"]
