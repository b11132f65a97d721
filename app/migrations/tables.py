"""All tables of the product in one metadata: the engine's and every area's."""

from __future__ import annotations

import engine.tables
from app import areas
from engine.database import Base

areas.import_models()
metadata = Base.metadata
ENGINE = engine.tables.__name__
