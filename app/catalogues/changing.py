"""What is done to an entry: added, replaced by a new version, corrected, locked, removed.

Each makes the next row of the entry from a day on. Days of an entry never go back: what held on a
day that is over stays told as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.catalogues import contents, queries
from app.catalogues.contents import Change
from app.catalogues.models import LOCKED, OPEN, REMOVED, CatalogueRow
from engine.catalogues import Catalogue
from engine.errors import Rejected
from engine.values import Record

ACTIONS = ("add", "replace", "correct", "lock", "remove")
ERRORS = (
    "CATALOGUE_UNKNOWN", "ENTRY_UNKNOWN", "ENTRY_EXISTS", "ENTRY_OPEN", "ENTRY_LOCKED",
    "CONTENT_WRONG", "BASIC_CHANGED", "NOTHING_CHANGED", "BACK_DATED",
)  # fmt: skip


@dataclass(frozen=True)
class Order:
    """What is asked for. entry: the key of what there is; content: by column; on: from when."""

    catalogue: str
    described: Catalogue
    action: str
    entry: str | None
    content: dict[str, Any]
    on: date
    reason: str = ""


@dataclass(frozen=True)
class Hand:
    """By whom and by which case."""

    actor: str
    at: datetime
    case_id: int | None = None
    case_code: str = ""


@dataclass(frozen=True)
class Planned:
    """The row that would be written, without its hand, and what it changes."""

    row: CatalogueRow
    changes: list[Change] = field(default_factory=list)


def plan(session: Session, order: Order) -> Planned:
    """The next row of the entry, not yet kept. Raises Rejected with one of `ERRORS`."""
    if order.action == "add":
        return _added(session, order)
    before = _standing(session, order)
    if order.action == "lock":
        if before.state == LOCKED:
            raise Rejected("ENTRY_LOCKED", f"“{before.label}” đã khóa.")
        return Planned(_row(order, before, state=LOCKED))
    if order.action == "remove":
        if before.state != LOCKED:
            raise Rejected("ENTRY_OPEN", f"“{before.label}” chưa khóa nên chưa xóa được.")
        return Planned(_row(order, before, state=REMOVED))
    return _corrected(session, order, before) if order.action == "correct" else _replaced(
        session, order, before
    )  # fmt: skip


def keep(session: Session, order: Order, hand: Hand) -> Planned:
    """The entry is as asked from its day on, once the caller commits. Raises Rejected."""
    planned = plan(session, order)
    row = planned.row
    row.written_by, row.written_at = hand.actor, hand.at
    row.case_id, row.case_code = hand.case_id, hand.case_code
    same = (CatalogueRow.catalogue == row.catalogue, CatalogueRow.entry == row.entry)
    last = session.scalar(sa.select(sa.func.max(CatalogueRow.number)).where(*same))
    row.number = (last or 0) + 1
    try:
        with session.begin_nested():
            if row.state == REMOVED:
                session.execute(sa.delete(CatalogueRow).where(*same))
            session.add(row)
            session.flush()
    except IntegrityError:
        said = f"“{row.label}” vừa được thay đổi trong một vụ việc khác."
        raise Rejected("ENTRY_EXISTS", said) from None
    return planned


def _added(session: Session, order: Order) -> Planned:
    content = _content(session, order, order.content)
    key = str(content[order.described.key])
    if queries.history(session, order.catalogue, key):
        raise Rejected("ENTRY_EXISTS", f"Mã “{key}” đã được dùng trong danh mục.")
    row = _new(order, content, version=1)
    return Planned(row, contents.changes(order.described, {}, content))


def _replaced(session: Session, order: Order, before: CatalogueRow) -> Planned:
    """A new version under the same key; under another key, a new entry that replaces the old."""
    content = _content(session, order, order.content)
    found = contents.changes(order.described, before.content, content)
    if not any(one.is_basic for one in found):
        said = "Không có nội dung cơ bản nào thay đổi; sai sót thì sửa, không phải thay thế."
        raise Rejected("NOTHING_CHANGED", said)
    key = str(content[order.described.key])
    if key == before.entry:
        return Planned(_new(order, content, version=before.version + 1), found)
    if queries.history(session, order.catalogue, key):
        raise Rejected("ENTRY_EXISTS", f"Mã “{key}” đã được dùng trong danh mục.")
    return Planned(_new(order, content, version=1, replaces=before.entry), found)


def _corrected(session: Session, order: Order, before: CatalogueRow) -> Planned:
    content = _content(session, order, {**before.content, **order.content})
    found = contents.changes(order.described, before.content, content)
    if not found:
        raise Rejected("NOTHING_CHANGED", "Đề nghị không làm thay đổi nội dung nào.")
    if basic := [one.column.label for one in found if one.is_basic]:
        named = ", ".join(f"“{label}”" for label in basic)
        said = f"{named} là nội dung cơ bản: phải khóa rồi tạo mới để thay thế."
        raise Rejected("BASIC_CHANGED", said)
    row = _row(order, before, state=before.state)
    row.content, row.label = content, str(content[order.described.label])
    return Planned(row, found)


def _standing(session: Session, order: Order) -> CatalogueRow:
    """The entry as it stands on the day; nothing of it may come later than the day."""
    key = (order.entry or "").strip()
    found = queries.one(session, order.catalogue, key, order.on)
    last = next(iter(queries.history(session, order.catalogue, key)), None)
    if last is None or last.state == REMOVED:
        raise Rejected("ENTRY_UNKNOWN", f"Danh mục không có mã “{key}”.")
    if found is None or last.effective_from > order.on:
        said = f"“{last.label}” đã có thay đổi từ ngày {last.effective_from:%d/%m/%Y}"
        raise Rejected("BACK_DATED", f"{said}, không ghi thay đổi của ngày trước đó.")
    return found


def _content(session: Session, order: Order, given: dict[str, Any]) -> Record:
    found, problems = contents.read(session, order.described, given, order.on)
    if problems:
        raise Rejected("CONTENT_WRONG", " ".join(problems))
    return found


def _new(
    order: Order, content: Record, *, version: int, replaces: str | None = None
) -> CatalogueRow:
    return CatalogueRow(
        catalogue=order.catalogue,
        entry=str(content[order.described.key]),
        label=str(content[order.described.label]),
        action=order.action,
        state=OPEN,
        version=version,
        since=order.on,
        effective_from=order.on,
        content=content,
        replaces=replaces,
        reason=order.reason,
    )


def _row(order: Order, before: CatalogueRow, *, state: str) -> CatalogueRow:
    return CatalogueRow(
        catalogue=order.catalogue,
        entry=before.entry,
        label=before.label,
        action=order.action,
        state=state,
        version=before.version,
        since=before.since,
        effective_from=order.on,
        content={} if state == REMOVED else before.content,
        replaces=before.replaces,
        reason=order.reason,
    )
