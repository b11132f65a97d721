"""What entering a list by its good rows and entering it as a whole have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people import accounts, log, queries
from app.people.imports import decisions
from app.people.imports.models import RollImport, RollImportRow
from app.people.log import Origin
from app.people.login import link_letters, links
from app.people.models import Account, Person
from app.people.organisation import units
from app.people.rights import grants
from app.people.rolls import Desk, Fault
from app.people.vietnamese import person_sort_key
from engine import Engine
from engine.errors import Refusal


def held(session: Session, import_id: int) -> RollImport:
    """The import as it stands, which nobody else changes before the transaction is over."""
    found = sa.select(RollImport).where(RollImport.id == import_id).with_for_update()
    # What this session read before it had the lock may be out of date.
    return session.scalars(found, execution_options={"populate_existing": True}).one()


def desk_of(session: Session, roll: RollImport, now: datetime) -> Desk:
    """What whoever imports may do at that instant."""
    actor = queries.actor_of(session, roll.created_by, now)
    return Desk.of(session, actor, now, roll.groups)


def waiting(session: Session, roll: RollImport, limit: int | None) -> list[RollImportRow]:
    """The good rows that have not had their turn, in the order of the file."""
    rows = sa.select(RollImportRow).where(
        RollImportRow.import_id == roll.id, RollImportRow.status == "good"
    )
    return list(session.scalars(rows.order_by(RollImportRow.row).limit(limit)))


def not_allowed(
    engine: Engine,
    session: Session,
    roll: RollImport,
    rows: list[RollImportRow],
    *,
    asked: dict[int, accounts.Application],
) -> dict[int, Refusal]:
    """By row, why whoever imports may not have it entered now. asked: by row, its application."""
    now = engine.clock()
    desk, own = desk_of(session, roll, now), _person_of(session, roll.created_by)
    named = ((row.full_name, row.application["birth_date"]) for row in rows)
    by_case = decisions.beyond(engine, session, roll, named)
    return {
        row.id: refusal
        for row, of_case in zip(rows, by_case, strict=True)
        if (refusal := of_case or _beyond(desk, asked[row.id], now, own=own))
    }


def _person_of(session: Session, name: str) -> decisions.Who | None:
    account = queries.find_account(session, name)
    return None if account is None else _who(account.person)


def _who(one: Person | accounts.Application) -> decisions.Who:
    return person_sort_key(one.full_name), str(one.birth_date or "")


def _beyond(
    desk: Desk, application: accounts.Application, now: datetime, *, own: decisions.Who | None
) -> Refusal | None:
    """Why whoever imports may not have that row entered."""
    is_their_day = own is not None and str(application.birth_date or "") == own[1]
    if is_their_day and _who(application) == own:
        return grants.OwnRights()
    if application.unit not in desk.units:
        return units.unknown(str(application.unit), now)
    for one in application.groups:
        if not desk.may_give(one.group, one.unit):
            return grants.GroupUnknown(group=one.group)
    return None


def send(
    engine: Engine, session: Session, opened: list[Account], *, origin: Origin, site: str
) -> None:
    """A link for each account is on its way to its holder."""
    for account, (path, until) in zip(
        opened, links.issue_first(session, opened, origin=origin), strict=True
    ):
        link = f"{site}{path}"
        link_letters.send(engine, session, account, link=link, until=until, is_first=True)


def application(row: RollImportRow, basis: str) -> accounts.Application:
    """What the row asks for."""
    given = dict(row.application)
    memberships = tuple(grants.Membership(one["group"], one["unit"]) for one in given["groups"])
    return accounts.Application(**(given | {"groups": memberships}), basis=basis)


def refuse(row: RollImportRow, refusal: Refusal) -> None:
    """The row opens no account, though one was prepared, and says why."""
    row.status, row.account = "refused", None
    row.faults = [*row.faults, fault(refusal, row.full_name)]


def fault(refusal: Refusal, name: str) -> dict[str, Any]:
    """The refusal as the report keeps it."""
    words = {"template": refusal.template, "given": {k: str(v) for k, v in refusal.fields.items()}}
    return Fault("refused", "full_name", name, words).kept()


def finish(session: Session, roll: RollImport, status: str, now: datetime) -> None:
    """The import is over, and the account log tells how many accounts were opened by it.

    Names that were only prepared stand at no row any more.
    """
    session.flush()
    session.execute(
        sa.update(RollImportRow)
        .where(RollImportRow.import_id == roll.id, RollImportRow.status == "good")
        .values(account=None)
        .execution_options(synchronize_session=False)
    )
    entered = sa.select(sa.func.count()).where(
        RollImportRow.import_id == roll.id, RollImportRow.status == "entered"
    )
    roll.status, roll.finished_at, roll.data = status, now, None
    log.record(
        session, "list_imported", "", origin=Origin(roll.created_by, now), lines=session.scalar(
            entered
        ), file=roll.file, sha256=roll.sha256, basis=roll.basis, number=roll.id, state=status,
    )  # fmt: skip
