"""Says of a bundle what must be mended before it can run, per element, with the remedy.

`check_bundle` is what deploy asks; errors refuse a deploy, warnings are advice.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine import bpmn
from engine.bundles import Bundle, drawing_path
from engine.check.finding import Catalogue, Finding
from engine.check.references import check_references
from engine.check.structure import check_structure
from engine.decisions import DecisionInvalid, parse_decisions
from engine.errors import Refusal
from engine.forms import Form, FormInvalid


def check_bundle(bundle: Bundle, catalogue: Catalogue) -> list[Finding]:
    """All findings, in the order of files and lines. Never raises for what a file holds."""
    found = list(_forms(bundle)) + list(_decisions(bundle))
    path = drawing_path(bundle.key)
    if path not in bundle.files:
        found.append(_missing(bundle, path))
        return found
    for name, text in bundle.files.items():
        if not name.endswith(".bpmn"):
            continue
        try:
            drawing = bpmn.read(text, name)
        except Refusal as problem:
            found.append(_unreadable(name, problem))
            continue
        found += check_structure(drawing)
        found += check_references(drawing, bundle, catalogue)
        if name == path and drawing.process(bundle.key) is None:
            found.append(_wrong_key(bundle, drawing))
    return sorted(found, key=lambda f: (f.file, f.line or 0, f.rule))


def _missing(bundle: Bundle, path: str) -> Finding:
    return Finding(
        path, None, None, "no-drawing", "error",
        'The process "{key}" has no drawing {path}.', "Add the file.",
        {"key": bundle.key, "path": path},
    )  # fmt: skip


def _unreadable(path: str, problem: Refusal) -> Finding:
    return Finding(
        path, None, None, "unreadable", "error", "{problem}",
        "Open the file in a BPMN editor and save it again.", {"problem": problem.message},
    )  # fmt: skip


def _wrong_key(bundle: Bundle, drawing: bpmn.Drawing) -> Finding:
    ids = ", ".join(p.id for p in drawing.processes) or "none"
    return Finding(
        drawing.path, None, None, "process-key", "error",
        'The file should hold the process "{key}" but holds {ids}.',
        'Give the process the id "{key}", or the file the name of its process.',
        {"key": bundle.key, "ids": ids},
    )  # fmt: skip


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
            yield Finding(
                path, None, getattr(problem, "element", None), "decision-invalid", "error",
                "{problem}", "Mend the decision in a DMN editor.", {"problem": str(problem)},
            )  # fmt: skip


__all__ = ["Catalogue", "Finding", "check_bundle"]
