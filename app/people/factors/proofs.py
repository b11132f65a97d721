"""What a page that asks again who sits there shows: the password, a passkey, or nothing."""

from __future__ import annotations

from typing import Any

from flask import current_app, request

from app import web
from app.people import visits
from app.people.factors import kinds, passkeys
from app.people.login import logins
from app.people.outside import providers


def site() -> passkeys.Site | None:
    """The site that passkeys are bound to, if this page was reached by its address.

    Browsers make and show passkeys under the very address of the site and no other; without
    QUYTRINH_ADDRESS that is localhost, which is the only name a machine has by itself.
    """
    settings = current_app.extensions["settings"]
    local = f"http://localhost:{request.environ.get('SERVER_PORT', settings.port)}"
    place = passkeys.site(settings.address.rstrip("/") or local)
    return place if place is not None and request.host_url.rstrip("/") == place.origin else None


def shown(here: visits.Visit) -> dict[str, Any]:
    """Whether the password need not be typed, and what may stand in for it: a passkey, and the
    provider that opened the stay, which asks again.
    """
    reading, now = web.reading(), web.engine().clock()
    offered = providers.offered(reading, now)
    has_passkey = site() is not None and "passkey" in kinds.of(reading, here.account.id)
    return {
        "is_fresh": logins.is_fresh(reading, here.login, now),
        "may_show_passkey": has_passkey,
        "providers": [each for each in offered if here.login.way == f"oidc:{each.key}"],
    }
