"""What a path given to `check` stands for: a bundle in its folders, a folder, or a lone file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.bundles import Bundle, drawing_path
from engine.check import check_bundle as examine
from engine.check import in_order
from engine.check.drawings import Files, check_all, format_of
from engine.check.finding import Finding, Guard, Purpose, found, unguarded
from engine.check.intake import ENDS, is_special, take, walk
from engine.check.references import Known
from engine.decisions import beside as beside_decisions
from engine.decisions.models import Load
from engine.errors import Refusal
from engine.wellformed import as_text

MOST_LONE = 10
"""Files given by name whose folders are looked into; more are taken to be all there is."""

MOST_BESIDE = 50
"""Files beside a drawing that are read because it may name something in them."""

_PART = re.compile(rb"[\"'/:]([^\"'/:]{1,255})(?=[\"'])")
"""What stands at the end of a value, or is one: no file is called by more bytes."""

MOST_BYTES_BESIDE = 1_000_000
"""Of all of them: a neighbour must not use up the time of the file that is asked about."""


def check_paths(
    paths: Iterable[tuple[str, Path]],
    known: Known,
    *,
    for_import: bool,
    guard: Guard = unguarded,
) -> Iterator[Finding]:
    """Findings about what `(name, path)` each stand for; loose files belong together, and with
    those of folders that hold no bundles.
    """
    given = _Given(known, guard, for_import=for_import)
    for name, path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where nobody may look
            given.folder(name, path)
        else:
            given.file(name, path)
    yield from given.findings()


class _Given:
    """What was given: its bundles, by root and key, and the files that are in none."""

    def __init__(self, known: Known, guard: Guard, *, for_import: bool) -> None:
        self.known = known
        self.guard = guard
        self.for_import = for_import
        self.bundles: dict[tuple[Path, str], tuple[Bundle, Callable[[str], str]]] = {}
        self.in_bundles: set[Path] = set()
        self.waiting: list[tuple[str, Path]] = []
        self.empty: list[str] = []
        self.lone: set[str] = set()

    def file(self, name: str, path: Path) -> None:
        """Takes a lone file: a shipped drawing stands for its bundle."""
        root = _root_of(path)
        if root is None or not self._add(root, path.stem, partial(_shown_beside, name, path.stem)):
            self.waiting.append((name, path))
            self.lone.add(name)

    def folder(self, name: str, folder: Path) -> None:
        """Takes a folder: one with processes/bpmn holds bundles, and so does that folder itself;
        in another one all files belong together.
        """
        root, up = _root_of_folder(folder)
        for key in Bundle.keys(root):
            self._add(root, key, lambda file: _shown(name, up, file))
        files = [(f"{name}/{path.relative_to(folder)}", path) for path in walk(folder)]
        self.waiting += files
        self.empty += [] if files else [name]

    def _add(self, root: Path, key: str, shown: Callable[[str], str]) -> bool:
        if self.for_import:
            return False
        bundle = self.bundles.get((root, key), (None, shown))[0] or _bundle(root, key)
        if bundle is None:
            return False
        self.bundles.setdefault((root, key), (bundle, shown))
        self.in_bundles |= {root / path for path in bundle.files}
        return True

    def findings(self) -> Iterator[Finding]:
        """Each once, though several bundles hold a form or a called process."""
        said: set[str] = set()
        for (_root, key), (bundle, shown) in self.bundles.items():
            found_here = self.guard(
                shown(drawing_path(key)), partial(examine, bundle, self.known())
            )
            for finding in found_here:
                finding = replace(finding, file=shown(finding.file))
                if (told := repr(finding.record())) not in said:
                    said.add(told)
                    yield finding
        yield from (found(name, "nothing-there") for name in self.empty)
        contents: dict[str, bytes] = {}
        for name, path in self.waiting:
            if path in self.in_bundles:
                continue
            special = is_special(path)
            content = found(name, "not-a-file", kind=special) if special else take(path, name)
            if isinstance(content, Finding):
                yield content
            else:
                contents[name] = content
        places = {name: path for name, path in self.waiting if name in contents}
        yield from self._loose(contents, places)

    def _loose(self, contents: dict[str, bytes], places: dict[str, Path]) -> Iterator[Finding]:
        beside: dict[str, bytes] = {}
        lone = [name for name in contents if name in self.lone]
        for name in lone if len(lone) <= MOST_LONE else ():
            beside |= _beside(contents[name], places[name], set(places.values()))

        def fetch(name: str, location: str) -> bytes | None:
            taken = take(places[name].parent / location, location) if name in places else None
            return taken if isinstance(taken, bytes) else None

        def load(name: str) -> Load | None:
            return beside_decisions(places[name]) if name in places else None

        files = Files(contents, fetch, load, beside, guard=self.guard)
        purpose = Purpose(is_deployed=False, is_import=self.for_import)
        yield from in_order(check_all(files, self.known, purpose))


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


def _root_of_folder(folder: Path) -> tuple[Path, str]:
    """The folder that bundles lie under, and the way up to it: "../" from its processes."""
    if folder.parts[-2:] == ("processes", "bpmn"):
        return folder.parent.parent, "../../"
    return (folder.parent, "../") if folder.name == "processes" else (folder, "")


def _shown(name: str, up: str, file: str) -> str:
    """What findings call a file of a bundle: as if it had been given below the folder's name."""
    return os.path.normpath(f"{name}/{up}{file}") if up else f"{name}/{file}"


def _shown_beside(name: str, key: str, file: str) -> str:
    """What findings call a file of the bundle of a drawing that was given by that name."""
    own = drawing_path(key)
    if file == own:
        return name
    if name.endswith(own):
        return name.removesuffix(own) + file
    return os.path.normpath(f"{Path(name).parent}/../../{file}")


def _beside(content: bytes, place: Path, given: set[Path]) -> dict[str, bytes]:
    """Files in the folder of a drawing that it names in its text, by their paths."""
    if format_of(place.name, content) != "bpmn":
        return {}
    found_files: dict[str, bytes] = {}
    try:
        siblings = sorted(p for p in place.parent.iterdir() if p.suffix in ENDS)
    except OSError:
        return {}
    content = as_text(content, "replace").encode(errors="replace")
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
