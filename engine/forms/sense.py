"""Whether what a component says can be meant: limits that nothing meets, choices that are none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal, localcontext
from typing import Any

from engine.forms import limits
from engine.forms.expressions import Expression, Scope, is_expression
from engine.forms.fields import CONTAINERS, TEXTS, Field
from engine.forms.findings import Raw, Reading
from engine.forms.page import Spot
from engine.forms.posted import MAX_ROWS
from engine.forms.reading import MAX_LINE, MAX_TEXT
from engine.forms.templating import in_words

_CHOICES = {
    "subtype": ("date", "time", "datetime"),
    "action": ("submit", "reset"),
    "computeOn": ("change", "presubmit"),
    "verticalAlignment": ("start", "center", "end"),
    "timeSerializingFormat": ("utc_offset", "utc_normalized", "no_timezone"),
}
_WHOLE = {
    "decimalDigits": (0, 20),
    "timeInterval": (1, 1440),
    "defaultRepetitions": (0, MAX_ROWS),
    "rowCount": (1, 1_000),
    "nonCollapsedItems": (1, 1_000),
}
_VALIDATIONS = ("email", "phone", "custom", "")


def check_sense(made: Field, raw: Raw, reading: Reading) -> None:
    """Notes what cannot be meant, about a component whose parts have been read one by one."""
    for name, allowed in _CHOICES.items():
        _check_choice(raw, name, raw.get(name), allowed, reading=reading)
    kind = (raw.get("validate") or {}).get("validationType")
    _check_choice(raw, "validationType", kind, _VALIDATIONS, reading=reading)
    for name, (least, most) in _WHOLE.items():
        _check_whole(raw, name, least, most, reading=reading)
    _check_layout(raw, reading)
    _check_condition(raw, reading)
    _check_sources(made, raw, reading)
    _check_lengths(made, raw, reading)
    _check_amounts(made, raw, reading)
    _check_parts(made, raw, reading)
    _check_default(made, raw, reading)


def _check_choice(
    raw: Raw, name: str, given: Any, allowed: tuple[str, ...], *, reading: Reading
) -> None:
    if given is not None and given not in allowed:
        reading.note(
            name,
            raw,
            'The {name} "{given}" of "{element}" is unknown.',
            "Take one of: {allowed}.",
            name=name,
            given=str(given),
            allowed=", ".join(filter(None, allowed)),
        )


def _check_whole(raw: Raw, name: str, least: int, most: int, *, reading: Reading) -> None:
    given = raw.get(name)
    if given is None or given == "":
        return
    amount = limits.amount(given)
    if amount is None or amount % 1 or not least <= amount <= most:
        reading.note(
            "range",
            raw,
            '"{name}" of "{element}" is {given}; it must be a whole number from {least} to'
            " {most}.",
            "Correct the number in the form editor.",
            name=name,
            given=str(given),
            least=least,
            most=most,
        )


def _check_layout(raw: Raw, reading: Reading) -> None:
    given = (raw.get("layout") or {}).get("columns")
    amount = limits.amount(given)
    if given is not None and (amount is None or amount % 1 or not 1 <= amount <= 16):
        reading.note(
            "layout",
            raw,
            '"{element}" is {given} columns wide; a line has 16, so it takes its share instead.',
            "Give it a width from 1 to 16, or none.",
            severity="warning",
            given=str(given),
        )


def _check_condition(raw: Raw, reading: Reading) -> None:
    """Camunda's forms take a condition for one only where it begins with =; here it is one."""
    hide = (raw.get("conditional") or {}).get("hide")
    if hide and hide.strip() and not is_expression(hide):
        reading.note(
            "condition",
            raw,
            'The condition "{text}" of "{element}" does not begin with =; other programs never'
            " apply it.",
            "Write = before it.",
            severity="warning",
            text=hide,
        )


def _check_sources(made: Field, raw: Raw, reading: Reading) -> None:
    """Choices come from one place, and each column of a table is another one."""
    given = [name for name in ("valuesKey", "values", "valuesExpression") if raw.get(name)]
    if len(given) > 1:
        reading.note(
            "options",
            raw,
            '"{element}" has several sources of choices; only {name} is taken.',
            "Keep one of {names}.",
            severity="warning",
            name=given[0],
            names=", ".join(given),
        )
    keys = [column.key for column in made.columns]
    for key in dict.fromkeys(key for key in keys if keys.count(key) > 1):
        reading.note(
            "columns",
            raw,
            'The table "{element}" has two columns with the key "{key}".',
            "Give each column a key of its own, or take one of them out.",
            severity="warning",
            key=key,
        )
    height = limits.amount(raw.get("height"))
    if raw.get("height") not in (None, "") and (height is None or height <= 0):
        reading.note(
            "range",
            raw,
            'The height of "{element}" is {given}; it must be a number above 0.',
            "Correct the number in the form editor.",
            severity="warning",
            name="height",
            given=str(raw["height"]),
        )


