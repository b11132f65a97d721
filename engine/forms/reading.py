"""Reads what was posted for one field as the field's type.

Posted is what a page sends (texts, lists of texts) or a typed value of `engine.values`. Reading
says only whether the value is of its type; `limits` says whether it is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from engine.calendar import ZONE
from engine.forms.errors import Unreadable
from engine.forms.fields import SOME_OF, Field, Option, composed, empty
from engine.forms.formats import FORMATS
from engine.values import Record, Value

MAX_LINE = 1_000
MAX_TEXT = 20_000
MAX_DIGITS = 30
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}(?:[. \u00a0\u202f][0-9]{3})+(?:,[0-9]+)?")
_COMMA = re.compile(r"-?[0-9]+(?:,[0-9]+)?")
_POINT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DAY = re.compile(
    r"([0-9]{1,2})[ /.-]{1,3}([0-9]{1,2})[ /.-]{1,3}([0-9]{4})|([0-9]{2})([0-9]{2})([0-9]{4})"
)
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc and Cs; asking each letter for its category is fifty times slower."""
_UNSHOWN_IN_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_TIME = re.compile(r"([0-9]{1,2})(?::|h|g)([0-9]{2})?(?::00(?:\.0+)?)?", re.IGNORECASE)
Files = Mapping[int, Record]


def tidy(raw: Any) -> Any:
    """What was posted, with texts composed (NFC) and trimmed, and blanks dropped: "" is None."""
    if isinstance(raw, str):
        return composed(raw) or None
    if isinstance(raw, (list, tuple)):
        return [item for item in map(tidy, raw) if item is not None]
    return raw


def one(field: Field, raw: Any) -> Any:
    """The single value posted for a field; pages post a blank marker before some of them."""
    raw = tidy(raw)
    if not isinstance(raw, list):
        return raw
    if len(raw) > 1:
        raise Unreadable(
            '"{label}" was given {count} values; give one.', label=field.label, count=len(raw)
        )
    return raw[0] if raw else None


def read(field: Field, raw: Any, *, options: Sequence[Option] = (), files: Files | None) -> Value:
    """The typed value of what was posted; what is blank reads as empty. Raises Unreadable.

    files: the case's files by id. None means that nothing can be looked up, as in a simulation:
    then a typed record of a file stands for itself.
    """
    if field.type in SOME_OF:
        return _some(field, tidy(raw), options)
    if field.type == "filepicker":
        return _files(field, tidy(raw), files)
    value = one(field, raw)
    if value is None:
        return empty(field)
    if field.type in ("radio", "select"):
        return _option(field, value, options)
    return _READERS[field.type](field, value)


def reader_of(field: Field) -> Callable[[Any], Value]:
    """`read` for one field that needs no files and whose options are its own, without asking at
    each value which kind of field it is.
    """
    kind = _READERS.get(field.type)
    if kind is None:
        return lambda raw: read(field, raw, options=field.options, files=None)
    blank = empty(field)

    def found(raw: Any) -> Value:
        # A page posts one text for most fields.
        value = (composed(raw) or None) if type(raw) is str else one(field, raw)
        return blank if value is None else kind(field, value)

    return found


def text(field: Field, value: Any) -> str:
    """Text without control characters; on one line unless the field has several."""
    if not isinstance(value, str):
        raise Unreadable('"{label}" must be text.', label=field.label)
    several = field.type == "textarea"
    if not several and "\n" in value:
        raise Unreadable('"{label}" must stand on one line.', label=field.label)
    # What can be printed holds none of them, which Python tells far faster than a pattern.
    if not value.isprintable() and (_UNSHOWN_IN_LINES if several else _UNSHOWN).search(value):
        raise Unreadable(
            '"{label}" holds signs that cannot be shown; type it instead of pasting it.',
            label=field.label,
        )
    most = MAX_TEXT if several else MAX_LINE
    if len(value) > most:
        raise Unreadable(
            '"{label}" is {length} letters long; shorten it to {most}.',
            label=field.label,
            length=len(value),
            most=most,
        )
    kind = FORMATS.get(field.rules.format or "")
    return kind(value, field.label) if kind else value


def number(field: Field, value: Any) -> int | Decimal | str:
    """An int where whole and written without decimals, else an exact Decimal.

    Vietnamese writing goes first: "1.234" is one thousand two hundred and thirty-four, and
    "1.234,5" and "1234.5" are both accepted.
    """
    found = _number(field, value)
    whole = field.settings.get("decimalDigits") == 0 or field.rules.format == "money"
    if isinstance(found, Decimal) and whole and found == found.to_integral_value():
        found = int(found)
    return str(found) if field.settings.get("serializeToString") else found


def _number(field: Field, value: Any) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, float, str)):
        raise Unreadable('"{label}" must be a number.', label=field.label)
    if isinstance(value, Decimal) and not (
        value.is_finite() and abs(value.adjusted()) <= 2 * MAX_DIGITS
    ):
        value = str(value)  # Written out it would fill the memory; so it is no number below.
    written = format(value, "f") if isinstance(value, Decimal) else str(value)
    written = written.replace("\u2212", "-")
    if isinstance(value, str) and (_GROUPED.fullmatch(written) or _COMMA.fullmatch(written)):
        written = re.sub(r"[. \u00a0\u202f]", "", written).replace(",", ".")
    if _POINT.fullmatch(written) is None:
        raise Unreadable(
            '"{value}" is not a number; write "{label}" with digits, like 1.234,5.',
            value=value,
            label=field.label,
        )
    if sum(c.isdigit() for c in written) > MAX_DIGITS:
        raise Unreadable(
            '"{label}" has more than {most} digits; check it.', label=field.label, most=MAX_DIGITS
        )
    return Decimal(written) if "." in written else int(written)


