"""Where the code lies, and where a caller means; nothing here loads the application."""

from __future__ import annotations

import os
from pathlib import Path

MOST_BYTES = 50 * 1024 * 1024
ROOT = Path(__file__).resolve().parent.parent


def from_where(path: str) -> Path:
    """A path as the caller meant it: `./quytrinh` changes into its own folder."""
    return (Path(os.environ.get("QUYTRINH_FROM", ".")) / path).resolve()


def text_or_file(text: str) -> str:
    """What an option gives: the text itself, or for `@PATH` what stands in that file.

    Raises OSError or ValueError where the file cannot be read, or is no text in UTF-8.
    """
    if not text.startswith("@"):
        return text
    with from_where(text[1:]).open("rb") as file:
        return file.read(MOST_BYTES).decode()
