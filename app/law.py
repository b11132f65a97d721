"""A `legal_basis` of a drawing in words: which provision of which document, and its text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from engine.errors import Refusal


class BasisMissing(Refusal):
    """A change needs its basis. Name the document, request or clause on which it rests."""

    status = 422


_MARK = re.compile(r"^([A-Z]{2})-(\d+)(?:\.(\d+)([a-zđ])?(\d+)?)?$")
_MARK_IN_TEXT = re.compile(r"(?<![\w/-])[A-Z]{2}-\d+(?:\.\d+(?:[a-zđ]\d*)?)?(?![\w/-])")


@dataclass(frozen=True)
class Clause:
    """One provision: how it is cited on paper, and its sentences when the product ships them."""

    mark: str
    citation: str
    text: tuple[str, ...] = ()


def basis(text: str) -> str:
    """What a change rests on, without spaces around it. Raises BasisMissing for nothing.

    Without it nobody could say later why the change was made.
    """
    if not text.strip():
        raise BasisMissing()
    return text.strip()


def clauses(legal_basis: str | None) -> list[Clause]:
    """The provisions that a `legal_basis` such as "HP-8.4a; QN-6.5" names, in its order.

    A mark is source, article, clause, point and the running number of a content of the point.
    What is no such mark, for instance "NĐ 118/2025", is cited as it is written. Marks of parts
    that a document does not number apart are one provision, with the texts of all.
    """
    marks = [part.strip() for part in re.split(r"[;\n]", legal_basis or "")]
    found: dict[str, Clause] = {}
    for mark in filter(None, marks):
        clause = _clause(mark)
        before = found.get(clause.citation, clause)
        text = tuple(dict.fromkeys((*before.text, *clause.text)))
        found[clause.citation] = replace(before, text=text)
    return list(found.values())


def cited(legal_basis: str | None) -> list[str]:
    """What a `legal_basis` names, as papers cite it: ["Khoản 4 Điều 8, ...", ...]."""
    return [clause.citation for clause in clauses(legal_basis)]


def spelled(text: str | None) -> str:
    """The text with each provision that it names by its mark cited as papers cite it:
    "XTK-2026-0003, KH-12.4a7" is "XTK-2026-0003, điểm a khoản 4 Điều 12, Quy chế ...".
    """
    return _MARK_IN_TEXT.sub(_spelled, text or "")


def _spelled(match: re.Match[str]) -> str:
    citation = _clause(match[0]).citation
    starts = match.start() == 0 or citation == match[0] or citation.startswith("Điều")
    return citation if starts else f"{citation[0].lower()}{citation[1:]}"


def sources() -> dict[str, str]:
    """The five regulations by the letters of their marks: {"HP": "Quy chế e-HEZA", ...}."""
    return {letters: name for letters, (name, _number) in _shipped()["sources"].items()}


def _clause(mark: str) -> Clause:
    shipped = _shipped()
    match = _MARK.match(mark)
    if match is None or match[1] not in shipped["sources"]:
        return Clause(mark, mark)
    source, article, clause, point, _number = match.groups()
    # HP-8.0 stands for the sentence that opens Article 8, before its first clause.
    place = [f"điểm {point}"] if point and clause != "0" and _lettered(mark) else []
    place += [f"khoản {clause}"] if clause and clause != "0" else []
    place += [f"Điều {article}"]
    words = " ".join(place)
    name, number = shipped["sources"][source]
    return Clause(mark, f"{words[0].upper()}{words[1:]}, {name} ({number})", _text(mark))


def _lettered(mark: str) -> bool:
    """Whether the point is lettered in the document, not one part of an undivided clause."""
    return mark.startswith(("KH-", "YC-7"))


def _text(mark: str) -> tuple[str, ...]:
    """The text of the provision, or of the nearest one around it."""
    texts = _shipped()["clauses"]
    for shorter in (mark, mark.rstrip("0123456789"), re.sub(r"[a-zđ]\d*$", "", mark)):
        if shorter in texts:
            return tuple(texts[shorter])
    return ()


@cache
def _shipped() -> dict:
    return json.loads((Path(__file__).parent / "clauses.json").read_text(encoding="utf-8"))
