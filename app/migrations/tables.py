"""All tables of the product in one metadata: the engine's and every area's."""

from __future__ import annotations

from app.areas import MODELS
from engine.database import Base

__all__ = ["MODELS", "metadata"]

metadata = Base.metadata
