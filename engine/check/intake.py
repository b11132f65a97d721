"""Takes files from a disk that may hold anything: nothing is opened that could block or run on."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.bpmn import MAX_BYTES
from engine.check.finding import Finding, found
from engine.errors import Sentence

ENDS = (".bpmn", ".dmn", ".form")
MOST_FILES = 2000
"""Files of a folder that are looked at."""

_HEAD = 4096
_OTHERS = (
    (re.compile(rb"PK\x03\x04"), Sentence("a packed file, such as of Visio or Word")),
    (re.compile(rb"%PDF-"), Sentence("a PDF file")),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8"), Sentence("a picture")),
    (re.compile(rb"[^<]*(<[?!][^>]*>[^<]*)*<(mxfile|mxGraphModel)\b"), Sentence("a draw.io file")),
    (re.compile(rb"[^<]*(<[?!][^>]*>[^<]*)*<(\w+:)?Package\b[^>]*xpdl", re.I), Sentence("XPDL")),
    (re.compile(rb"[^<]*(<[?!][^>]*>[^<]*)*<(\w+:)?svg\b"), Sentence("a picture")),
    (re.compile(rb"[^<]*(<[?!][^>]*>[^<]*)*<(!doctype )?html\b", re.I), Sentence("a web page")),
)
"""How files begin that owners bring in the place of a drawing."""
_KINDS = (
    (stat.S_ISFIFO, Sentence("pipe")),
    (stat.S_ISSOCK, Sentence("socket")),
    (stat.S_ISCHR, Sentence("device")),
    (stat.S_ISBLK, Sentence("device")),
)


def take(path: Path, name: str) -> bytes | Finding:
    """The bytes of a file, or why it cannot be read; `name` is what findings call it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        return found(name, "not-opened", reason=problem.strerror)
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            return found(name, "not-a-file", kind=kind_of_file(mode))
        try:
            content = file.read(MAX_BYTES + 1)
        except OSError as problem:
            return found(name, "not-opened", reason=problem.strerror)
    if len(content) > MAX_BYTES:
        return found(name, "too-large", limit=MAX_BYTES // 1_000_000)
    return content


def kind_of_file(mode: int) -> Sentence:
    """What something on a disk is that is neither a file nor a folder."""
    return next((word for test, word in _KINDS if test(mode)), Sentence("folder"))


def is_special(path: Path) -> Sentence | None:
    """What a path leads to when it must not even be opened: a pipe would wait for a writer."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return None
    return None if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else kind_of_file(mode)


def of_another_program(content: bytes) -> Sentence | None:
    """What a file is that only another program reads; None if that cannot be told."""
    head = content[:_HEAD]
    return next((words for start, words in _OTHERS if start.match(head)), None)


def walk(folder: Path) -> Iterator[Path]:
    """The drawings, decisions and forms below a folder, by name; links are not followed."""
    count = 0
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(ENDS):
                count += 1
                if count > MOST_FILES:
                    return
                yield Path(place) / name
