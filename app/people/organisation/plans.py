"""What was decided of a unit: what happens to it, and where each thing that it holds goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from app.people.models import UnitChange


@dataclass(frozen=True)
class NewUnit:
    """A unit that comes out of a split."""

    code: str
    name: str
    name_en: str | None = None


@dataclass(frozen=True)
class Plan:
    """What happens to a unit, and where each thing that it holds goes.

    kind: merge, split or close. into: where people, grants and fields go that are not named. None
    ends posts and grants; the accounts are then the unit's above. people: by account id, the unit
    of somebody who goes elsewhere (the unit's own code: stays, when it goes on). ends: whether the
    unit is no more from the day on. below_to: the unit above those below. work_to, by_process: see
    `Succession`.
    head_as: what the head becomes: head, deputy or member. moves_grants: else they end.
    keeps_wider: whether those that lead go on in a unit that was there before, where they reach
    further than they did; else they end (see `moving.leads`).
    instead: the group that those get there whom this leaves with no right at all; None: no group.
    """

    kind: str
    unit: str
    day: date
    basis: str
    into: str | None = None
    ends: bool = True
    new_units: tuple[NewUnit, ...] = ()
    people: Mapping[int, str] = field(default_factory=dict)
    below_to: str | None = None
    head_as: str = "deputy"
    moves_grants: bool = True
    keeps_wider: bool = False
    instead: str | None = None
    work_to: str | None = None
    by_process: Mapping[str, str | None] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """As the row of the change keeps it."""
        plan = asdict(self)
        plan["new_units"] = [asdict(new) for new in self.new_units]
        plan["by_process"] = dict(self.by_process)
        plan["people"] = {str(number): unit for number, unit in self.people.items()}
        return {name: value for name, value in plan.items() if name not in ("kind", "basis")}

    @staticmethod
    def of(change: UnitChange) -> Plan:
        """The plan of a change that was decided."""
        kept = dict(change.plan, kind=change.kind, basis=change.basis, day=change.day)
        kept["new_units"] = tuple(NewUnit(**new) for new in kept["new_units"])
        kept["people"] = {int(number): unit for number, unit in kept["people"].items()}
        return Plan(**kept)
