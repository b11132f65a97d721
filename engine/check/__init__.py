"""Says of drawings, decisions and forms what must be mended before they can run, per element.

`check_bundle` is what deploy asks; errors refuse a deploy, warnings are advice. `check_all`
looks at files from anywhere, whoever drew them.
"""

from __future__ import annotations

from engine.bundles import Bundle, drawing_path
from engine.check.drawings import Files, check_all
from engine.check.finding import Catalogue, Finding, Purpose, found
from engine.decisions import among
from engine.errors import Sentence


def check_bundle(bundle: Bundle, catalogue: Catalogue) -> list[Finding]:
    """All findings, in the order of files and lines. Never raises for what a file holds."""
    path = drawing_path(bundle.key)
    contents = {name: text.encode() for name, text in bundle.files.items()}
    files = Files(contents, load=lambda _path: among(bundle.files))
    findings = check_all(files, lambda: catalogue, Purpose())
    if path not in bundle.files:
        findings.append(found(path, "no-drawing", key=bundle.key, path=path))
    drawing = files.drawings.get(path)
    if drawing is not None and drawing.process(bundle.key) is None:
        ids = ", ".join(p.id for p in drawing.processes) or Sentence("no process")
        findings.append(found(path, "process-key", key=bundle.key, ids=ids))
    return in_order(findings)


def in_order(findings: list[Finding]) -> list[Finding]:
    """By file and line."""
    return sorted(findings, key=lambda f: (f.file, f.line or 0, f.rule))


__all__ = ["Catalogue", "Files", "Finding", "Purpose", "check_all", "check_bundle", "in_order"]
