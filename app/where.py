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
    """What an option gives: the text itself, or what stands in a file for `@PATH`, and for the
    path of a file that is there where the text begins as no JSON does.

    Raises OSError or ValueError where the file cannot be read, or is no text in UTF-8.
    """
    if text.startswith("@"):
        path = from_where(text[1:])
    elif names_file(text):
        path = from_where(text)
    else:
        return text
    with path.open("rb") as file:
        return file.read(MOST_BYTES).decode()


def names_file(text: str) -> bool:
    """Whether it is the path of a file, and no JSON object, list or text."""
    if text.lstrip()[:1] in ("", "{", "[", '"'):
        return False
    try:
        return from_where(text).is_file()
    except (OSError, ValueError):
        return False
