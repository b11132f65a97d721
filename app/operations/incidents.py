"""Incidents: who looks after the machine reads by letter that work of cases is stuck.

The application's clock asks once an hour. One letter a day for each kind of work, however many
cases it holds up: a system that is down all night fills nobody's mailbox.
"""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from flask_babel import force_locale, gettext, ngettext
from sqlalchemy.orm import Session, joinedload

from app import i18n
from app.operations import jobs
from app.people.models import INTERNAL, Account, Grant
from app.people.rights import in_force
from app.people.rights.groups import on_day
from app.people.settings import setting
from engine import Engine
from engine.calendar import ZONE
from engine.tables import Case, Job

MANAGE = "operations.manage"
MOST_CASES = 20
"""How many cases a letter names; the page of jobs has all."""


def look_after(engine: Engine) -> int:
    """Operators are told of what is stuck in cases; how many letters go out.

    A letter that is stuck itself belongs to no case and is told by no other letter.
    """
    with engine.writing() as session:
        found = (
            sa.select(Job.name, Case.code, Job.error)
            .join(Case, Case.id == Job.case_id)
            .where(Job.status == "stuck")
            .order_by(Job.name, Job.id)
        )
        stuck = session.execute(found).all()
        operators = _operators(session, engine.clock()) if stuck else []
        return sum(
            _tell(
                engine, session, name, [(code, error or "") for _n, code, error in rows], operators
            )
            for name, rows in groupby(stuck, key=lambda job: job.name)
        )


def _operators(session: Session, now: datetime) -> list[Account]:
    """Who may manage the machine's work and has an address."""
    able = sorted(
        key for key, group in on_day(session, now).items() if MANAGE in group.permissions
    )
    granted = sa.select(Grant.account_id).where(
        Grant.group_key.in_(able), in_force.grants_in_force(now)
    )
    query = (
        sa.select(Account)
        .options(joinedload(Account.person))
        .where(Account.id.in_(granted), Account.realm == INTERNAL, Account.status == "active")
        .order_by(Account.id)
    )
    return [account for account in session.scalars(query) if account.person.email]


def _tell(
    engine: Engine,
    session: Session,
    name: str,
    rows: list[tuple[str, str]],
    operators: list[Account],
) -> int:
    """rows: the case's code and the reason of each job."""
    now, sent = engine.clock(), 0
    for account in operators:
        key = f"incident:{name}:{account.name}:{now.astimezone(ZONE):%Y-%m-%d}"
        sent += engine.enqueue(
            session, "mail.send", _letter(session, account, name, rows, now=now), key=key
        )
    return sent


def _letter(
    session: Session,
    account: Account,
    name: str,
    rows: list[tuple[str, str]],
    *,
    now: datetime,
) -> dict[str, str]:
    with force_locale(account.language or i18n.LANGUAGES[0]):
        what, cases = jobs.words(name), list(dict.fromkeys(code for code, _error in rows))
        lines = [
            gettext("Dear %(name)s,", name=account.person.full_name),
            "",
            ngettext(
                "“%(what)s” is stuck in %(num)d case, which does not go on until it is mended:",
                "“%(what)s” is stuck in %(num)d cases, which do not go on until it is mended:",
                len(cases),
                what=what,
            ),
            *(f"- {code}" for code in cases[:MOST_CASES]),
            gettext("Reason given last: %(reason)s", reason=rows[-1][1]),
            gettext("Mend the cause, then let the jobs be tried again on the page “Jobs”."),
            "",
            str(setting(session, now, "agency.name") or ""),
            gettext("This letter was sent by the software; do not answer it."),
        ]
        subject = gettext("Work of the software is stuck: %(what)s", what=what)
        return {"to": str(account.person.email), "subject": subject, "text": "\n".join(lines)}
