"""The directory of the agency: passwords that are right there, groups that give rights here.

What it may give is what the settings list and no more: each line of `login.ldap.groups` is one
group there and one membership here. What it gave is its own: it takes back nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from adapters import ldap
from app.people.factors import needs
from app.people.log import Origin, record
from app.people.login import choosing, logins, ways
from app.people.models import Account, Grant
from app.people.organisation import units
from app.people.rights import duties, grants, groups, lineage
from app.people.rights.grants import Membership
from app.people.rights.groups import day_of
from app.people.rights.reach import holds
from app.people.settings import setting
from app.people.whose import OF_AGENCY, is_agencys
from engine import Engine
from engine.errors import Refusal

HAND = "ldap"
"""By whose hand the grants of the directory stand in the account log."""

DAYS = 7
"""For how long a right of the directory holds where the setting, older than this, does not say."""

WAY = ways.Way("ldap")
_LINE = re.compile(r"(?P<there>[^>]+?)\s*=>\s*(?P<group>[a-z0-9-]+)(?:\s*@\s*(?P<unit>[\w.-]+))?")


def present(session: Session, now: datetime) -> ldap.Directory | None:
    """The directory that is asked now; None where none is switched on."""
    record = setting(session, now, "login.ldap")
    if not isinstance(record, dict) or not record.get("is_on") or not record.get("url"):
        return None
    text = {name: str(value or "").strip() for name, value in record.items()}
    settings = current_app.extensions["settings"]
    return ldap.Directory(
        url=text["url"],
        base=text["base"],
        attribute=text["attribute"] or "uid",
        template=text["template"],
        bind_dn=text["bind_dn"],
        password=settings.ldap_password,
        group_base=text["group_base"],
        start_tls=bool(record.get("start_tls")),
        ca_file=settings.ldap_ca_file,
    )


@dataclass
class Asking:
    """One question to the directory; is_silent: it did not answer."""

    engine: Engine
    directory: ldap.Directory
    is_silent: bool = False
    found: ldap.Found | None = None

    def knows(self, name: str, password: str) -> bool:
        """Whether the password is right there. Asked outside any transaction."""
        try:
            self.found = ldap.authenticate(self.directory, name, password)
        except ldap.DirectorySilent:
            self.is_silent = True
            self._take_back(name)
        return self.found is not None

    def _take_back(self, name: str) -> None:
        """Who has no password here but the directory's could only be locked out by its silence,
        and nobody can guess what is not there: the try does not count.
        """
        with self.engine.writing() as session:
            session.execute(
                sa.update(Account)
                .where(
                    OF_AGENCY,
                    Account.user_name == name,
                    Account.password_hash.is_(None),
                    Account.failed_count > 0,
                )
                .values(failed_count=Account.failed_count - 1)
            )

    def opens(self, account: Account) -> bool:
        """Whether it speaks of this account: of who works in cases only. Whoever runs the
        directory must not become an administrator by it, nor spare one the rules of passwords.
        A barred account waits for its link, by which alone its holder is known again.
        """
        return (
            self.found is not None
            and is_agencys(account)
            and account.kind == "internal"
            and account.status == "active"
            and account.barred_at is None
        )

    def begin(self, session: Session, account: Account, now: datetime, where: logins.Where) -> str:
        """A new stay of who was found, with the rights that their groups give; its token."""
        assert self.found is not None
        follow(session, account, self.found.groups, Origin(HAND, now, where.address))
        steps = needs.steps(session, account, now, where.address)
        if account.last_login_at is None and needs.SECOND_FACTOR not in steps:
            choosing.tell_first(self.engine, session, account, now)
        return logins.begin_after_password(
            session, account, now=now, where=where, steps=steps, way=WAY
        )


def mapping(lines: Any) -> Iterator[tuple[str, str, str | None]]:
    """Of each line "cn=van-thu,ou=groups,dc=sonhai => van-thu @ vp" the group there, the group
    here, and the unit; without a unit the account's own.
    """
    for line in lines if isinstance(lines, list) else []:
        found = _LINE.fullmatch(str(line).strip())
        if found:
            yield ldap.plain(found["there"]), found["group"], found["unit"]


def follow(session: Session, account: Account, there: frozenset[str], origin: Origin) -> None:
    """The account is in the groups that its groups in the directory stand for; what the directory
    gave before and does not now is revoked. Each change is dated today and in the account log.
    What it gives holds for the days that `login.ldap` says and is renewed at each login by it, so
    that nothing lasts of whom it no longer knows.

    What duties or the kind of account forbid, groups that have power over others' rights, and what
    another hand than the directory's took away last are not given: the log says so.
    """
    units.lock(session, shared=True)  # Before any row, as all who change rights do.
    listed = mapping(setting(session, origin.now, "login.ldap.groups"))
    wanted = {(group, unit or account.unit_code) for dn, group, unit in listed if dn in there}
    today = day_of(origin.now)
    held = session.scalars(
        sa.select(Grant).where(
            Grant.account_id == account.id,
            Grant.revoked_at.is_(None),
            holds(Grant, today),
        )
    ).all()
    last = _last_day(session, origin.now)
    for row in held:
        if row.granted_by != HAND:
            continue
        if (row.group_key, row.unit_code) not in wanted:
            grants.withdraw(session, row, account, origin=origin, basis="LDAP")
        elif row.valid_to != last:
            _renew(session, account, row, last, origin=origin)
    has = {(row.group_key, row.unit_code) for row in held if row.revoked_at is None}
    for group, unit in sorted(wanted - has, key=str):
        if unit is not None:
            _give(session, account, Membership(group, unit), origin)


def _last_day(session: Session, now: datetime) -> date:
    """The last day of what the directory gives now."""
    kept = setting(session, now, "login.ldap")
    days = kept.get("days") if isinstance(kept, dict) else None
    return day_of(now) + timedelta(days=int(str(days or DAYS)))


def _renew(session: Session, account: Account, row: Grant, last: date, *, origin: Origin) -> None:
    """The grant ends on that day; it stays as it was where it could not be given so now."""
    today = day_of(origin.now)
    lineage.lock(session, [row])  # Another hand may be withdrawing it.
    group = groups.on_day(session, today).get(row.group_key)
    if row.revoked_at is not None or group is None or group.permissions & grants.POWERS:
        return
    try:
        days = duties.Days(today, last)
        duties.require_apart(session, account, group.key, days=days)
    except Refusal as refusal:
        record(
            session, "grant_refused", account.name, origin=origin, unit=row.unit_code,
            group=row.group_key, reason=str(refusal),
        )  # fmt: skip
        return
    row.valid_to = last
    record(
        session, "granted", account.name, origin=origin, unit=row.unit_code, group=row.group_key,
        basis="LDAP", valid_from=row.valid_from, valid_to=last,
    )  # fmt: skip


def _taken_by(session: Session, account: Account, membership: Membership) -> str | None:
    """Who revoked the last grant of it to the account; None if nobody did."""
    last = session.scalars(
        sa.select(Grant)
        .where(
            Grant.account_id == account.id,
            Grant.group_key == membership.group,
            Grant.unit_code == membership.unit,
        )
        .order_by(Grant.id.desc())
        .limit(1)
    ).first()
    return last.revoked_by or "" if last is not None and last.revoked_at is not None else None


def _give(session: Session, account: Account, membership: Membership, origin: Origin) -> None:
    group = groups.on_day(session, day_of(origin.now)).get(membership.group)
    reason = "power over others' rights" if group and group.permissions & grants.POWERS else ""
    by = _taken_by(session, account, membership)
    if by is not None and by != HAND:
        reason = f"revoked by {by}"
    if not reason:
        try:
            last = _last_day(session, origin.now)
            grants.grant(session, account, membership, origin=origin, valid_to=last, basis="LDAP")
        except Refusal as refusal:
            reason = str(refusal)
    if reason:
        record(
            session, "grant_refused", account.name, origin=origin, unit=membership.unit,
            group=membership.group, reason=reason,
        )  # fmt: skip
