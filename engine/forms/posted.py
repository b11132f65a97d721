"""What a page posts, as one nested record.

{"request.full_name": "An", "rows.0.name": "Bàn", "tags": ["", "a"]}, or a MultiDict, becomes
{"request": {"full_name": "An"}, "rows": {"0": {"name": "Bàn"}}, "tags": ["", "a"]}; nested typed
values stay as they are. `OWN_NAMES` are the page's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ADD, REMOVE, TURN, TURNED, FIND = "_add", "_remove", "_turn", "_turned", "_find"
OWN_NAMES = frozenset({"csrf_token", "_close", ADD, REMOVE, TURN, TURNED, FIND})
"""Names of buttons and of what the site itself sends along; no field may have such a key."""
SOUGHT = "_sought:"
"""Before a field's name: the words by which its choices are searched; no key holds a colon."""
ROW_MARK = "_"
"""Posted as "rows.0._": the row was on the page, though nothing in it can be filled in."""

MAX_ROWS = 200


def nested(posted: Mapping[str, Any]) -> dict[str, Any]:
    """The posted names as one tree of records; texts and lists at its leaves."""
    tree: dict[str, Any] = {}
    for name, value in items(posted):
        if name in OWN_NAMES or name.startswith(SOUGHT):
            continue
        *above, last = name.split(".")
        place = tree
        for part in above:
            inner = place.get(part)
            if isinstance(inner, list):
                inner = {str(index): row for index, row in enumerate(inner) if row != ""}
            elif not isinstance(inner, dict):
                inner = {}
            place[part] = inner
            place = inner
        if last == ROW_MARK:
            continue
        below: Any = place.get(last)
        if isinstance(below, dict) and _is_blank(value):
            continue
        both = isinstance(below, dict) and isinstance(value, dict)
        place[last] = {**below, **value} if both else value
    return tree


def items(posted: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names with their values; all values of a name that a MultiDict holds more than once."""
    lists = getattr(posted, "lists", None)
    if lists is None:
        yield from posted.items()
        return
    for name, values in lists():
        yield name, values[0] if len(values) == 1 else list(values)


def _is_blank(value: Any) -> bool:
    return (
        value is None or value == "" or (isinstance(value, list) and set(map(str, value)) <= {""})
    )


def rows(raw: Any) -> list[Any]:
    """The rows posted for a list, by their numbers: gaps that a removed row left are closed."""
    if isinstance(raw, (list, tuple)):
        return [row for row in raw if row != ""]
    if not isinstance(raw, Mapping):
        return []
    numbers = sorted((int(k), k) for k in raw if k.isascii() and k.isdigit() and len(k) < 7)
    return [raw[key] for _, key in numbers]


def rearranged(posted: Mapping[str, Any]) -> dict[str, Any] | None:
    """What was posted, with the row added or removed whose button was pressed; None if none.

    The buttons of a list are named "_add" (value: the list's name) and "_remove" (value: the row's
    name, such as "rows.0"), so that lists grow and shrink without scripts; those of a table that
    turn its pages "_turn" (value: "name:2", the page to be shown). "_find" (value: the field's
    name) searches its choices; words that stand in a search of which nothing was chosen keep the
    form back as well, since whoever typed them meant somebody.
    """
    buttons = (ADD, REMOVE, TURN, FIND)
    pressed = {name: value for name, value in items(posted) if name in buttons}
    words = sought(posted)
    if not pressed and not words:
        return None
    tree = nested(posted)
    tree[TURNED] = [f"{name}:{number}" for name, number in turned(posted).items()]
    tree.update({SOUGHT + name: text for name, text in words.items()})
    for name in (TURN, FIND):
        pressed.pop(name, None)
    for name, value in pressed.items():
        path = str(value).split(".")
        if name == ADD:
            _change(tree, path, None)
        elif len(path) > 1:
            _change(tree, path[:-1], path[-1])
    return tree


def turned(posted: Mapping[str, Any]) -> dict[str, int]:
    """The page that each table shows, from 0, as its buttons and its marks say."""
    found: dict[str, int] = {}
    # The button that was pressed goes before where the table stood.
    given = {name: value for name, value in items(posted) if name in (TURN, TURNED)}
    for value in (given.get(TURNED), given.get(TURN)):
        for mark in value if isinstance(value, list) else [value]:
            name, _, number = str(mark or "").rpartition(":")
            if name and number.isdecimal() and len(number) < 5:
                found[name] = int(number)
    return found


def sought(posted: Mapping[str, Any]) -> dict[str, str]:
    """By the names of fields, the words by which their choices are searched: {"to": "an"}."""
    found = {}
    for name, value in items(posted):
        words = value.strip() if name.startswith(SOUGHT) and isinstance(value, str) else ""
        if words:
            found[name.removeprefix(SOUGHT)] = words
    return found


def _change(tree: dict[str, Any], path: list[str], remove: str | None) -> None:
    place: Any = tree
    for part in path[:-1]:
        place = place.setdefault(part, {}) if isinstance(place, dict) else {}
    if not isinstance(place, dict):
        return
    found = rows(place.get(path[-1]))
    if remove is None and len(found) < MAX_ROWS:
        found.append({})
    elif remove is not None and remove.isdecimal() and int(remove) < len(found):
        del found[int(remove)]
    place[path[-1]] = {str(index): row for index, row in enumerate(found)}
