"""What service tasks do with papers: they are set by templates of the case's own version."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from adapters.signing.fields import with_fields
from adapters.typesetting import Paper, PaperTooHard, TemplateFails, Typesetter
from app.papers.schemas import RenderedSchema, RenderSchema
from engine.errors import CallFailed, NotFound
from engine.papers import template_path
from engine.ports import Call, Operation
from engine.tables import Case, Version
from engine.values import Record


def operations(setter: Typesetter) -> list[Operation]:
    """Remote ones: setting a paper takes a process and a tenth of a second, for which no case's
    transaction should hold others up.
    """

    def render(call: Call, parameters: Record) -> Record:
        given: dict[str, Any] = RenderSchema().load(dict(parameters))
        paper = _set(setter, call, given)
        content = with_fields(paper.content, paper.places)
        assert call.keep is not None
        return {"files": [call.keep(_named(given["name"]), content)], "pages": paper.pages}

    return [Operation("pdf.render", render, RenderSchema, RenderedSchema, remote=True)]


def _set(setter: Typesetter, call: Call, given: dict[str, Any]) -> Paper:
    """The paper by the template that was deployed with the case's version."""
    assert call.engine is not None
    files = sa.select(Version.files).join(Case, Case.version_id == Version.id)
    with call.engine.reading() as session:
        found = session.scalar(files.where(Case.id == call.case_id))
    path = template_path(given["template"])
    if found is None or path not in found:
        raise NotFound(thing=path)
    try:
        return setter.set(found, path, given["data"] or {}, at=call.now, qr=given["qr"] or "")
    except (TemplateFails, PaperTooHard) as refusal:
        # The same template with the same data fails again: whoever runs the agency must see it.
        raise CallFailed(refusal.message, permanent=True) from refusal


def _named(name: str) -> str:
    return name if name.lower().endswith(".pdf") else f"{name}.pdf"