def checkbox(field: Field, value: Any) -> bool:
    """True when ticked; pages post "true"."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Unreadable('"{label}" can only be ticked or not.', label=field.label)


def moment(field: Field, value: Any) -> Value:
    """A date, an aware UTC instant, or "HH:MM", by the field's subtype."""
    subtype = field.settings.get("subtype", "date")
    if subtype == "time":
        return clock(field, value).strftime("%H:%M")
    return _instant(field, value) if subtype == "datetime" else day(field, value)


def day(field: Field, value: Any) -> date:
    """A date typed dd/MM/yyyy, or ISO as date inputs send it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    parts = [part for part in found.groups() if part][::-1] if found else []
    if not found and isinstance(value, str) and (found := _ISO_DAY.fullmatch(value)):
        parts = list(found.groups())
    if not parts:
        raise Unreadable(
            '"{value}" is not a date; write "{label}" as day/month/year, like 22/11/2026.',
            value=value,
            label=field.label,
        )
    try:
        return date(*map(int, parts))
    except ValueError:
        raise Unreadable(
            "There is no {value} in the calendar; correct the day or the month.",
            value=value,
            label=field.label,
        ) from None


def clock(field: Field, value: Any) -> time:
    """A time of day typed HH:mm or 8h30."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is None:
            raise ValueError
        return time(int(found.group(1)), int(found.group(2) or 0))
    except ValueError:
        raise Unreadable(
            '"{value}" is not a time of day; write "{label}" as hours:minutes, like 14:30.',
            value=value,
            label=field.label,
        ) from None


def _instant(field: Field, value: Any) -> datetime | None:
    """An instant given in the time of Vietnam: two inputs, "22/11/2026 14:30", or ISO."""
    if isinstance(value, datetime):
        return _utc(field, value if value.tzinfo else value.replace(tzinfo=ZONE))
    if isinstance(value, Mapping) and set(value) <= {"date", "time"}:
        given_day, given_time = (one(field, value.get(part)) for part in ("date", "time"))
        if given_day is None and given_time is None:
            return None
    elif isinstance(value, str):
        if value[10:11] == "T":
            return _iso(field, value)
        given_day, _, given_time = value.rpartition(" ")
    else:
        given_day = given_time = None
    if not given_day or not given_time:
        raise Unreadable(
            '"{label}" needs both a day and a time; fill in the missing one.', label=field.label
        )
    at = datetime.combine(day(field, given_day), clock(field, given_time), ZONE)
    return _utc(field, at)


def _iso(field: Field, value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise Unreadable(
            '"{value}" is not a date and time; write "{label}" like 22/11/2026 14:30.',
            value=value,
            label=field.label,
        ) from None
    return _utc(field, found if found.tzinfo else found.replace(tzinfo=ZONE))


def _utc(field: Field, at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Unreadable(
            "There is no {value} in the calendar; correct the day or the month.",
            value=at.year,
            label=field.label,
        ) from None


def _option(field: Field, value: Any, options: Sequence[Option]) -> Value:
    for option in options:
        if type(option.value) is type(value) and option.value == value:
            return option.value
    for option in options:
        if isinstance(value, str) and option.key == value:
            return option.value
    raise Unreadable(
        '"{value}" is not one of the choices of "{label}"; choose one that is shown.',
        value=value,
        label=field.label,
    )


def _some(field: Field, values: Any, options: Sequence[Option]) -> Value:
    if values is None:
        return []
    chosen = [
        _option(field, v, options) for v in (values if isinstance(values, list) else [values])
    ]
    # The order is that of the options, as the page shows them, and nothing counts twice.
    return [option.value for option in options if option.value in chosen]


def _files(field: Field, values: Any, files: Files | None) -> Value:
    if values is None:
        return []
    found: dict[Any, Value] = {}
    for value in values if isinstance(values, list) else [values]:
        record = _file(field, value, files)
        # The same bytes attached twice are one file; without files to look up, ids tell.
        same = record.get("sha256") if files is not None else record.get("file")
        found.setdefault(same or record["file"], record)
    return list(found.values())


def _file(field: Field, value: Any, files: Files | None) -> Record:
    if files is None and isinstance(value, dict) and "file" in value:
        return value
    given = value.get("file") if isinstance(value, Mapping) else value
    record = None
    if isinstance(given, (int, str)) and not isinstance(given, bool) and str(given).isdecimal():
        record = (files or {}).get(int(given))
    if record is None:
        raise Unreadable(
            'A file of "{label}" is no longer there; attach it again.', label=field.label
        )
    kept: Record = {
        key: record[key]
        for key in ("file", "name", "size", "sha256", "media_type")
        if key in record
    }
    return {"file": int(given), **kept}  # type: ignore[arg-type]  # isdecimal proved it


_READERS: dict[str, Callable[[Field, Any], Value]] = {
    "textfield": text,
    "textarea": text,
    "number": number,
    "checkbox": checkbox,
    "datetime": moment,
}
