"""A form that was refused is shown again as it was filled in, with the sentence at its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request

from app import arrivals, law, refusals
from app.people.organisation import units
from engine.errors import Refusal

COMMON: dict[type[Refusal], str] = {
    law.BasisMissing: "basis",
    arrivals.DayUnreadable: "day",
    units.UnitUnknown: "day",
    units.EndsBeforeItBegins: "until",
    units.UnitCodeTaken: "code",
}
"""About which field a refusal is, as forms of units call it."""


@dataclass(frozen=True)
class Refused:
    """What was typed into the form of that name on a page, and what is wrong with which field.

    prefix: what the ids of the form's fields begin with.
    """

    form: str = ""
    prefix: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    text: str = ""

    def value(self, form: str, name: str, default: str = "") -> str:
        """What the field shows."""
        return self.given.get(name, "") if self.form == form else default

    def error(self, form: str, name: str) -> str:
        """The sentence at the field; empty if nothing is wrong with it."""
        return self.text if (self.form, self.name) == (form, name) else ""

    def many(self, form: str, name: str, default: list[str]) -> list[str]:
        """What is ticked."""
        return request.form.getlist(name) if self.form == form else default

    @property
    def errors(self) -> list[dict[str, str]]:
        """The refusal as the summary above the page names it; none where nothing was refused."""
        target = self.prefix + self.name if self.name else ""
        return [{"field": target, "text": self.text}] if self.text else []


NOTHING = Refused()


def of(
    form: str, refusal: Refusal, about: Mapping[type[Refusal], str], prefix: str = ""
) -> Refused:
    """The form as it was posted. What is no fault of what was typed is raised again."""
    name = next((about[kind] for kind in about if isinstance(refusal, kind)), "")
    if not name and refusal.status not in (409, 422):
        raise refusal
    return Refused(form, prefix, request.form, name, refusals.words(refusal))
