"""What case data may hold, and its one text form.

str, int, bool, Decimal, date, aware datetime, list, dict with text keys, and None survive
unchanged: `decode(encode(v)) == v`, types included. The text is canonical (sorted keys, no
spaces), so equal values have equal hashes. Tagged shapes: {"$date": "2026-11-22"},
{"$instant": "2026-11-22T08:00:00+00:00"}, {"$decimal": "1.50"}; a person's own key that begins
with "$" is written with one "$" more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any, TypeAlias
from unicodedata import normalize

import orjson

from engine.errors import Sentence, ValueRefused

Value: TypeAlias = (
    str | int | bool | Decimal | date | datetime | list["Value"] | dict[str, "Value"] | None
)
Record: TypeAlias = dict[str, Value]

_PLAIN = frozenset((str, int, bool, type(None)))
_KEPT = frozenset((*_PLAIN, Decimal, date, datetime, list, dict))
MOST_JOINED = 1_000_000
"""Letters of many texts that are looked at together."""
_HALF = re.compile("[\ud800-\udfff]")
MAX_DEPTH = 60


def check(value: object, path: str = "data") -> Value:
    """The value itself when it may be kept.

    Raises ValueRefused naming the path of the first thing that may not: floats (money must be
    exact), naive datetimes and those that UTC cannot tell, tuples, sets, keys that are not text,
    anything deeper than 60 levels, and text that no database keeps: with the character NUL, or
    with half of a surrogate pair.
    """
    if not _fits(value):
        _check(value, path, 0)
    return value  # type: ignore[return-value]  # _check proved it


def _fits(value: Any) -> bool:
    """Whether `_check` would find nothing, told without making the names of all places, and a
    whole level of it at a time.
    """
    level, depth = [value], 0
    while level:
        kinds = set(map(type, level))
        if depth > MAX_DEPTH or not kinds <= _KEPT:
            return False
        if str in kinds and not _are_clean([part for part in level if type(part) is str]):
            return False
        for kind, holds in _TESTED:
            if kind in kinds and not all(holds(part) for part in level if type(part) is kind):
                return False
        inner: list[Any] = []
        if dict in kinds:
            records = [part for part in level if type(part) is dict]
            keys = list(chain.from_iterable(records))
            if not {str}.issuperset(map(type, keys)) or not _are_clean(keys):
                return False
            inner += chain.from_iterable(map(dict.values, records))
        if list in kinds:
            inner += chain.from_iterable(part for part in level if type(part) is list)
        level, depth = inner, depth + 1
    return True


def _are_clean(texts: list[str]) -> bool:
    """Whether all texts may be kept: looked at as one, unless that were a long one."""
    if sum(map(len, texts)) < MOST_JOINED:
        return _is_clean("".join(texts))
    return all(map(_is_clean, texts))


def _is_instant(value: datetime) -> bool:
    """Whether a moment has a zone, and in UTC too lies within the years 1 to 9999."""
    if value.tzinfo is None:
        return False
    try:
        value.astimezone(UTC)
    except OverflowError:
        return False
    return True


_TESTED: tuple[tuple[type, Callable[[Any], bool]], ...] = (
    (Decimal, Decimal.is_finite),
    (datetime, _is_instant),
)
_KINDS = {
    "Range": Sentence("range of values"),
    "Function": Sentence("function"),
    "WideTime": Sentence("time of day"),
    "time": Sentence("time of day"),
    "WideDate": Sentence("date that is too far away or too exact"),
    "WideDateTime": Sentence("date that is too far away or too exact"),
    "datetime": Sentence("instant without a time zone"),
    "timedelta": Sentence("length of time"),
    "YearsMonths": Sentence("length of time"),
    "WideSpan": Sentence("length of time"),
}


def _is_clean(text: str) -> bool:
    return "\0" not in text and (text.isascii() or _HALF.search(text) is None)


def _check(value: object, path: str, depth: int) -> None:
    kind = type(value)
    if depth > MAX_DEPTH:
        raise ValueRefused(path=path, type=Sentence("list or record deeper than 60 levels"))
    if kind is str:
        _check_text(value, path)  # type: ignore[arg-type]  # a text
        return
    if kind in _PLAIN or kind is date:
        return
    if kind is Decimal and value.is_finite():  # type: ignore[attr-defined]
        return
    if kind is datetime and _is_instant(value):  # type: ignore[arg-type]  # an instant
        return
    if kind is list:
        for index, item in enumerate(value):  # type: ignore[arg-type, var-annotated]
            _check(item, f"{path}[{index}]", depth + 1)
        return
    if kind is dict:
        for key, item in value.items():  # type: ignore[attr-defined]
            if type(key) is not str:
                raise ValueRefused(
                    path=f"{path}.{key}", type=f"record key of type {type(key).__name__}"
                )
            _check_text(key, path)
            _check(item, f"{path}.{key}", depth + 1)
        return
    raise ValueRefused(path=path, type=_KINDS.get(kind.__name__, kind.__name__))


def _check_text(text: str, path: str) -> None:
    if "\0" in text or _HALF.search(text):
        raise ValueRefused(path=path, type=Sentence("text with a character that cannot be kept"))


def _pack(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {_packed_key(key): _pack(item) for key, item in value.items()}
    if kind is list:
        return [_pack(v) for v in value]
    if kind in _PLAIN:
        return value
    return _tagged(value)


def _packed_key(key: Any) -> str:
    if type(key) is not str:
        raise ValueRefused(path="data", type=f"record key of type {type(key).__name__}")
    return f"${key}" if key[:1] == "$" else key


def _unpack(record: dict[str, Any]) -> Any:
    if len(record) == 1:
        ((key, text),) = record.items()
        if key == "$decimal":
            return Decimal(text)
        if key == "$instant":
            return datetime.fromisoformat(text)
        if key == "$date":
            return date.fromisoformat(text)
    for key in record:
        if key[:1] == "$":
            return {(k[1:] if k[:1] == "$" else k): v for k, v in record.items()}
    return record


def _tagged(value: Any) -> dict[str, str]:
    """What stands in the text for a value that JSON does not know."""
    kind = type(value)
    if kind is Decimal:
        return {"$decimal": str(value)}
    if kind is datetime:
        return {"$instant": value.astimezone(UTC).isoformat()}
    if kind is date:
        return {"$date": value.isoformat()}
    raise ValueRefused(path="data", type=kind.__name__)


def _is_direct(value: Any) -> bool:
    """Whether JSON's own writer says the same of a value as `_pack` and that writer do: no key of
    it begins with "$", and no part is of a kind that JSON would take for another.
    """
    kind = type(value)
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or key[:1] == "$":
                return False
            if type(item) not in _PLAIN and not _is_direct(item):
                return False
        return True
    if kind is list:
        return all(type(item) in _PLAIN or _is_direct(item) for item in value)
    return kind in _KNOWN


_KNOWN = frozenset((*_PLAIN, Decimal, datetime, date))
_DECODER = json.JSONDecoder(object_hook=_unpack)
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


def encode(value: Any) -> str:
    """The canonical text of a value. Raises ValueRefused for what may not be kept."""
    return _written(value) if _is_direct(value) else _written_long(value)


def encode_checked(value: Any) -> str:
    """The same for what `check` has accepted, or is made of nothing else."""
    tags = 0

    def tagged(part: Any) -> dict[str, str]:
        nonlocal tags
        tags += 1
        return _tagged(part)

    try:
        text = orjson.dumps(value, tagged, _OPTIONS).decode()
    except orjson.JSONEncodeError:
        return _written_long(value)
    # A "$" after a quotation mark that no tag has put there may begin a key of somebody's own.
    return text if text.count('"$') == tags else _written_long(value)


def _written(value: Any) -> str:
    try:
        return orjson.dumps(value, _tagged, _OPTIONS).decode()
    except orjson.JSONEncodeError:
        return _written_long(value)


def _written_long(value: Any) -> str:
    """The same text for everything: numbers beyond 64 bits, keys that begin with "$"."""
    packed = _pack(value)
    return json.dumps(packed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def decode(text: str) -> Any:
    """The value that `encode` wrote."""
    return _DECODER.decode(text)


def letters(value: Any) -> int:
    """How many letters the texts within a value have, those that it shares counted each time."""
    level, found = [value], 0
    while level:
        found += sum(len(part) for part in level if type(part) is str)
        inner: list[Any] = []
        for part in level:
            if type(part) is list:
                inner += part
            elif type(part) is dict:
                inner += part.values()
        level = inner
    return found


def copy(value: Any) -> Any:
    """A deep copy of a value that `check` accepts."""
    kind = type(value)
    if kind is dict:
        return {k: copy(v) for k, v in value.items()}
    if kind is list:
        return [copy(v) for v in value]
    return value


def composed(name: str) -> str:
    """A name from outside with its letters composed (NFC), as drawings have theirs."""
    return normalize("NFC", name)
