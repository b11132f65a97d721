"""What a stay needs beside the password before somebody may work in it (vn-rules 5.2)."""

from __future__ import annotations

import ipaddress
from datetime import datetime

from sqlalchemy.orm import Session

from app.people.factors import kinds
from app.people.login import terms
from app.people.models import Account
from app.people.rights import in_force
from app.people.settings import setting
from app.people.whose import is_agencys

SECOND_FACTOR, ENROL, TERMS = "second_factor", "enrol", "terms"


def steps(session: Session, account: Account, now: datetime, address: str) -> list[str]:
    """What the holder does after the password: show the second factor, or set one up; accept
    the terms of use. An authenticator and a passkey are equally good.

    Who has a second factor shows it at every login, whether it is required or not.
    """
    found = [TERMS] if terms.is_wanted(session, account, now) else []
    if kinds.of(session, account.id):
        return [SECOND_FACTOR, *found]
    return [ENROL, *found] if is_required(session, account, now, address) else found


def after_passkey(session: Session, account: Account, now: datetime) -> list[str]:
    """What the holder does after a passkey, which is two factors by itself: accept the terms."""
    return [TERMS] if terms.is_wanted(session, account, now) else []


def is_required(session: Session, account: Account, now: datetime, address: str) -> bool:
    """Whether the account must have a second factor: by a group it is in, or as one of the
    agency's own that comes from outside the agency's networks.

    Source: QCVN 12:2026/BCA (every administrator; all access from outside).
    """
    named = setting(session, now, "login.second_factor.groups")
    wanted = {str(key).strip() for key in named if key} if isinstance(named, list) else set()
    if wanted and any(row.group.key in wanted for row in in_force.held(session, account, now)):
        return True
    return is_agencys(account) and _is_outside(session, now, address)


def _is_outside(session: Session, now: datetime, address: str) -> bool:
    """Whether the address lies in none of the agency's networks; none named, nothing is outside.

    What cannot be read as an address is outside, and what cannot be read as a network holds none.
    """
    networks = setting(session, now, "login.second_factor.inside_networks")
    if not isinstance(networks, list) or not networks:
        return False
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return True
    return not any(_holds(str(network), here) for network in networks)


def _holds(network: str, here: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    # A dual-stack server sees an IPv4 caller as ::ffff:10.0.0.1.
    mapped = here.ipv4_mapped if isinstance(here, ipaddress.IPv6Address) else None
    try:
        return (mapped or here) in ipaddress.ip_network(network.strip(), strict=False)
    except ValueError:
        return False
