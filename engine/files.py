"""Files of cases: hashed at intake, type sniffed, size limited, kept once under their sha256."""

from __future__ import annotations

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import puremagic

from engine.errors import Refusal

CHUNK = 1 << 20


class FileTooLarge(Refusal):
    """ "{name}" is larger than {limit} MB. Send a smaller file, or split it."""

    status = 413


class FileTypeRefused(Refusal):
    """ "{name}" is no file of a kind that is taken here. Attach one of these: {allowed}."""

    status = 422


class FileEmpty(Refusal):
    """ "{name}" is empty. Choose the file again."""

    status = 422


@dataclass(frozen=True)
class Stored:
    """What intake found out about a file."""

    name: str
    media_type: str
    size: int
    sha256: str


ALLOWED = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/zip": ".zip",
    "text/plain": ".txt",
}


_SURE = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
"""Endings whose files tell by their first bytes what they are, whatever they are called."""


def fits(name: str, media_type: str, kind: str) -> bool:
    """Whether a file is of a kind as forms write it: ".pdf", "image/*", "image/png"."""
    if kind.startswith("."):
        return name.lower().endswith(kind) and _SURE.get(kind, media_type) == media_type
    return media_type.startswith(kind[:-1]) if kind.endswith("/*") else media_type == kind


def media_type_of(ending: str) -> str:
    """The media type of files with that ending; that of PDF where it is not known."""
    known = {**{e: t for t, e in ALLOWED.items()}, **_SURE}
    return known.get(ending, "application/pdf")


class Store:
    """Write-once files in a folder, by hash. `limit_mb` and `allowed` come from the settings.

    Plain files: a library with threads of its own hangs in a web worker that was forked after the
    first file was written.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def put(
        self,
        name: str,
        stream: IO[bytes],
        *,
        limit_mb: int,
        allowed: tuple[str, ...] = (),
        kinds: tuple[str, ...] = (),
    ) -> Stored:
        """The file is kept; its bytes are never written twice.

        kinds: what the place takes that the file is meant for, see `fits`; all when empty.
        Raises FileTooLarge, FileEmpty, FileTypeRefused.
        """
        content = stream.read(limit_mb * CHUNK + 1)
        name = clean_name(name)
        if len(content) > limit_mb * CHUNK:
            raise FileTooLarge(name=name, limit=limit_mb)
        if not content:
            raise FileEmpty(name=name)
        is_list = ".csv" in kinds and name.lower().endswith((".csv", ".txt"))
        media_type = sniff(content, name, is_list=is_list)
        permitted = allowed or tuple(ALLOWED)
        wanted = not kinds or any(fits(name, media_type, kind) for kind in kinds)
        if media_type not in permitted or not wanted:
            names = kinds or sorted({ALLOWED.get(t, t) for t in permitted})
            raise FileTypeRefused(name=name, allowed=", ".join(names))
        sha256 = hashlib.sha256(content).hexdigest()
        self._write(self._folder / _place(sha256), content)
        return Stored(name, media_type, len(content), sha256)

    def _write(self, place: Path, content: bytes) -> None:
        """Whole or not at all, and on the disk before the row that names it."""
        if place.exists():
            return  # The same bytes are there already: that is what the hash says.
        place.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as half:
            half.write(content)
            half.flush()
            os.fsync(half.fileno())
        Path(half.name).replace(place)

    def get(self, sha256: str) -> bytes:
        """The bytes of a file. Raises FileNotFoundError."""
        return (self._folder / _place(sha256)).read_bytes()

    def has(self, sha256: str) -> bool:
        """Whether there are bytes under the hash."""
        return (self._folder / _place(sha256)).exists()

    def keep(self, sha256: str, content: bytes) -> None:
        """Bytes that were taken in before are there again."""
        self._write(self._folder / _place(sha256), content)

    def drop(self, sha256: str, is_needed: Callable[[], bool]) -> None:
        """The bytes are gone, unless they are needed.

        They are set aside before it is asked for good: whoever takes the same bytes in meanwhile
        is either seen then, or finds them missing once that is committed and keeps them anew.
        """
        place = self._folder / _place(sha256)
        aside = place.with_name(f"{sha256}.gone")
        if place.exists() and not is_needed():
            place.replace(aside)
        if not is_needed():
            aside.unlink(missing_ok=True)
        elif aside.exists():
            aside.replace(place)

    def holds(self, sha256: str) -> bool:
        """Whether the stored bytes still have the hash that they had at intake."""
        try:
            return hashlib.sha256(self.get(sha256)).hexdigest() == sha256
        except FileNotFoundError:
            return False


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def clean_name(name: str) -> str:
    """A file name without folders and control characters, NFC, at most 200 letters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable()).strip(". ")
    return kept[-200:] or "tep"


def sniff(content: bytes, name: str, *, is_list: bool = False) -> str:
    """The media type by the file's own bytes; plain text only when every byte of it is text.

    is_list: where a list is asked for, text may be in an encoding older than Unicode; whoever
    reads the list finds out which.
    """
    try:
        found: list[Any] = puremagic.magic_string(content[:65536], name)
    except (puremagic.PureError, ValueError):
        found = []
    types = [m.mime_type for m in found if m.mime_type]
    for media_type in types:
        if media_type in ALLOWED and media_type != "text/plain":
            return str(media_type)
    if types:
        return str(types[0])
    text = _text(content, is_list=is_list)
    is_plain = text is not None and all(c.isprintable() or c in "\r\n\t" for c in text)
    return "text/plain" if is_plain else "application/octet-stream"


def _text(content: bytes, *, is_list: bool) -> str | None:
    """The content as text, None where it is none."""
    try:
        # Spreadsheets begin their text with the mark.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if not is_list:
            return None
    # Fonts of before Unicode put letters in all upper places: no byte of them is a wrong one.
    return "".join(map(chr, content)).translate(_UPPER)


_UPPER = dict.fromkeys(range(128, 256), "x")
