"""Acting for others: for whom one may, who may for oneself, and what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import web
from app.i18n import language
from app.people import acting as rules
from app.people import queries, visits
from app.people.acting import delegations, ending
from app.people.blueprint import blueprint
from app.people.models import Account, Delegation
from app.people.organisation import heirs
from app.people.rights.groups import day_of, on_day
from app.web import SIGNED_IN, permission
from engine import views
from engine.deeds import DoneFor, done_for

PROCESS = "delegation"
"""The process by which somebody asks that another may act for them."""

_DEEDS: dict[str, Callable[[str], str]] = {
    "task_completed": lambda step: step,
    "task_released": lambda step: gettext("“%(step)s” was handed back", step=step),
    "message_received": lambda step: step,
    "comment_added": lambda _step: gettext("A comment was written"),
    "file_attached": lambda _step: gettext("A file was added"),
}


@blueprint.get("/acting")
@permission(SIGNED_IN)
def acting() -> str:
    """The reader's own delegations, both ways, whoever they act for just now."""
    mine, session, now = _here().account, web.reading(), web.engine().clock()
    names = _Names(
        session,
        queries.units_ever(session, day_of(now)),
        {one.key: one for one in views.processes(session)},
        on_day(session, now),
        now,
    )
    mine_to_do = delegations.choices(session, mine, now)
    given = delegations.given(session, mine, now)
    return render_template(
        "people/acting.html",
        chosen=visits.delegation(),
        choices=[names.shown(row, row.grantor) for row in mine_to_do],
        given=[names.shown(row, row.grantee) for row in given],
        ways=ending.ways(session, [*mine_to_do, *given], web.signed_in()),
        deeds=[(deed, _deed(deed)) for deed in done_for(session, mine.name)],
        asked=_may_ask(),
    )


def offers() -> Sequence[Delegation]:
    """For whom who reads may act just now, while acting for nobody; the first to end first."""
    if visits.delegation() is not None:
        return ()
    return delegations.offered(web.reading(), _here().account, web.engine().clock())


def _may_ask() -> bool:
    """Whether the reader may ask that somebody acts for them, which nobody does for another."""
    actor, mover, now = web.signed_in(), web.engine().mover, web.engine().clock()
    startable = views.startable(web.reading(), mover, actor, now)
    return any(version.process_key == PROCESS for version, _program in startable)


def _known(names: Mapping[str, Any], keys: list[str] | None) -> list[Any]:
    return [names[key] for key in keys or () if key in names]


@dataclass(frozen=True)
class _Names:
    """What units, processes and groups are called on one day; of units those that are no more
    too.
    """

    session: Session
    units: Mapping[str, Any]
    processes: Mapping[str, Any]
    groups: Mapping[str, Any]
    now: datetime

    def shown(self, row: Delegation, other: Account) -> dict[str, Any]:
        """One delegation as the page shows it: with whom, when, what of, how it stands."""
        return {
            "row": row,
            "who": other.person.full_name,
            "unit": self.units.get(other.unit_code or ""),
            "processes": _known(self.processes, row.processes),
            "groups": _known(self.groups, row.groups),
            "units": self._reached(row),
            "state": self._state(row),
        }

    def _reached(self, row: Delegation) -> list[Any]:
        """The units whose work it is for, and those of today to which that has gone."""
        homes = (heirs.beside(self.session, unit, self.today) for unit in row.units or ())
        found = dict.fromkeys([*(row.units or ()), *homes])
        return [self.units[code] for code in found if code in self.units]

    @property
    def today(self) -> date:
        """The day of the page."""
        return day_of(self.now)

    def _state(self, row: Delegation) -> str:
        today = self.today
        if row.ended_at is not None and row.ended_at <= self.now:
            return "ended"
        if row.valid_to < today:
            return "over"
        return "coming" if row.valid_from > today else "now"


def _deed(deed: DoneFor) -> str:
    """What was done, by the name of its element in the reader's language."""
    nodes = views.program(web.reading(), web.engine().mover, deed.version_id).nodes
    node = nodes.get(deed.element or "")
    english = node.properties.get("name_en") if node is not None and language() == "en" else None
    step = (english or node.name or node.id) if node is not None else ""
    say = _DEEDS.get(deed.kind)
    return say(step) if say is not None else step


@blueprint.post("/acting/<int:delegation_id>/begin")
@permission(SIGNED_IN)
def begin_acting(delegation_id: int) -> ResponseReturnValue:
    """This stay acts for the chosen one from now on."""
    here = _here()
    with web.engine().writing() as writing:
        row = rules.begin(writing, here.login, delegation_id, origin=visits.origin(here.account))
        who = row.grantor.person.full_name
    flash(gettext("You act for %(who)s now. Their tasks are in the inbox.", who=who), "success")
    return redirect(url_for("inbox.mine"), 303)


@blueprint.post("/acting/stop")
@permission(SIGNED_IN)
def stop_acting() -> ResponseReturnValue:
    """This stay is the reader's own again."""
    here = _here()
    with web.engine().writing() as writing:
        row = rules.stop(writing, here.login, origin=visits.origin(here.account))
    if row is not None:
        flash(gettext("You do your own work again."), "success")
    return redirect(url_for("people.acting"), 303)


def _here() -> visits.Visit:
    here = visits.visit()
    if here is None:
        raise web.NotSignedIn()
    return here
