"""One reading of a form file: what was found so far; FEEL and templates read on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from engine import feel
from engine.forms.errors import Finding
from engine.forms.expressions import Expression, Setting, is_expression
from engine.forms.lines import Lines
from engine.forms.templating import Template, TemplateBroken

Raw = Mapping[str, Any]
MAX_QUOTED = 200


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
        named = (raw.get(name) for name in ("key", "path", "id"))
        element = next((_short(each) for each in named if isinstance(each, str) and each), None)
        self.findings.append(
            Finding(
                rule,
                element,
                message,
                remedy,
                severity=severity,
                line=self._line(raw, rule, fields),
                fields={
                    "element": element or _short(str(raw.get("type") or "")),
                    **{k: _told(k, v) for k, v in fields.items()},
                },
            )
        )

    def _line(self, raw: Mapping[str, Any], rule: str, fields: Raw) -> int | None:
        """The line of what the sentence is about, where it can be told, else of the component."""
        if not raw:  # It is about the file, which may be too large to be walked for nothing.
            return None
        name = str(fields.get("name")).rpartition(".")[2]
        names = _ABOUT.get(rule, (name, rule))
        return self._lines.of(raw, names, fields.get("text"))

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)


_ABOUT = {
    "default": ("defaultValue",),
    "impossible": ("minLength", "min", "increment"),
    "columns": ("columns", "columnsExpression"),
    "circle": ("expression",),
    **dict.fromkeys(("duplicate", "expression", "type-error", "unknown-field"), ()),
}
"""The properties that a rule speaks of, where its sentence does not name one itself."""


def _told(name: str, value: Any) -> Any:
    """A field of a sentence; the list of our own types is no text of the file, and stays whole."""
    return _short(value) if isinstance(value, str) and name != "types" else value


def _short(text: str) -> str:
    """A text of the file as a sentence may quote it: hostile files hold very long ones."""
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"


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
        'The expression "{text}" of "{element}" cannot be read. {problem}',
        "Correct the FEEL expression; the owner's manual has a page of examples.",
        text=text,
        problem=problem.sentence,
    )


def setting(raw: Raw, name: str, reading: Reading) -> Setting:
    """A property that may be given plainly or as "=expression"."""
    value = raw.get(name)
    if is_expression(value):
        return expression(raw, value, reading)
    return value if isinstance(value, (bool, int, Decimal, str)) else None


def template(raw: Raw, text: str, reading: Reading) -> Template:
    try:
        found = Template.parse(text)
        if found.is_open:
            reading.note(
                "template",
                raw,
                'A text of "{element}" opens {{{{ and does not close it:'
                " it is shown as it stands.",
                "Close it by }}}}, as in {{{{name}}}}.",
                severity="warning",
            )
        return found
    except feel.FeelError as problem:
        _note_expression(raw, text, reading, problem)
    except TemplateBroken as broken:
        reading.note(
            "template",
            raw,
            'A text of "{element}" cannot be filled in. {problem}',
            "Close each {{{{#if}}}} by {{{{/if}}}} and each {{{{#loop}}}} by {{{{/loop}}}}.",
            problem=broken.problem,
        )
    return Template(text, (text,))
