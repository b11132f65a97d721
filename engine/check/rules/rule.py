"""What a rule is, and how heavily it weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any


@dataclass(frozen=True)
class Rule:
    """One rule: what it says and what to do about it, with fields in braces.

    weight: "error" is against the standard or cannot run wherever it stands; "wrong" works in no
    process, and is advice only on one that says that it is not to be run; "run" stops a process
    that says that it is to be run, and is advice on others; "deploy" is missing only for a bundle
    that is to be deployed, and is advice on a file by itself; "import" is lacking in a drawing
    that was never meant to run, is advice in one that is to, and nothing in others; "advice" never
    stops anything.
    otherwise: the remedy where the names that `remedy` would list are none.
    """

    weight: str
    message: str
    remedy: str
    otherwise: str = ""

    @property
    def severity(self) -> str:
        """The severity where the rule weighs most."""
        return "warning" if self.weight == "advice" else "error"

    def remedy_with(self, fields: Mapping[str, Any]) -> str:
        """What to do, where the names that could be listed are among the fields, or are none."""
        if self.otherwise and any(fields.get(name) == "" for name in holes(self.remedy)):
            return self.otherwise
        return self.remedy


def holes(template: str) -> set[str]:
    """The names of the fields that stand in braces."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def error(message: str, remedy: str, otherwise: str = "") -> Rule:
    return Rule("error", message, remedy, otherwise)


def wrong(message: str, remedy: str, otherwise: str = "") -> Rule:
    return Rule("wrong", message, remedy, otherwise)


def run(message: str, remedy: str, otherwise: str = "") -> Rule:
    return Rule("run", message, remedy, otherwise)


def deploy(message: str, remedy: str, otherwise: str = "") -> Rule:
    return Rule("deploy", message, remedy, otherwise)


def lacking(message: str, remedy: str) -> Rule:
    return Rule("import", message, remedy)


def advice(message: str, remedy: str) -> Rule:
    return Rule("advice", message, remedy)
