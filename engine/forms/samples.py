"""Values that a form accepts, for scenarios and simulations that do not say theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from engine.calendar import ZONE
from engine.files import media_type_of
from engine.forms import limits
from engine.forms.errors import FormErrors
from engine.forms.fields import ONE_OF, SOME_OF
from engine.forms.formats import SAMPLES
from engine.forms.page import Spot
from engine.values import Record

if TYPE_CHECKING:
    from engine.forms import Form

_At = TypeVar("_At", datetime, time)
MAX_ROUNDS = 12
_FILE: Record = {
    "file": 0,
    "name": "mau.pdf",
    "size": 1,
    "sha256": "0" * 64,
    "media_type": "application/pdf",
}


def sample(
    form: Form,
    *,
    context: Mapping[str, Any] | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    now: datetime = datetime(2026, 1, 5, 1, tzinfo=UTC),
) -> Record:
    """What the form shows at first, with its required fields filled in as shortly as they allow.

    Raises FormErrors where no value could be found: a limit by an expression, or choices that come
    from data which are not there.
    """
    given: dict[str, Any] = {}
    world: dict[str, Any] = {"context": context or {}, "functions": functions or {}, "now": now}
    for _ in range(MAX_ROUNDS):
        try:
            return form.load(given, **world)
        except FormErrors as refused:
            spots = {spot.name: spot for spot in form.page(given, **world).walk()}
            wrong = [spots[name] for name in refused.errors if name in spots]
            filled = {spot.name: _value(spot) for spot in wrong}
            if all(given.get(name) == value for name, value in filled.items()):
                raise
            given.update(filled)
    return form.load(given, **world)


def _value(spot: Spot) -> Any:
    kind = spot.field.type
    if kind in ONE_OF:
        return spot.options[0].value if spot.options else None
    if kind in SOME_OF:
        return [spot.options[0].value] if spot.options else []
    if kind == "checkbox":
        return True
    if kind == "filepicker":
        return [_file(spot)]
    if kind == "number":
        return _number(spot)
    return _moment(spot) if kind == "datetime" else _text(spot)


def _text(spot: Spot) -> str:
    rules = spot.field.rules
    if rules.format in SAMPLES:
        return SAMPLES[rules.format]
    text = rules.pattern.example if rules.pattern else "Mẫu"
    least = limits.whole(rules.min_length, spot) or 0
    most = limits.whole(rules.max_length, spot)
    return (
        text
        if len(text) >= least and rules.pattern
        else (text * (least + 1))[: max(least, min(most or 3, 3))]
    )


def _number(spot: Spot) -> int | Decimal:
    rules = spot.field.rules
    least, most = limits.exact(rules.least, spot), limits.exact(rules.most, spot)
    step = limits.exact(spot.field.settings.get("increment"), spot) or Decimal(1)
    low = least if least is not None else min(most, Decimal(1)) if most is not None else Decimal(1)
    found = low if low % step == 0 else low - low % step + (step if low > 0 else 0)
    return int(found) if found == found.to_integral_value() else found


def _moment(spot: Spot) -> str:
    subtype, rules = spot.field.settings.get("subtype"), spot.field.rules
    ends = limits.moment(rules.least, spot), limits.moment(rules.most, spot)
    at = _within(time(8), *(end if isinstance(end, time) else None for end in ends))
    if subtype == "time":
        return at.strftime("%H:%M")
    found = spot.scope.today() + timedelta(days=1)
    least, most = limits.day(rules.least, spot), limits.day(rules.most, spot)
    on = min(max(found, least or found), most or date.max)
    if subtype != "datetime":
        return on.isoformat()
    instant = datetime.combine(on, at, ZONE)
    return _within(
        instant, *(end if isinstance(end, datetime) else None for end in ends)
    ).isoformat()


def _within(found: _At, least: _At | None, most: _At | None) -> _At:
    if least is not None and found < least:
        found = least
    return most if most is not None and found > most else found


def _file(spot: Spot) -> Record:
    accepted = limits.accepts(spot)
    extension = next((kind for kind in accepted if kind.startswith(".")), None)
    kinds = [kind for kind in accepted if "/" in kind]
    media_type = kinds[0].replace("*", "png") if kinds else media_type_of(extension or ".pdf")
    return {**_FILE, "name": f"mau{extension or '.pdf'}", "media_type": media_type}
