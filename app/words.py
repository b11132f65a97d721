"""Dates, moments and remaining time as people read them, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal

from flask_babel import get_locale, gettext, ngettext

from engine.calendar import ZONE, Calendar, CalendarGap, Day
from engine.reads import MOST_COUNTED

# The last two working days are tinted: there is time left to act, and reason to.
SOON_DAYS = 2


@dataclass(frozen=True)
class Remaining:
    """How a deadline stands: its colour, its sentence, and the line under it.

    kind: ok, soon (less than two working days are left), late (from the due second on), hold (the
    clock stands still), done, none (there is no deadline). words: "Còn 5 ngày làm việc". due:
    "thứ Tư 25/11, 17:00". left_out: "không tính 24/11 (Ngày Văn hóa Việt Nam)", empty when no
    holiday lies between.
    """

    kind: Literal["ok", "soon", "late", "hold", "done", "none"]
    words: str
    due: str = ""
    left_out: str = ""


def many(number: int) -> str:
    """How much a list holds: "12", or "999+" where nobody has counted further."""
    return str(number) if number < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


def day(value: date | datetime | None) -> str:
    """22/11/2026; nothing for None."""
    return f"{_local(value):%d/%m/%Y}" if value else ""


def local_date(value: datetime) -> date:
    """The agency's day on which an instant lies."""
    return value.astimezone(ZONE).date()


def instant(value: datetime | None) -> str:
    """22/11/2026 14:10, in the agency's time."""
    return f"{_local(value):%d/%m/%Y %H:%M}" if value else ""


def moment(value: datetime | None, now: datetime) -> str:
    """As lists say it: "hôm nay, 14:10", "25/11, 17:00", with the year when it is another one."""
    if value is None:
        return ""
    local, today = value.astimezone(ZONE), now.astimezone(ZONE).date()
    if local.date() == today:
        return gettext("today, %(time)s", time=f"{local:%H:%M}")
    return f"{short_day(local.date(), today)}, {local:%H:%M}"


def short_day(value: date, today: date) -> str:
    """25/11, or 25/11/2025 in another year than today's."""
    return f"{value:%d/%m}" if value.year == today.year else f"{value:%d/%m/%Y}"


def weekday(value: date) -> str:
    """The name of a day of the week inside a line: "thứ Hai", "Mon"."""
    names = (
        gettext("Mon"),
        gettext("Tue"),
        gettext("Wed"),
        gettext("Thu"),
        gettext("Fri"),
        gettext("Sat"),
        gettext("Sun"),
    )
    return names[value.weekday()]


def is_stopped(paused: object, *deadlines: datetime | None) -> bool:
    """Whether a clock stands still: one that no deadline has set going cannot be stopped."""
    return bool(paused) and any(due_at is not None for due_at in deadlines)


def used(began_at: datetime, due_at: datetime | None, now: datetime, calendar: Calendar) -> int:
    """How much of the working time until a deadline is gone, in percent: 2 to 100.

    A Friday evening is nearly the Monday morning that follows it. Where the calendar ends, and of
    a span without an hour of work, plain time is counted. The least that is shown is 2: a meter
    with nothing in it looks broken.
    """
    if due_at is None or due_at <= began_at:
        return 100
    whole = _worked(calendar, began_at, due_at)
    gone = _worked(calendar, began_at, min(now, due_at))
    if not whole:
        whole, gone = due_at - began_at, now - began_at
    return max(2, min(100, round(gone / whole * 100)))


def remaining(
    due_at: datetime | None,
    now: datetime,
    calendar: Calendar,
    paused_at: datetime | None = None,
) -> Remaining:
    """What is left until a deadline, in working time: "Còn 1 ngày 3 giờ làm việc".

    A whole day leads to the same hour of the next working day, so that nights, weekends and
    holidays never count as time left. Hours stand beside one day, minutes beside hours; from two
    days on only days. Past: clock time on the same day, else working days. Outside the years of
    the calendar plain days are shown: a list must not fail because one deadline lies far away.
    """
    today = now.astimezone(ZONE).date()
    if paused_at is not None:
        since = short_day(paused_at.astimezone(ZONE).date(), today)
        return Remaining("hold", gettext("Clock stopped"), gettext("since %(day)s", day=since))
    if due_at is None:
        return Remaining("none", gettext("No deadline"))
    due_on = due_at.astimezone(ZONE).date()
    if now >= due_at:
        late = gettext("%(span)s overdue", span=_late(due_at, now, calendar))
        return Remaining("late", late, moment(due_at, now))
    due = moment(due_at, now)
    if timedelta() < due_on - today < timedelta(days=7):
        due = f"{weekday(due_on)} {due}"
    try:
        days, seconds = calendar.working_span(now, due_at)
    except CalendarGap:
        days = (due_on - today).days
        kind, span = "soon" if days < SOON_DAYS else "ok", _days(days) if days else ""
        return Remaining(kind, _left(span or _clock(due_at - now)), due)
    left_out = _left_out(calendar.left_out(today, due_on), today)
    said = _working(days, seconds)
    left = _left(said) if said else gettext("No working hours left")
    return Remaining("soon" if days < SOON_DAYS else "ok", left, due, left_out)


