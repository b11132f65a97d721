"""Whether a value that could be read is allowed: length, range, step, pattern, kind of file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal, localcontext
from typing import Any

from engine.calendar import ZONE
from engine.files import fits
from engine.forms.errors import Message
from engine.forms.expressions import settle
from engine.forms.fields import SOME_OF, TEXTS
from engine.forms.page import Spot
from engine.forms.posted import MAX_ROWS
from engine.forms.templating import Template, in_words
from engine.values import Value

DIGITS = 100
"""Of a limit, and of arithmetic with it: numbers that people enter have 30 at most."""


def is_required(spot: Spot) -> bool:
    return settle(spot.field.rules.required, spot.scope) is True


def is_empty(value: Value) -> bool:
    """Whether nothing was entered: no text, no choice, no file, no tick."""
    return value is None or value is False or value == "" or value == []


def missing(spot: Spot) -> Message:
    """What to say when a required field is empty."""
    kind = spot.field.type
    template = '"{label}" is empty; enter it.'
    if kind in ("radio", "select"):
        template = 'Nothing is chosen for "{label}"; choose one.'
    elif kind in SOME_OF:
        template = 'Nothing is chosen for "{label}"; choose at least one.'
    elif kind == "checkbox":
        template = 'Tick "{label}" to go on.'
    elif kind == "filepicker":
        template = 'No file is attached to "{label}"; attach one.'
    return template, {"label": label(spot)}


def label(spot: Spot) -> str:
    """The field's label in the reader's language; a date's or time's own where it has no other."""
    for name in ("label", "date_label", "time_label"):
        if words := spot.text(name):
            return words
    return spot.field.name


def broken(spot: Spot, value: Value) -> Iterator[Message]:
    """One message for each limit that the value breaks; an empty value breaks none."""
    check = _CHECKS.get(spot.field.type)
    if check is not None and not is_empty(value):
        for template, fields in check(spot, value):
            yield template, {"label": label(spot), **fields}


def whole(setting: Any, spot: Spot) -> int | None:
    """A limit as a whole number; form files also write it as text."""
    found = exact(setting, spot)
    return None if found is None else int(found)


def exact(setting: Any, spot: Spot) -> Decimal | None:
    """A limit as an exact number; None where there is none, or its expression gives none."""
    return amount(settle(setting, spot.scope))


def amount(given: Any) -> Decimal | None:
    """What a file or an expression gives as a number; None for what is none, or fills pages."""
    if isinstance(given, bool) or not isinstance(given, (int, Decimal, str)):
        return None
    if isinstance(given, str) and "_" in given:
        return None  # Only Python reads 1_000 as a number.
    try:
        found = Decimal(given)
    except (ArithmeticError, ValueError):
        return None
    return found if found.is_finite() and abs(found.adjusted()) < DIGITS else None


def _text(spot: Spot, value: Any) -> Iterator[Message]:
    rules = spot.field.rules
    least, most = whole(rules.min_length, spot), whole(rules.max_length, spot)
    if least is not None and len(value) < least:
        template = '"{label}" has {length} letters; write at least {least}.'
        yield template, {"length": len(value), "least": least}
    if most is not None and len(value) > most:
        template = '"{label}" has {length} letters; shorten it to {most}.'
        yield template, {"length": len(value), "most": most}
    if rules.pattern is not None and not rules.pattern.matches(value):
        own = spot.text("pattern_error")
        hint = spot.text("description").strip()
        template = '"{value}" is not written as "{label}" must be: {hint}'
        if not hint:
            template = '"{value}" is not written as "{label}" must be; look at it once more.'
        yield ("{words}", {"words": own}) if own else (template, {"value": value, "hint": hint})


def _number(spot: Spot, value: Any) -> Iterator[Message]:
    rules, settings = spot.field.rules, spot.field.settings
    amount = Decimal(value)
    least, most = exact(rules.least, spot), exact(rules.most, spot)
    if least is not None and amount < least:
        template = '"{label}" is {value}; it must be at least {least}.'
        yield template, {"value": in_words(amount), "least": in_words(least)}
    if most is not None and amount > most:
        template = '"{label}" is {value}; it must be at most {most}.'
        yield template, {"value": in_words(amount), "most": in_words(most)}
    yield from _digits(amount, 0 if rules.format == "money" else settings.get("decimalDigits"))
    if rules.format == "money" and amount < 0:
        yield '"{label}" is an amount of money; it cannot be less than 0.', {}
    yield from _steps(amount, exact(settings.get("increment"), spot))


def _steps(amount: Decimal, step: Decimal | None) -> Iterator[Message]:
    if step is None or step <= 0:
        return
    with localcontext(prec=2 * DIGITS):
        if not (over := amount % step):
            return
        low = amount - over if amount > 0 else amount - over - step
        high = low + step
    template = '"{label}" goes in steps of {step}; {low} and {high} are the nearest.'
    yield template, {"step": in_words(step), "low": in_words(low), "high": in_words(high)}


def _digits(exact: Decimal, most: int | None) -> Iterator[Message]:
    exponent = exact.normalize().as_tuple().exponent
    if most is None or not isinstance(exponent, int) or -exponent <= most:
        return
    if most == 0:
        yield '"{label}" is {value}; enter a whole number.', {"value": in_words(exact)}
    else:
        template = '"{label}" is {value}; round it to {most} decimals.'
        yield template, {"value": in_words(exact), "most": most}


def _moment(spot: Spot, value: Any) -> Iterator[Message]:
    settings = spot.field.settings
    local = value.astimezone(ZONE) if isinstance(value, datetime) else value
    if settings.get("disallowPassedDates") and isinstance(value, date):
        on = local.date() if isinstance(local, datetime) else local
        if on < spot.scope.today():
            yield (
                '"{label}" is {value}, which has passed; enter today or later.',
                {"value": in_words(on)},
            )
    if isinstance(local, date):
        yield from _days(spot, local.date() if isinstance(local, datetime) else local)
    if isinstance(local, (datetime, str)):
        yield from _times(spot, local)
    step = settings.get("timeInterval")
    at = local.strftime("%H:%M") if isinstance(local, datetime) else local
    if isinstance(step, int) and step > 1 and isinstance(at, str):
        hours, minutes = at.split(":")
        if (int(hours) * 60 + int(minutes)) % step:
            template = '"{label}" goes in steps of {step} minutes; {value} lies between them.'
            yield template, {"step": step, "value": at}


def day(setting: Any, spot: Spot) -> date | None:
    """A limit as a day; None where there is none, or its expression gives none. An instant stands
    for its day in Vietnam where the field asks for a day alone.
    """
    found = settle(setting, spot.scope)
    if isinstance(found, datetime):
        local = (found if found.tzinfo else found.replace(tzinfo=ZONE)).astimezone(ZONE)
        return local.date() if spot.field.settings.get("subtype") == "date" else None
    return found if isinstance(found, date) else None


def _days(spot: Spot, on: date) -> Iterator[Message]:
    least, most = day(spot.field.rules.least, spot), day(spot.field.rules.most, spot)
    if least is not None and on < least:
        template = '"{label}" is {value}; enter {least} or a later day.'
        yield template, {"value": in_words(on), "least": in_words(least)}
    if most is not None and on > most:
        template = '"{label}" is {value}; enter {most} or an earlier day.'
        yield template, {"value": in_words(on), "most": in_words(most)}


def moment(setting: Any, spot: Spot) -> datetime | time | None:
    """A limit as an instant of Vietnam or as a time of day ("07:30" too), to the minute, as the
    page takes them; None where there is none.
    """
    found = settle(setting, spot.scope)
    if isinstance(found, str):
        try:
            found = time.fromisoformat(found)
        except ValueError:
            return None
    if isinstance(found, datetime):
        local = (found if found.tzinfo else found.replace(tzinfo=ZONE)).astimezone(ZONE)
        return local.replace(second=0, microsecond=0)
    if isinstance(found, time):
        return found.replace(second=0, microsecond=0, tzinfo=None)
    return None


def _times(spot: Spot, at: datetime | str) -> Iterator[Message]:
    """What a time of day, or an instant in the time of Vietnam, breaks."""
    typed = at.replace(second=0, microsecond=0) if isinstance(at, datetime) else None
    of_day = typed.time() if typed else time.fromisoformat(str(at))
    least, most = moment(spot.field.rules.least, spot), moment(spot.field.rules.most, spot)
    value = in_words(typed or of_day)
    if least is not None and _before(typed, of_day, least):
        template = '"{label}" is {value}; enter {least} or later.'
        yield template, {"value": value, "least": in_words(least)}
    if most is not None and _before(typed, of_day, most, after=True):
        template = '"{label}" is {value}; enter {most} or earlier.'
        yield template, {"value": value, "most": in_words(most)}


def _before(
    typed: datetime | None, of_day: time, limit: datetime | time, *, after: bool = False
) -> bool:
    """Whether the value lies before (after) the limit; a time of day binds an instant's own."""
    if isinstance(limit, time):
        return of_day > limit if after else of_day < limit
    return typed is not None and (typed > limit if after else typed < limit)


