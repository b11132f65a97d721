"""Keys of the invented agency: its officials and the agency itself, by an authority of its own."""

from __future__ import annotations

from datetime import UTC, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from adapters.signing.sandbox import Authority
from app.config import Config
from app.demo.agency import SINCE
from app.demo.past import Past
from app.papers.desk import folder
from app.people.models import Account
from app.people.queries import unit_name

ORGANISATIONS = ("ubnd", "ban")
"""Units that have a seal of their own; others sign by that of the one above."""


def issue(past: Past, settings: Config) -> None:
    """Every official at work has a certificate since the agency began, and so has the agency."""
    authority = Authority(folder(settings), datetime.combine(SINCE, time(), UTC))
    with past.engine.reading() as session:
        named = {code: str(unit_name(session, past.at, code)) for code in ORGANISATIONS}
        officials = (
            sa.select(Account)
            .where(Account.kind == "internal", Account.status == "active")
            .options(joinedload(Account.person))
            .order_by(Account.id)
        )
        for account in session.scalars(officials):
            authority.person(account.name, account.person.full_name, unit=named["ban"])
    for code, name in named.items():
        authority.organisation(code, name)
