"""The library of signatures runs an event loop of its own for each call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def alone(work: Callable[[], Result]) -> Result:
    """What the work gives; where a loop runs already in this thread, another thread does it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    with ThreadPoolExecutor(1) as one:
        return one.submit(work).result()
