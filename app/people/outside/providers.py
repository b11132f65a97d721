"""Providers of single sign-on, as the settings of the day name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from adapters import oidc
from app.people.settings import setting
from engine.errors import Refusal

KEYS = ("province", "national")
"""The providers that an agency may have: of its province, and of the whole country."""

_KINDS = frozenset(("internal",))


class WayNotInUse(Refusal):
    """This way of logging in is not in use here. Log in by your user name and password."""

    status = 404


@dataclass(frozen=True)
class Provider:
    """One provider that is switched on.

    claim: of its id token, says which account it is: "email" by the holder's address, which the
    provider must have verified, any other by the user name. groups_claim, groups: who may come;
    no groups, all. kinds: of the accounts that it opens. strong: values of "amr" or "acr" that
    mean that a second factor was shown.
    """

    key: str
    name: str
    name_en: str
    issuer: str
    client_id: str
    scopes: str
    claim: str
    groups_claim: str
    groups: frozenset[str]
    kinds: frozenset[str]
    strong: frozenset[str]

    def admits(self, claims: Mapping[str, Any]) -> bool:
        """Whether the provider says that the person is in one of the groups that may come."""
        return not self.groups or bool(self.groups & _texts(claims.get(self.groups_claim)))

    def has_shown_two(self, claims: Mapping[str, Any]) -> bool:
        """Whether the provider says that the person has shown a second factor there."""
        return bool(self.strong & (_texts(claims.get("amr")) | _texts(claims.get("acr"))))


def _texts(value: Any) -> frozenset[str]:
    """The texts of a claim that holds one or a list of them."""
    values = value if isinstance(value, list) else [value]
    return frozenset(each for each in values if isinstance(each, str))


def offered(session: Session, now: datetime) -> list[Provider]:
    """The providers by which one may log in now."""
    found = [_read(key, setting(session, now, f"login.oidc.{key}")) for key in KEYS]
    return [each for each in found if each is not None]


def find(session: Session, now: datetime, key: str) -> Provider:
    """The provider of that key. Raises WayNotInUse where it is not switched on."""
    for provider in offered(session, now):
        if provider.key == key:
            return provider
    raise WayNotInUse()


def _read(key: str, record: Any) -> Provider | None:
    if not isinstance(record, dict) or not record.get("is_on"):
        return None
    parts = {name: str(record.get(name) or "").strip() for name in record}
    if not parts["issuer"] or not parts["client_id"] or not parts["claim"]:
        return None
    return Provider(
        key=key,
        name=parts["name"],
        name_en=parts["name_en"] or parts["name"],
        issuer=parts["issuer"],
        client_id=parts["client_id"],
        scopes=" ".join(dict.fromkeys(["openid", *parts["scopes"].split()])),
        claim=parts["claim"],
        groups_claim=parts["groups_claim"],
        groups=frozenset(each.strip() for each in parts["groups"].split(",") if each.strip()),
        kinds=_KINDS | {"administrator"} if record.get("administrators") else _KINDS,
        strong=frozenset(parts["strong"].split()),
    )


def client(provider: Provider, language: str) -> oidc.Client:
    """This installation as the provider knows it; the secret comes from the environment alone."""
    settings = current_app.extensions["settings"]
    back = url_for("people.come_from_provider", key=provider.key)
    return oidc.Client(
        name=provider.name if language == "vi" else provider.name_en,
        issuer=provider.issuer,
        client_id=provider.client_id,
        redirect_uri=f"{settings.url}{back}",
        secret=settings.oidc_secrets.get(provider.key, ""),
        scopes=provider.scopes,
    )
