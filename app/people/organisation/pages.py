"""The tree of units as it is edited: one unit, its posts and fields, and changes from a day on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import arrivals, law, web
from app.corrections import queries as corrections
from app.people import directory, queries
from app.people.blueprint import blueprint
from app.people.log import Origin
from app.people.models import Post, UnitChange
from app.people.organisation import calling_off, fields, placing, reorganising, unit_queries, units
from app.people.organisation.placing import Place
from app.people.organisation.reorganising import NewUnit, Plan
from app.people.rights import grants, groups
from app.people.rights.groups import day_of
from app.web import permission
from engine.errors import NotFound, Refusal
from engine.ports import Actor

KINDS = ("rename", "move", "merge", "split", "close")
STAYS = "stays"
MOST_NEW = 3


class UnitCodeTaken(Refusal):
    """The code "{code}" is or was a unit's, and is never given again. Choose another."""

    status = 422


class UnitIncomplete(Refusal):
    """A unit needs a code of small letters, digits and hyphens, a name, and a basis. Fill in what is missing."""  # noqa: E501

    status = 422


def _on(now: date) -> date:
    return _day("on", request.args.get("on")) or day_of(now)


def _day(field: str, text: str | None = None) -> date | None:
    given = (request.form.get(field, "") if text is None else text).strip()
    return arrivals.day(given) if given else None


def _text(field: str, most: int = 300) -> str:
    return " ".join(request.form.get(field, "").split())[:most]


def _basis() -> str:
    basis = law.basis(request.form.get("basis", ""))[:500]
    if not basis:
        raise UnitIncomplete()
    return basis


def require_managed(code: str | None) -> Actor:
    """The reader, who may change that unit. Raises NotFound, so that nobody learns of others."""
    actor = web.signed_in()
    if code is None or not actor.may("units.manage", code):
        raise NotFound(thing=gettext("This unit"))
    return actor


@blueprint.get("/units/<code>")
@permission("people.view")
def unit(code: str) -> str:
    """One unit as it stands on a day: its posts and fields, what it was, what is decided."""
    reading, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    spans = unit_queries.history(reading, code)
    if not spans:
        raise NotFound(thing=gettext("This unit"))
    day = _on(now)
    tree = queries.units(reading, day)
    may_manage = actor.may("units.manage", code) and code in tree
    changes = reorganising.changes(reading, [code])
    return render_template(
        "people/unit.html",
        code=code,
        day=day,
        today=day_of(now),
        spans=spans,
        here=tree.get(code),
        units=queries.units(reading, now) | tree,
        posts=unit_queries.posts(reading, code, day) if _sees(actor, code) else [],
        sees=_sees(actor, code),
        known=fields.known(reading),
        own_fields=fields.of_units(reading, day).get(code, []),
        changes=changes,
        may_call_off=[row.id for row in changes if _may_call_off(reading, row, now)],
        corrected=corrections.history(reading, "unit", [code]),
        may_manage=may_manage,
        may_appoint=may_manage and _may_appoint(reading, actor, code),
        people=_people(reading, actor, now) if may_manage else [],
        kinds=KINDS if may_manage and _may_appoint(reading, actor, code) else KINDS[:1],
    )


def _may_call_off(session: Session, change: UnitChange, now: datetime) -> bool:
    """Whether the reader is led to calling the change off; the page itself asks for more."""
    actor, above = web.signed_in(), change.plan.get("parent")
    if not calling_off.is_planned(change, now):
        return False
    if change.kind == "open":
        return actor.may("units.manage", above)
    is_name = change.kind == "rename" and actor.may("units.manage", change.unit_code)
    return is_name or _may_appoint(session, actor, change.unit_code)


def _sees(actor: Actor, code: str) -> bool:
    return actor.may("people.view", code) or actor.may("units.manage", code)


def _people(session: Session, actor: Actor, now: date) -> list[Any]:
    found = directory.people(session, actor, directory.Wanted(status="active"), now, limit=1000)
    return [row for row in found.rows if row.kind == "internal"]


