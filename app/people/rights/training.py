"""Who was trained to administer: without proof nobody comes into a group that does (KH-11.1b).

The proof is kept with the person, so that it is asked once, whatever accounts the person has.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.people.models import Account, Grant, Person
from app.people.rights import groups
from app.people.rights.groups import day_of
from engine.errors import Refusal

WORK = frozenset(
    ("rights.grant", "people.manage", "units.manage", "settings.manage", "operations.manage")
)
"""Permissions that are work of administration: a group with one of them is for the trained."""
LONGEST = 300
SHORTEST = 3
"""Letters and digits that the number of a certificate has at least."""


class TrainingMissing(Refusal):
    """The group "{group}" administers, and {holder} has shown no proof of training. Give the number of the certificate, or of the decision by which they were trained."""  # noqa: E501

    status = 422


def asked(group: groups.Group) -> bool:
    """Whether who comes into the group must have been trained."""
    return bool(group.permissions & WORK)


def check(person: Person, group: groups.Group, proof: str = "") -> None:
    """The person may be in the group as far as training goes; nothing is kept.

    proof: number of a certificate or decision, or the name of its scan. Raises TrainingMissing.
    """
    if asked(group) and not (_is_number(proof) or person.training):
        raise TrainingMissing(group=group.name, holder=person.full_name)


def _is_number(proof: str) -> bool:
    """Whether it can be looked up: a dot or a dash is no number."""
    return sum(map(str.isalnum, proof)) >= SHORTEST


def require(person: Person, group: groups.Group, proof: str = "") -> None:
    """As `check`; a proof that is needed is kept with the person."""
    check(person, group, proof)
    if asked(group) and _is_number(proof):
        person.training = proof.strip()[:LONGEST]


def group_held(session: Session, account: Account, now: datetime) -> groups.Group | None:
    """A group that administers in which the account is now or will be; None if there is none."""
    day = day_of(now)
    keys = session.scalars(
        sa.select(Grant.group_key)
        .where(
            Grant.account_id == account.id,
            Grant.revoked_at.is_(None),
            sa.or_(Grant.valid_to.is_(None), Grant.valid_to >= day),
        )
        .order_by(Grant.id)
    )
    known = groups.on_day(session, day)
    return next((known[key] for key in keys if key in known and asked(known[key])), None)


def require_of_account(
    session: Session, account: Account, person: Person, *, now: datetime, proof: str = ""
) -> None:
    """The person may hold the account with the rights it has. Raises TrainingMissing."""
    group = group_held(session, account, now)
    if group is not None:
        require(person, group, proof)
