"""The working calendar: days that differ, working hours, further years."""

from __future__ import annotations

from datetime import date, datetime, time

from babel.dates import get_day_names
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from marshmallow import ValidationError

from app import arrivals, refusals, web, who
from app.operations import operations, queries
from app.operations.blueprint import blueprint
from app.operations.models import CalendarDay, WorkingHours
from app.operations.schemas import WEEKDAYS, DayChange, hours_change, messages
from app.web import permission
from engine.calendar import ZONE, write_spans


@blueprint.get("/calendar")
@permission("operations.view")
def calendar() -> str:
    """The days of a year that differ from their weekday, and the hours of the week."""
    return _page({}, {})


@blueprint.post("/calendar/days")
@permission("settings.manage")
def change_day() -> ResponseReturnValue:
    """A day is off, worked, or as its weekday again."""
    posted = request.form.to_dict()
    try:
        read = DayChange().load(posted)
    except ValidationError as problem:
        return _page(posted, messages(problem)), 422
    with web.engine().writing() as session:
        operations.change_day(
            session, CalendarDay(**read), actor=web.signed_in(), now=web.engine().clock()
        )
        touched = queries.touched(session, datetime.combine(read["day"], time(), ZONE))
        web.engine().recount_deadlines(session)
    flash(_said(touched), "success")
    return redirect(url_for("operations.calendar", year=read["day"].year), 303)


@blueprint.post("/calendar/hours")
@permission("settings.manage")
def change_hours() -> ResponseReturnValue:
    """The weekdays have new hours from a day on."""
    posted = request.form.to_dict()
    try:
        read = hours_change().load(posted)
        rows = [
            WorkingHours(
                weekday=n,
                hours=read[str(n)],
                effective_from=read["effective_from"],
                legal_basis=read["legal_basis"],
            )
            for n in WEEKDAYS
        ]
        with web.engine().writing() as session:
            operations.change_hours(session, rows, actor=web.signed_in(), now=web.engine().clock())
            first = datetime.combine(read["effective_from"], time(), ZONE)
            touched = queries.touched(session, first)
            web.engine().recount_deadlines(session)
    except ValidationError as problem:
        return _page(posted, messages(problem)), 422
    except operations.BackDated as refusal:
        return _page(posted, {"effective_from": [refusals.words(refusal)]}), 422
    flash(_said(touched), "success")
    return redirect(url_for("operations.calendar"), 303)


@blueprint.post("/calendar/years")
@permission("settings.manage")
def add_year() -> ResponseReturnValue:
    """The calendar covers the year after its last one, by proposed days."""
    with web.engine().writing() as session:
        year = queries.calendar_of(session).last.year + 1
        count = operations.add_year(session, year, actor=web.signed_in(), now=web.engine().clock())
        web.engine().recount_deadlines(session)
    text = gettext(
        "%(year)s is added with %(count)s proposed days. Check them against the yearly notice.",
        year=year,
        count=count,
    )
    flash(text, "success")
    return redirect(url_for("operations.calendar", year=year), 303)


def _said(touched: queries.Touched) -> str:
    if not touched.tasks and not touched.cases:
        return gettext("The change is kept. No open work is due after that day.")
    return gettext(
        "The change is kept. %(tasks)s open tasks and %(cases)s open cases are due after that "
        "day; deadlines that it moves are counted again now.",
        tasks=touched.tasks,
        cases=touched.cases,
    )


def _page(posted: dict[str, str], errors: dict[str, list[str]]) -> str:
    session, today = web.reading(), queries.today(web.engine().clock())
    working = queries.calendar_of(session)
    chosen = _day(request.args.get("day") or posted.get("day"))
    year = request.args.get("year", type=arrivals.row_number) or 0
    year = year if 1900 <= year <= 2999 else (chosen or today).year
    rows = queries.days_of_year(session, year)
    history = queries.day_history(session, chosen) if chosen else []
    return render_template(
        "operations/calendar.html",
        year=year,
        years=range(working.first.year, working.last.year + 1) if working.days else (),
        rows=rows,
        hours=queries.hours_rows(session),
        now_hours=[write_spans(working.weekly(n, today)) for n in WEEKDAYS],
        chosen=chosen,
        chosen_row=next((row for row in rows if row.day == chosen), None),
        chosen_history=history,
        hands=who.holders_of(session, [row.changed_by for row in [*rows, *history]]),
        working_days=sum(map(working.is_working_day, _covered(working.first, working.last, year))),
        posted=posted,
        errors=errors,
        today=today,
        weekdays=weekday_names(),
    )


def _day(text: str | None) -> date | None:
    try:
        return arrivals.day(text or "")
    except arrivals.DayUnreadable:
        return None


def _covered(first: date, last: date, year: int) -> list[date]:
    """The days of a year that the calendar covers: all or none."""
    if not first.year <= year <= last.year:
        return []
    start = date(year, 1, 1).toordinal()
    return [date.fromordinal(n) for n in range(start, date(year + 1, 1, 1).toordinal())]


def weekday_names() -> list[str]:
    """Monday to Sunday, in the reader's language."""
    names = get_day_names("wide", context="stand-alone", locale=get_locale() or "vi")
    return [names[n] for n in WEEKDAYS]
