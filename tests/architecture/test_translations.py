"""Whatever the product says, it says in Vietnamese and in English: no sentence is missing."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import adapters
import app
import engine
from app import (
    cli,
    cli_ask,
    cli_check,
    cli_content,
    cli_decide,
    cli_serve,
    cli_simulate,
    i18n,
    terminal,
)
from app.people.rights.groups import catalogue
from engine.check.rules import RULES
from engine.errors import QuytrinhError

ROOT = i18n.FOLDER.parent
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
METHODS = [("frontend/**", "ignore"), ("**.py", "python"), ("**.html", "jinja2")]
SENTENCE = re.compile(r'^ ?[A-Z{"“].*\s.*[.?]$', re.DOTALL)
MARKED = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
WORD = re.compile(r"\w")
HOLES = re.compile(r"%\((\w+)\)[sd]|\{(\w+)[^}]*\}")


def extracted() -> Iterator[tuple[str, Any]]:
    """(place, msgid) of everything that pages and code say through gettext."""
    options = {"**.html": {"trimmed": "true", "silent": "false"}}
    found = extract_from_dir(str(i18n.FOLDER), METHODS, options, keywords=KEYWORDS)
    for path, line, message, _comments, _context in found:
        yield f"app/{path}:{line}", message


def refusals() -> Iterator[tuple[str, str]]:
    """(class, sentence) of everything that the product refuses; the docstring is the message."""
    for package in (engine, adapters, app):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(("__main__", ".env")) and ".versions" not in module.name:
                importlib.import_module(module.name)
    waiting = [QuytrinhError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.partition(".")[0] in ("engine", "adapters", "app"):
            yield f"{kind.__module__}.{kind.__name__}", " ".join((kind.__doc__ or "").split())


def engine_sentences() -> Iterator[tuple[str, str]]:
    """(place, sentence) of every sentence in the engine's code that is no docstring."""
    for path in sorted((ROOT / "engine").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        bare |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
                 for part in node.values}  # fmt: skip
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in bare else None
            if isinstance(text, str) and SENTENCE.match(text):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", text
            for part in reasons(node):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", part


def rules() -> Iterator[tuple[str, str]]:
    """(rule, sentence) of what findings say and advise, however the sentence ends."""
    for key, rule in RULES.items():
        for text in (rule.message, rule.remedy, rule.otherwise):
            if WORD.search(HOLES.sub("", text)):
                yield f"the rule {key}", text


def reasons(node: ast.AST) -> Iterator[str]:
    """The sentences that stand within another, as the reason of a refusal."""
    if not isinstance(node, ast.Call):
        return
    within = [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
    if isinstance(node.func, ast.Name) and node.func.id == "Sentence":
        within += node.args[:1]
    for part in within:
        # What has no word outside its holes says nothing by itself.
        if isinstance(part, ast.Constant) and WORD.search(HOLES.sub("", str(part.value))):
            yield str(part.value)


def commands() -> Iterator[tuple[str, str]]:
    """(command, paragraph) of what `./quytrinh COMMAND --help` tells of the installation's own
    commands.
    """
    waiting: list[click.Command] = [cli.db, cli.tick, cli.verify, cli.demo, cli.bench]
    waiting += [cli_content.deploy, cli_check.check, cli_serve.serve]
    waiting += [cli_ask.ask, cli_decide.decide, cli_simulate.run]
    yield "quytrinh", terminal.paragraphs(cli.__doc__)[0]
    while waiting:
        command = waiting.pop()
        options = [one.help for one in command.params if isinstance(one, click.Option)]
        for text in [*terminal.paragraphs(command.help), *filter(None, options)]:
            yield f"quytrinh {command.name}", text.removeprefix("\b\n")
        if isinstance(command, click.Group):
            waiting += command.commands.values()


def said() -> dict[Any, str]:
    """Everything to be translated, with one place where it is said."""
    found: dict[Any, str] = {}
    for place, message in [*extracted(), *refusals(), *engine_sentences(), *rules(), *commands()]:
        found.setdefault(message, place)
    for group in catalogue().values():
        for permission in group.permissions:
            found.setdefault(permission, "app/people/data/groups.json")
    return found


def catalogues() -> dict[Path, Catalog]:
    """The Vietnamese catalogues of all areas."""
    found = {}
    for path in i18n.catalogues("vi"):
        with path.open("rb") as lines:
            found[path] = read_po(lines, locale="vi", abort_invalid=True)
    return found


@pytest.fixture(scope="module")
def translated() -> dict[str, Message]:
    """Every message that has a Vietnamese translation, by its English sentence."""
    found: dict[str, Message] = {}
    for known in catalogues().values():
        for message in known:
            if message.id and message.string and not message.fuzzy:
                first = message.id if isinstance(message.id, str) else message.id[0]
                found[first] = message
    return found


def test_everything_that_is_said_has_a_vietnamese_translation(translated):
    missing = sorted(
        f"{place}: {message!r}"
        for message, place in said().items()
        if (message if isinstance(message, str) else message[0]) not in translated
    )
    assert not missing, f"{len(missing)} are missing in a messages.po:\n" + "\n".join(missing)


def test_translations_keep_the_places_that_are_filled_in(translated):
    wrong = []
    for message in translated.values():
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        expected = {hole for text in ids for hole in HOLES.findall(text)}
        for text in strings:
            if set(HOLES.findall(text)) - expected:
                wrong.append(f"{ids[0]!r}: {text!r}")
    assert not wrong, "\n".join(wrong)


def test_no_sentence_is_translated_in_two_ways():
    seen: dict[Any, tuple[Any, Path]] = {}
    wrong = []
    for path, known in catalogues().items():
        for message in known:
            if not message.id:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            other = seen.setdefault(key, (message.string, path))
            if other[0] != message.string:
                places = f"{other[1].relative_to(ROOT)}, {path.relative_to(ROOT)}"
                wrong.append(f"{key!r}: {other[0]!r}, {message.string!r} ({places})")
    assert not wrong, "\n".join(wrong)


def test_pages_have_no_vietnamese_of_their_own():
    """Text in a template that is not in a catalogue could not be read in English."""
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted(i18n.FOLDER.rglob("*.html"))
        if "node_modules" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        # The name of a language is written in that language.
        if MARKED.search(re.sub(r"Tiếng Việt|\{#.*?#\}", "", line))
    ]
    assert not wrong, "\n".join(wrong)
