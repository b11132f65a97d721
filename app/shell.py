"""What every page shows around its own content: the agency, the reader, words for times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.numbers import format_decimal
from flask import Flask, g
from flask_babel import get_locale, gettext

from app import agents, law, navigation, web, words
from engine import views
from engine.calendar import ZONE, Calendar
from engine.forms.formats import local_phone


@dataclass(frozen=True)
class Agency:
    """Whose installation this is; `administrator`: whom to tell of incidents, if one is named."""

    name: str
    administrator: str = ""


@dataclass(frozen=True)
class Behalf:
    """For whom the reader acts, until when, and by which case."""

    name: str
    until: date
    number: str


@dataclass(frozen=True)
class Reader:
    """Who reads the page."""

    id: str
    display_name: str


def context() -> dict[str, Any]:
    """What the templates of the shell read; nothing from the database if that is what broke."""
    if "shell" not in g:
        g.shell = _bare() if g.get("broken") else {**_bare(), **_full()}
    return {"now": web.engine().clock(), "remaining": remaining, "settled": settled, **g.shell}


def _bare() -> dict[str, Any]:
    return {
        "agency": Agency(""),
        "actor": None,
        "current_account": None,
        "display": {},
        "navigation": [],
        "account_menu": [],
        "behalf": None,
        "idle_lock_seconds": 0,
    }


def _full() -> dict[str, Any]:
    from app.people import settings, visits

    now = web.engine().clock()
    agency = Agency(
        *(
            str(settings.setting(web.reading(), now, name) or "")
            for name in ("agency.name", "agency.administrator")
        )
    )
    here, actor = visits.visit(), web.actor()
    if here is None or actor is None:
        return {"agency": agency}
    return {
        "agency": agency,
        "actor": actor,
        "current_account": Reader(actor.name, actor.label),
        "display": here.account.display or {},
        "navigation": navigation.navigation(actor),
        "account_menu": navigation.account_menu(),
        "behalf": _behalf(),
        "idle_lock_seconds": here.login.idle_minutes * 60,
    }


def _behalf() -> Behalf | None:
    from app.people import visits

    row = visits.delegation()
    if row is None:
        return None
    return Behalf(row.grantor.person.full_name, row.valid_to, row.number)


def calendar() -> Calendar:
    """The agency's working calendar."""
    from app.operations import queries

    return queries.calendar_of(web.reading())


def remaining(due_at: datetime | None, *, paused: bool | datetime | None = False) -> Any:
    """How a deadline stands now; see `words.remaining`. paused: since when, or that it is."""
    now = web.engine().clock()
    if paused is True:
        return words.Remaining("hold", gettext("Clock stopped"), words.moment(due_at, now))
    return words.remaining(due_at, now, calendar(), paused or None)


def settled(due_at: datetime | None, closed_at: datetime) -> words.Remaining:
    """Whether what is closed was done in time; see `words.settled`."""
    return words.settled(due_at, closed_at, calendar())


def moment(value: datetime | None) -> str:
    """An instant as lists say it: "hôm nay, 14:10"."""
    return words.moment(value, web.engine().clock())


def weekday(value: datetime) -> str:
    """The day of an instant with its name: "thứ Hai, 23/11/2026"."""
    local = value.astimezone(ZONE)
    names = (
        gettext("Monday"),
        gettext("Tuesday"),
        gettext("Wednesday"),
        gettext("Thursday"),
        gettext("Friday"),
        gettext("Saturday"),
        gettext("Sunday"),
    )
    return f"{names[local.weekday()]}, {words.day(local)}"


def in_order(rows: Iterable[Any]) -> list[Any]:
    """The rows by their names in the reader's language, in the order of Vietnamese: Đ after D."""
    from app.people import vietnamese  # Its area knows the order; this shell stands under it.

    return sorted(rows, key=lambda row: vietnamese.sort_key(named(row)))


def named(row: Any, attribute: str = "name") -> str:
    """The row's name in the reader's language: `row|named`, `row|named("process_name")`.

    A task that is about one thing among several names it: "Decide on each account: An (anpv)".
    """
    locale = get_locale()
    shown = str(getattr(row, attribute) or "")
    if locale is not None and locale.language == "en":
        shown = str(getattr(row, f"{attribute}_en", None) or shown)
    subject = getattr(row, "subject", None) if attribute == "name" else None
    return f"{shown}: {subject}" if subject else shown


def outcome(row: Any) -> str:
    """How a case ended, in the reader's language: `row|outcome`."""
    locale = get_locale()
    own = str(row.outcome or "")
    if not own or locale is None or locale.language != "en":
        return own
    return views.outcome_en(web.reading(), web.engine().mover, row) or own


def filesize(size: int | None) -> str:
    """A number of bytes as people say it: 212 KB, 1,4 MB."""
    number, unit = float(size or 0), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    places = "0" if unit in ("B", "KB") or number >= 10 else "0.#"
    return f"{format_decimal(number, places, locale=get_locale() or 'vi')} {unit}"


def day(value: date | datetime | None) -> str:
    """A day as people write it: 22/11/2026."""
    return words.day(value)


def register(app: Flask) -> None:
    """Templates of `app` have the shell's values and the filters for times, names and sizes."""
    app.context_processor(context)
    app.jinja_env.filters.update(
        day=day,
        instant=words.instant,
        local_date=words.local_date,
        moment=moment,
        many=words.many,
        weekday=weekday,
        named=named,
        outcome=outcome,
        filesize=filesize,
        cited=law.cited,
        spelled=law.spelled,
        browser=agents.browser,
        phone=local_phone,
    )
