"""Rows of what a case awaits from outside: messages, signals, and the key under which it began."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.apply import Waiting
from engine.bundles import form_name
from engine.conversations import others_of
from engine.database import table_of
from engine.program import Program
from engine.tables import Wait, WaitKey

if TYPE_CHECKING:
    from engine.projection import Change

# One row of parameters for each token.
_WAIT, _WAIT_KEY = map(table_of, (Wait, WaitKey))
_OF_CASE: sa.BindParameter[int] = sa.bindparam("of_case")
_OF_TOKEN: sa.BindParameter[int] = sa.bindparam("of_token")
_OF_WAIT = sa.and_(_WAIT.c.case_id == _OF_CASE, _WAIT.c.token == _OF_TOKEN)
_DROP_WAIT = sa.delete(_WAIT).where(_OF_WAIT)
_OPEN_WAIT = sa.insert(_WAIT)
_KEY_WAIT = sa.update(_WAIT).where(_OF_WAIT).values(correlation=sa.bindparam("key"))
_OF_KEYS = sa.and_(_WAIT_KEY.c.case_id == _OF_CASE, _WAIT_KEY.c.token == _OF_TOKEN)
_DROP_KEYS = sa.delete(_WAIT_KEY).where(_OF_KEYS)
_PUT_KEYS = sa.insert(_WAIT_KEY)
WAITED = ("message", "signal", "key")
"""Kinds of waiting that are a row of `Wait` each."""


def project_waits(session: Session, change: Change) -> None:
    """What is awaited is as the rest says."""
    gone = [{"of_case": change.case.id, "of_token": t} for t in change.gone(*WAITED)]
    if gone:
        session.connection().execute(_DROP_WAIT, gone)
    rows = [wait_row(change.program, change.case.id, w) for w in change.new(*WAITED)]
    if rows:
        session.connection().execute(_OPEN_WAIT, rows)
    for w in change.rekeyed():
        row = {"of_case": change.case.id, "of_token": w.token, "key": w.marks["correlation"]}
        session.connection().execute(_KEY_WAIT, row)
    _other_keys(session, change)


def _other_keys(session: Session, change: Change) -> None:
    """What is awaited under several keys is found under each of them."""
    before, now = keys_beside(change.before), keys_beside(change.rest.waiting)
    tokens = [t for t in before.keys() | now.keys() if before.get(t) != now.get(t)]
    gone = [{"of_case": change.case.id, "of_token": t} for t in tokens if t in before]
    if gone:
        session.connection().execute(_DROP_KEYS, gone)
    rows = [
        {"case_id": change.case.id, "token": token, "correlation": text}
        for token in tokens
        for text in now.get(token, ())
    ]
    if rows:
        session.connection().execute(_PUT_KEYS, rows)


def keys_beside(waiting: Mapping[tuple[int, str], Waiting]) -> dict[int, tuple[str, ...]]:
    """The keys of messages beside the first, by token, where there are any."""
    found = {w.token: others_of(w.marks) for w in waiting.values() if "populated" in w.marks}
    return {token: texts for token, texts in found.items() if texts}


def wait_row(program: Program, case_id: int, waiting: Waiting) -> dict[str, Any]:
    """What is kept of a message, signal or key that the case waits for."""
    node, wait = program.nodes[waiting.element], waiting.marks
    return {
        "case_id": case_id,
        "token": waiting.token,
        "kind": waiting.kind,
        "name": wait["name"],
        "correlation": wait.get("correlation"),
        "element": node.id,
        "label": node.properties.get("label") or node.name or node.id,
        "label_en": node.properties.get("label_en") or node.properties.get("name_en"),
        "senders": wait.get("senders"),
        "form": node.properties.get("form") or form_name(node),
    }
