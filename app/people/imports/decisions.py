"""On which decision an import rests: a case that granted the accounts, or a decision on paper.

Who administers the agency answers for a decision on paper by its number and day. Who administers a
unit names a case, which anybody can look up: a number alone would let one person be the one who
asks, who decides and who opens the accounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import queries
from app.people.imports.models import RollImport, RollImportRow
from app.people.vietnamese import person_sort_key
from engine import Engine, views
from engine.errors import Refusal
from engine.ports import SYSTEM, Actor
from engine.tables import Case

Who = tuple[str, str]
"""A person as a list and a case both know them: the name as it is sorted, the birth date."""

BY_LIST = "account-grant-list"
"""The process by which accounts are asked for with a list."""
GRANTED = {
    BY_LIST: "Đã cấp theo danh sách",
    "account-grant-internal": "Đã bàn giao tài khoản",
}
"""By process, the name of the end with which a case has granted accounts."""


class CaseNeeded(Refusal):
    """Write the code of the case that granted these accounts. Only an administrator's account may import by a decision on paper."""  # noqa: E501

    status = 422


class CaseDoesNotGrant(Refusal):
    """The code "{code}" is of no case of a unit that you look after that was closed with accounts granted. Check the code."""  # noqa: E501

    status = 422


class NotOfCase(Refusal):
    """The case {code} granted no account to a person of this name and birth date. Correct the row as the case has it, or take it out."""  # noqa: E501

    status = 422


class ServedByCase(Refusal):
    """An account was imported for this person by the case {code} already. One case serves each of its people once."""  # noqa: E501

    status = 422


def needs_case(session: Session, actor: Actor) -> bool:
    """Whether a decision on paper is not enough for whoever imports."""
    account = queries.find_account(session, actor.name)
    return account is None or account.kind != "administrator"


def require(session: Session, actor: Actor, code: str, now: datetime) -> None:
    """The import may rest on what was written as the case's code.

    Raises CaseNeeded, and CaseDoesNotGrant alike for cases that are not there, out of reach, still
    open or refused, so that nobody learns of the cases of others.
    """
    if not needs_case(session, actor):
        return
    if not code:
        raise CaseNeeded()
    found = session.scalar(
        sa.select(Case).where(Case.code == code, Case.status == "completed", Case.closed_at <= now)
    )
    reach = actor.rights.get("rights.grant", frozenset())
    if found is None or found.unit not in reach:
        raise CaseDoesNotGrant(code=code)
    if found.outcome is None or GRANTED.get(found.process_key) != found.outcome:
        raise CaseDoesNotGrant(code=code)


def beyond(
    engine: Engine, session: Session, roll: RollImport, rows: Iterable[tuple[str, Any]]
) -> list[Refusal | None]:
    """Why each row may not rest on the import's case, in their order; None where it may.

    rows: name and birth date. A decision on paper names nobody here, so all of its rows may. The
    case is held until the transaction is over, so that two imports serve nobody twice.
    """
    asked = [who(name, born) for name, born in rows]
    importer = queries.find_account(session, roll.created_by)
    if importer is not None and importer.kind == "administrator":
        return [None] * len(asked)
    found = sa.select(Case.id).where(Case.code == roll.case_code).with_for_update()
    case_id = session.scalar(found)
    granted = set() if case_id is None else _granted(engine, session, case_id)
    served = _served(session, roll.case_code)
    refused: list[Refusal | None] = []
    for one in asked:
        if one not in granted:
            refused.append(NotOfCase(code=roll.case_code))
        elif one in served:
            refused.append(ServedByCase(code=roll.case_code))
        else:
            served.add(one)
            refused.append(None)
    return refused


def who(name: str, born: Any) -> Who:
    """Names are compared as they are sorted: case, spaces, ways to write an accent are one."""
    day = born.isoformat() if isinstance(born, date) else str(born or "")
    return person_sort_key(name), day[:10]


def _granted(engine: Engine, session: Session, case_id: int) -> set[Who]:
    reader = replace(SYSTEM, rights={"cases.view_all": frozenset({"*"})})
    case = views.case(session, engine.mover, case_id, reader, engine.clock())
    data: dict[str, Any] = dict(case.data)
    if case.row.process_key == "account-grant-internal":
        people = [data.get("request")]
    else:
        people = (data.get("granted") or {}).get("people") or []
    return {who(str(one["full_name"]), one["birth_date"]) for one in people if one}


def _served(session: Session, code: str) -> set[Who]:
    rows = sa.select(RollImportRow.full_name, RollImportRow.application).join(
        RollImport, RollImport.id == RollImportRow.import_id
    )
    entered = rows.where(RollImport.case_code == code, RollImportRow.status == "entered")
    return {who(name, given["birth_date"]) for name, given in session.execute(entered)}