def _check_lengths(made: Field, raw: Raw, reading: Reading) -> None:
    if made.type not in TEXTS:
        return
    ends = {"minLength": made.rules.min_length, "maxLength": made.rules.max_length}
    longest = MAX_TEXT if made.type == "textarea" else MAX_LINE
    for name, end in ends.items():
        if isinstance(end, Decimal) and (end % 1 or end < 0):
            _note_limit(raw, name, end, 0, reading=reading)
            return
    short, long = ends.values()
    if isinstance(short, Decimal):
        most = min(long if isinstance(long, Decimal) else longest, longest)
        _check_order(raw, Decimal(short), Decimal(most), reading)


def _note_limit(raw: Raw, name: str, given: Any, least: int, *, reading: Reading) -> None:
    reading.note(
        "limit",
        raw,
        'The limit {name} of "{element}" is {given}; it must be a whole number from {least} on.',
        "Correct the number in the form editor.",
        name=name,
        given=in_words(given),
        least=least,
    )


def _check_order(raw: Raw, least: Decimal, most: Decimal, reading: Reading) -> None:
    if least > most:
        reading.note(
            "impossible",
            raw,
            'Nothing can be entered into "{element}": it must be at least {least} and at most'
            " {most}.",
            "Correct one of the two limits.",
            least=in_words(least),
            most=in_words(most),
        )


def _check_amounts(made: Field, raw: Raw, reading: Reading) -> None:
    """The range of a number, and whether a step of it falls within the range."""
    if made.type != "number":
        return
    least, most, step = made.rules.least, made.rules.most, made.settings.get("increment")
    both = isinstance(least, Decimal) and isinstance(most, Decimal)
    if both:
        _check_order(raw, least, most, reading)  # type: ignore[arg-type]  # both are Decimal
    if isinstance(step, Expression) or step is None or step == "":
        return
    amount = limits.amount(step)
    if amount is None or amount <= 0:
        reading.note(
            "limit",
            raw,
            'The increment of "{element}" is {given}; it must be a number above 0.',
            "Correct the number in the form editor.",
            name="increment",
            given=str(step),
        )
    elif both and least <= most and not _has_step(least, most, amount):  # type: ignore[operator,arg-type]  # both are Decimal
        reading.note(
            "impossible",
            raw,
            'No step of {step} lies between the limits {least} and {most} of "{element}".',
            "Correct the increment or one of the limits.",
            step=in_words(amount),
            least=in_words(least),
            most=in_words(most),
        )


def _has_step(least: Decimal, most: Decimal, step: Decimal) -> bool:
    with localcontext(prec=2 * limits.DIGITS):
        return (least / step).to_integral_value(ROUND_CEILING) * step <= most


def _check_parts(made: Field, raw: Raw, reading: Reading) -> None:
    """What a component needs to show anything at all."""
    for is_missing, message, remedy in _missing(made, raw):
        if is_missing:
            reading.note("empty", raw, message, remedy, severity="warning")
    if made.type == "table" and not made.columns and not raw.get("columnsExpression"):
        reading.note(
            "columns",
            raw,
            'The table "{element}" has no columns.',
            "Give it columns with a key each, or a FEEL expression of columns.",
        )
    given = raw.get("accept") or ""
    for kind in limits.kinds(given) if "{{" not in given and not is_expression(given) else ():
        if not _is_kind(kind):
            reading.note(
                "accept",
                raw,
                '"{element}" takes files "{kind}", which is neither an ending like .pdf nor a kind'
                " like image/*.",
                "Write endings with their point, separated by commas: .pdf, .docx.",
                kind=kind,
            )


def _is_kind(kind: str) -> bool:
    if kind.startswith("."):
        return len(kind) > 1 and kind[1:].replace(".", "").replace("-", "").isalnum()
    main, slash, sub = kind.partition("/")
    return bool(slash and main and sub) and " " not in kind


def _missing(made: Field, raw: Raw) -> Iterator[tuple[bool, str, str]]:
    yield (
        made.type in CONTAINERS and not made.children,
        'There is nothing within "{element}".',
        "Put a field into it, or take it out.",
    )
    yield (
        made.type in ("table", "documentPreview") and not raw.get("dataSource"),
        '"{element}" has no source of data, so that it always stays empty.',
        "Give it a FEEL expression that names a list of the case's data.",
    )
    yield (
        made.type == "image" and not raw.get("source"),
        'The image "{element}" has no source, so that nothing is shown.',
        "Give it a source, or take it out.",
    )


def _check_default(made: Field, raw: Raw, reading: Reading) -> None:
    """A default that the field's own fixed limits refuse could never be sent unchanged."""
    rules = made.rules
    own = (rules.min_length, rules.max_length, rules.least, rules.most)
    computed = any(isinstance(limit, Expression) for limit in own)
    if made.default is None or computed or made.type not in (*TEXTS, "number"):
        return
    scope = Scope({}, {}, datetime(2000, 1, 1, tzinfo=UTC))
    if any(limits.broken(Spot(made, made.name, scope), made.default)):
        reading.note(
            "default",
            raw,
            'The default "{value}" of "{element}" is not within the field\'s own limits.',
            "Correct the default value or the limits.",
            severity="warning",
            value=in_words(made.default),
        )
