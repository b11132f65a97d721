"""Logging in by what a provider says, and out again; each in one transaction.

Nobody gets an account or a right by this: the account is there before, or nobody enters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from adapters import oidc
from app.people.accounts.holding import hold
from app.people.factors import needs
from app.people.log import Origin, record
from app.people.login import choosing, logins, ways
from app.people.models import Account, Login, Person
from app.people.outside.providers import Provider
from app.people.queries import find_account
from app.people.whose import OF_AGENCY, is_agencys
from engine import Engine
from engine.errors import Refusal


class NobodyHere(Refusal):
    """There is no open account here for whom {name} has logged in. Log in by your user name and password, or ask your unit's administrator."""  # noqa: E501

    status = 403


def way_of(provider: Provider) -> str:
    """How a stay says that the provider opened it."""
    return f"oidc:{provider.key}"


def log_in(
    engine: Engine, provider: Provider, identity: oidc.Identity, where: logins.Where
) -> str | None:
    """The token of a new stay; None if nobody here is whom the provider names, or they may not
    log in: which of the two, and why, is for the account log alone.
    """
    claims = identity.claims
    with engine.writing() as session:
        now = engine.clock()
        account = _account(session, provider, claims)
        if account is not None:
            hold(session, account)  # It may be barred, or another's, meanwhile.
        origin = Origin(account.name if account is not None else "", now, where.address)
        reason = _why_not(provider, account, claims, origin)
        if account is None or reason:
            unit = account.unit_code if account is not None else None
            record(
                session, "login_failed", origin.actor, origin=origin, unit=unit,
                way=way_of(provider), reason=reason,
            )  # fmt: skip
            return None
        way = ways.Way(
            way_of(provider),
            subject=str(claims.get("sub", ""))[:300],
            session=str(claims.get("sid", ""))[:300],
            id_token=identity.id_token,
            shown_at=min(identity.shown_at, now) if identity.shown_at else None,
        )
        steps = needs.steps(session, account, now, where.address)
        if provider.has_shown_two(claims):
            steps = [step for step in steps if step == needs.TERMS]
        if needs.SECOND_FACTOR not in steps:
            # Wrong codes add up over many logins, and half a login is none yet.
            if account.last_login_at is None:
                choosing.tell_first(engine, session, account, now)
            logins.forget_failures(account, now)
        return logins.begin(session, account, now=now, where=where, steps=steps, way=way)


def _why_not(
    provider: Provider, account: Account | None, claims: Mapping[str, Any], origin: Origin
) -> str | None:
    if not provider.admits(claims):
        return "groups"
    if account is None:
        return "unknown"
    if account.status != "active" or account.barred_at is not None:
        return "barred"
    is_locked = account.locked_until is not None and account.locked_until > origin.now
    return "locked" if is_locked else None


def _account(session: Session, provider: Provider, claims: Mapping[str, Any]) -> Account | None:
    """The one open account of the agency's own that the claim names; an administrator's only
    where the settings say that the provider may open those.
    """
    value = claims.get(provider.claim)
    if not isinstance(value, str) or not value.strip():
        return None
    said = value.strip().lower()
    if provider.claim != "email":
        account = find_account(session, said)
        is_own = account is not None and is_agencys(account) and account.status == "active"
        is_open = account is not None and account.kind in provider.kinds
        return account if is_own and is_open else None
    if claims.get("email_verified") is not True:
        # Anybody may write anybody's address into a profile.
        return None
    found = session.scalars(
        sa.select(Account)
        .join(Account.person)
        .options(joinedload(Account.person))
        .where(
            Person.email == said,
            OF_AGENCY,
            Account.status == "active",
            Account.kind.in_(provider.kinds),
        )
        .limit(2)
    ).all()
    # Two holders behind one address: nobody can say which of them it is.
    return found[0] if len(found) == 1 else None


def log_out(engine: Engine, provider: Provider, left: oidc.Left, where: logins.Where) -> int:
    """The stays that the provider opened for whom it has logged out have ended; how many."""
    with engine.writing() as session:
        now = engine.clock()
        whose = [Login.way == way_of(provider), Login.ended_at.is_(None)]
        if left.session:
            whose.append(Login.outside_session == left.session)
        if left.subject:
            whose.append(Login.outside_subject == left.subject)
        stays = session.scalars(
            sa.select(Login).options(joinedload(Login.account)).where(*whose)
        ).all()
        for stay in stays:
            stay.ended_at = now
            origin = Origin(way_of(provider), now, where.address)
            unit = stay.account.unit_code
            record(session, "session_ended", stay.account.name, origin=origin, unit=unit, count=1)
        return len(stays)
