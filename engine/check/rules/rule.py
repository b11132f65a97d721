"""What a rule is, and how heavily it weighs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule: what it says and what to do about it, with fields in braces.

    weight: "error" is against the standard or cannot run wherever it stands; "wrong" works in no
    process, and is advice only on one that says that it is not to be run; "run" stops a process
    that says that it is to be run, and is advice on others; "deploy" is missing only for a bundle
    that is to be deployed, and is advice on a file by itself; "advice" never stops anything.
    """

    weight: str
    message: str
    remedy: str

    @property
    def severity(self) -> str:
        """The severity where the rule weighs most."""
        return "warning" if self.weight == "advice" else "error"


def error(message: str, remedy: str) -> Rule:
    return Rule("error", message, remedy)


def wrong(message: str, remedy: str) -> Rule:
    return Rule("wrong", message, remedy)


def run(message: str, remedy: str) -> Rule:
    return Rule("run", message, remedy)


def deploy(message: str, remedy: str) -> Rule:
    return Rule("deploy", message, remedy)


def advice(message: str, remedy: str) -> Rule:
    return Rule("advice", message, remedy)
