"""Runs a check in a process of its own that may take so much time and memory and no more.

The rules are linear, or count their steps; this is for what nobody thought of.
"""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from engine.check.finding import Finding, found

SECONDS = 8
"""Of processor time: a small drawing must not be refused because the machine is busy."""
WAITED = 30
"""Of time on the wall, for work that waits, or shares the processor with much else."""
ALL_SECONDS = 7
"""Of processor time that files given together may take; the rest is for putting it together."""
MEGABYTES = 420
_NO_MEMORY = 3
_END = b"\0"
"""Written last; JSON holds none. The pipe's end may stay open in another process that was begun at
the same moment by another thread.
"""
Record = dict[str, Any]
Work = Callable[[], Iterable[Record]]


class TooHard(Exception):
    """The work took more time or memory than it may."""


class Broken(Exception):
    """The work came to grief: the software has a fault."""


def bounded(work: Work, *, seconds: float = SECONDS) -> list[Record]:
    """What the work gives, as JSON carries it. Raises TooHard and Broken."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _do(work, writing, seconds)
    os.close(writing)
    text = _read(reading, time.monotonic() + seconds * WAITED / SECONDS)
    os.close(reading)
    if text is None:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    spent = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
    if text is None or spent or os.waitstatus_to_exitcode(status) == _NO_MEMORY:
        raise TooHard
    if status != 0:
        raise Broken
    return [json.loads(line) for line in text.decode().splitlines()]


class _Spent(BaseException):
    """One file's share of the time is over. No rule may take it for a fault of its own."""


class Shares:
    """A guard for files that are looked at together in one process: a file that takes more than
    half of the time, or all that is left, is given up, and what is left is told of each file.
    """

    def __init__(self, seconds: float = ALL_SECONDS) -> None:
        self.seconds = seconds

    def __call__(self, path: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
        """What was found in the file, or why it was not looked at (to its end)."""
        left = self.seconds - time.process_time()
        if left <= 0:
            return [found(path, "no-time-left", seconds=round(self.seconds))]
        most = self.seconds / 2
        signal.signal(signal.SIGPROF, self._end)
        try:
            try:
                # Nearly no time would be rounded to none, which means without end.
                signal.setitimer(signal.ITIMER_PROF, max(0.001, min(left, most)))
                return list(look())
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
        except _Spent:
            if left < most:
                return [found(path, "no-time-left", seconds=round(self.seconds))]
            return [found(path, "too-hard", seconds=round(most, 1), memory=MEGABYTES)]

    def _end(self, _signal: int, _frame: object) -> None:
        raise _Spent


def _data_bytes() -> int:
    """What the process holds already: a child of a server begins with all that the server has."""
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    return pages * resource.getpagesize()


def _do(work: Work, writing: int, seconds: float) -> None:
    """Does the work in the child and ends it, whatever happens, without a word of its own."""
    status = 1
    # Nothing is thrown away before the end; looking for what could be costs a third of the time.
    gc.disable()
    try:
        limit = _data_bytes() + MEGABYTES * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        whole = math.ceil(seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (whole, whole))
        lines = "".join(json.dumps(record) + "\n" for record in work())
        with os.fdopen(writing, "wb") as out:
            out.write(lines.encode() + _END)
        status = 0
    except MemoryError:
        status = _NO_MEMORY
    finally:
        os._exit(status)


def _read(reading: int, until: float) -> bytes | None:
    """All that comes before the time is up; None when more would come."""
    parts: list[bytes] = []
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            return None
        part = os.read(reading, 1 << 16)
        parts.append(part.removesuffix(_END))
        if not part or part.endswith(_END):
            return b"".join(parts)
