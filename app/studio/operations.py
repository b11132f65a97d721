"""Changing a process by files: a proposal is made of uploads, tried, deployed or put aside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from pathlib import PurePosixPath

from sqlalchemy.orm import Session

from app.config import ROOT
from app.studio import examining
from app.studio.models import Proposal
from engine import Actor, Engine, papers
from engine.bundles import Bundle, drawing_path, scenarios_path
from engine.calendar import ZONE
from engine.catalogues import catalogue_path, is_catalogue
from engine.errors import NotFound, Refusal
from engine.registers import register_path
from engine.tables import Version

MOST_BYTES = 5_000_000
_SUFFIXES = (".bpmn", ".form", ".dmn", ".typ", ".json")
_NAME = re.compile(r"^\w[\w.-]{0,79}$")
"""A name without a path; not longer than what names a process in the database."""


class FileNotOfProcess(Refusal):
    """ "{name}" is no drawing, form, decision table, paper template or scenario file. Choose
    .bpmn, .form, .dmn, .typ or .json files."""

    status = 422


class FileNotText(Refusal):
    """ "{name}" is no text in UTF-8. Save it again in its editor and choose it anew."""

    status = 422


class FileTooBig(Refusal):
    """ "{name}" is larger than 5 MB. A drawing or form is never that large; check the file."""

    status = 413


class NothingUploaded(Refusal):
    """No file was chosen. Choose the files that you changed."""

    status = 422


class OtherDrawing(Refusal):
    """ "{name}" is not the drawing of {key}. Its file must be called {key}.bpmn."""

    status = 422


class ProposalClosed(Refusal):
    """This proposal was deployed or put aside already. Upload the files again to change more."""

    status = 409


def place(key: str, name: str, text: str = "") -> str:
    """Where an uploaded file belongs in the bundle of a process; text: what it holds.

    Raises FileNotOfProcess.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    if not _NAME.match(last):
        raise FileNotOfProcess(name=name)
    suffix = PurePosixPath(last).suffix
    if suffix == ".bpmn":
        if last != f"{key}.bpmn":
            raise OtherDrawing(name=last, key=key)
        return drawing_path(key)
    if suffix == ".form":
        return f"forms/{key}/{last}"
    if suffix == ".dmn":
        return f"processes/dmn/{last}"
    if suffix == ".typ":
        # The agency's layouts have names of their own, and belong to no single process.
        folder = papers.LAYOUTS if last in papers.layouts(ROOT) else f"forms/{key}"
        return f"{folder}/{last}"
    if suffix == ".json":
        # Scenarios are called after their process; registers and catalogues by their own keys.
        stem = PurePosixPath(last).stem
        described = catalogue_path if is_catalogue(text) else register_path
        return scenarios_path(key) if stem in (key, "scenarios") else described(stem)
    raise FileNotOfProcess(name=last)


def not_of_a_process(names: Iterable[str]) -> FileNotOfProcess | None:
    """What is said of the first of the uploaded files whose ending no process has, or None."""
    for name in names:
        if name and PurePosixPath(name).suffix not in _SUFFIXES:
            return FileNotOfProcess(name=PurePosixPath(name.replace("\\", "/")).name)
    return None


def read(key: str, uploads: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Uploaded files as texts by their place. Raises a refusal naming the first that cannot be
    used.
    """
    files = {}
    for name, content in uploads:
        if len(content) > MOST_BYTES:
            raise FileTooBig(name=name)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FileNotText(name=name) from None
        files[place(key, name, text)] = text
    if not files:
        raise NothingUploaded
    return files


def propose(
    engine: Engine,
    base: Version | None,
    changed: Mapping[str, str],
    *,
    key: str,
    actor: Actor,
) -> int:
    """A proposal holds the files of the version in force with the changed ones in their place."""
    old = base.files if base is not None else {}
    files = papers.completed(ROOT, examining.follow(old, {**old, **changed}, key))
    row = Proposal(
        process_key=key,
        files=files,
        base_version_id=base.id if base is not None else None,
        made_by=actor.name,
        made_at=engine.clock(),
    )
    with engine.writing() as session:
        session.add(row)
    return row.id


def change(
    engine: Engine, proposal_id: int, changed: Mapping[str, str], *, drop: str = ""
) -> None:
    """The proposal holds the changed files too, and no longer the one that is dropped."""
    with engine.reading() as session:
        row = open_proposal(session, proposal_id)
        old, key = dict(row.files), row.process_key
    # What takes time is done before the transaction, which others wait for.
    new = papers.completed(ROOT, examining.follow(old, {**old, **changed}, key))
    told = {path: text for path, text in new.items() if old.get(path) != text}
    with engine.writing() as session:
        row = open_proposal(session, proposal_id)
        row.files = {path: text for path, text in {**row.files, **told}.items() if path != drop}


def open_proposal(session: Session, proposal_id: int) -> Proposal:
    """A proposal that is still open. Raises NotFound, ProposalClosed."""
    row = session.get(Proposal, proposal_id)
    if row is None:
        raise NotFound(thing=f"proposal {proposal_id}")
    if row.closed_at is not None:
        raise ProposalClosed
    return row


def deploy(
    engine: Engine,
    examined: Proposal,
    *,
    actor: Actor,
    legal_basis: str,
    note: str,
    active_from: datetime | None = None,
) -> Version:
    """The proposal is a version, in force from that instant (now) on, as it was examined just
    before: what was uploaded meanwhile is not in it. Raises ForceBackDated.
    """
    version = engine.deploy(
        Bundle(examined.process_key, examined.files),
        actor=actor,
        legal_basis=legal_basis,
        note=note,
        active_from=active_from,
        is_examined=True,
    )
    _close(engine, examined.id, version.id)
    return version


def today(now: datetime) -> date:
    """The agency's date at an instant."""
    return now.astimezone(ZONE).date()


def begins(day: date, now: datetime) -> datetime | None:
    """The instant from which a version holds that takes effect on a day: that day's first, local.

    None is at once, for a version that takes effect today. A day that has passed gives its first
    instant too, and the engine refuses it.
    """
    return None if day == today(now) else datetime.combine(day, time(), ZONE)


def put_aside(engine: Engine, proposal_id: int) -> None:
    """The proposal is closed; nothing was deployed."""
    _close(engine, proposal_id, None)


def _close(engine: Engine, proposal_id: int, version_id: int | None) -> None:
    now = engine.clock()
    with engine.writing() as session:
        row = open_proposal(session, proposal_id)
        row.closed_at, row.version_id = now, version_id