def _may_appoint(session: Session, actor: Actor, code: str) -> bool:
    """Heads and deputies are named from above: nobody makes the head who approves their requests
    from within the unit.
    """
    above = queries.parent(session, web.engine().clock(), code)
    return actor.may("units.manage", code if above is None else str(above))


def require_above(session: Session, actor: Actor, code: str, kind: str) -> None:
    """What alters the tree above a unit is for who looks after the unit above; a name is not."""
    if kind not in KINDS or (kind != "rename" and not _may_appoint(session, actor, code)):
        raise NotFound(thing=gettext("This change"))


@blueprint.post("/units/<code>/below")
@permission("units.manage")
def found_unit(code: str) -> ResponseReturnValue:
    """There is a new unit below this one from a day on."""
    actor, now = require_managed(code), web.engine().clock()
    new, day = _new_unit("code", "name"), _day("day") or day_of(now)
    if new is None:
        raise UnitIncomplete()
    with web.engine().writing() as session:
        _require_free(session, new.code)
        place = Place(
            "open", new.code, day, _basis(), new.name, new.name_en,
            level=_text("kind", 40) or "division", parent=code,
        )  # fmt: skip
        placing.decide(session, place, origin=Origin.of(actor, now))
    flash(gettext("The unit is entered."), "success")
    return redirect(url_for("people.unit", code=new.code, on=day.isoformat()), 303)


def _require_free(session: Session, code: str) -> None:
    if units.is_taken(session, code):
        raise UnitCodeTaken(code=code)


def _new_unit(code_field: str, name_field: str) -> NewUnit | None:
    code, name = _text(code_field, 80).lower(), _text(name_field)
    if not code and not name:
        return None
    if not name or not units.is_code(code):
        raise UnitIncomplete()
    return NewUnit(code, name, _text(f"{name_field}_en") or None)


@blueprint.post("/units/<code>/fields")
@permission("units.manage")
def set_fields(code: str) -> ResponseReturnValue:
    """The unit works in the chosen fields from a day on."""
    actor, now = require_managed(code), web.engine().clock()
    day = _day("day") or day_of(now)
    with web.engine().writing() as session:
        reorganising.require_not_past(day, now)
        units.require_unit(session, code, day)
        wanted = set(request.form.getlist("field")) & fields.known(session).keys()
        origin = Origin.of(actor, now)
        fields.set_fields(session, code, wanted, day, origin=origin, basis=_basis())
    flash(gettext("The fields of work are kept."), "success")
    return redirect(url_for("people.unit", code=code, on=day.isoformat()), 303)


@blueprint.post("/units/<code>/posts")
@permission("units.manage")
def give_post(code: str) -> ResponseReturnValue:
    """Somebody holds a post in the unit; a person may hold several."""
    actor, now = require_managed(code), web.engine().clock()
    kind = request.form.get("kind", "member")
    day = _day("day") or day_of(now)
    with web.engine().writing() as session:
        account = directory.account_seen_by(session, actor, _text("account", 120))
        if account.name == actor.name:
            raise grants.OwnRights()
        if kind not in ("head", "deputy", "member"):
            raise NotFound(thing=gettext("This post"))
        if kind != "member" and not _may_appoint(session, actor, code):
            raise NotFound(thing=gettext("This post"))
        reorganising.require_not_past(day, now)
        units.give_post(
            session, account.person, code, kind=kind, title=_text("title", 200), valid_from=day,
            valid_to=_day("until"), origin=Origin.of(actor, now), basis=_basis(),
        )  # fmt: skip
    flash(gettext("The post is given."), "success")
    return redirect(url_for("people.unit", code=code, on=day.isoformat()), 303)


@blueprint.post("/units/<code>/posts/<int:post_id>/end")
@permission("units.manage")
def end_post(code: str, post_id: int) -> ResponseReturnValue:
    """The post ends with a day, at the earliest yesterday."""
    actor, now = require_managed(code), web.engine().clock()
    with web.engine().writing() as session:
        post = session.get(Post, post_id)
        if post is None or post.unit_code != code:
            raise NotFound(thing=gettext("This post"))
        if post.kind != "member" and not _may_appoint(session, actor, code):
            raise NotFound(thing=gettext("This post"))
        last = _day("day") or day_of(now)
        units.end_post(session, post, last, origin=Origin.of(actor, now), basis=_basis())
    flash(gettext("The post ends."), "success")
    return redirect(url_for("people.unit", code=code), 303)


