"""The limits of this area: settings with dates of effect, since no number of the law is code."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from engine.ports import Fact
from engine.values import Value


@cache
def _fact() -> Fact:
    # As the application wires it for drawings too: areas do not import each other.
    from app import areas

    return areas.facts()["setting"]


def named(name: str) -> Any:
    """The setting with its `label` and `label_en`."""
    from app import areas

    return areas.definition_of_setting(name)


def setting(session: Session, now: datetime, name: str) -> Value:
    """The value of a setting in force at that instant."""
    return _fact()(session, now, name)


def number(session: Session, now: datetime, name: str) -> int:
    """The value of a setting that is a whole number."""
    return int(str(setting(session, now, name)))
