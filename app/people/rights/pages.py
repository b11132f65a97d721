"""Who could do what on a day, and why somebody may or may not do a thing."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, request
from flask_babel import gettext

from app import arrivals, web
from app.people import directory, queries
from app.people.acting import stand_ins
from app.people.blueprint import blueprint
from app.people.models import Account
from app.people.rights import duties, explaining, groups
from app.people.rights.explaining import Question
from app.people.rights.groups import day_of
from app.web import permission
from engine.errors import NotFound


def _day(now: date) -> date:
    """The day that is asked for; today where it cannot be read, which `_problems` tells."""
    return arrivals.day_asked("on", {}) or day_of(now)


def _problems() -> dict[str, str]:
    problems: dict[str, str] = {}
    arrivals.day_asked("on", problems)
    return problems


def _units(now: date) -> dict[str, queries.UnitRow]:
    """The units of today, and those of the day that is asked for, as they are called on it."""
    return queries.units(web.reading(), now) | queries.units(web.reading(), _day(now))


def _asked(units: dict[str, Any], default: str | None) -> Question | None:
    """What the address asks; None before somebody has chosen a right."""
    now = web.engine().clock()
    right, unit = request.args.get("right", ""), request.args.get("unit") or default or ""
    if right and right not in groups.permissions():
        raise NotFound(thing=gettext("This right"))
    if unit and unit not in units:
        raise NotFound(thing=gettext("This unit"))
    if _problems():
        return None
    day = _day(now)
    # Of today the very moment is meant: what was revoked an hour ago gives nothing any more.
    return Question(right, unit, now if day == day_of(now) else day) if right else None


def _page(template: str, asked: Question | None, units: dict[str, Any], **more: Any) -> str:
    now = web.engine().clock()
    return render_template(
        template,
        asked=asked,
        problems=_problems(),
        day=day_of(asked.on if asked else now),
        units=units,
        groups=groups.on_day(web.reading(), asked.on if asked else now),
        rights=groups.permissions(),
        **more,
    )


@blueprint.get("/people/<name>/why")
@permission("people.view")
def why(name: str) -> str:
    """Why an account may or may not do a thing in a unit on a day, in words."""
    reading, actor, now = web.reading(), web.signed_in(), web.engine().clock()
    account = directory.account_seen_by(reading, actor, name)
    units = _units(now)
    asked = _asked(units, account.unit_code)
    found = explaining.explain(reading, account, asked) if asked else None
    held_by = explaining.holders(reading, [account], asked.on if asked else now)
    return _page(
        "people/why.html", asked, units, account=account, found=found,
        holder=held_by[account.id],
        hands=directory.hands(reading, found.grants if found else []),
        in_cases=duties.in_words(),
        standing=stand_ins.found(reading, asked, Account.id == account.id) if asked else [],
    )  # fmt: skip


@blueprint.get("/people/rights")
@permission("people.view")
def able() -> str:
    """Who of the reader's units could do a thing in one of them on a day."""
    actor = web.signed_in()
    asked, units, found = answered(directory.visible_units(actor))
    may_export = asked is not None and asked.unit in actor.rights.get("people.export", ())
    seen = Account.unit_code.in_(sorted(directory.visible_units(actor)))
    standing = stand_ins.found(web.reading(), asked, seen) if asked else []
    return _page(
        "people/rights.html", asked, units, found=found, may_export=may_export, standing=standing
    )


def answered(
    visible: frozenset[str],
) -> tuple[Question | None, dict[str, queries.UnitRow], list[explaining.Able]]:
    """What the address asks of these units, what they are called, and who could do it."""
    actor, now = web.signed_in(), web.engine().clock()
    units = {code: row for code, row in _units(now).items() if code in visible}
    asked = _asked(units, actor.unit if actor.unit in units else next(iter(units), None))
    return asked, units, explaining.able(web.reading(), asked, visible) if asked else []
