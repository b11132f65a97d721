"""A lost password, recovered by its holder: the second factor first, then a link by letter."""

from __future__ import annotations

from app.people.factors import holding, recovery
from app.people.log import Origin, record
from app.people.login import link_letters, links, logins
from app.people.queries import find_account
from engine import Engine


def ask(
    engine: Engine,
    name: str,
    code: str,
    *,
    where: logins.Where,
    key: bytes,
    site: str,
    disclosed: bool = False,
) -> None:
    """A one-time link is on its way to the holder's own address if the code is right.

    Nothing tells the asker whether it is: the same statements run for a name that nobody has, and
    wrong codes count as wrong passwords. name: as typed. site: where links lead to. disclosed:
    somebody else may know the password, so all second factors end with it, at once. An account
    without a second factor or without an address gets its link from an administrator.
    """
    typed = name.strip().lower()
    with engine.writing() as session:
        now = engine.clock()
        may_try = logins.count_attempt(session, typed, now) is not None
        account = find_account(session, typed)
        origin = Origin(typed, now, where.address)
        number = account.id if account is not None and may_try else 0
        factor = holding.taken(session, number, code, now=now, key=key)
        if account is None or factor is None or not account.person.email:
            logins.record_failure(session, account, origin=origin, event="factor_failed")
            return
        if factor == "recovery_code":
            left = recovery.left(session, account.id)
            unit = account.unit_code
            record(
                session, "recovery_code_used", account.name, origin=origin, unit=unit, left=left
            )
        if disclosed:
            links.void_password(session, account, origin=origin, basis="")
        path, until = links.issue(session, account, origin=origin)
        link_letters.send(engine, session, account, link=f"{site}{path}", until=until)