def _left(span: str) -> str:
    return gettext("%(span)s left", span=span)


def _working(days: int, seconds: int) -> str:
    """So much working time; nothing of none."""
    hours = seconds // 3600 if days < SOON_DAYS else 0
    if days and not hours:
        return _working_days(days)
    if days:
        more = ngettext("%(num)d hour", "%(num)d hours", hours)
        return gettext("%(span)s of working time", span=f"{_days(days)} {more}")
    span = _clock(timedelta(seconds=seconds))
    return gettext("%(span)s of working time", span=span) if seconds else ""


def settled(due_at: datetime | None, closed_at: datetime, calendar: Calendar) -> Remaining:
    """How something that is closed stood to its deadline: "Xong trước hạn 1 ngày"."""
    due = instant(due_at)
    if due_at is None:
        return Remaining("done", gettext("Done"))
    if closed_at > due_at:
        span = _late(due_at, closed_at, calendar)
        return Remaining("late", gettext("Done %(span)s late", span=span), due)
    early = _counted(calendar.working_days_left, closed_at, due_at) - 1
    if early > 0:
        return Remaining("done", gettext("Done %(span)s early", span=_working_days(early)), due)
    return Remaining("done", gettext("Done in time"), due)


def _late(due_at: datetime, now: datetime, calendar: Calendar) -> str:
    if due_at.astimezone(ZONE).date() == now.astimezone(ZONE).date():
        return _clock(now - due_at)
    days = _counted(calendar.working_days_since, due_at, now)
    if days:
        return _working_days(days)
    plain = now - due_at  # Nobody has worked since then: a weekend or a holiday.
    return _days(plain.days) if plain.days else _clock(plain)


def _counted(count: Callable[[datetime, datetime], int], first: datetime, second: datetime) -> int:
    """What the calendar counts, or plain days where it ends."""
    try:
        return count(first, second)
    except CalendarGap:
        return (second.astimezone(ZONE).date() - first.astimezone(ZONE).date()).days


def _worked(calendar: Calendar, first: datetime, second: datetime) -> timedelta:
    try:
        return timedelta(seconds=calendar.working_time_between(first, second))
    except CalendarGap:
        return timedelta()


def _days(count: int) -> str:
    return ngettext("%(num)d day", "%(num)d days", count)


def _working_days(count: int) -> str:
    return ngettext("%(num)d working day", "%(num)d working days", count)


def _clock(span: timedelta) -> str:
    """5 hours 50 minutes; a part of a minute counts as one: nothing says 0 while it runs."""
    minutes = max(1, -(-int(span.total_seconds()) // 60))
    hours, minutes = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(num)d hour", "%(num)d hours", hours))
    if minutes:
        parts.append(ngettext("%(num)d minute", "%(num)d minutes", minutes))
    return " ".join(parts)


def _left_out(days: list[Day], today: date) -> str:
    """Which holidays a count has left out, neighbours of one reason as a range."""
    parts = []
    for reason, group in groupby(days, key=_reason):
        listed = list(group)
        first, last = short_day(listed[0].on, today), short_day(listed[-1].on, today)
        when = first if first == last else gettext("%(first)s to %(last)s", first=first, last=last)
        parts.append(f"{when} ({reason})")
    return gettext("not counting %(days)s", days=", ".join(parts)) if parts else ""


def _reason(holiday: Day) -> str:
    locale = get_locale()
    english = locale is not None and locale.language == "en"
    return (english and holiday.reason_en) or holiday.reason


def _local(value: date | datetime) -> date | datetime:
    return value.astimezone(ZONE) if isinstance(value, datetime) else value
