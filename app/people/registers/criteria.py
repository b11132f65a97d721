"""What somebody looks for in a register, as an address says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

REGISTERS = ("users", "customers")
STATES = ("active", "suspended", "closed", "deleted")
NONE = "-"
"""Stands for "has none" where a label may be chosen."""


@dataclass(frozen=True)
class Criteria:
    """Conditions that must all hold; empty ones do not count.

    unit: with all below it, or `only` itself. login: "never", or a number of days in which nobody
    logged in. factor: "yes" or "no". on: the local day as of which all is told; None is now.
    created, closed: days that both count.
    """

    register: str = "users"
    text: str = ""
    unit: str = ""
    only: bool = False
    state: str = ""
    kind: str = ""
    label: str = ""
    position: str = ""
    group: str = ""
    created_from: date | None = None
    created_to: date | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    login: str = ""
    factor: str = ""
    on: date | None = None

    @classmethod
    def of(
        cls, asked: Mapping[str, str], day: Callable[[str], date | None], register: str = "users"
    ) -> Criteria:
        """What an address asks for. day: reads a field as a day, None for an empty one."""
        texts = {
            name: asked.get(name, "").strip()[:200]
            for name in ("text", "unit", "state", "kind", "label", "position", "group", "login",
                         "factor")
        }  # fmt: skip
        if texts["login"] != "never" and not (
            texts["login"].isdecimal() and len(texts["login"]) < 5
        ):
            texts["login"] = ""
        days = {name: day(name) for name in DAYS}
        return cls(register=register, only=asked.get("only") == "yes", **texts, **days)

    def but(self, **changes: object) -> Criteria:
        """The same with some conditions changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # names of fields

    def arguments(self) -> dict[str, str]:
        """The conditions as an address has them; empty ones are left out."""
        found: dict[str, str] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "register" or value in ("", None, False):
                continue
            found[one.name] = "yes" if value is True else str(value)
        return found


DAYS = ("created_from", "created_to", "closed_from", "closed_to", "on")


def shipped(today: date) -> dict[str, Criteria]:
    """The fixed criteria of KH-12.4a8 by key, as of today."""
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    return {
        "in_use": Criteria(state="active"),
        "suspended": Criteria(state="suspended"),
        "closed_this_year": Criteria(state="closed", closed_from=year),
        "new_this_month": Criteria(created_from=month),
        "never": Criteria(state="active", login="never"),
        "idle": Criteria(state="active", login="30"),
        "no_factor": Criteria(state="active", factor="no"),
    }
