"""One reading of a form file: what was found so far; FEEL and templates read on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine import feel
from engine.forms.errors import Finding
from engine.forms.expressions import Expression, Setting, is_expression
from engine.forms.templating import Template, TemplateBroken

Raw = Mapping[str, Any]


@dataclass
class Reading:
    """One reading of one file: what was found wrong so far. `where` finds lines by id or key."""

    text: str
    findings: list[Finding] = field(default_factory=list)
    count: int = 0

    def note(
        self,
        rule: str,
        raw: Mapping[str, Any] | None,
        message: str,
        remedy: str,
        *,
        severity: str = "error",
        **fields: Any,
    ) -> None:
        """Adds a finding about a component, or about the file where `raw` is None."""
        raw = raw or {}
        element = raw.get("key") or raw.get("path") or raw.get("id")
        self.findings.append(
            Finding(
                rule,
                str(element) if element else None,
                message,
                remedy,
                severity=severity,
                line=self._line(raw),
                fields={"element": element or raw.get("type") or "", **fields},
            )
        )

    def _line(self, raw: Mapping[str, Any]) -> int | None:
        for name in ("id", "key", "path"):
            if isinstance(raw.get(name), str) and raw[name]:
                written = json.dumps(raw[name], ensure_ascii=False)
                found = re.search(rf'"{name}"\s*:\s*{re.escape(written)}', self.text)
                if found:
                    return self.text.count("\n", 0, found.start()) + 1
        return None


def record(raw: Any) -> Raw:
    return raw if isinstance(raw, dict) else {}


def items(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []


def expression(raw: Raw, text: Any, reading: Reading) -> Expression | None:
    """A FEEL expression of the component; a finding where it cannot be read."""
    try:
        if isinstance(text, str) and text.strip().removeprefix("=").strip():
            return Expression.parse(text)
    except feel.FeelError as problem:
        _note_expression(raw, text, reading, problem)
    return None


def _note_expression(raw: Raw, text: str, reading: Reading, problem: feel.FeelError) -> None:
    reading.note(
        "expression",
        raw,
        'The expression "{text}" of "{element}" cannot be read: {problem}.',
        "Correct the FEEL expression; the owner's manual has a page of examples.",
        text=text,
        problem=str(problem).rstrip("."),
    )


def setting(raw: Raw, name: str, reading: Reading) -> Setting:
    """A property that may be given plainly or as "=expression"."""
    value = raw.get(name)
    if is_expression(value):
        return expression(raw, value, reading)
    return value if isinstance(value, (bool, int, Decimal, str)) else None


def template(raw: Raw, text: str, reading: Reading) -> Template:
    try:
        return Template.parse(text)
    except feel.FeelError as problem:
        _note_expression(raw, text, reading, problem)
    except TemplateBroken:
        reading.note(
            "template",
            raw,
            'In "{element}" a {{{{#if}}}} or {{{{#loop}}}} is not closed, or closed twice.',
            "Close each {{{{#if}}}} by {{{{/if}}}} and each {{{{#loop}}}} by {{{{/loop}}}}.",
        )
    return Template(text, (text,))
