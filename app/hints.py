"""How the value of a field is written and what it must be, as the page says it before anybody
types: the same limits as `engine.forms.limits` holds values to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from flask_babel import gettext

from engine.forms import Spot, limits
from engine.forms.templating import in_words

SHORT = 60
"""Letters of a line. A longer limit is no help to who types, and is said when it is broken."""


def how_to_write(spot: Spot) -> list[str]:
    """Short phrases, in the order in which they are read."""
    say = _HINTS.get(spot.field.type)
    return list(say(spot)) if say else []


def _line(spot: Spot) -> Iterator[str]:
    form = spot.field.rules.format or ""
    formats = {
        "email": gettext("For example ten@coquan.gov.vn"),
        "phone": gettext("For example 0912 345 678"),
        "identity_number": gettext("12 digits"),
        "tax_code": gettext("10, 12 or 13 digits"),
    }
    if form in formats:
        yield formats[form]
    rules = spot.field.rules
    least, most = limits.whole(rules.min_length, spot), limits.whole(rules.max_length, spot)
    is_short = most is not None and most <= SHORT
    if is_short and least == most:
        yield gettext("Exactly %(most)s letters", most=most)
    elif is_short and least and least > 1:
        yield gettext("%(least)s to %(most)s letters", least=least, most=most)
    elif is_short:
        yield gettext("At most %(most)s letters", most=most)
    elif least and least > 1:
        yield gettext("At least %(least)s letters", least=least)


def _text(spot: Spot) -> Iterator[str]:
    rules = spot.field.rules
    least, most = limits.whole(rules.min_length, spot), limits.whole(rules.max_length, spot)
    if least and least > 1 and most:
        yield gettext("%(least)s to %(most)s letters", least=least, most=in_words(most))
    elif most:
        yield gettext("At most %(most)s letters", most=in_words(most))
    elif least and least > 1:
        yield gettext("At least %(least)s letters", least=least)


def _number(spot: Spot) -> Iterator[str]:
    rules, settings = spot.field.rules, spot.field.settings
    ends = limits.exact(rules.least, spot), limits.exact(rules.most, spot)
    least, most = (None if end is None else in_words(end) for end in ends)
    if least is not None and most is not None:
        yield gettext("From %(least)s to %(most)s", least=least, most=most)
    elif least is not None:
        yield gettext("From %(least)s", least=least)
    elif most is not None:
        yield gettext("At most %(most)s", most=most)
    step = limits.exact(settings.get("increment"), spot)
    if step is not None and step > 0 and step != 1:
        yield gettext("In steps of %(step)s", step=in_words(step))
    digits = settings.get("decimalDigits")
    if (digits == 0 or step == Decimal(1)) and rules.format != "money":
        yield gettext("A whole number")
    elif digits:
        yield gettext("At most %(digits)s decimals", digits=digits)


def _moment(spot: Spot) -> Iterator[str]:
    settings = spot.field.settings
    subtype = settings.get("subtype")
    yield {
        "date": gettext("Day/month/year, for example 22/11/2026"),
        "time": gettext("Hours:minutes, for example 14:30"),
    }.get(str(subtype), gettext("For example 22/11/2026 and 14:30"))
    if settings.get("disallowPassedDates") and subtype != "time":
        yield gettext("Today or later")
    yield from _between(spot)
    step = settings.get("timeInterval")
    if isinstance(step, int) and step > 1 and subtype != "date":
        yield gettext("In steps of %(step)s minutes", step=step)


def _between(spot: Spot) -> Iterator[str]:
    least, most = (
        limits.day(limit, spot) or limits.moment(limit, spot)
        for limit in (spot.field.rules.least, spot.field.rules.most)
    )
    if least and most:
        yield gettext("From %(least)s to %(most)s", least=in_words(least), most=in_words(most))
    elif least:
        yield gettext("From %(least)s on", least=in_words(least))
    elif most:
        yield gettext("%(most)s at the latest", most=in_words(most))


def _files(spot: Spot) -> Iterator[str]:
    if kinds := limits.accepts(spot):
        yield gettext("Kinds of files: %(kinds)s", kinds=", ".join(kinds))
    if not limits.takes_many(spot):
        yield gettext("One file")


_HINTS: dict[str, Callable[[Spot], Iterator[str]]] = {
    "textfield": _line,
    "textarea": _text,
    "number": _number,
    "datetime": _moment,
    "filepicker": _files,
}
