"""Statistics of the registers, the lists behind their numbers, and criteria that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_babel.speaklater import LazyString

from app import arrivals, refusals, web
from app.people import queries
from app.people.blueprint import blueprint
from app.people.registers import counting, customers, finding, saved, words
from app.people.registers.criteria import NONE, REGISTERS, Criteria, shipped
from app.people.registers.finding import View
from app.people.rights import groups
from app.people.rights.groups import day_of
from app.web import permission

A_PAGE = 50


def view(right: str) -> View:
    """What the reader may see of the registers by a right."""
    held = web.signed_in().rights.get(right, frozenset())
    return View(held, web.engine().clock())


def criteria_asked(problems: dict[str, str]) -> Criteria:
    """What the address asks for; a day that cannot be read is left out, and told."""

    def day(name: str) -> date | None:
        text = request.args.get(name, "").strip()
        try:
            return arrivals.day(text) if text else None
        except arrivals.DayUnreadable as refusal:
            problems[name] = refusals.words(refusal)
            return None

    register = request.args.get("register", "")
    return Criteria.of(request.args, day, register if register in REGISTERS else "users")


def address(endpoint: str, criteria: Criteria, **more: Any) -> str:
    """The address of a page of these criteria."""
    register = None if criteria.register == "users" else criteria.register
    return url_for(endpoint, register=register, **criteria.arguments(), **more)


def choices(seen: View, criteria: Criteria) -> dict[str, Any]:
    """What the form of the criteria offers, and what codes are called."""
    units = queries.units(web.reading(), criteria.on or seen.now)
    return {
        "criteria": criteria,
        "units": units,
        "groups": groups.on_day(web.reading(), criteria.on or seen.now),
        "offered": _offered(seen, criteria, units),
        "named_words": words,
        "address": address,
        "none_sign": NONE,
        "may_export": web.signed_in().may("people.export"),
        "may_check": web.signed_in().may("people.manage"),
        "today": day_of(seen.now),
    }


def _offered(
    seen: View, criteria: Criteria, units: dict[str, queries.UnitRow]
) -> dict[str, list[tuple[str, str]]]:
    """What each list of the form offers: value and words."""
    english = str(get_locale()) == "en"
    known = groups.on_day(web.reading(), criteria.on or seen.now)
    kinds = finding.KINDS[criteria.register]
    reached = [unit for unit in units.values() if unit.code in seen.units]
    named = {unit.code: (english and unit.name_en) or unit.name for unit in reached}
    return {
        "units": [("", gettext("All units"))]
        + [(unit.code, "– " * unit.depth + named[unit.code]) for unit in reached],
        "states": [("", gettext("All states")), *_told(words.STATES, words.STATES)],
        "kinds": [("", gettext("All kinds")), *_told(words.KINDS, kinds)],
        "groups": [("", gettext("All groups"))]
        + [(group.key, group.name_en if english else group.name) for group in known.values()],
        "logins": [("", gettext("Any")), *_told(words.LOGINS, words.LOGINS)],
    }


def _told(said: Mapping[str, LazyString], keys: Iterable[str]) -> list[tuple[str, str]]:
    return [(key, str(said[key])) for key in keys]


@blueprint.get("/people/statistics")
@permission("people.statistics")
def statistics() -> str:
    """Every number of the accounts that meet the criteria, each as a row of a table."""
    problems: dict[str, str] = {}
    seen, criteria = view("people.statistics"), criteria_asked(problems)
    fixed = shipped(day_of(seen.now))
    return render_template(
        "people/statistics.html",
        found=counting.statistics(web.reading(), seen, criteria),
        problems=problems,
        fixed={key: one.but(register=criteria.register) for key, one in fixed.items()},
        kept=saved.of(web.reading(), web.signed_in().name, criteria.register),
        **choices(seen, criteria),
    )


@blueprint.get("/people/statistics/list")
@permission("people.statistics")
def statistics_list() -> str:
    """The accounts behind a number."""
    problems: dict[str, str] = {}
    seen, criteria = view("people.statistics"), criteria_asked(problems)
    skip = request.args.get("skip", 0, type=arrivals.row_number)
    total = finding.count(web.reading(), seen, criteria)
    return render_template(
        "people/statistics_list.html",
        rows=_page(seen, criteria, skip),
        total=total,
        skip=skip,
        size=A_PAGE,
        problems=problems,
        name_of=customers.name_of,
        visible=web.signed_in().rights.get("people.view", frozenset()),
        **choices(seen, criteria),
    )


def _page(seen: View, criteria: Criteria, skip: int) -> list[Any]:
    return finding.page(web.reading(), seen, criteria, skip=skip, limit=A_PAGE)


@blueprint.post("/people/statistics/saved")
@permission("people.statistics")
def save_criteria() -> ResponseReturnValue:
    """The criteria are kept under a name, for the reader alone."""
    criteria = criteria_asked({})
    try:
        with web.engine().writing() as session:
            name = request.form.get("name", "")
            now = web.engine().clock()
            saved.save(session, web.signed_in().name, name, criteria, now)
        flash(gettext("The criteria are saved."), "success")
    except (saved.NameOfCriteriaMissing, saved.TooManySaved) as refusal:
        flash(refusals.words(refusal), "error")
    return redirect(address("people.statistics", criteria), 303)


@blueprint.post("/people/statistics/saved/<int:saved_id>/delete")
@permission("people.statistics")
def delete_criteria(saved_id: int) -> ResponseReturnValue:
    """The reader's criteria are gone."""
    with web.engine().writing() as session:
        saved.delete(session, web.signed_in().name, saved_id)
    flash(gettext("The saved criteria are deleted."), "success")
    return redirect(url_for("people.statistics"), 303)


@blueprint.get("/people/statistics/findings")
@permission("people.manage")
def findings() -> str:
    """What customers registered that is missing, wrong, or registered by another too."""
    seen = view("people.manage")
    return render_template(
        "people/findings.html",
        found=customers.findings(web.reading(), seen),
        named_words=words,
    )
