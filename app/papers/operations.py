"""What service tasks do with papers: they are set by templates of the case's own version."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from adapters.typesetting import Paper, PaperTooHard, TemplateFails, TypefacesMissing, Typesetter
from app.papers.desk import Desk
from app.papers.schemas import (
    CheckedSchema,
    CheckSchema,
    OrganisationSchema,
    PersonSchema,
    RenderedSchema,
    RenderSchema,
    SignedSchema,
)
from engine.errors import CallFailed, NotFound
from engine.papers import template_path
from engine.ports import Call, Operation, Run
from engine.tables import Case, Version
from engine.values import Record

_KEY = ("sign.no_certificate", "sign.certificate_invalid", "sign.wrong_hand", "sign.no_pdf")


def operations(desk: Desk) -> list[Operation]:
    """Remote ones: setting a paper takes a process and a tenth of a second, for which no case's
    transaction should hold others up; keys may lie elsewhere, and stamps of time come from the
    network.
    """

    def run(name: str) -> Run:
        def signed(call: Call, parameters: Record) -> Record | None:
            # What signs takes a second to load, and most processes of an installation never sign.
            from app.papers import signing

            return getattr(signing, name)(desk, call, parameters)  # type: ignore[no-any-return]

        return signed

    def render(call: Call, parameters: Record) -> Record:
        given: dict[str, Any] = RenderSchema().load(dict(parameters))
        paper = _set(desk.setter, call, given)
        content, made = _with_places(paper), _named(given["name"])
        signed: Record = {}
        if given["signed_by"]:
            from app.papers import signing

            content, signed = signing.at_once(desk, call, content, step=given["signed_by"])
        assert call.keep is not None
        kept = call.keep(made, content)
        return {"files": [kept], "pages": paper.pages, "missing": list(paper.missing), **signed}

    sealed = (*_KEY, "sign.person_missing", "sign.not_clerk")
    return [
        Operation("pdf.render", render, RenderSchema, RenderedSchema, remote=True),
        Operation("sign.person", run("person"), PersonSchema, SignedSchema, True, _KEY),
        Operation(
            "sign.organisation", run("organisation"), OrganisationSchema, SignedSchema, True,
            sealed,
        ),
        Operation("sign.check", run("check"), CheckSchema, CheckedSchema, True, ("sign.no_pdf",)),
    ]  # fmt: skip


def _with_places(paper: Paper) -> bytes:
    """The paper with an empty field wherever its template has room for a signature."""
    if not paper.places:
        return paper.content
    from adapters.signing.fields import with_fields

    return with_fields(paper.content, paper.places)


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
    except TypefacesMissing as refusal:
        raise CallFailed(refusal.message) from refusal


def _named(name: str) -> str:
    return name if name.lower().endswith(".pdf") else f"{name}.pdf"
