"""What the command line says, in the language of whoever types.

`QUYTRINH_LANGUAGE` (vi or en) decides, else the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that
is set: Vietnamese if it begins with vi, English otherwise. Nothing here needs the application, so
that a command may speak before there is one.
"""

from __future__ import annotations

import gettext as library
import inspect
import os
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import click
from babel.support import NullTranslations, Translations

from engine.calendar import ZONE
from engine.errors import Refusal, Sentence
from engine.forms import FormErrors

FOLDER = Path(__file__).resolve().parent
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")


def speaks(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the language that somebody chose, if any, is one of those spoken here."""
    return environment.get("QUYTRINH_LANGUAGE", "").lower() in ("", "vi", "en")


def language(environment: Mapping[str, str] = os.environ) -> str:
    """The language of the terminal: "vi" or "en"."""
    chosen = environment.get("QUYTRINH_LANGUAGE", "").lower()
    if chosen not in ("vi", "en"):
        chosen = next((environment[name] for name in LOCALES if environment.get(name)), "")
    return "vi" if chosen.lower().startswith("vi") else "en"


@cache
def _catalogue(chosen: str) -> NullTranslations:
    """All areas' sentences in one language; English is what stands in the code."""
    found: NullTranslations = NullTranslations()
    if chosen != "en":
        for folder in [FOLDER / "translations", *sorted(FOLDER.glob("*/translations"))]:
            part = Translations.load(str(folder), [chosen])
            found = found.merge(part) if isinstance(found, Translations) else part
    return found


def gettext(message: str, **fields: Any) -> str:
    """The sentence in the terminal's language, with its %(name)s filled in."""
    said = _catalogue(language()).gettext(message)
    return said % fields if fields else said


def ngettext(singular: str, plural: str, num: int, **fields: Any) -> str:
    """The sentence for that number, which is its %(num)d."""
    said = _catalogue(language()).ngettext(singular, plural, num)
    return said % {"num": num, **fields}


SAID = frozenset({"reason", "rule"})
"""Fields that hold words of the product, never a name."""


def sentence(template: str, fields: Mapping[str, Any]) -> str:
    """A sentence of the engine with its fields in braces; sentences among them are translated too,
    and nothing that a file or a person has named.
    """
    shown = {name: _shown(name, value) for name, value in fields.items()}
    return gettext(template).format_map(shown)


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, Sentence):
        return sentence(value.template, value.fields)
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%d/%m/%Y %H:%M}"
    # The empty text is the catalogue's own heading.
    return gettext(value) if name in SAID and isinstance(value, str) and value else value


def words(refusal: Refusal) -> str:
    """A refusal's sentence; of a form, with what is wrong with each field."""
    said = [sentence(refusal.template, refusal.fields)]
    if isinstance(refusal, FormErrors):
        fields = refusal.errors.items()
        said += [f"{path}: {sentence(*each)}" for path, messages in fields for each in messages]
    return " ".join(said)


def speak() -> None:
    """The library that reads the command line says its own sentences in the same language."""
    # It asks the standard library's catalogue, which looks for the language in this variable.
    os.environ["LANGUAGE"] = language()
    library.bindtextdomain("messages", str(FOLDER / "translations"))
    library.textdomain("messages")


def paragraphs(text: str | None) -> list[str]:
    """A help text as its paragraphs, each on one line: as the catalogues know it.

    One that begins with a backspace is laid out by hand, and stays as it is.
    """
    parts = [part for part in inspect.cleandoc(text or "").split("\n\n") if part.strip()]
    return [part if part.startswith("\b") else " ".join(part.split()) for part in parts]


def _paragraph(text: str) -> str:
    # Catalogues have no letter for the backspace.
    laid_out = text.removeprefix("\b\n")
    return f"{text[: len(text) - len(laid_out)]}{gettext(laid_out)}"


def localised(command: click.Command) -> click.Command:
    """The command and what it holds, its help in the terminal's language."""
    command.help = "\n\n".join(map(_paragraph, paragraphs(command.help))) or None
    command.short_help = gettext(command.short_help) if command.short_help else None
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            option.help = gettext(option.help)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            localised(inner)
    return command
