"""Where a paper is signed: said by who sets it, read by who signs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where somebody signs: on which page (from 1), and the box in points from its upper left
    corner. kind: "person" or "organisation".
    """

    kind: str
    page: int
    x: float
    y: float
    width: float
    height: float
