"""What can go wrong with an expression, as sentences with fields.

A message is an English template (`"{name} is unknown"`) and its fields are kept apart, so that
whoever shows it can translate the template first and fill it in afterwards.
"""

from __future__ import annotations


class FeelError(Exception):
    """The expression cannot be read or run; the sentence says why and what to change."""

    def __init__(self, message: str, *, position: int | None = None, **fields: object) -> None:
        self.message = message
        self.position = position
        self.fields = fields
        super().__init__(message.format(**fields))


class FeelSyntaxError(FeelError):
    """The text is not FEEL; `position` is the offset of the character where reading stopped."""

    def __init__(self, message: str, *, position: int, **fields: object) -> None:
        super().__init__(message, position=position, **fields)


class FeelBudgetExceeded(FeelError):
    """The evaluation took more steps, depth, items or letters than its budget allows."""
