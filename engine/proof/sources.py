"""What other cases sent to this one: an errand brought it, and the sender's journal must tell so.

An errand has no journal of its own. Whoever writes one into the machine moves a case by it as if
another case had; but the entry names the errand, and the sender's journal gives no such thing.
What the application itself says (a first login) has a key of the application's making and no
journal here: of that is held only that it came once, the application's own log tells the rest.
Whose child a case is, its row says as the errand does that began it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.carrying import BEGUN, TOLD, sender_of, without_rows
from engine.errors import QuytrinhError
from engine.journal import entries
from engine.moves import Mover, own_data
from engine.proof.replay import FORGED, Replay
from engine.proof.told import Row, Told
from engine.proof.verdict import Difference, differs
from engine.tables import Case, Origin, Version

OF_CASES = ("message:", "signal:", TOLD, BEGUN)
"""How the keys of errands begin that cases give."""


def sources(session: Session, mover: Mover, told: Told) -> Difference | None:
    """Each message and signal that an errand brought was sent so by a case, and came once."""
    came: set[str] = set()
    for seq, given in told.received:
        key = str(given["errand"])
        if key in came or (key.startswith(OF_CASES) and not _was_sent(session, mover, key, given)):
            message = "The errand {errand} moved the case, but no case sent it just so."
            return Difference(seq, "step", message, {"errand": key})
        came.add(key)
    return None


def origin(session: Session, case: Case, told: Told) -> Difference | None:
    """The row that says whose child the case is gives the case whose errand began it. Cases that
    messages began before there were such rows have none.
    """
    errand = next((given["errand"] for seq, given in told.received if seq == 1), None)
    key = None if errand is None or sender_of(str(errand)) is None else str(errand)
    query = sa.select(Case.code, Origin.key).join(Origin, Origin.parent_id == Case.id)
    found = session.execute(query.where(Origin.case_id == case.id)).one_or_none()
    shown = None if found is None else (found.code, found.key)
    expected = None if key is None else (sender_of(key), key)
    is_older = shown is None and key is not None and not key.startswith(BEGUN)
    if shown == expected or is_older:
        return None
    pair = (shown or (None,))[0], (expected or (None,))[0]
    return differs(case.head_seq, "row", "parent", *pair, of="")


def _was_sent(session: Session, mover: Mover, key: str, given: Row) -> bool:
    told = _told(session, mover, key)
    if told is None:
        return False
    if key.startswith(BEGUN):
        return _was_ordered(told, key, given)
    sent = told.errands.get(key)
    return sent is not None and _same(sent["payload"], given)


def _was_ordered(told: Told, key: str, given: Row) -> bool:
    """Whether the case is of the process, and has the data, for which `cases.start` was called."""
    job = next((row for row in told.jobs.values() if row["key"] == key.removeprefix(BEGUN)), None)
    if job is None or job["name"] != "cases.start":
        return False
    order = job["payload"]
    data = own_data(order.get("data") or {})
    unit = order.get("unit") or given["base"]["unit"]
    return bool(
        (order["process"], unit) == (given["process"], given["base"]["unit"])
        and without_rows(data) == without_rows(given["data"])
        and order.get("as") in (None, given["base"]["initiator"])
    )


def _same(payload: Any, given: Row) -> bool:
    """Whether what came is what was sent. A start event names its event only if it has several."""
    name = payload.get("message") or payload["name"]
    named = given.get("name") or given.get("trigger", {}).get("name") or name
    data = own_data(payload["data"])
    return bool(named == name and without_rows(given["data"]) == without_rows(data))


def _told(session: Session, mover: Mover, key: str) -> Told | None:
    """What the case that gave the errand tells, by its journal run again as far as it must be."""
    code = sender_of(key)
    case = session.scalar(sa.select(Case).where(Case.code == code))
    if case is None:
        return None
    last = key.split(":")[-2] if not key.startswith((TOLD, BEGUN)) else ""
    version = session.get_one(Version, case.version_id)
    replay = Replay(mover.program(session, version.id, version.sha256), case.code)
    try:
        for entry in entries(session, case.id):
            replay.step(entry)
            if entry.seq >= int(last or entry.seq + 1):
                break
    except (QuytrinhError, *FORGED):
        return None
    return replay.told
