"""Reads what a component of a form file says about allowed values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.forms.expressions import Setting, is_expression
from engine.forms.fields import FORMATS, Rules
from engine.forms.findings import Raw, Reading, expression, record
from engine.forms.limits import amount
from engine.forms.patterns import Pattern, PatternBroken


def rules_of(raw: Raw, properties: Mapping[str, str], reading: Reading) -> Rules:
    limits = record(raw.get("validate"))
    kind = limits.get("validationType")
    form = properties.get("format") or (kind if kind in ("email", "phone") else None)
    if properties.get("format") and FORMATS.get(properties["format"]) != raw["type"]:
        reading.note(
            "format",
            raw,
            'The format "{format}" of "{element}" does not belong to a {type}.',
            "Take money for a number; phone, identity_number or tax_code for a textfield.",
            format=properties["format"],
            type=raw["type"],
        )
        form = None
    names = ("required", "minLength", "maxLength", "min", "max")
    least, most = (_limit(limits, name, raw, reading) for name in ("min", "max"))
    required, short, long = (_limit(limits, name, raw, reading) for name in names[:3])
    return Rules(
        required=required or False,
        min_length=short,
        max_length=long,
        least=least,
        most=most,
        pattern=_pattern(raw, limits.get("pattern"), reading),
        format=form,
    )


def _limit(limits: Raw, name: str, raw: Raw, reading: Reading) -> Setting:
    value = limits.get(name)
    if is_expression(value):
        return expression(raw, value, reading)
    if value is None or value == "" or isinstance(value, bool):
        return value if name == "required" else None
    found = amount(value)
    if found is None:
        reading.note(
            "limit",
            raw,
            'The limit {name} of "{element}" is "{value}", which is no number.',
            "Write a number, or a FEEL expression that begins with =.",
            name=name,
            value=str(value),
        )
    return found


def _pattern(raw: Raw, source: Any, reading: Reading) -> Pattern | None:
    if not isinstance(source, str) or not source or raw["type"] != "textfield":
        return None
    try:
        return Pattern.parse(source)
    except PatternBroken as problem:
        reading.note(
            "pattern",
            raw,
            'The pattern "{pattern}" of "{element}" cannot be used. {problem}',
            "Write it without look-ahead and references, or check the value by a condition.",
            pattern=source,
            problem=problem.problem,
        )
        return None
