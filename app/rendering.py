"""Forms as HTML: the page that is filled in, and the facts that were.

Everything is drawn from the page that `engine.forms` lays out, so that a form accepts exactly
what its page can send. It works without scripts: rows come and go by buttons named `_add` and
`_remove`, and what a change makes appear is asked for when the form is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import get_template_attribute
from flask_babel import get_locale
from markupsafe import Markup

from app.spots import Drawing, Errors, FileUrl, Look, input_id, sentence
from engine.forms import Form, Spot
from engine.forms.expressions import find, overlay, put
from engine.forms.walking import names_of
from engine.values import Record, copy


def render_form(
    form: Form,
    values: Mapping[str, Any],
    errors: Errors,
    *,
    context: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    now: datetime,
    language: str | None = None,
    readonly: bool = False,
    upload_url: str | None = None,
    files: Mapping[int, Record] | None = None,
    file_url: FileUrl | None = None,
) -> Markup:
    """The fields of a form, without the <form> around them and without its submit button.

    values: what was posted or saved as a draft, or typed values; what is not there shows the
    case's value, else the default. errors: messages by the names of the inputs.
    readonly: as facts, for somebody who may look but not fill in.
    """
    page = form.page(
        values,
        context=context,
        functions=functions,
        now=now,
        language=language or _language(),
        files=files,
    )
    look = Look(
        language=language or _language(),
        errors=errors,
        affects=frozenset(name for each in form.walk() for name in names_of(each)),
        files=files or {},
        file_url=file_url,
        upload_url=upload_url,
    )
    if readonly:
        return _facts(page.spots, look)
    return _macro("fields.html", "page")(Drawing(look), page)


def render_values(
    form: Form,
    values: Mapping[str, Any],
    *,
    context: Mapping[str, Any] | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    now: datetime | None = None,
    language: str | None = None,
    files: Mapping[int, Record] | None = None,
    file_url: FileUrl | None = None,
) -> Markup:
    """What was entered, as facts under the labels of the form; what was hidden is left out.

    values: the typed record that `Form.load` gave, as the journal keeps it.
    """
    data = copy(overlay(context or {}, values))
    for key in form.keys:
        path = tuple(key.split("."))
        if find(data, path) is None:
            # Nothing was entered, so that no default may stand there as if it had been.
            put(data, path, None)
    page = form.page(
        {},
        context=data,
        functions=functions or {},
        now=now or datetime.now(UTC),
        language=language or _language(),
    )
    return _facts(page.spots, Look(language or _language(), files=files or {}, file_url=file_url))


def error_summary(form: Form, errors: Errors) -> list[dict[str, str]]:
    """For `ui.error_summary`: [{"field": id of the input, "text": sentence}], in page order."""
    dates = {each.name for each in form.walk() if each.settings.get("subtype") == "datetime"}
    found = []
    for name, messages in errors.items():
        bare = ".".join(part for part in name.split(".") if not part.isdecimal())
        is_pair = any(bare == each or bare.endswith(f".{each}") for each in dates)
        target = f"{input_id(name)}-date" if is_pair else input_id(name)
        found += [{"field": target, "text": sentence(message)} for message in messages]
    return found


def submit_label(form: Form, language: str | None = None) -> str | None:
    """The words of the form's own submit button, for the page's button; None where it has none."""
    for each in form.walk():
        if each.type == "button" and each.settings.get("action", "submit") == "submit":
            words = each.words("label", language or _language())
            return words.source if words and words.is_plain else None
    return None


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else "vi"


def _macro(template: str, name: str) -> Callable[..., Markup]:
    macro: Callable[..., Markup] = get_template_attribute(f"forms/{template}", name)
    return macro


def _facts(spots: Sequence[Spot], look: Look) -> Markup:
    return _macro("facts.html", "facts")(Drawing(look), spots)
