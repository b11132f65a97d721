"""What other cases sent to this one: an errand brought it, and the sender's journal must tell so.

An errand has no journal of its own. Whoever writes one into the machine moves a case by it as if
another case had; but the entry names the errand, and the sender's journal gives no such thing.
What the application itself says (a first login) has a key of the application's making and no
journal here: of that is held only that it came once, the application's own log tells the rest.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import QuytrinhError
from engine.journal import entries
from engine.moves import Mover, own_data
from engine.proof.replay import FORGED, Replay
from engine.proof.told import Row, Told
from engine.proof.verdict import Difference
from engine.tables import Case, Version

OF_CASES = ("message:", "signal:")
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


def _was_sent(session: Session, mover: Mover, key: str, given: Row) -> bool:
    sent = _sent(session, mover, key)
    return sent is not None and _same(sent["payload"], given)


def _same(payload: Any, given: Row) -> bool:
    """Whether what came is what was sent. A start event names its event only if it has several."""
    name = payload.get("message") or payload["name"]
    named = given.get("name") or given.get("trigger", {}).get("name") or name
    return bool(named == name and given["data"] == own_data(payload["data"]))


def _sent(session: Session, mover: Mover, key: str) -> Row | None:
    """What a case sent by the errand "message:CODE:ENTRY:NUMBER", by its journal run again."""
    code, _, rest = key.partition(":")[2].rpartition(":")[0].rpartition(":")
    case = session.scalar(sa.select(Case).where(Case.code == code))
    if case is None or not rest.isdecimal():
        return None
    version = session.get_one(Version, case.version_id)
    replay = Replay(mover.program(session, version.id, version.sha256), code)
    try:
        for entry in entries(session, case.id):
            replay.step(entry)
            if entry.seq >= int(rest):
                break
    except (QuytrinhError, *FORGED):
        return None
    return replay.told.errands.get(key)
