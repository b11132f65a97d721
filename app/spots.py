"""What the templates of forms ask about one field where it stands on its page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext
from markupsafe import Markup

from app import markup, picking
from app.cells import cells
from app.hints import how_to_write
from engine.forms import Message, Page, Spot, limits
from engine.forms.fields import SOME_OF
from engine.forms.links import own_image, safe_link
from engine.forms.posted import MAX_ROWS
from engine.forms.reading import tidy
from engine.forms.showing import shown
from engine.forms.sources import table_of
from engine.forms.templating import in_words
from engine.values import Record

Errors = Mapping[str, Sequence[str | Message]]
FileUrl = Callable[[int], str]
COLUMNS, HALF = 16, 8
"""Of a line in the editor's grid."""


@dataclass(frozen=True)
class Look:
    """What the templates need beside the spots.

    affects: names that some condition, sum or choice reads: a change of theirs redraws the page.
    turned: the page that each table shows, by the table's name, from 0. sought: the words by
    which a field's choices are searched, by the field's name.
    files: the case's files by id. upload_url: where scripts send files as soon as they are chosen.
    whole: facts come with the texts and tables that stand among them. problems: with the texts
    that say why a step was sent back, too.
    """

    language: str
    errors: Errors = field(default_factory=dict)
    affects: frozenset[str] = frozenset()
    turned: Mapping[str, int] = field(default_factory=dict)
    sought: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[int, Record] = field(default_factory=dict)
    file_url: FileUrl | None = None
    upload_url: str | None = None
    whole: bool = False
    problems: bool = True

    def errors_of(self, spot: Spot) -> list[str]:
        return [sentence(each, limits.label(spot)) for each in self.errors.get(spot.name, ())]


def sentence(message: str | Message, label: str | None = None) -> str:
    """A message in the reader's language, its fields filled in; `label` names the field in it."""
    if isinstance(message, str):
        return message
    template, values = message
    fields = values if label is None else {**values, "label": label}
    return gettext(template).format(**fields)


def input_id(name: str) -> str:
    """The id of a field's (first) input, and the anchor of its error."""
    return "f-" + name.replace(".", "-")


_SHOWN = ("text", "html", "table", "documentPreview")
"""What a form shows beside its values."""


@dataclass
class Part:
    """One stretch of facts: a run of values, or a group or list with its own."""

    spot: Spot | None = None
    facts: list[Spot] = field(default_factory=list)


