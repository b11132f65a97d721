"""What drawings may name in this installation, without loading the application or its database.

Loading all operations takes seconds, checking one drawing a fraction of one. So their names and
parameters lie beside the code in `offered.json`; a test proves that it says what the application
says, and `python -m app.offered` writes it anew.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from app.typefaces import FONTS
from engine.check.finding import Catalogue
from engine.ports import Operation

FILE = Path(__file__).with_name("offered.json")


@cache
def read() -> dict[str, Any]:
    """{"operations": {name: {parameter: whether it is required}}, "functions": [names],
    "groups": [keys], "duties": [names], "permissions": [names]}.
    """
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


@cache
def functions() -> frozenset[str]:
    """The functions that only an installation can answer."""
    return frozenset(read()["functions"])


@cache
def catalogue() -> Catalogue:
    """The same as the rules of checking ask for it."""
    from adapters.typesetting import Typesetter

    found = read()
    return Catalogue(
        operations={name: _named(name, fields) for name, fields in found["operations"].items()},
        functions=functions(),
        groups=frozenset(found["groups"]),
        duties=frozenset(found["duties"]),
        permissions=frozenset(found["permissions"]),
        templates=Typesetter(FONTS).examine,
    )


def _named(name: str, parameters: dict[str, bool]) -> Operation:
    """An operation that is known by its parameters and never run."""
    from marshmallow import Schema, fields

    given = {one: fields.Raw(required=required) for one, required in parameters.items()}
    schema = Schema.from_dict(given)
    return Operation(name, lambda *_given: {}, schema, schema)


def of_application() -> dict[str, Any]:
    """What the application offers, as `read` gives it; loads all of it."""
    from app import areas, config, utc_now
    from app.people.rights.groups import catalogue as groups
    from engine import duties

    around = areas.surroundings(utc_now, config.read())
    operations = {
        name: {key: field.required for key, field in operation.parameters().fields.items()}
        for name, operation in sorted(around.operations.items())
    }
    return {
        "operations": operations,
        "functions": sorted(around.facts),
        "groups": sorted(groups()),
        "duties": sorted(duties.known(around.duties)),
        "permissions": sorted(around.permissions or ()),
    }


def text() -> str:
    """What `offered.json` must hold."""
    return json.dumps(of_application(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
