"""Which accounts are of the agency's own people: an enterprise's name may be of the realm
"internal" too (HP-3.3b), so the kind says it.
"""

from __future__ import annotations

import sqlalchemy as sa

from app.people.models import INTERNAL, Account

_KINDS = "internal", "administrator"

OF_AGENCY = sa.and_(Account.realm == INTERNAL, Account.kind.in_(_KINDS))
"""The condition of a query."""


def is_agencys(account: Account) -> bool:
    """The same of one account."""
    return account.realm == INTERNAL and account.kind in _KINDS
