"""What the expressions of a form read of its own fields: circles, and names that look misspelt.

What a form reads besides its fields is the case's data, which the file alone does not tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from engine.forms.expressions import Expression
from engine.forms.fields import Field
from engine.forms.findings import Reading
from engine.forms.walking import used_by

MOST_COMPARED = 20_000
CUTOFF = 0.85
GIVEN = frozenset({"initiator", "unit", "case", "this", "parent", "i", "_this_", "_parent_"})
"""What every case has, and every row of a list."""


def check_reads(fields: Sequence[Field], reading: Reading) -> None:
    """Notes of every field what it reads that cannot be meant."""
    everywhere = {part for top in fields for found in top.walk() for part in found.path}
    left = MOST_COMPARED
    keys = sorted(everywhere)
    for found in (inner for top in fields for inner in top.walk()):
        for one in used_by(found):
            for name in sorted(one.program.calls):
                _note_call(found, name, one.text, reading=reading)
            for name in sorted(one.program.variables - everywhere - GIVEN):
                left -= len(keys)
                near = get_close_matches(name, keys, 1, CUTOFF) if left > 0 else []
                if near:
                    _note_name(found, (name, near[0]), one.text, reading)
    _check_circles(fields, reading)


def _note_call(found: Field, name: str, text: str, *, reading: Reading) -> None:
    reading.note(
        "unknown-function",
        {"id": found.id, "key": found.name},
        '"{element}" calls the function {function}, which does not exist: its value is null.',
        "Mend its name, or use one of FEEL's functions.",
        severity="warning",
        function=name,
        text=text,
    )


def _note_name(found: Field, names: tuple[str, str], text: str, reading: Reading) -> None:
    name, near = names
    reading.note(
        "unknown-field",
        {"id": found.id, "key": found.name},
        '"{element}" reads "{name}", which no field of the form is called.',
        'Write "{near}" if that is meant; leave it if the case has such data.',
        severity="warning",
        name=name,
        near=near,
        text=text,
    )


def _check_circles(fields: Sequence[Field], reading: Reading) -> None:
    """Computed fields that need their own value, in one step or by way of others."""
    computed = {found.path[0]: found for found in _computed(fields)}
    needs = {
        key: [name for name in _read(found) if name in computed] for key, found in computed.items()
    }
    for key, found in computed.items():
        seen, waiting = set(needs[key]), list(needs[key])
        while waiting and key not in seen:
            new = [name for name in needs[waiting.pop()] if name not in seen]
            seen.update(new)
            waiting += new
        if key in seen:
            reading.note(
                "circle",
                {"id": found.id, "key": found.name},
                'The computed field "{element}" needs its own value to be computed.',
                "Compute it from fields that do not depend on it.",
                severity="warning",
            )


def _read(found: Field) -> frozenset[str]:
    source = found.settings.get("expression")
    return source.names if isinstance(source, Expression) else frozenset()


def _computed(fields: Sequence[Field]) -> Iterator[Field]:
    """The computed fields of one record with a key of one part; rows of lists are others."""
    for found in fields:
        if found.type == "group":
            yield from _computed(found.children)
        elif found.type == "expression" and len(found.path) == 1:
            yield found
