"""Papers: templates of typst become PDF files, each in a process of its own.

A template may read nothing but the files it is given and its data, and may take so much time and
memory and no more. The library is loaded in the child alone: its threads would not survive the
forks of a web server, and it holds 80 MB.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import segno

from adapters.places import Place
from engine.errors import Refusal, Sentence
from engine.papers import Examined, plain
from engine.values import Record

SECONDS = 10
"""Of processor time for one paper; an ordinary one takes a tenth of one."""
WAITED = 60
"""Of time on the wall, on a machine that has much else to do."""
MEGABYTES = 512
MOST_PAGES = 300
_CHILD = Path(__file__).with_name("typesetting_child.py")
_PLACE = re.compile(r"┌─ (.+?):(\d+):\d+$", re.M)
_MOST_REMEMBERED = 200
_NO_GLYPH = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_ROUNDS = 4
"""One finds all that cannot be shown; the others are for what is hidden behind other mistakes."""
_WITHOUT_PICTURE = ("Cc", "Cf", "Me", "Mn")
INSTEAD = "□"
"""What a paper shows for a character that none of its typefaces has."""


class TemplateFails(Refusal):
    """The paper {path} could not be made (line {line}): {problem}. Its owner must mend the
    template, or what the drawing gives it."""

    status = 422


class PaperTooHard(Refusal):
    """The paper {path} took more than {seconds} seconds, {memory} MB or {pages} pages. Its owner
    must make it smaller."""

    status = 422


class TypefacesMissing(Refusal):
    """Papers cannot be set: there are no typefaces in {folder}. Build the front end, which puts
    them there."""

    status = 503


@dataclass(frozen=True)
class Paper:
    """A finished paper: a PDF file for keeping (PDF/A-2b) and how many pages it has; pictures: its
    pages as PNG, where they were asked for; places: where its template wants signatures; missing:
    what of its data no typeface could show, so that it reads "□" or, of what has no picture of its
    own (joiners, control characters), nothing.
    """

    content: bytes
    pages: int
    pictures: tuple[bytes, ...] = ()
    places: tuple[Place, ...] = ()
    missing: tuple[str, ...] = ()


class Typesetter:
    """Sets papers with the fonts of one folder, and no others but those within the library."""

    def __init__(
        self, fonts: Path, *, pages: int = MOST_PAGES, megabytes: int = MEGABYTES
    ) -> None:
        self._fonts = fonts
        self._pages, self._megabytes = pages, megabytes
        self._examined: OrderedDict[str, Examined] = OrderedDict()

    def set(
        self,
        files: Mapping[str, str],
        path: str,
        data: Record | None,
        *,
        at: datetime,
        qr: str = "",
        pictures: bool = False,
        beside: Mapping[str, bytes] | None = None,
        is_tagged: bool = True,
    ) -> Paper:
        """The paper of the template at `path`, one of `files`; equal for equal arguments.

        data: what the template reads, its own example where it is None; qr: what its QR code says,
        if it has one; at: the moment that the file names as that of its making; beside: pictures
        that it may show, by path; is_tagged: whether readers for the blind are told of its parts.
        Raises TemplateFails, PaperTooHard, TypefacesMissing.
        """
        self.require_typefaces()
        inputs = {"qr": _picture_of(qr)} if qr else {}
        order: dict[str, Any] = {"at": int(at.timestamp()), "inputs": inputs}
        order |= {"pictures": pictures, "tags": is_tagged}
        with tempfile.TemporaryDirectory(prefix="paper-") as folder:
            for name, content in (beside or {}).items():
                place = Path(folder) / "root" / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            told, missing = self._shown(Path(folder), files, path, order, data=data)
            if "problem" in told:
                raise TemplateFails(**{"path": path, "line": 1} | _fault(told["problem"]))
            if told["pages"] > self._pages:
                raise self._too_hard(path)
            made = sorted(Path(folder).glob("out-*.png"))
            content = (Path(folder) / "out.pdf").read_bytes()
            pictures_made = tuple(one.read_bytes() for one in made)
            places = tuple(Place(**place) for place in told["places"])
            return Paper(content, told["pages"], pictures_made, places, missing)

    def require_typefaces(self) -> None:
        """Raises TypefacesMissing where the folder has none: the library would take one of its
        own, in which the text layer of Vietnamese is wrong, and say nothing.
        """
        if not any(self._fonts.glob("*.ttf")):
            raise TypefacesMissing(folder=self._fonts)

    def _shown(
        self,
        folder: Path,
        files: Mapping[str, str],
        path: str,
        order: dict[str, Any],
        *,
        data: Record | None,
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What the child says, and which characters of the data it was asked to leave out: a
        foreign name must not stop a paper whose number is given. Only typst knows what all the
        typefaces of a paper can show, so the data are set as they are first.
        """
        given, missing = None if data is None else plain(data), dict[str, None]()
        for _ in range(_ROUNDS):
            if given is not None:
                order["inputs"]["data"] = json.dumps(given, ensure_ascii=False)
            told = self._ask(folder, files, path, order)
            if given is None or "problem" not in told:
                break
            signs = dict.fromkeys(_without_glyph(told["problem"]["diagnostic"]))
            if not signs or (left := _replaced(given, signs)) == given:
                break
            given, missing = left, missing | signs
        return told, tuple(missing)

    def examine(self, files: Mapping[str, str], path: str) -> Examined:
        """Whether the template can be set with its own example, and what data it asks for."""
        texts = {name: text for name, text in files.items() if name.endswith(".typ")}
        key = hashlib.sha256(json.dumps([texts, path], sort_keys=True).encode()).hexdigest()
        if key not in self._examined:
            self._examined[key] = self._look(texts, path)
            if len(self._examined) > _MOST_REMEMBERED:
                self._examined.popitem(last=False)
        return self._examined[key]

    def _look(self, files: Mapping[str, str], path: str) -> Examined:
        order = {"at": 0, "inputs": {}, "probe": True}
        try:
            with tempfile.TemporaryDirectory(prefix="paper-") as folder:
                told = self._ask(Path(folder), files, path, order)
        except PaperTooHard as refusal:
            return Examined(Sentence(refusal.template, refusal.fields), path, None)
        if "problem" in told:
            fault = {"path": path, "line": None} | _fault(told["problem"])
            return Examined(fault["problem"], fault["path"], fault["line"])
        return Examined(keys=frozenset(told["keys"]) if told["keys"] is not None else None)

    def _ask(
        self, folder: Path, files: Mapping[str, str], path: str, order: dict[str, Any]
    ) -> dict[str, Any]:
        """What the child says. Raises PaperTooHard."""
        for name, text in files.items():
            if name.endswith(".typ"):
                place = folder / "root" / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8")
        limits = {"seconds": SECONDS, "megabytes": self._megabytes}
        whole = {**order, **limits, "folder": str(folder), "main": path, "fonts": str(self._fonts)}
        command = [sys.executable, "-I", str(_CHILD)]
        # No way out: a template that asks for a package of the network finds none.
        nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **nowhere}
        environment |= {name.upper(): value for name, value in nowhere.items()}
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                command,
                input=json.dumps(whole).encode(),
                capture_output=True,
                timeout=WAITED,
                env=environment,
                cwd=folder,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._too_hard(path) from None
        if done.returncode != 0:
            raise self._too_hard(path)
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def _too_hard(self, path: str) -> PaperTooHard:
        return PaperTooHard(path=path, seconds=SECONDS, memory=self._megabytes, pages=self._pages)


