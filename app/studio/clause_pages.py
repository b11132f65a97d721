"""Which clause of the five regulations is carried out by what, by the drawings in force."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from itertools import groupby

from flask import render_template, request
from flask_babel import gettext

from app import config, coverage, law, web
from app.i18n import language
from app.studio.pages import blueprint
from app.web import permission
from engine import deploying
from engine.bundles import drawing_path
from engine.fold import fold

SHOWN = ("", "carried", "missing")


@dataclass(frozen=True)
class Asked:
    """What the reader narrows the list to; `source`: HP, BD, QN, YC, KH or nothing for all."""

    source: str
    shown: str
    text: str

    def wants(self, row: coverage.Row) -> bool:
        if self.source and not row.id.startswith(f"{self.source}-"):
            return False
        if self.shown and row.is_carried != (self.shown == "carried"):
            return False
        words = fold(f"{row.id} {row.text} {row.text_en} {row.kind}")
        return all(word in words for word in fold(self.text).split())


@blueprint.get("/clauses")
@permission("studio.view")
def clauses() -> str:
    """Every clause with the elements of the drawings in force that name it, and what else does."""
    sources = law.sources()
    asked = Asked(
        source=_one_of(request.args.get("source", ""), sources),
        shown=_one_of(request.args.get("shown", ""), SHOWN),
        text=request.args.get("q", "").strip(),
    )
    session = web.reading()
    versions = {v.process_key: v for v in deploying.all_in_force(session, web.engine().clock())}
    drawn = {key: version.files[drawing_path(key)] for key, version in versions.items()}
    rows = coverage.covered(config.ROOT, drawn)
    shown = [row for row in rows if asked.wants(row)]
    return render_template(
        "studio/clauses.html",
        rows=shown,
        parts=[(source, list(part)) for source, part in groupby(shown, _source)],
        total=len(rows),
        carried=sum(row.is_carried for row in rows),
        asked=asked,
        sources=sources,
        kinds=_kinds,
        versions=versions,
        english=language() == "en",
    )


def _source(row: coverage.Row) -> str:
    return row.id.partition("-")[0]


def _one_of(given: str, known: Container[str]) -> str:
    return given if given in known else ""


def _kinds(row: coverage.Row) -> list[str]:
    """What the clause asks the product for: "P:REP, R" is a process and a rule."""
    words = {
        "P": gettext("process"),
        "R": gettext("rule"),
        "S": gettext("screen or report"),
        "O": gettext("duty of operation"),
    }
    letters = dict.fromkeys(part.strip()[:1] for part in row.kind.split(","))
    return [words[letter] for letter in letters if letter in words]
