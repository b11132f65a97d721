"""Everything that pages of people say is said in Vietnamese too."""

import importlib
import pkgutil

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import app.people
from app import i18n
from app.people.log import EVENTS
from app.people.login import passwords
from app.people.rights.groups import catalogue
from engine.errors import Refusal

FOLDER = i18n.FOLDER / "people"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]


def translated(language, *folders):
    found = {}
    for folder in folders:
        path = folder / "translations" / language / "LC_MESSAGES" / "messages.po"
        with path.open("rb") as lines:
            found |= {
                message.id if isinstance(message.id, str) else message.id[0]: message.string
                for message in read_po(lines)
                if message.id
            }
    return found


def sentences():
    for _, _, message, _, _ in extract_from_dir(FOLDER, METHODS):
        yield message if isinstance(message, str) else message[0]
    yield from EVENTS.values()
    for module in pkgutil.walk_packages(app.people.__path__, "app.people."):
        for value in vars(importlib.import_module(module.name)).values():
            is_ours = isinstance(value, type) and value.__module__.startswith("app.people")
            if is_ours and issubclass(value, Refusal):
                yield " ".join((value.__doc__ or "").split())
    for group in catalogue().values():
        yield from group.permissions


def test_every_sentence_has_its_vietnamese():
    known = translated("vi", FOLDER, i18n.FOLDER, i18n.FOLDER / "forms")
    assert sorted({text for text in sentences() if not known.get(text)}) == []


def test_permissions_have_names_in_english():
    known = translated("en", FOLDER)
    permissions = {name for group in catalogue().values() for name in group.permissions}
    assert permissions <= set(known)


@pytest.mark.parametrize("password", ["a", "A" * 300])
def test_the_rules_of_passwords_are_told_in_vietnamese(session, clock, password):
    from app.people import queries

    known = translated("vi", FOLDER)
    account = queries.find_account(session, "anhpt")
    for template, fields in passwords.problems(session, clock(), account, password):
        assert known[template].format_map(fields)
