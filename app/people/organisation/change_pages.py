"""A unit is renamed, moved, merged, split or closed: what it touches is shown first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import arrivals, refusals, shell, web
from app.people import queries, refused
from app.people.blueprint import blueprint
from app.people.log import Origin
from app.people.organisation import (
    change_letters,
    placing,
    reaching,
    reorganising,
    unit_queries,
    units,
)
from app.people.organisation.pages import (
    CodeUnfit,
    NameMissing,
    UnitIncomplete,
    basis_posted,
    day_posted,
    new_unit_posted,
    require_above,
    require_managed,
    text_posted,
)
from app.people.organisation.placing import Place
from app.people.organisation.plans import NewUnit, Plan
from app.people.rights import grants, groups
from app.people.rights.groups import day_of
from app.web import permission
from engine.errors import Refusal

STAYS = "stays"
MOST_NEW = 3
TARGETS = ("into", "work_to", "below_to", "parent")
"""Fields that name a unit to which something goes."""


class LookAgain(Refusal):
    """From {day} on the change touches what is shown here now. Look at it and decide again."""

    status = 422


class LookUnder(Refusal):
    """Under “{parent}” other rights reach the unit; they are shown here now. Look at them and decide again."""  # noqa: E501

    status = 422


class NothingSplit(Refusal):
    """A split needs a unit that comes out of it. Give a new unit a code and a name."""

    status = 422


ABOUT_FIELDS: dict[type[Refusal], str] = {
    NameMissing: "name_1",
    CodeUnfit: "code_1",
    NothingSplit: "code_1",
    LookUnder: "parent",
    units.UnitWithinItself: "parent",
    placing.ParentEnds: "parent",
    **refused.COMMON,
}
ABOUT_DAYS = (arrivals.DayUnreadable, reorganising.BackDated, reorganising.ChangesLater, LookAgain)


@blueprint.get("/units/<code>/change/<kind>")
@permission("units.manage")
def unit_change(code: str, kind: str) -> str:
    """What a change of the unit would touch on a day, and what shall move along."""
    problems: dict[str, str] = {}
    day = arrivals.day_asked("on", problems) or day_of(web.engine().clock())
    errors = [{"field": name, "text": text} for name, text in problems.items()]
    given = {"parent": request.args.get("parent", "")[:80]}
    return _page(code, kind, day, given=given, errors=errors)


def _page(
    code: str, kind: str, day: date, *, given: Mapping[str, str], errors: list[dict[str, str]]
) -> str:
    """The page on which a change is decided; given: what was chosen on it before."""
    reading, now = web.reading(), web.engine().clock()
    actor = require_managed(code)
    day = max(day, day_of(now))
    require_above(reading, actor, code, kind)
    here = units.require_unit(reading, code, day)
    mine = actor.rights["units.manage"]
    targets = [u for u in queries.tree(reading, day) if u.code in mine and u.code != code]
    offered = {unit.code for unit in targets}
    errors = errors + _gone(given, offered, queries.units_ever(reading, day), day)
    parent = given.get("parent") if given.get("parent") in offered else None
    return render_template(
        "people/unit_change.html",
        code=code,
        kind=kind,
        day=day,
        today=day_of(now),
        here=here,
        touched=unit_queries.touched(reading, code, day, now=now),
        moved=reaching.of_move(reading, code, here.parent_code, parent, day)
        if kind == "move"
        else None,
        targets=targets,
        units=queries.units(reading, day),
        groups=groups.on_day(reading, day),
        ordinary=unit_queries.ordinary(reading, day),
        new_units=range(1, MOST_NEW + 1),
        stays=STAYS,
        given=given,
        errors=errors,
    )


def _gone(
    given: Mapping[str, str], offered: set[str], known: Mapping[str, Any], day: date
) -> list[dict[str, str]]:
    """What was chosen on the page and cannot be on that day: nothing is dropped unsaid."""
    chosen = {
        name: value
        for name, value in given.items()
        if name in TARGETS or name.startswith(("person:", "work:"))
    }
    gone = [
        (name, value)
        for name, value in chosen.items()
        if value and value != STAYS and not value.startswith("#") and value not in offered
    ]
    told = {}
    for name, value in gone:
        unit = shell.named(known[value]) if value in known else value
        text = gettext(
            "“%(unit)s”, which you had chosen, is not there on %(day)s. Choose again.",
            unit=unit, day=f"{day:%d/%m/%Y}",
        )  # fmt: skip
        field = name if name in TARGETS else ""
        told.setdefault(text, {"field": field, "text": text})
    return list(told.values())


@blueprint.post("/units/<code>/change/<kind>")
@permission("units.manage")
def change_unit(code: str, kind: str) -> ResponseReturnValue:
    """The change is decided as chosen; a refused one shows the page as it was filled in."""
    today = day_of(web.engine().clock())
    shown = _day_or_none("shown")
    try:
        day = day_posted("day") or today
        if shown is not None and day != shown and day >= today:
            raise LookAgain(day=day.strftime("%d/%m/%Y"))
        _require_looked(kind, day)
        _decide(code, kind, day)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        field = "day" if isinstance(refusal, ABOUT_DAYS) else ABOUT_FIELDS.get(type(refusal), "")
        errors = [{"field": field, "text": refusals.words(refusal)}]
        wanted = _day_or_none("day") or shown or today
        return _page(code, kind, wanted, given=request.form, errors=errors), refusal.status
    flash(gettext("The change is decided. It holds from the day that you chose."), "success")
    return redirect(url_for("people.unit", code=code, on=day.isoformat()), 303)


def _require_looked(kind: str, day: date) -> None:
    """Raises LookUnder where whose reach the move changes was not shown for the unit chosen."""
    seen, parent = request.form.get("seen_parent"), text_posted("parent", 80)
    if kind != "move" or seen is None or seen == parent:
        return
    known = {unit.code: unit for unit in queries.tree(web.reading(), day)}
    if parent in known:
        raise LookUnder(parent=shell.named(known[parent]))


def _day_or_none(field: str) -> date | None:
    """The day in that field, if it is one."""
    try:
        return day_posted(field)
    except arrivals.DayUnreadable:
        return None


def _decide(code: str, kind: str, day: date) -> None:
    actor, now = require_managed(code), web.engine().clock()
    with web.engine().writing() as session:
        require_above(session, actor, code, kind)
        reorganising.require_not_past(day, now)
        if kind in ("rename", "move"):
            _place(session, code, kind, day, origin=Origin.of(actor, now))
        else:
            plan = _plan(session, code, kind, day)
            engine, origin = web.engine(), Origin.of(actor, now)
            change = reorganising.decide(session, engine, plan, origin=origin)
            change_letters.tell(engine, session, change, origin=origin)


def _place(session: Session, code: str, kind: str, day: date, *, origin: Origin) -> None:
    """The unit is called otherwise, or belongs to another."""
    span = units.require_unit(session, code, day)
    name, name_en, above = span.name, span.name_en, span.parent_code
    if kind == "rename":
        name, name_en = text_posted("name"), text_posted("name_en") or None
        if not name:
            raise UnitIncomplete()
    else:
        above = text_posted("parent", 80)
        require_managed(above)
    place = Place(
        kind, code, day, basis_posted(), name, name_en, level=span.kind,
        parent=above, position=span.position,
    )  # fmt: skip
    placing.decide(session, place, origin=origin)


def _plan(session: Session, code: str, kind: str, day: date) -> Plan:
    """What was chosen on the page. Every unit that is named must be the reader's to change, or
    one that comes out of the split.
    """
    new = _new_units(session) if kind in ("split", "merge") else ()
    if kind == "split" and not new:
        raise NothingSplit()
    ends = kind != "split" or request.form.get("ends") == "yes"
    own = {one.code for one in new} | (set() if ends else {code})

    def target(field: str) -> str | None:
        chosen = text_posted(field, 80)
        if not chosen or chosen == STAYS:
            return None
        if chosen.startswith("#"):
            number = int(chosen[1:]) - 1 if chosen[1:].isdecimal() else MOST_NEW
            if number >= len(new):
                raise UnitIncomplete()
            return new[number].code
        if chosen not in own:
            require_managed(chosen)
        return chosen

    return Plan(
        kind=kind,
        unit=code,
        day=day,
        basis=basis_posted(),
        into=target("into") if ends else code,
        ends=ends,
        new_units=new,
        people=_people_to(target),
        below_to=target("below_to"),
        head_as="member" if request.form.get("head_as") == "member" else "deputy",
        moves_grants=request.form.get("grants", "move") == "move",
        keeps_wider=request.form.get("wider") == "keep",
        instead=_instead(session, day),
        work_to=target("work_to"),
        by_process=_work_to(target),
    )


def _instead(session: Session, day: date) -> str | None:
    """The group of those who are left with nothing. Raises GroupUnknown for one over others."""
    key = text_posted("instead", 80)
    if key and key not in unit_queries.ordinary(session, day):
        raise grants.GroupUnknown(group=key)
    return key or None


def _work_to(target: Any) -> dict[str, str | None]:
    """By process, the unit to which its open cases go; None: they stay."""
    return {
        name.removeprefix("work:"): target(name)
        for name in request.form
        if name.startswith("work:") and request.form[name]
    }


def _new_units(session: Session) -> tuple[NewUnit, ...]:
    """The units that come out of the change. Raises UnitCodeTaken, UnitIncomplete."""
    given = (new_unit_posted(f"code_{n}", f"name_{n}") for n in range(1, MOST_NEW + 1))
    found = tuple(unit for unit in given if unit is not None)
    for unit in found:
        units.require_free(session, unit.code)
    return found


def _people_to(target: Any) -> dict[int, str]:
    chosen = {}
    for name in request.form:
        number = name.removeprefix("person:")
        if name.startswith("person:") and number.isdecimal() and len(number) < 10:
            unit = target(name)
            if unit is not None:
                chosen[int(number)] = unit
    return chosen
