"""A planned change of units is called off: what comes back is shown first."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import law, web, who
from app.people import queries, refused
from app.people.blueprint import blueprint
from app.people.log import Origin
from app.people.models import UnitChange
from app.people.organisation import calling_off, change_letters
from app.people.organisation.pages import require_above, require_managed
from app.people.rights import groups
from app.people.rights.groups import day_of
from app.web import permission
from engine.errors import NotFound, Refusal
from engine.ports import Actor


def _change(session: Session, actor: Actor, code: str, number: int) -> UnitChange:
    """A change that the reader could decide: of this unit, and into those that it names."""
    change = session.get(UnitChange, number)
    if change is None or change.unit_code != code:
        raise NotFound(thing=gettext("This change"))
    above = change.plan.get("parent") if change.kind == "open" else None
    if above is not None:
        require_managed(str(above))
    else:
        require_managed(code)
        require_above(session, actor, code, change.kind)
    there = queries.units(session, web.engine().clock())
    for target in calling_off.targets(change) & there.keys():
        require_managed(target)
    return change


@blueprint.get("/units/<code>/changes/<int:number>/call-off")
@permission("units.manage")
def calling_off_change(code: str, number: int) -> str:
    """What calling the change off brings back, and the reason asked."""
    return _page(code, number, refused.NOTHING)


def _page(code: str, number: int, was: refused.Refused) -> str:
    """The page; was: what was posted on it and refused."""
    reading, now = web.reading(), web.engine().clock()
    change = _change(reading, web.signed_in(), code, number)
    calling_off.require_planned(reading, change, now)
    return render_template(
        "people/call_off.html",
        code=code,
        change=change,
        hands=who.holders_of(reading, [change.decided_by]),
        was=was,
        undone=calling_off.undone(reading, change),
        units=queries.units(reading, change.day) | queries.units(reading, now),
        groups=groups.on_day(reading, now),
        today=day_of(now),
    )


@blueprint.post("/units/<code>/changes/<int:number>/call-off")
@permission("units.manage")
def call_off_change(code: str, number: int) -> ResponseReturnValue:
    """The change never begins."""
    actor, now = web.signed_in(), web.engine().clock()
    try:
        with web.engine().writing() as session:
            change = _change(session, actor, code, number)
            reason = law.basis(request.form.get("reason", ""))[:500]
            origin = Origin.of(actor, now)
            calling_off.call_off(session, web.engine(), change, origin=origin, reason=reason)
            change_letters.tell(web.engine(), session, change, origin=origin)
            # A unit that was to be founded never is: its page is none.
            shown = change.plan["parent"] if change.kind == "open" else code
    except Refusal as refusal:
        if refusal.status != 422:  # What it is about is no more what the page showed.
            raise
        was = refused.of("call-off", refusal, {law.BasisMissing: "reason"})
        return _page(code, number, was), refusal.status
    flash(
        gettext("The change is called off. Everything stays as it was decided before."), "success"
    )
    return redirect(url_for("people.unit", code=shown), 303)
