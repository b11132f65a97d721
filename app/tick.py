"""The clock of the process: looks every few seconds for timers and calls that are due.

APScheduler is the clock and nothing else: what is due stands in the job table, so any number of
processes may tick at once and a missed tick loses nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app import areas
from engine import Engine

log = structlog.get_logger("quytrinh")

# A tick that finds more than this lets requests breathe before it goes on.
BATCH = 100
ROUND = timedelta(hours=1)
Round = Callable[[Engine], object]


@dataclass
class Tick:
    """The process's clock. `last_at` and `failed_at` tell /healthz whether it goes.

    rounds: what is looked after once an hour; `gone_at` is when each last came to its end.
    context: in which letters find their words.
    """

    engine: Engine
    seconds: int
    last_at: datetime | None = None
    failed_at: datetime | None = None
    rounds: tuple[Round, ...] = ()
    gone_at: dict[Round, datetime] = field(default_factory=dict)
    context: Callable[[], AbstractContextManager[object]] = nullcontext
    _scheduler: BackgroundScheduler | None = None
    _ticking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_running(self) -> bool:
        return self._scheduler is not None

    def once(self) -> int:
        """Does all that is due now and says how much it was."""
        done = 0
        with self._ticking:
            while True:
                count = self.engine.run_due(BATCH)
                done += count
                if count < BATCH:
                    break
            self.last_at = self.engine.clock()
            self._go_round()
        return done

    def _go_round(self) -> None:
        """What has no job of its own is looked after once an hour. One that fails keeps no other
        from going, and is tried again at the next tick, as each only does what is left to do.
        """
        now = self.engine.clock()
        for look_after in self.rounds:
            gone_at = self.gone_at.get(look_after)
            if gone_at is not None and now - gone_at < ROUND:
                continue
            try:
                look_after(self.engine)
            except Exception:  # Whatever it is: the operator reads it in the log, and of the time.
                self.failed_at = self.engine.clock()
                log.exception("round", round=getattr(look_after, "__qualname__", ""))
            else:
                self.gone_at[look_after] = now

    def start(self) -> None:
        """Ticks until `stop`; nothing if this process is told not to."""
        if not self.seconds or self._scheduler is not None:
            return
        self._scheduler = BackgroundScheduler(daemon=True)
        self._scheduler.add_job(
            self._safely,
            "interval",
            seconds=self.seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Ends after the tick that is under way, so that no call is left half done."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.shutdown(wait=True)

    def _safely(self) -> None:
        try:
            with self.context():
                self.once()
        except SQLAlchemyError as error:
            # The database may be away for a moment; the next tick finds what this one has left.
            self.failed_at = self.engine.clock()
            log.error("tick", reason=str(getattr(error, "orig", error)).splitlines()[0])


def register(app: Flask) -> None:
    """`app.extensions["tick"]` is the clock; whoever serves starts it."""
    settings = app.extensions["settings"]
    tick = Tick(app.extensions["engine"], settings.tick_seconds, rounds=areas.ROUNDS)
    tick.context = app.app_context
    app.extensions["tick"] = tick
