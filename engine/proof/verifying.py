"""All three turns of a verification, one after the other."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.journal import EntryUnreadable, entries
from engine.moves import Mover
from engine.proof import kept, rows, work
from engine.proof.chain import begun_on, chain, deployed
from engine.proof.replay import Replay, rerun
from engine.proof.sources import origin, sources
from engine.proof.told import Told
from engine.proof.verdict import Around, Difference, Verdict
from engine.tables import Case, Version


def verify(session: Session, mover: Mover, case_id: int, around: Around) -> Verdict:
    """Recomputes the chain, runs every input again, and holds every row that stands beside the
    journal against what it tells. Raises NotFound.

    The session must be a snapshot: a case that goes on meanwhile is no forged one. Not in the
    journal, and so not compared: drafts, and what a worker notes of a job (that it holds it, how
    often and with which error it failed and, within the bounds of `work`, when it tries again).
    """
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound(thing=f"case {case_id}")
    version = session.get_one(Version, case.version_id)
    wrong = deployed(version)
    if wrong is not None:
        return Verdict(case.id, case.code, 0, (wrong,))
    replay = Replay(mover.program(session, version.id, version.sha256), case.code)
    count, wrong, state = _journal(session, case, replay, version.sha256)
    wrong = wrong or sources(session, mover, replay.told)
    found = [wrong] if wrong else _beside(session, case, replay.told, state=state, around=around)
    return Verdict(case.id, case.code, count, tuple(found))


def _journal(
    session: Session, case: Case, replay: Replay, sha256: str
) -> tuple[int, Difference | None, bytes]:
    """How many entries there are, the first that is wrong, and the state to which they lead."""
    previous, count, state = "", 0, b""
    try:
        for entry in entries(session, case.id):
            count += 1
            wrong = chain(entry, count, previous) or begun_on(entry, sha256)
            previous = entry.hash
            if wrong is None:
                wrong, state = rerun(replay, entry)
            if wrong is not None:
                return count, wrong, state
    except EntryUnreadable as problem:
        count += 1
        return count, Difference(count, "hash", problem.template, problem.fields), state
    return count, _end(case, count, previous), state


def _end(case: Case, count: int, last: str) -> Difference | None:
    if count and (case.head_seq, case.head_hash) == (count, last):
        return None
    message = "The journal ends at entry {count}, but the case says {head}."
    return Difference(count, "head", message, {"count": count, "head": case.head_seq})


def _beside(
    session: Session, case: Case, told: Told, *, state: bytes, around: Around
) -> list[Difference]:
    """The first difference of each kind of row."""
    found = (
        rows.state(case, state),
        rows.shown(case, told),
        origin(session, case, told),
        rows.columns(session, case, told),
        rows.tasks(session, case, told),
        work.jobs(session, case, told, around),
        work.errands(session, case, told, around),
        work.waits(session, case, told),
        kept.comments(session, case, told),
        kept.files(session, case, told, around),
    )
    return [one for one in found if one is not None]
