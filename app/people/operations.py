"""What service tasks and drawings may ask of this area, by name."""

from __future__ import annotations

from app.people.queries import facts

__all__ = ["facts"]
