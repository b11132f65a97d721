"""What can go wrong with an expression, as sentences with fields.

A message is an English template (`"{name} is unknown"`) and its fields are kept apart, so that
whoever shows it can translate the template first and fill it in afterwards.
"""

from __future__ import annotations

from engine.errors import Sentence


class FeelError(Exception):
    """The expression cannot be read or run; the sentence says why and what to change.

    template, fields: the untranslated sentence with its holes in braces, and what fills them.
    position: the offset of the letter in the text at which reading stopped, or of what was being
    worked out when the budget ended; None until that is known.
    """

    def __init__(self, template: str, *, position: int | None = None, **fields: object) -> None:
        self.template = template
        self.position = position
        self.fields = fields
        super().__init__(template.format_map(fields))

    def stand_at(self, position: int) -> None:
        """Notes where it happened; the innermost place, which is told first, stays."""
        if self.position is None:
            self.position = position

    @property
    def sentence(self) -> Sentence:
        """The same as a text that still knows its template: what other sentences quote."""
        return Sentence(self.template, self.fields)


class FeelSyntaxError(FeelError):
    """The text is not FEEL; `position` is the offset of the character where reading stopped."""

    def __init__(self, template: str, *, position: int, **fields: object) -> None:
        super().__init__(template, position=position, **fields)


class FeelBudgetExceeded(FeelError):
    """The evaluation took more steps, depth, items or letters than its budget allows."""
