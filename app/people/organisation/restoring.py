"""Posts and rights go on as if a planned change of units had never been decided.

What was ended or withdrawn otherwise since stays so, day by day.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session, joinedload

from app.people.log import Origin, record
from app.people.models import Account, Grant, Person, Post
from app.people.organisation import traces
from app.people.rights import duties, grants, groups, lineage
from app.people.rights.duties import Days


def posts(session: Session, wrote: dict[str, Any], *, origin: Origin, reason: str) -> None:
    """Posts that the change was to end go on, unless they were ended otherwise since."""
    for key, columns in wrote["altered"].get("post", {}).items():
        row = session.get(Post, int(key))
        before, after = columns.get("valid_to", (None, None))
        if row is None or "valid_to" not in columns or traces.plain(row.valid_to) != after:
            continue
        row.valid_to = traces.told(Post, "valid_to", before)
        person = session.get_one(Person, row.person_id)
        record(
            session, "post_goes_on", "", origin=origin, unit=row.unit_code,
            person=person.full_name, kind=row.kind, title=row.title or None,
            valid_from=row.valid_from, valid_to=row.valid_to, reason=reason or None,
        )  # fmt: skip


class Rights:
    """The rights that a change ended and began, taken back in two steps.

    Between them the tree of units is what it was: rights come back within units that are there.
    """

    def __init__(self, session: Session, wrote: dict[str, Any], origin: Origin, reason: str):
        self._session, self._origin, self._reason = session, origin, reason
        self._wrote = wrote
        self._begun = frozenset(int(key) for key in wrote["begun"].get("grant", {}))
        # By what the change ended, the days on which what it began instead still was to be held.
        self._allowed: dict[int, list[Days]] = {}

    def take_back(self) -> None:
        """What was to begin does not, nor what continues it; it is revoked and stays on record."""
        altered = map(int, self._wrote["altered"].get("grant", {}))
        rights = [self._session.get(Grant, number) for number in {*self._begun, *altered}]
        lineage.lock(self._session, [row for row in rights if row is not None])
        for number in sorted(self._begun):
            root = self._session.get(Grant, number)
            rows = lineage.tree(self._session, root, locked=True) if root is not None else []
            if root is not None and root.continues_id is not None:
                self._allowed[root.continues_id] = lineage.held(rows)
            for row in rows:
                account = self._session.get_one(Account, row.account_id)
                grants.revoke(
                    self._session, row, account, origin=self._origin, basis=self._reason,
                    event="right_called_off",
                )  # fmt: skip

    def restore(self, day: date) -> None:
        """What was to end goes on from that day, less the days that were withdrawn since."""
        for key, columns in self._wrote["altered"].get("grant", {}).items():
            row = self._session.get_one(Grant, int(key))
            if "revoked_at" in columns:
                # It was to begin later. A revocation is never taken back: it is given anew.
                last, days = row, Days(row.valid_from, row.valid_to)
            else:
                before, after = columns["valid_to"]
                last = self._last_part(row, traces.told(Grant, "valid_to", after))
                if last is None:
                    continue
                first = max(lineage.after(last.revoked_until), day) if last.revoked_until else day
                days = Days(first, traces.told(Grant, "valid_to", before))
            for part in lineage.within(days, self._allowed.get(row.id, [days])):
                self._go_on(last, part)

    def _last_part(self, row: Grant, after: date) -> Grant | None:
        """Of what is left of the right the part that ends where the change was to end it, or that
        is withdrawn beyond it for some days; None where it was ended otherwise.
        """
        for part in lineage.tree(self._session, row, without=self._begun, locked=True):
            if part.revoked_at is None and part.valid_to == after:
                return part
            withdrawn = part.revoked_until
            if part.valid_to == after and withdrawn is not None and withdrawn >= after:
                return part
        return None

    def _go_on(self, row: Grant, days: Days) -> None:
        account = self._session.get_one(
            Account, row.account_id, options=[joinedload(Account.person)]
        )
        group = groups.on_day(self._session, days.first).get(row.group_key)
        if account.deleted_at is not None or group is None or group.is_ended:
            return  # Nobody can be in the group, or hold the account, any more.
        is_next = row.valid_to is not None and days.first == lineage.after(row.valid_to)
        if row.revoked_at is not None or not is_next:
            grants.grant(
                self._session, account, grants.Membership.of(row), valid_from=days.first,
                valid_to=days.last, origin=self._origin, basis=self._reason, trained=None,
                continues=row, event="right_goes_on",
            )  # fmt: skip
            return
        duties.require_apart(self._session, account, group.key, days=days)
        row.valid_to = days.last
        record(
            self._session, "right_goes_on", account.name, origin=self._origin, unit=row.unit_code,
            group=row.group_key, valid_from=row.valid_from, valid_to=days.last,
            basis=self._reason or None,
        )  # fmt: skip
