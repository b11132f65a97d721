"""Where the typefaces of papers lie: the front end's build puts them there."""

from __future__ import annotations

from pathlib import Path

FONTS = Path(__file__).with_name("static") / "dist" / "fonts"
