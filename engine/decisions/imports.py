"""Where the files that a file imports are found: beside it, or in a bundle."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path, PurePosixPath

from engine.decisions.document import MAX_MEGABYTES, Document, Import
from engine.decisions.errors import DecisionInvalid
from engine.decisions.models import Load
from engine.wellformed import as_text

# A folder with more files is not searched to its end.
MAX_FILES = 300
HEAD = 16 * 1024
NAMESPACE = re.compile(r"<(?:[\w.-]+:)?definitions\b[^>]*?\snamespace\s*=\s*[\"']([^\"']*)")


def beside(path: Path) -> Load:
    """Finds imports in the file's folder and the folders within it, and nowhere else.

    The place that the import names comes first, then whichever file has its namespace.
    """
    root = path.resolve().parent

    def load(wanted: Import, importer: str) -> tuple[str, bytes] | None:
        for place in candidates(root, wanted.location, Path(importer)):
            if place.resolve().is_relative_to(root) and place.is_file():
                xml = read(place)
                if xml is not None and namespace_of(xml) == wanted.namespace:
                    return str(place), xml
        return None

    return load


def candidates(root: Path, location: str, importer: Path) -> Iterator[Path]:
    here = importer.parent if importer.is_absolute() else root
    if location and "://" not in location:
        yield here / location
        yield root / location
    yield from islice(sorted(here.glob("*.dmn")), MAX_FILES)
    yield from islice(sorted(root.glob("**/*.dmn")), MAX_FILES)


def read(place: Path) -> bytes | None:
    """The bytes of a file that is not too large and can be read."""
    try:
        # A pipe among the files would be waited for without an end.
        with open(place, "rb", opener=_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            xml = file.read(MAX_MEGABYTES * 1024 * 1024 + 1)
    except (OSError, ValueError):
        return None
    return xml if len(xml) <= MAX_MEGABYTES * 1024 * 1024 else None


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def namespace_of(xml: bytes) -> str:
    """The namespace that a DMN file gives to its parts; empty if it gives none."""
    found = NAMESPACE.search(as_text(xml[:HEAD], "ignore"))
    return found[1] if found else ""


def imported(path: Path) -> Iterator[Path]:
    """The files that a file imports, as far as they are beside it; none if it cannot be read."""
    load = beside(path)
    xml = read(path)
    try:
        wanted = list(Document(xml or b"", str(path.resolve())).imports())
    except DecisionInvalid:
        return
    for one in wanted:
        found = load(one, str(path.resolve()))
        if found is not None:
            yield Path(found[0])


def among(files: Mapping[str, str]) -> Load:
    """Finds imports among the files of a bundle: by place, then by namespace."""

    def load(wanted: Import, importer: str) -> tuple[str, bytes] | None:
        named = str(PurePosixPath(importer).parent / wanted.location)
        paths: Iterable[str] = (named, *sorted(files))
        for path in paths:
            if path.endswith(".dmn") and path in files and path != importer:
                xml = files[path].encode()
                if namespace_of(xml) == wanted.namespace:
                    return path, xml
        return None

    return load
