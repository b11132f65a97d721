"""What every page shows around its own content: navigation, the reader's name, words for times."""

from __future__ import annotations

from typing import Any

from flask import Flask


def context() -> dict[str, Any]:
    """What the templates of the shell read; nothing from the database if that is what broke."""
    return {"current_account": None, "agency": {"name": ""}, "navigation": []}


def register(app: Flask) -> None:
    """Templates of `app` have the shell's values."""
    app.context_processor(context)
