"""Refusals, which a person can act on, and defects, which we must mend.

The docstring of each class is its message: what happened, to which thing, what to do next. Fields
in braces are filled from the keyword arguments; the application translates the docstring by its
text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sentence:
    """A sentence that stands within another: English, its fields apart, so that pages translate
    it first. Printed, it is English.
    """

    template: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format_map(self.fields)


class QuytrinhError(Exception):
    """Something went wrong."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        super().__init__(self.message)

    @property
    def template(self) -> str:
        """The untranslated sentence with its fields in braces."""
        return " ".join((type(self).__doc__ or "").split())

    @property
    def message(self) -> str:
        return self.template.format_map(self.fields)


class Refusal(QuytrinhError):
    """This cannot be done."""

    status = 400


class Defect(QuytrinhError):
    """The software has a fault."""

    status = 500


class NotFound(Refusal):
    """{thing} does not exist, or you may not see it."""

    status = 404


class NotPermitted(Refusal):
    """You may not do this: {right} is needed. Ask your unit's head or the Office."""

    status = 403


class TaskTaken(Refusal):
    """{by} completed "{task}" at {at}. Reload your inbox to see what is left."""

    status = 409


class TaskClaimed(Refusal):
    """{by} claimed "{task}" at {at}. Ask them to hand it back, or choose another task."""

    status = 409


class TaskGone(Refusal):
    """ "{task}" is no longer open: the case moved on at {at}. Open the case to see where it
    stands.
    """

    status = 409


class NotYourTask(Refusal):
    """ "{task}" is for {candidates}. Ask one of them, or your unit's head, to do it."""

    status = 403


class SameHand(Refusal):
    """You did "{other}" in this case, so somebody else must do "{task}"."""

    status = 403


class OwnMatter(SameHand):
    """ "{task}" is about the account {who}, so neither its holder nor anybody in the holder's name does it. Leave it to somebody else."""  # noqa: E501


class InPerson(NotYourTask):
    """ "{task}" is for {by} in person, who was authorised to do it and may not pass that on. Leave it to {by}, or tell those who gave the authority: they may do it themselves."""  # noqa: E501


class OnlySees(Refusal):
    """{name}'s account administers or supervises, so it does nothing in cases. Use the account of your work for this."""  # noqa: E501

    status = 403


class OtherHand(Refusal):
    """{by} did "{other}" in this case, so somebody else must do "{task}"."""

    status = 409


class MandateEnded(Refusal):
    """You may no longer act for {by}: the permission of {number} has ended. Nothing was sent;
    copy what you typed before you leave the page.
    """

    status = 403


class OutsideMandate(Refusal):
    """What you may do for {by} under {number} does not reach this. Whoever asked for it can ask
    for more.
    """

    status = 403


class NotWhileActing(Refusal):
    """While you act for {by} you may do their tasks, and nothing else. Stop acting for them
    first.
    """

    status = 409


class ValueRefused(Refusal):
    """The value at {path} is a {type}. Only text, numbers, dates, instants with a time zone,
    yes/no, lists and records can be kept. Keep it as text, or keep its parts.
    """

    status = 422


class ProcessNotFound(Refusal):
    """There is no process "{key}" in force. Ask the process owner to deploy it."""

    status = 404


class CaseClosed(Refusal):
    """Case {code} was closed at {at}. Nothing can be changed in it any more."""

    status = 409


class NobodyWaits(Refusal):
    """No case waits for "{message}" at the moment. Nothing was changed."""

    status = 409


class WaitGone(NobodyWaits):
    """The case does not wait for that message any more. Nothing was changed."""


class BundleRefused(Refusal):
    """The process "{key}" was not deployed: {count} findings must be mended first."""

    status = 422

    def __init__(self, *, findings: list[Any], **fields: Any) -> None:
        self.findings = findings
        super().__init__(count=len(findings), **fields)


class ForceBackDated(Refusal):
    """A version cannot take effect on {day}, which has passed. Choose today or a later day."""

    status = 422


class StepFailed(Refusal):
    """ "{element}" could not be carried out: {reason} Nothing was changed; tell the
    process owner.
    """

    status = 422


class EndlessStep(Refusal):
    """The case went through {count} elements without coming to rest, last "{element}". Nothing
    was changed; tell the process owner."""

    status = 422


class DatabaseUnusable(Refusal):
    """{what} {remedy}"""

    status = 503


class CallFailed(Exception):
    """An outside system did not do what was asked; `permanent` says that asking
    again is useless.
    """

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        self.permanent = permanent
        super().__init__(message)


class Rejected(Exception):
    """An operation says no in a way that the drawing knows: the BPMN error of that code."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        super().__init__(message or code)
