"""Whose hand signs: who completed the step of signing, for whom, and whose keys they may use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.queries import actor_of, parent, person_name, unit_name, unit_of
from engine.errors import Rejected
from engine.ports import SYSTEM, Call
from engine.tables import Entry, File, Task

SEAL = "papers.seal"
"""The permission to operate an organisation's key: the clerk's (NĐ 30/2020 Đ32)."""


@dataclass(frozen=True)
class Hand:
    """Who did a step. principal: for whom, when they acted for somebody; seq: the journal's entry
    that tells it.
    """

    account: str
    name: str
    unit: str
    principal: str | None
    principal_name: str
    seq: int


def hand(session: Session, call: Call, task: str | None, signer: str | None) -> Hand:
    """Who completed the step last: the task of that id or name, else any; `signer` where it is
    said who that must be. Raises Rejected "sign.wrong_hand".
    """
    of_case = sa.select(Task.token, Task.element, Task.name).where(Task.case_id == call.case_id)
    steps = {row.token: (None, "", row.element, row.name) for row in session.execute(of_case)}
    query = (
        sa.select(Entry.actor, Entry.behalf_of, Entry.input, Entry.seq)
        .where(Entry.case_id == call.case_id, Entry.kind == "task_completed")
        .order_by(Entry.seq.desc())
    )
    for row in session.execute(query):
        if task in steps.get(row.input["token"], ()) and signer in (None, "", row.actor):
            return _hand(session, call, row.actor, row.behalf_of, seq=row.seq)
    raise Rejected("sign.wrong_hand", _wrong_hand(session, call, signer))


def _hand(session: Session, call: Call, account: str, behalf_of: str | None, *, seq: int) -> Hand:
    def said(name: str | None) -> str:
        return str(person_name(session, call.now, name) or name or "")

    unit = unit_of(session, call.now, account)
    return Hand(
        account=account,
        name=said(account),
        unit=str(unit_name(session, call.now, unit) or "") if unit else "",
        principal=behalf_of,
        principal_name=said(behalf_of),
        seq=seq,
    )


def require_seen(session: Session, call: Call, who: Hand, files: Sequence[File]) -> None:
    """Nobody has put any of the files into the case after the hand did its step: what is signed
    was there to be read, or the software has set it since. Raises Rejected "sign.wrong_hand".
    """
    query = (
        sa.select(Entry.input, Entry.actor, Entry.seq)
        .where(Entry.case_id == call.case_id, Entry.kind == "file_attached")
        .order_by(Entry.seq.desc())
    )
    first = {row.input["sha256"]: row for row in session.execute(query)}
    for file in files:
        came = first.get(file.sha256)
        if came is not None and came.seq > who.seq and came.actor != SYSTEM.name:
            said = f"“{file.name}” được đưa vào vụ việc sau khi {who.name} ký, nên chưa được ký."
            raise Rejected("sign.wrong_hand", said)


def _wrong_hand(session: Session, call: Call, signer: str | None) -> str:
    if not signer:
        return "Chưa có ai hoàn thành bước ký trong vụ việc này."
    name = person_name(session, call.now, signer) or signer
    return f"{name} không phải người đã hoàn thành bước ký, nên không được ký thay bằng khóa đó."


def organisation_of(
    session: Session, call: Call, unit: str | None, keys: Iterable[str]
) -> str | None:
    """The unit whose key stands for `unit`: its own, or the nearest above which has one."""
    known = set(keys)
    for _ in range(20):
        if unit is None or unit in known:
            return unit
        above = parent(session, call.now, unit)
        unit = str(above) if above is not None else None
    return None


def may_seal(session: Session, call: Call, who: Hand, organisation: str, keys: set[str]) -> bool:
    """Whether the hand is a clerk of that organisation; acting for a clerk, that one's right
    counts.
    """
    actor = actor_of(session, who.principal or who.account, call.now)
    units = actor.rights.get(SEAL, frozenset())
    return any(organisation_of(session, call, unit, keys) == organisation for unit in units)
