"""Types in the expressions of a form, as far as its own fields tell them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.check import types
from engine.check.rules import RULES
from engine.check.variables import FIELD_TYPES
from engine.forms import Field, Form
from engine.forms.errors import Finding
from engine.forms.findings import Reading
from engine.forms.walking import used_by


def wrong_types(form: Form, text: str) -> list[Finding]:
    """Findings about expressions that mix types. A form is shown all the same, and their value is
    null, so they are advice. text: of the file, for lines.
    """
    reading, words = Reading(text), RULES["type-error"]
    known = _types(form.fields)
    for found in form.walk():
        for used in dict.fromkeys(used_by(found)):
            expression = types.Reading(known)
            expression.of(used.program.tree)
            for problem in expression.problems:
                reading.note(
                    "type-error",
                    {"id": found.id, "key": found.name},
                    words.message,
                    words.remedy,
                    severity="warning",
                    name=found.name,
                    text=used.text,
                    problem=problem,
                )
    return reading.findings


def _types(fields: Iterable[Field]) -> dict[str, str | None]:
    """What fields hold, by name; None where several of a name differ, one in rows perhaps."""
    found: dict[str, str | None] = {}
    for name, kind in _kinds(fields):
        found[name] = kind if found.get(name, kind) == kind else None
    return found


def _kinds(fields: Iterable[Field]) -> Iterator[tuple[str, str | None]]:
    for one in fields:
        if one.holds_value:
            is_text = one.type == "number" and one.settings.get("serializeToString")
            kind = "string" if is_text else FIELD_TYPES.get(one.type)
            yield one.path[0], kind if len(one.path) == 1 else None
        yield from _kinds(one.children)