def _files(spot: Spot, value: Any) -> Iterator[Message]:
    if len(value) > 1 and not takes_many(spot):
        template = '"{label}" has {count} files; keep one.'
        yield template, {"count": len(value)}
    accepted = accepts(spot)
    for file in value:
        if accepted and not any(_fits(file, kind) for kind in accepted):
            template = '"{label}" takes {kinds}; "{value}" is none of them.'
            yield template, {"kinds": ", ".join(accepted), "value": file.get("name", "")}


def _fits(file: Any, kind: str) -> bool:
    return fits(str(file.get("name", "")), str(file.get("media_type", "")), kind)


def takes_many(spot: Spot) -> bool:
    """Whether a filepicker takes more than one file."""
    return settle(spot.field.settings.get("multiple", False), spot.scope) in (True, "true")


def accepts(spot: Spot) -> list[str]:
    """The kinds of files a filepicker takes: [".pdf", "image/*"]; all of them when empty."""
    given = spot.field.settings.get("accept")
    return kinds(given.render(spot.scope) if isinstance(given, Template) else given)


def kinds(given: str | None) -> list[str]:
    """ ".PDF, image/*" as [".pdf", "image/*"]."""
    return [kind.strip().lower() for kind in (given or "").split(",") if kind.strip()]


def rows(spot: Spot) -> Iterator[Message]:
    """What is wrong with how many rows a list has."""
    count, settings = len(spot.raw), spot.field.settings
    if count > MAX_ROWS:
        template = '"{label}" has {count} rows; keep at most {most}.'
        yield template, {"label": label(spot), "count": count, "most": MAX_ROWS}
    if not settings["allowAddRemove"]:
        base = spot.base if isinstance(spot.base, list) else None
        fixed = settings["defaultRepetitions"] if base is None else len(base)
        if count != fixed:
            template = '"{label}" has {fixed} rows, which cannot be added to or removed.'
            yield template, {"label": label(spot), "fixed": fixed}


_CHECKS: dict[str, Callable[[Spot, Any], Iterator[Message]]] = {
    **dict.fromkeys(TEXTS, _text),
    "number": _number,
    "datetime": _moment,
    "filepicker": _files,
}
