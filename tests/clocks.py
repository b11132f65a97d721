"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=VIETNAM)


class Clock:
    """Calling it gives the aware UTC instant at which it stands, at first a Monday at 08:00."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self._now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        return self._now

    def at(self, when: datetime | str) -> datetime:
        """Stands at that instant; text and naive datetimes are local time: "2026-11-25 17:00"."""
        moment = datetime.fromisoformat(when) if isinstance(when, str) else when
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=VIETNAM)
        self._now = moment.astimezone(UTC)
        return self._now

    def advance(self, **span: float) -> datetime:
        """Moves on by a span: `clock.advance(days=4)`, `clock.advance(minutes=1, seconds=1)`."""
        self._now += timedelta(**span)
        return self._now
