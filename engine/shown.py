"""Which files of a case a form shows, and which it may be given: all of the case's, or those alone
that are of somebody's own step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.forms import Form
from engine.forms.sources import table_of
from engine.ports import Actor
from engine.tables import File
from engine.values import Record


@dataclass(frozen=True)
class Look:
    """What a form shows the case by: its data where the step stands, what may be asked, when."""

    context: Mapping[str, Any]
    functions: Mapping[str, Callable[..., Any]]
    now: datetime


def numbers(form: Form, look: Look) -> set[int]:
    """The files that a form shows before anything is typed into it."""
    if not form.has_files:
        return set()
    page = form.page({}, context=look.context, functions=look.functions, now=look.now)
    found: set[int] = set()
    for spot in page.walk():
        if spot.field.type == "documentPreview":
            found.update(among(table_of(spot.field, spot.scope)[1]))
        elif spot.field.type == "filepicker":
            found.update(among([spot.value, spot.base]))
    return found


def among(value: Any) -> Iterator[int]:
    """The numbers of the files in a value, which is one or a list of them."""
    if isinstance(value, list):
        for one in value:
            yield from among(one)
    elif isinstance(value, Mapping) and isinstance(value.get("file"), int):
        yield value["file"]


def files(
    session: Session, case_id: int, form: Form, look: Look, *, of: Actor | None
) -> dict[int, Record]:
    """The files that a form may hold, by id, as its data hold them; none that was destroyed, and
    none where it asks for none.

    of: who has no more than a step of the case, and may give what the form shows them and what
    they have sent themselves. Whoever has the case may give any file of it.
    """
    if not form.has_files:
        return {}
    query = sa.select(File).filter_by(case_id=case_id, erased_at=None)
    if of is not None:
        query = query.where(sa.or_(File.id.in_(numbers(form, look)), File.by == of.name))
    return {
        row.id: {
            "file": row.id,
            "name": row.name,
            "size": row.size,
            "sha256": row.sha256,
            "media_type": row.media_type,
            **({"mark": row.mark} if row.mark else {}),
        }
        for row in session.scalars(query)
    }