class Drawing:
    """What a template asks about a spot. `look` says for whom and with which errors."""

    def __init__(self, look: Look) -> None:
        self.look = look

    def lines(self, spots: Iterable[Spot]) -> list[list[tuple[int, Spot]]]:
        """The visible spots line by line, each with its share of the line's 16 columns.

        Those of one row of the editor stand together; two with the property width = half do too.
        """
        rows: dict[Any, list[Spot]] = {}
        for spot in spots:
            if not spot.visible or self._is_unseen(spot):
                continue
            last = next(reversed(rows.values()), [])
            if spot.field.row:
                rows.setdefault(spot.field.row, []).append(spot)
            elif self._pairs(last, spot):
                last.append(spot)
            else:
                rows[len(rows)] = [spot]
        return [line for row in rows.values() for line in _shared(row)]

    def parts(self, spots: Iterable[Spot]) -> list[Part]:
        """The visible values of facts, runs of them together; groups and lists for themselves.

        A computed value that nobody gave a name serves other fields and is no fact by itself.
        """
        parts: list[Part] = []
        for spot in spots:
            if not spot.visible or (
                spot.field.type == "expression" and "label" not in spot.field.texts
            ):
                continue
            shows = self.look.whole and spot.field.type in _SHOWN
            if shows and spot.field.is_problem and not self.look.problems:
                continue
            if spot.field.type in ("group", "dynamiclist") or shows:
                parts.append(Part(spot=spot))
            elif spot.field.holds_value:
                if not parts or not parts[-1].facts:
                    parts.append(Part())
                parts[-1].facts.append(spot)
        return parts

    def has_own_buttons(self, page: Page) -> bool:
        """Whether a button stands within the form that does not send it."""
        return any(
            spot.field.type == "dynamiclist"
            or (spot.field.type == "table" and self.table(spot)["count"] > 1)
            for spot in page.walk()
        )

    def _is_unseen(self, spot: Spot) -> bool:
        """What has no place of its own on the page: the page's own button, and computed values
        that nobody gave a name, or that are computed when the form is sent.
        """
        kind, settings = spot.field.type, spot.field.settings
        if kind == "expression":
            return "label" not in spot.field.texts or settings.get("computeOn") == "presubmit"
        return kind == "button" and not self.is_reset(spot)

    def _pairs(self, row: Sequence[Spot], spot: Spot) -> bool:
        if len(row) != 1 or row[0].field.row:
            return False
        return all(each.field.width == HALF for each in (row[0], spot))

    def is_reset(self, spot: Spot) -> bool:
        return spot.field.settings.get("action") == "reset"

    def kind(self, spot: Spot) -> str:
        """The macro that draws the spot."""
        kind = spot.field.type
        if spot.field.holds_value and kind not in ("dynamiclist", "expression"):
            if not spot.editable:
                return "fixed"
            if picking.is_many(spot):
                return "picker"
            return "instant" if self.is_pair(spot) else _MACROS.get(kind, "line")
        return kind

    def is_pair(self, spot: Spot) -> bool:
        """Whether the spot has two inputs, for the day and for the time."""
        return spot.field.settings.get("subtype") == "datetime"

    def id(self, spot: Spot) -> str:
        return input_id(spot.name)

    def label(self, spot: Spot) -> str:
        return limits.label(spot)

    def text(self, spot: Spot, name: str) -> str:
        return spot.text(name)

    def errors(self, spot: Spot) -> list[str]:
        return self.look.errors_of(spot)

    def is_optional(self, spot: Spot) -> bool:
        return spot.field.type != "checkbox" and not limits.is_required(spot)

    def is_required(self, spot: Spot) -> bool:
        return limits.is_required(spot)

    def affects(self, spot: Spot) -> bool:
        """Whether something on the page depends on what is entered here."""
        parts = {part for part in spot.name.split(".") if not part.isdecimal()}
        return bool(parts & self.look.affects)

    def hints(self, spot: Spot) -> list[str]:
        """What stands above the input: the owner's hint, then how to write it."""
        own = spot.text("description")
        return [words for words in (own, *how_to_write(spot)) if words]

    def described_by(self, spot: Spot, *, hint: bool = True) -> str:
        """The ids of hint and error, for aria-describedby."""
        base = self.id(spot)
        found = [f"{base}-hint"] if hint and self.hints(spot) else []
        return " ".join([*found, *([f"{base}-error"] if self.errors(spot) else [])])

    def raw(self, spot: Spot) -> str:
        """What a text input holds: what was typed, else the value as people write it."""
        raw = spot.raw
        if isinstance(raw, (list, tuple)):
            raw = next((item for item in raw if item not in ("", None)), "")
        if raw is None or isinstance(raw, Mapping):
            return ""
        return raw if isinstance(raw, str) else in_words(raw)

    def part(self, spot: Spot, name: str) -> str:
        """The date or the time of an instant."""
        raw = spot.raw if isinstance(spot.raw, Mapping) else {}
        return str(raw.get(name) or "")

    def part_label(self, spot: Spot, name: str) -> str:
        """The own label of one of two inputs; "" where it already names both of them."""
        words = spot.text(f"{name}_label")
        return "" if words == self.label(spot) else words

    def chosen(self, spot: Spot) -> set[str]:
        """The keys of the options that are chosen."""
        found = tidy(spot.raw)
        keys = found if isinstance(found, list) else [found]
        return {
            option.key for option in spot.options if option.key in keys or option.value in keys
        }

    def picker(self, spot: Spot) -> picking.Picker:
        """The search of a field with many choices."""
        choices = picking.choices_of(spot, self.look.language)
        words, several = self.look.sought.get(spot.name, ""), spot.field.type in SOME_OF
        return picking.picker(choices, self.chosen(spot), words, multiple=several)

    def ticked(self, spot: Spot) -> bool:
        return spot.value is True

    def attributes(self, spot: Spot) -> dict[str, str]:
        """The attributes of a text input that follow from its type and format."""
        kind, form = spot.field.type, spot.field.rules.format
        found = dict(_BY_FORMAT.get(form or "", {}))
        if kind == "number":
            whole = spot.field.settings.get("decimalDigits") == 0 or form == "money"
            found["inputmode"] = "numeric" if whole else "decimal"
        return found

    def width(self, spot: Spot) -> str:
        """The width class of an input whose values are all about as long."""
        if spot.field.type == "datetime":
            return (
                "govuk-input--width-10"
                if spot.field.settings["subtype"] != "time"
                else ("govuk-input--width-5")
            )
        return ""

    def max_rows(self, spot: Spot) -> bool:
        return len(spot.rows) < MAX_ROWS and spot.field.settings["allowAddRemove"]

    def accept(self, spot: Spot) -> str:
        return ",".join(limits.accepts(spot))

    def upload_url(self, spot: Spot) -> str:
        """Where scripts send a file that is chosen here; "" where there are none."""
        url = self.look.upload_url
        return f"{url}?{urlencode({'field': spot.name})}" if url else ""

    def multiple(self, spot: Spot) -> bool:
        return limits.takes_many(spot)

    def attached(self, spot: Spot) -> list[dict[str, Any]]:
        """The files of a spot: [{"id", "name", "size", "url", "mark"}], size in bytes or None,
        mark a word such as "Đã thu hồi".
        """
        found = spot.raw if isinstance(spot.raw, list) else [spot.raw]
        held = spot.value if isinstance(spot.value, list) else []
        typed = {str(each["file"]): each for each in held if isinstance(each, dict)}
        return [self._file(typed.get(str(item), item)) for item in found if item not in ("", None)]

    def _file(self, item: Any) -> dict[str, Any]:
        """item: an id, or a typed record of a file."""
        given = item.get("file") if isinstance(item, Mapping) else item
        number = int(str(given)) if re.fullmatch("[0-9]{1,10}", str(given)) else 0
        record = self.look.files.get(number) or (item if isinstance(item, Mapping) else {})
        return {
            "id": str(given),
            "name": record.get("name") or gettext("File no. %(number)s", number=given),
            "size": record.get("size"),
            "url": self.look.file_url(number) if record and self.look.file_url else None,
            "mark": record.get("mark"),
        }

    def words(self, spot: Spot) -> str:
        """A value in the reader's words, for facts and read-only fields; "" when it is empty."""
        value = spot.value
        if spot.field.type == "checkbox":
            return gettext("Yes") if value else gettext("No")
        if spot.options or spot.field.source is not None:
            labels = {option.key: option.text(self.look.language) for option in spot.options}
            values = value if isinstance(value, list) else [] if value is None else [value]
            keys = ["true" if v is True else "false" if v is False else str(v) for v in values]
            return ", ".join(labels.get(key, key) for key in keys)
        if spot.field.type == "number" and isinstance(value, str):
            value = Decimal(value)
        words = in_words(value)
        if spot.field.rules.format == "phone":
            words = str(shown(spot.field, value))
        money = spot.field.rules.format == "money" and words
        return f"{words} đồng" if money and not spot.text("suffix") else words

    def prefix(self, spot: Spot) -> str:
        return spot.text("prefix")

    def suffix(self, spot: Spot) -> str:
        return spot.text("suffix") or ("đồng" if spot.field.rules.format == "money" else "")

    def markdown(self, spot: Spot) -> Markup:
        words = spot.field.words("text", self.look.language)
        return markup.markdown(words.render(spot.scope, markup.plain)) if words else Markup("")

    def html(self, spot: Spot) -> Markup:
        words = spot.field.words("content", self.look.language)
        return markup.sanitised(words.render(spot.scope, markup.as_text)) if words else Markup("")

    def image(self, spot: Spot) -> str | None:
        source = spot.text("source")
        return source if own_image(source) else None

    def picture_elsewhere(self, spot: Spot) -> str | None:
        """The address of a picture of another site, which the page may lead to but not show."""
        source = spot.text("source")
        return source if safe_link(source) and not own_image(source) else None

    def height(self, spot: Spot) -> str:
        """The size class of an empty space, of the three that there are."""
        height = limits.amount(spot.field.settings.get("height")) or 60
        return "m" if height <= 40 else "l" if height <= 80 else "xl"

    def outline(self, spot: Spot) -> str:
        return " qt-outline" if spot.field.settings.get("showOutline") else ""

    def link(self, spot: Spot) -> str | None:
        url = spot.text("url")
        return url if safe_link(url) else None

    def table(self, spot: Spot) -> dict[str, Any]:
        """What of the table is shown: {"head": ["Tên"], "rows": [[{"text": "An", ...}]], ...}.

        page: from 0. count: of pages, by the table's rowCount. first, last, all: of rows, from 1.
        """
        head, rows = cells(spot.field, spot.scope)
        # Facts stand outside of every <form>, where no button could turn the pages.
        size = (not self.look.whole and spot.field.settings.get("rowCount")) or len(rows) or 1
        count = max(1, -(-len(rows) // size))
        page = min(self.look.turned.get(spot.name, 0), count - 1)
        shown = rows[page * size : (page + 1) * size]
        return {
            "head": head,
            "rows": shown,
            "page": page,
            "count": count,
            "first": page * size + 1,
            "last": page * size + len(shown),
            "all": len(rows),
        }

    def documents(self, spot: Spot) -> list[dict[str, Any]]:
        _, rows = table_of(spot.field, spot.scope)
        return [self._file(row[0]) for row in rows if row and isinstance(row[0], Mapping)]


def _shared(row: Sequence[Spot]) -> Iterator[list[tuple[int, Spot]]]:
    """The spots of a row in lines of 16 columns at most; those without a width share the rest."""
    given = sum(spot.field.width or 0 for spot in row)
    free = [spot for spot in row if spot.field.width is None]
    share = max(2, (COLUMNS - given) // len(free)) if free else 0
    line: list[tuple[int, Spot]] = []
    for spot in row:
        width = spot.field.width or share
        if line and sum(each for each, _ in line) + width > COLUMNS:
            yield line
            line = []
        line.append((width, spot))
    yield line


_OWN = ("textarea", "checkbox", "radio", "select", "checklist", "filepicker")
_MACROS = {kind: kind for kind in _OWN} | {"taglist": "checklist"}

_BY_FORMAT: dict[str, dict[str, str]] = {
    "email": {"inputmode": "email", "autocomplete": "email", "spellcheck": "false"},
    "phone": {"inputmode": "tel", "autocomplete": "tel"},
    "identity_number": {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"},
    "tax_code": {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"},
}