@blueprint.get("/units/<code>/change/<kind>")
@permission("units.manage")
def unit_change(code: str, kind: str) -> str:
    """What a change of the unit would touch on a day, and what shall move along."""
    reading, now = web.reading(), web.engine().clock()
    actor = require_managed(code)
    day = max(_on(now), day_of(now))
    require_above(reading, actor, code, kind)
    here = units.require_unit(reading, code, day)
    mine = actor.rights["units.manage"]
    targets = [u for u in queries.tree(reading, day) if u.code in mine and u.code != code]
    return render_template(
        "people/unit_change.html",
        code=code,
        kind=kind,
        day=day,
        today=day_of(now),
        here=here,
        touched=unit_queries.touched(reading, code, day, now=now),
        targets=targets,
        units=queries.units(reading, day),
        groups=groups.on_day(reading, day),
        new_units=range(1, MOST_NEW + 1),
        stays=STAYS,
    )


@blueprint.post("/units/<code>/change/<kind>")
@permission("units.manage")
def change_unit(code: str, kind: str) -> ResponseReturnValue:
    """The change is decided as chosen."""
    actor, now = require_managed(code), web.engine().clock()
    day = _day("day") or day_of(now)
    with web.engine().writing() as session:
        require_above(session, actor, code, kind)
        reorganising.require_not_past(day, now)
        if kind in ("rename", "move"):
            _place(session, code, kind, day, origin=Origin.of(actor, now))
        else:
            plan = _plan(session, code, kind, day)
            reorganising.decide(session, web.engine(), plan, origin=Origin.of(actor, now))
    flash(gettext("The change is decided. It holds from the day that you chose."), "success")
    return redirect(url_for("people.unit", code=code, on=day.isoformat()), 303)


def _place(session: Session, code: str, kind: str, day: date, *, origin: Origin) -> None:
    """The unit is called otherwise, or belongs to another."""
    span = units.require_unit(session, code, day)
    name, name_en, above = span.name, span.name_en, span.parent_code
    if kind == "rename":
        name, name_en = _text("name"), _text("name_en") or None
        if not name:
            raise UnitIncomplete()
    else:
        above = _text("parent", 80)
        require_managed(above)
    place = Place(
        kind, code, day, _basis(), name, name_en, level=_text("kind", 40) or span.kind,
        parent=above, position=span.position,
    )  # fmt: skip
    placing.decide(session, place, origin=origin)


def _plan(session: Session, code: str, kind: str, day: date) -> Plan:
    """What was chosen on the page. Every unit that is named must be the reader's to change, or
    one that comes out of the split.
    """
    new = _new_units(session) if kind in ("split", "merge") else ()
    ends = kind != "split" or request.form.get("ends") == "yes"
    own = {one.code for one in new} | (set() if ends else {code})

    def target(field: str) -> str | None:
        chosen = _text(field, 80)
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
        basis=_basis(),
        into=target("into") if ends else code,
        ends=ends,
        new_units=new,
        people=_people_to(target),
        below_to=target("below_to"),
        head_as="member" if request.form.get("head_as") == "member" else "deputy",
        moves_grants=request.form.get("grants", "move") == "move",
        keeps_wider=request.form.get("wider") == "keep",
        work_to=target("work_to"),
        by_process=_work_to(target),
    )


def _work_to(target: Any) -> dict[str, str | None]:
    """By process, the unit to which its open cases go; None: they stay."""
    return {
        name.removeprefix("work:"): target(name)
        for name in request.form
        if name.startswith("work:") and request.form[name]
    }


def _new_units(session: Session) -> tuple[NewUnit, ...]:
    """The units that come out of the change. Raises UnitCodeTaken, UnitIncomplete."""
    given = (_new_unit(f"code_{n}", f"name_{n}") for n in range(1, MOST_NEW + 1))
    found = tuple(unit for unit in given if unit is not None)
    for unit in found:
        _require_free(session, unit.code)
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
