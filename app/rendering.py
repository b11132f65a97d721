"""Forms as HTML: the page that is filled in, and the facts that were.

Everything is drawn from the page that `engine.forms` lays out, so that a form accepts exactly
what its page can send. It works without scripts: rows come and go by buttons named `_add` and
`_remove`, and what a change makes appear is asked for when the form is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import get_template_attribute
from flask_babel import get_locale, gettext
from markupsafe import Markup

from app import picking
from app.spots import Drawing, Errors, FileUrl, Look, input_id, sentence
from engine.forms import Field, Form, Spot
from engine.forms.expressions import find, overlay, put
from engine.forms.posted import sought, turned
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
    whole: bool = False,
    problems: bool = True,
    upload_url: str | None = None,
    files: Mapping[int, Record] | None = None,
    file_url: FileUrl | None = None,
) -> Markup:
    """The fields of a form, without the <form> around them and without its submit button.

    values: what was posted or saved as a draft, or typed values; what is not there shows the
    case's value, else the default. errors: messages by the names of the inputs.
    readonly: as facts, for somebody who may look but not fill in.
    whole: with texts and tables; problems: also those that say why the step was sent back.
    """
    language = language or _language()
    world = {"context": context, "functions": functions, "now": now, "files": files}
    page = form.page(values, language=language, **world)
    look = Look(
        language=language,
        errors=errors,
        affects=_affecting(form),
        turned=turned(values),
        sought=sought(values),
        files=files or {},
        file_url=file_url,
        upload_url=upload_url,
        whole=readonly and whole,
        problems=problems,
    )
    drawn = _macro("fields.html", "page")
    return _facts(page.spots, look) if readonly else drawn(Drawing(look), page)


def found_for(
    form: Form,
    posted: Mapping[str, Any],
    *,
    context: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    now: datetime,
) -> dict[str, Any]:
    """The choices of the field that is searched, for what is entered so far: `picking.answer`.

    Of a field that is not there, or that cannot be changed, nothing is found.
    """
    name, words = picking.asked(posted)
    page = form.page(posted, context=context, functions=functions, now=now, language=_language())
    spots = (spot for spot in page.walk() if spot.name == name and spot.editable)
    spot = next(spots, None)
    choices = picking.choices_of(spot, _language()) if spot else []
    return picking.answer(picking.search(choices, words))


def _affecting(form: Form) -> frozenset[str]:
    return frozenset(name for each in form.walk() for name in names_of(each))


def render_values(
    form: Form,
    values: Mapping[str, Any],
    *,
    context: Mapping[str, Any] | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    now: datetime,
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
        now=now,
        language=language or _language(),
    )
    return _facts(page.spots, Look(language or _language(), files=files or {}, file_url=file_url))


def error_summary(form: Form, errors: Errors) -> list[dict[str, str]]:
    """For `ui.error_summary`: [{"field": id of the input, "text": sentence}], in page order."""
    fields = dict(_named(form.fields, ""))
    found = []
    for name, messages in errors.items():
        field = fields.get(".".join("#" if part.isdecimal() else part for part in name.split(".")))
        target, label = input_id(name) if field else "", None
        if field is not None:
            words = field.words("label", _language())
            label = words.source if words and words.is_plain else None
            target += "-date" if field.settings.get("subtype") == "datetime" else ""
        said = [_in_row(name, sentence(each, label)) for each in messages]
        found += [{"field": target, "text": text} for text in said]
    return found


def _in_row(name: str, text: str) -> str:
    """The sentence with the number of the row of a list that it is about, as people count."""
    rows = [str(int(part) + 1) for part in name.split(".") if part.isdecimal()]
    return gettext("Row %(row)s: %(text)s", row=".".join(rows), text=text) if rows else text


def _named(fields: Sequence[Field], above: str) -> Iterator[tuple[str, Field]]:
    """Each field under the name of its inputs, with "#" for the number of a row."""
    for field in fields:
        yield above + field.name, field
        inner = f"{above}{field.name}.#." if field.type == "dynamiclist" else above
        yield from _named(field.children, inner)


def shows_problem(
    form: Form,
    values: Mapping[str, Any],
    *,
    context: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    now: datetime,
) -> bool:
    """Whether the form now says why the process sent the step back."""
    if not any(field.is_problem for field in form.walk()):
        return False
    page = form.page(values, context=context, functions=functions, now=now)
    return any(spot.field.is_problem for spot in page.walk())


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
