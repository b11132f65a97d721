"""What a form refuses, as sentences with fields that the application translates and fills in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.errors import Refusal

Message = tuple[str, dict[str, Any]]
"""An English sentence with fields in braces, its fields: ("Tick {label}", {"label": "Đã đọc"})."""


class Unreadable(Exception):
    """What was posted for a field cannot be read as its type; `message` says why."""

    def __init__(self, template: str, **fields: Any) -> None:
        self.message: Message = (template, fields)
        super().__init__(template)


class FormErrors(Refusal):
    """Places in the form that need a correction: {count}."""

    status = 422

    def __init__(self, errors: dict[str, list[Message]]) -> None:
        self.errors = errors
        super().__init__(count=len(errors))


@dataclass(frozen=True)
class Finding:
    """What must (error) or should (warning) be mended in a form file, and how.

    element: key or id of the component; message and remedy are templates over `fields`.
    line: where the component begins in the file, counted from 1, when it can be told.
    """

    rule: str
    element: str | None
    message: str
    remedy: str
    severity: str = "error"
    line: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)


class FormInvalid(Refusal):
    """The form {path} cannot be used: {count} findings must be mended first."""

    status = 422

    def __init__(self, findings: list[Finding], *, path: str) -> None:
        self.findings = findings
        super().__init__(path=path, count=len(findings))
