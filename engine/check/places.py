"""What a path given to `check` stands for: a bundle in its folders, a folder, or a lone file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.bundles import Bundle
from engine.check import check_bundle as examine
from engine.check import in_order
from engine.check.drawings import Files, check_all, format_of
from engine.check.finding import Finding, Purpose, found
from engine.check.intake import ENDS, is_special, take, walk
from engine.check.references import Known
from engine.decisions import beside as beside_decisions
from engine.decisions.models import Load
from engine.errors import Refusal

MOST_LONE = 10
"""Files given by name whose folders are looked into; more are taken to be all there is."""

MOST_BESIDE = 50
"""Files beside a drawing that are read because it may name something in them."""

_PART = re.compile(rb"[\"'/:]([^\"'/:]{1,255})(?=[\"'])")
"""What stands at the end of a value, or is one: no file is called by more bytes."""

MOST_BYTES_BESIDE = 1_000_000
"""Of all of them: a neighbour must not use up the time of the file that is asked about."""


def check_paths(
    paths: Iterable[tuple[str, Path]], known: Known, *, for_import: bool
) -> Iterator[Finding]:
    """Findings about what `(name, path)` each stand for; loose files belong together."""
    loose: dict[str, bytes] = {}
    places: dict[str, Path] = {}
    for name, path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where nobody may look
            yield from _folder(name, path, known, for_import=for_import)
            continue
        root = _root_of(path)
        bundle = _bundle(root, path.stem) if root is not None and not for_import else None
        if bundle is not None:
            yield from examine(bundle, known())
            continue
        special = is_special(path)
        content = found(name, "not-a-file", kind=special) if special else take(path, name)
        if isinstance(content, Finding):
            yield content
        else:
            loose[name], places[name] = content, path
    yield from _loose(loose, places, known, for_import=for_import)


def _root_of(path: Path) -> Path | None:
    """The folder that a shipped drawing lies under: DIR of DIR/processes/bpmn/KEY.bpmn."""
    if path.suffix == ".bpmn" and path.parts[-3:-1] == ("processes", "bpmn"):
        return path.parent.parent.parent
    return None


def _bundle(root: Path, key: str) -> Bundle | None:
    """The bundle of a drawing in its folders; None when its files cannot be read as one."""
    try:
        return Bundle.read(root, key)
    except (Refusal, OSError, ValueError):
        return None


def _folder(name: str, folder: Path, known: Known, *, for_import: bool) -> Iterator[Finding]:
    """A folder with processes/bpmn holds bundles; in another one all files belong together."""
    keys = Bundle.keys(folder) if not for_import else []
    in_bundles: set[Path] = set()
    for key in keys:
        bundle = _bundle(folder, key)
        if bundle is not None:
            in_bundles |= {folder / path for path in bundle.files}
            for finding in examine(bundle, known()):
                yield _renamed(finding, f"{name}/{finding.file}")
    loose: dict[str, bytes] = {}
    places: dict[str, Path] = {}
    count = 0
    for path in walk(folder):
        count += 1
        if path in in_bundles:
            continue
        own = f"{name}/{path.relative_to(folder)}"
        special = is_special(path)
        content = found(own, "not-a-file", kind=special) if special else take(path, own)
        if isinstance(content, Finding):
            yield content
        else:
            loose[own], places[own] = content, path
    if not count:
        yield found(name, "nothing-there")
    yield from _loose(loose, places, known, for_import=for_import)


def _loose(
    contents: dict[str, bytes], places: dict[str, Path], known: Known, *, for_import: bool
) -> Iterator[Finding]:
    beside: dict[str, bytes] = {}
    for name in contents if len(contents) <= MOST_LONE else ():
        beside |= _beside(contents[name], places[name], set(places.values()))

    def fetch(name: str, location: str) -> bytes | None:
        taken = take(places[name].parent / location, location) if name in places else None
        return taken if isinstance(taken, bytes) else None

    def load(name: str) -> Load | None:
        return beside_decisions(places[name]) if name in places else None

    files = Files(contents, fetch, load, beside)
    purpose = Purpose(is_deployed=False, is_import=for_import)
    yield from in_order(check_all(files, known, purpose))


def _beside(content: bytes, place: Path, given: set[Path]) -> dict[str, bytes]:
    """Files in the folder of a drawing that it names in its text, by their paths."""
    if format_of(place.name, content) != "bpmn":
        return {}
    found_files: dict[str, bytes] = {}
    try:
        siblings = sorted(p for p in place.parent.iterdir() if p.suffix in ENDS)
    except OSError:
        return {}
    wants_decisions = b"decisionRef" in content
    named = _named(content, {os.fsencode(path.stem) for path in siblings})
    left = MOST_BYTES_BESIDE
    for path in siblings:
        is_named = os.fsencode(path.stem) in named or (path.suffix == ".dmn" and wants_decisions)
        if path in given or not is_named or len(found_files) >= MOST_BESIDE or is_special(path):
            continue
        taken = take(path, path.name)
        if isinstance(taken, bytes) and len(taken) <= left:
            found_files[str(path)] = taken
            left -= len(taken)
    return found_files


def _named(content: bytes, stems: set[bytes]) -> set[bytes]:
    """Which of the names a drawing holds as a file is called: a whole value, or its last part.

    The text is read once, however many names there are: it may have megabytes, and the folder
    thousands of files.
    """
    found_stems: set[bytes] = set()
    for match in _PART.finditer(content):
        part = match[1]
        found_stems |= stems & {part, part.partition(b".")[0], part.rpartition(b".")[0]}
    return found_stems


def _renamed(finding: Finding, file: str) -> Finding:
    return Finding(
        file,
        finding.line,
        finding.element,
        finding.rule,
        finding.severity,
        finding.message,
        finding.remedy,
        finding.fields,
    )
