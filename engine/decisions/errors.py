"""What can be wrong with a file of decisions, and with a decision when it is made."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import Sentence
from engine.feel import FeelError


class DecisionInvalid(FeelError):
    """A part of a file cannot be used, or likely not as meant.

    element: the id of what to mend; line: where it stands; place: the same in words, as the
    editor numbers rules and names columns; remedy: what to do, a template for the same fields;
    severity: "error", or "warning" for what runs all the same.
    """

    def __init__(
        self,
        element: str,
        message: str,
        *,
        path: str = "",
        line: int | None = None,
        **fields: object,
    ) -> None:
        self.element = element
        self.path = path
        self.line = line
        self.place: Sentence | None = None
        self.remedy = ""
        self.severity = "error"
        super().__init__(message, position=None, **fields)


class DecisionFailed(FeelError):
    """The rules contradict each other or the data; `decision` and `rules` say which."""

    def __init__(
        self, decision: str, message: str, *, rules: tuple[str, ...] = (), **fields: object
    ) -> None:
        self.decision = decision
        self.rules = rules
        fields |= {"decision": decision, "rules": ", ".join(rules)}
        super().__init__(message, position=None, **fields)


def once(problems: Iterable[DecisionInvalid]) -> list[DecisionInvalid]:
    """Each problem once: a file that is imported along several ways is read for each of them."""
    found = {
        (one.path, one.line, one.element, one.severity, str(one), str(one.place)): one
        for one in problems
    }
    return list(found.values())
