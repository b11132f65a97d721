"""Where the code lies, and where a caller means; nothing here loads the application."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def from_where(path: str) -> Path:
    """A path as the caller meant it: `./quytrinh` changes into its own folder."""
    return (Path(os.environ.get("QUYTRINH_FROM", ".")) / path).resolve()
