"""What an approved request may change of settings: a value, or one part of a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from app.corrections.subjects import Field, Hand, Place, Wrong
from app.operations import known, queries
from app.operations.models import Setting
from app.operations.schemas import Definition, definitions, messages, read_value

YES, NO = "có", "không"


class Settings:
    """A setting; those of the agency itself are initial data (KH-7)."""

    label = "Thiết lập, tham số"
    office_only = True

    def items(self, session: Session, now: datetime, within: str | None) -> list[tuple[str, str]]:
        return [(found.label, name) for name, found in definitions().items()]

    def title(self, place: Place, within: str | None) -> str | None:
        found = definitions().get(place.item)
        return f"thiết lập “{found.label}”" if found else None

    def is_initial(self, item: str) -> bool:
        return item in definitions() and definitions()[item].group == "agency"

    def since(self, place: Place) -> datetime | None:
        return None

    def fields(self, place: Place) -> list[Field]:
        found = definitions()[place.item]
        if found.parts:
            return [Field(part.name, part.label, _hint(part.type)) for part in found.parts]
        hint = _hint(found.type)
        if found.type == "choice":
            hint = " hoặc ".join(choice.value for choice in found.choices)
        return [Field("value", found.label, hint)]

    def shows(self, place: Place, reader: str) -> bool:
        return True

    def read(self, place: Place) -> dict[str, str]:
        value = queries.setting(place.session, place.item, queries.today(place.now))
        if parts := definitions()[place.item].parts:
            return {part.name: _text(value[part.name]) for part in parts}
        return {"value": _text(value)}

    def accepted(self, place: Place, given: Field, text: str) -> str:
        found = definitions()[place.item]
        kept = _value(found, self.read(place) | {given.name: text})
        try:
            known.require(place.session, found, kept, queries.today(place.now))
        except known.UNKNOWN as refusal:
            code = next(iter(refusal.fields.values()))
            raise Wrong(f"“{code}” không phải mã đơn vị hoặc mã nhóm đang có.") from refusal
        return _text(kept[given.name] if found.parts else kept)

    def write(self, place: Place, values: Mapping[str, str], hand: Hand) -> None:
        found = definitions()[place.item]
        row = Setting(
            name=place.item,
            value=_value(found, self.read(place) | dict(values)),
            effective_from=queries.today(place.now),
            legal_basis=hand.basis,
            changed_by=hand.actor,
            changed_at=place.now,
        )
        place.session.add(row)
        place.session.flush()
        queries.forget(place.session)


def _hint(kind: str) -> str:
    return {"boolean": f"{YES} hoặc {NO}", "list": "mỗi dòng một mục"}.get(kind, "")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _value(found: Definition, texts: Mapping[str, str]) -> Any:
    """The value that these texts say. Raises Wrong."""
    kinds = {part.name: part.type for part in found.parts} or {"value": found.type}
    posted = {}
    for name, kind in kinds.items():
        text = texts[name]
        if kind == "boolean":
            if text.lower() not in (YES, NO):
                raise Wrong(f"ghi {YES} hoặc {NO}.")
            text = "yes" if text.lower() == YES else ""
        posted[f"value.{name}" if found.parts else "value"] = text
    try:
        return read_value(found, posted)
    except ValidationError as problem:
        said = [sentence for one in messages(problem).values() for sentence in one]
        raise Wrong(" ".join(said)) from None
