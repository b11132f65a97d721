"""Statutory working time: which days and hours the law counts.

A calendar is a value made of rows that administrators keep: days that differ from their weekday
(public holidays, days off moved to a worked Saturday) and the working hours of each weekday, with
the date from which they hold. Nothing here reads a clock or a database.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from engine.errors import Refusal

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
Span = tuple[time, time]
Kind = Literal["off", "work"]

_DAY = timedelta(days=1)
_MONDAY = 0


class CalendarGap(Refusal):
    """The working calendar covers {covered}, but {asked} was asked for. Ask an administrator to
    add that year to the working calendar."""

    status = 409


class CountRefused(Refusal):
    """{count} is not a count of working days or hours: it must be a number from 0 to 10000, and
    whole for days."""

    status = 422


class HoursRefused(Refusal):
    """The working hours "{text}" cannot be read. Write them like 07:30-11:30, 13:30-17:00,
    earliest first."""

    status = 422


@dataclass(frozen=True)
class Day:
    """A day that differs from its weekday: a holiday off, or a Saturday worked instead.

    spans: the hours of a worked day; without them it is worked on Monday's hours.
    """

    on: date
    kind: Kind
    reason: str
    legal_basis: str
    reason_en: str | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Hours:
    """The working hours of one weekday (Monday is 0) from a date on; no spans: a day of rest."""

    weekday: int
    from_on: date
    spans: tuple[Span, ...]
    legal_basis: str = ""


def read_spans(text: str) -> tuple[Span, ...]:
    """The spans that "07:30-11:30, 13:30-17:00" says; an empty text says none.

    Raises HoursRefused when a part is no pair of times, ends before it begins or overlaps the one
    before.
    """
    spans: list[Span] = []
    # Word processors turn the hyphen of a range into a dash; people paste both.
    for part in filter(None, (p.strip() for p in text.replace("–", "-").split(","))):
        try:
            begins, ends = (time.fromisoformat(p.strip().zfill(5)) for p in part.split("-"))
        except ValueError:
            raise HoursRefused(text=text) from None
        if begins >= ends or (spans and begins < spans[-1][1]) or begins.tzinfo or ends.tzinfo:
            raise HoursRefused(text=text)
        spans.append((begins, ends))
    return tuple(spans)


def write_spans(spans: Iterable[Span]) -> str:
    """The text that `read_spans` reads."""
    return ", ".join(f"{begins:%H:%M}-{ends:%H:%M}" for begins, ends in spans)


@dataclass(frozen=True)
class Calendar:
    """The working time of one agency.

    days: the days that differ, by date. hours: rows per weekday, sorted by date of effect.
    A year is covered when its 1 January is listed: New Year's Day is a holiday every year, so a
    year without it has not been entered yet. Days outside the covered years raise CalendarGap,
    since to guess that a day is worked could shorten somebody's time.
    """

    days: Mapping[date, Day]
    hours: Mapping[int, tuple[Hours, ...]]
    zone: ZoneInfo = ZONE
    first: date = field(default=date.max)
    last: date = field(default=date.min)

    @classmethod
    def build(
        cls, days: Iterable[Day], hours: Iterable[Hours], *, zone: ZoneInfo = ZONE
    ) -> Calendar:
        """A calendar of these rows; of two for one day or one weekday and date the later wins."""
        by_date = {day.on: day for day in days}
        rows: dict[int, dict[date, Hours]] = {}
        for row in hours:
            rows.setdefault(row.weekday, {})[row.from_on] = row
        sorted_rows = {w: tuple(r[d] for d in sorted(r)) for w, r in rows.items()}
        first, last = _covered(by_date)
        return cls(by_date, sorted_rows, zone, first, last)

    # -- days

    def local(self, at: datetime) -> datetime:
        """The same instant on the wall clock of the agency."""
        return at.astimezone(self.zone)

    def day(self, on: date) -> Day | None:
        """The row by which a day differs from its weekday, if there is one."""
        return self.days.get(on)

    def spans(self, on: date) -> tuple[Span, ...]:
        """The local working hours of a day, none when it is off. Raises CalendarGap."""
        if not self.first <= on <= self.last:
            covered = (
                "no year" if self.first > self.last else f"{self.first.year}–{self.last.year}"
            )
            raise CalendarGap(covered=covered, asked=f"{on:%d/%m/%Y}")
        day = self.days.get(on)
        if day is None:
            return self.weekly(on.weekday(), on)
        if day.kind == "off":
            return ()
        return day.spans or self.weekly(_MONDAY, on)

    def weekly(self, weekday: int, on: date) -> tuple[Span, ...]:
        """The hours that a weekday (Monday is 0) has on a date, holidays aside."""
        rows = self.hours.get(weekday, ())
        index = bisect_right(rows, on, key=lambda row: row.from_on)
        return rows[index - 1].spans if index else ()

    def is_working_day(self, on: date) -> bool:
        """Whether anybody works on that local date. Raises CalendarGap outside the calendar."""
        return bool(self.spans(on))

    def left_out(self, after: date, until: date) -> list[Day]:
        """The days off in (after, until] that their weekday would have worked, in order."""
        return [
            day
            for on, day in sorted(self.days.items())
            if after < on <= until and day.kind == "off" and self.weekly(on.weekday(), on)
        ]

    # -- deadlines

    def working_days(self, n: int | Decimal, after: datetime) -> datetime:
        """The end of the last working hour of the n-th working day after the day of receipt.

        after: aware instant of receipt; its day does not count. n = 0: the day of receipt itself
        when it is worked, else the next working day. Returns aware UTC. Raises CalendarGap,
        CountRefused.
        Source: Civil Code 2015, articles 147.2 and 148; days as in the Labour Code 2019, article
        112.
        """
        count = _whole(n)
        on = self.local(after).date()
        if count == 0:
            while not self.is_working_day(on):
                on += _DAY
        while count:
            on += _DAY
            count -= self.is_working_day(on)
        return self._at(on, self.spans(on)[-1][1])

    def working_days_before(self, at: datetime, n: int | Decimal) -> datetime:
        """The same local time on the n-th working day before, moved into that day's hours.

        n = 0 gives the instant itself. Used for reminders before a deadline. Returns aware UTC.
        Raises CalendarGap, CountRefused.
        """
        count = _whole(n)
        if count == 0:
            return at.astimezone(UTC)
        local = self.local(at)
        on = local.date()
        while count:
            on -= _DAY
            count -= self.is_working_day(on)
        return self._within(on, local.time())

    def working_hours(self, n: int | Decimal, after: datetime) -> datetime:
        """The instant at which n working hours have gone by, counted from `after` itself.

        Fractions of an hour are allowed. Returns aware UTC. Raises CalendarGap, CountRefused.
        """
        return self.add(_seconds(n), after)

    def add(self, seconds: int, after: datetime) -> datetime:
        """The instant when so many seconds of working time have gone by since `after`, UTC.

        0 seconds give the first working instant not before `after`. Raises CalendarGap.
        """
        left = timedelta(seconds=seconds)
        on = self.local(after).date()
        while True:
            for begins, ends in self._instants(on):
                begins = max(begins, after)
                if begins <= ends and left <= ends - begins:
                    return begins.astimezone(UTC) + left
                left -= max(ends - begins, timedelta())
            on += _DAY

    def working_hours_before(self, at: datetime, n: int | Decimal) -> datetime:
        """The last instant from which n working hours are left until `at`, aware UTC.

        Used for reminders before a deadline. Raises CalendarGap, CountRefused.
        """
        left = timedelta(seconds=_seconds(n))
        on = self.local(at).date()
        while True:
            for begins, ends in reversed(self._instants(on)):
                ends = min(ends, at.astimezone(UTC))
                if begins <= ends and left <= ends - begins:
                    return ends - left
                left -= max(ends - begins, timedelta())
            on -= _DAY

    # -- what has passed, what is left

    def working_time_between(self, a: datetime, b: datetime) -> int:
        """Seconds of working time from a to b; 0 when b is not after a. Raises CalendarGap."""
        if b <= a:
            return 0
        first, last = self.local(a).date(), self.local(b).date()
        total = timedelta()
        for i in range((last - first).days + 1):
            for begins, ends in self._instants(first + i * _DAY):
                total += max(min(ends, b) - max(begins, a), timedelta())
        return int(total.total_seconds())

    def working_span(self, a: datetime, b: datetime) -> tuple[int, int]:
        """Whole working days from a to b, and the seconds of working time beyond them.

        A whole day leads to the same hour of the next working day; a day of rest stands for the
        close of the working day before it. (0, 0) when b is not after a. Raises CalendarGap.
        """
        first, on = self.local(a).date(), self.local(b).date()
        clock = self.local(a).time() if self.is_working_day(first) else time.max
        days = self._count(first + _DAY, on)
        while days > 0:
            while not self.is_working_day(on):
                on -= _DAY
            if (begins := self._within(on, clock)) <= b:
                return days, self.working_time_between(begins, b)
            days, on = days - 1, on - _DAY
        return 0, self.working_time_between(a, b)

    def working_days_left(self, now: datetime, due: datetime) -> int:
        """Working days from today to the day of `due`, both counted; 0 when that day is past."""
        return self._count(self.local(now).date(), self.local(due).date())

    def working_days_since(self, due: datetime, now: datetime) -> int:
        """By how many working days something is late: those after the day of `due`, with today."""
        return self._count(self.local(due).date() + _DAY, self.local(now).date())

    def shift(self, due: datetime, paused_at: datetime, resumed_at: datetime) -> datetime:
        """The deadline after the clock stood still from `paused_at` to `resumed_at`, aware UTC.

        A deadline at the end of a working day was counted in days and stays so: the working days
        that were left after the day of the pause are counted again after the day on which the
        clock went on, as after a day of receipt. Any other deadline was counted in hours and keeps
        its working seconds. A deadline that had passed before the pause does not move. Raises
        CalendarGap.
        """
        if due <= paused_at or resumed_at <= paused_at:
            return due.astimezone(UTC)
        local_due = self.local(due)
        spans = self.spans(local_due.date())
        if spans and local_due.time() == spans[-1][1]:
            left = self._count(self.local(paused_at).date() + _DAY, local_due.date())
            return self.working_days(left, resumed_at)
        return self.add(self.working_time_between(paused_at, due), resumed_at)

    # -- inside

    def _within(self, on: date, clock: time) -> datetime:
        """A local time of a working day, moved into that day's hours, as UTC."""
        spans = self.spans(on)
        return self._at(on, min(max(clock, spans[0][0]), spans[-1][1]))

    def _at(self, on: date, clock: time) -> datetime:
        return datetime.combine(on, clock, self.zone).astimezone(UTC)

    def _instants(self, on: date) -> list[tuple[datetime, datetime]]:
        return [(self._at(on, begins), self._at(on, ends)) for begins, ends in self.spans(on)]

    def _count(self, first: date, last: date) -> int:
        days = (last - first).days + 1
        return sum(self.is_working_day(first + i * _DAY) for i in range(days))


def _covered(days: Mapping[date, Day]) -> tuple[date, date]:
    """The first run of years whose 1 January is listed; an empty calendar covers nothing."""
    years = sorted(on.year for on in days if (on.month, on.day) == (1, 1))
    if not years:
        return date.max, date.min
    last = years[0]
    while last + 1 in years:
        last += 1
    return date(years[0], 1, 1), date(last, 12, 31)


def _whole(n: int | Decimal) -> int:
    if n != int(n) or not 0 <= n <= 10000:
        raise CountRefused(count=n)
    return int(n)


def _seconds(hours: int | Decimal) -> int:
    if not 0 <= hours <= 10000:
        raise CountRefused(count=hours)
    return int(hours * 3600)