def _picture_of(text: str) -> str:
    """A QR code as SVG; a quarter of it may be unreadable."""
    out = io.BytesIO()
    segno.make(text, micro=False, error="m").save(out, kind="svg", border=0, xmldecl=False)
    return out.getvalue().decode()


def _without_glyph(diagnostic: str) -> list[str]:
    """The texts that typst could not show, of which it writes some characters as escapes."""

    def read(one: re.Match[str]) -> str:
        return chr(int(one[1], 16)) if one[1] else one[2]

    return [_ESCAPED.sub(read, found) for found in _NO_GLYPH.findall(diagnostic)]


def _replaced(value: Any, signs: Iterable[str]) -> Any:
    """The data with each of the signs replaced wherever a text has it."""
    if isinstance(value, dict):
        return {key: _replaced(each, signs) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(each, signs) for each in value]
    if isinstance(value, str):
        for sign in signs:
            has_picture = any(unicodedata.category(one) not in _WITHOUT_PICTURE for one in sign)
            value = value.replace(sign, INSTEAD if has_picture else "")
    return value


def _fault(said: Mapping[str, str]) -> dict[str, Any]:
    """What typst says, and where: in the template or in what it imports."""
    problem = " ".join([said["message"].rstrip("."), *(f"({h})" for h in said["hints"])])
    place = _PLACE.search(said["diagnostic"])
    if place is None:
        return {"problem": problem}
    # Typst names a file from the folder above its root on.
    return {
        "problem": problem,
        "path": place[1].removeprefix("root/").lstrip("/"),
        "line": int(place[2]),
    }
