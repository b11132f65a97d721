"""Where the code lies, and where a caller means; nothing here loads the application."""

from __future__ import annotations

import errno
import os
import select
from pathlib import Path

MOST_BYTES = 50 * 1024 * 1024
PATIENCE_SECONDS = 5
ROOT = Path(__file__).resolve().parent.parent


def from_where(path: str) -> Path:
    """A path as the caller meant it: `./quytrinh` changes into its own folder."""
    meant = Path(os.environ.get("QUYTRINH_FROM", ".")).absolute() / path
    # Not Path.resolve: it raises for a link that leads to itself. A pipe leads to no path.
    real = Path(os.path.realpath(meant))
    return real if os.path.lexists(real) else Path(os.path.normpath(meant))


def content_of(path: Path, most: int = MOST_BYTES) -> bytes:
    """At most so many bytes of a file. What comes through a pipe is waited for, each part for some
    seconds and no longer. Raises OSError, ValueError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    parts: list[bytes] = []
    try:
        while most > 0:
            if not select.select([descriptor], [], [], PATIENCE_SECONDS)[0]:
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            part = os.read(descriptor, min(most, 1 << 20))
            if not part:
                break
            parts.append(part)
            most -= len(part)
    finally:
        os.close(descriptor)
    return b"".join(parts)


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
    return content_of(path).decode()


def names_file(text: str) -> bool:
    """Whether it is the path of a file, and no JSON object, list or text."""
    if text.lstrip()[:1] in ("", "{", "[", '"'):
        return False
    try:
        return from_where(text).is_file()
    except (OSError, ValueError):
        return False
