"""Languages: Vietnamese unless a person chose English. Each area keeps its own catalogue.

`app/translations` serves the shell, the engine and the adapters; `app/AREA/translations` the area.
`compile_catalogues` makes of them what is read at run time; the commands at the root call it.
"""

from __future__ import annotations

import io
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Blueprint, Flask, g, has_request_context, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel, Domain, get_locale

from app import web

LANGUAGES = ("vi", "en")
FOLDER = Path(__file__).resolve().parent
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CATALOGUES = Domain()
"""The sentences of all areas, read once a process: their folders are the same for every app."""

blueprint = Blueprint("language", __name__)


def language() -> str:
    """The reader's language: what the session says, else the agency's.

    Work that the clock began has no reader: it speaks the first of the languages, as letters to
    people who chose none do. The browser's own wish is not asked: machines of the agencies are
    often installed in English, and their users work in Vietnamese.
    """
    if not has_request_context():
        return LANGUAGES[0]
    chosen = session.get("language")
    return chosen if chosen in LANGUAGES else _agencys()


def _agencys() -> str:
    """The language that the agency has set, asked once a request."""
    if g.get("broken"):
        return "vi"  # The database is what broke, and the page that says so must not ask it.
    if "agencys_language" not in g:
        from app.people import settings

        now = web.engine().clock()
        g.agencys_language = settings.setting(web.reading(), now, "language.default")
    return str(g.agencys_language)


@blueprint.post("/language")
@web.permission(web.PUBLIC)
def choose() -> ResponseReturnValue:
    """The session speaks the chosen language from now on."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(web.safe_next(request.form.get("next")) or "/", 303)


def catalogues(language: str = "*", root: Path = FOLDER) -> list[Path]:
    """Every catalogue of one language, or of all, as its source file."""
    inner = f"translations/{language}/LC_MESSAGES/*.po"
    return sorted([*root.glob(inner), *root.glob(f"*/{inner}")])


def folders(root: Path = FOLDER) -> list[Path]:
    """The folders that hold catalogues, the shell's first."""
    return [root / "translations", *sorted(root.glob("*/translations"))]


def compile_catalogues(root: Path = FOLDER) -> list[Path]:
    """Writes the compiled form beside each catalogue that has none of the same content.

    Returns those written. A fuzzy translation is left out: a guess is worse than the English
    sentence.
    """
    written = []
    for source in catalogues(root=root):
        target = source.with_suffix(".mo")
        compiled = io.BytesIO()
        with source.open("rb") as lines:
            write_mo(compiled, read_po(lines, locale=source.parent.parent.name))
        if not target.exists() or target.read_bytes() != compiled.getvalue():
            target.write_bytes(compiled.getvalue())
            written.append(target)
    return written


def register(app: Flask) -> None:
    """Texts of `app` are translated, and its times are those of Vietnam."""
    app.config["BABEL_DEFAULT_LOCALE"] = "vi"
    app.config["BABEL_DEFAULT_TIMEZONE"] = ZONE.key
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(str(path) for path in folders())
    babel = Babel(app, locale_selector=language)
    babel.domain_instance = CATALOGUES
    app.register_blueprint(blueprint)

    @app.context_processor
    def texts() -> dict[str, object]:
        return {"language": _current()}


def _current() -> str:
    locale = get_locale()
    return locale.language if locale else "vi"
