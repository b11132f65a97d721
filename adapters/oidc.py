"""A provider of single sign-on, spoken to by OpenID Connect: code flow with PKCE, state, nonce.

What the provider says of itself and its keys is fetched for each login, so that keys which it
changes are known at once. No redirect of its answers is followed.
Source: OpenID Connect Core 1.0 (3.1), Discovery 1.0, RP-Initiated Logout 1.0, Back-Channel Logout
1.0; RFC 7636 (PKCE), RFC 9207 (issuer in the answer).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.claims import JWTClaims
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException, Response

from engine.errors import Refusal, Sentence

TIMEOUT_SECONDS = 10
LEEWAY_SECONDS = 60
"""How far the provider's clock and ours may be apart."""

# Only signatures of a key that the provider alone has; never "none", never a shared secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class ProviderSilent(Refusal):
    """{name} does not answer just now. Log in by your password here, or try again later."""

    status = 503


class ProviderRefused(Refusal):
    """{name} did not log you in. Try again, or log in by your password here."""

    status = 403


class TokenRefused(Refusal):
    """What {name} said was not accepted: {reason}. Try again; if it happens again, tell the administrator."""  # noqa: E501

    status = 403


@dataclass(frozen=True)
class Client:
    """This installation as the provider knows it. name: what people call the provider.

    issuer: the provider's address, to the letter. secret: empty for a public client.
    """

    name: str
    issuer: str
    client_id: str
    redirect_uri: str
    secret: str = field(default="", repr=False)
    scopes: str = "openid profile email"
    timeout_seconds: float = TIMEOUT_SECONDS


@dataclass(frozen=True)
class Begun:
    """A login on its way: where the browser goes, and what only this one can come back with."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Identity:
    """Whom the provider has logged in. claims: of the checked id token."""

    claims: Mapping[str, Any]
    id_token: str

    @property
    def shown_at(self) -> datetime | None:
        """When the person last showed there who they are; None where the provider does not say.

        Source: OpenID Connect Core 1.0, 2 (auth_time, in seconds).
        """
        said = self.claims.get("auth_time")
        if not isinstance(said, int | float) or isinstance(said, bool):
            return None
        try:
            return datetime.fromtimestamp(said, UTC)
        except (ValueError, OverflowError, OSError):
            return None


def begin(client: Client, *, again: bool = False) -> Begun:
    """Where the browser is sent. again: the provider asks for the password even of who is logged
    in there. Raises ProviderSilent.
    """
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    with _session(client) as session:
        told = _discover(client, session)
        more = {"prompt": "login", "max_age": "0"} if again else {}
        url, _state = session.create_authorization_url(
            told["authorization_endpoint"], state, verifier, nonce=nonce, **more
        )
    return Begun(url, state, nonce, verifier)


def finish(
    client: Client,
    begun: Begun,
    answer: Mapping[str, str],
    *,
    now: datetime,
    since: datetime | None = None,
) -> Identity:
    """Whom the provider has logged in, by what the browser brought back.

    answer: {"code": ..., "state": ..., "iss": ...}. since: the person must have shown there who
    they are after it. Raises ProviderSilent, ProviderRefused, TokenRefused, also where begun lacks
    what only this browser can come back with.
    """
    if not (begun.state and begun.nonce and begun.verifier):
        raise unasked(client)
    # Bytes: letters beyond ASCII, which no state of ours has, must not raise.
    if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise unasked(client)
    if "code" not in answer:
        raise ProviderRefused(name=client.name)
    with _session(client) as session:
        told = _discover(client, session)
        is_told = told.get("authorization_response_iss_parameter_supported") is True
        if answer.get("iss", client.issuer if not is_told else "") != client.issuer:
            raise _refused(client, "iss")
        token = _token(client, session, told, answer["code"], begun.verifier)
        keys = _keys(client, session, told)
    plain = token.get("id_token")
    if not isinstance(plain, str):
        raise _refused(client, "missing")
    params = {"nonce": begun.nonce, "access_token": token.get("access_token")}
    read = _read(client, plain, keys)
    claims = CodeIDToken(read.claims, read.header, _options(client), {})
    identity = Identity(_check(client, claims, now=now, params=params), plain)
    shown_at = identity.shown_at
    if since and (shown_at is None or shown_at < since - timedelta(seconds=LEEWAY_SECONDS)):
        # Providers that do not know "prompt" and "max_age" let pass who is logged in there.
        raise _refused(client, "auth_time")
    return identity


def logout_url(client: Client, *, id_token: str, back: str) -> str | None:
    """Where the browser goes to be logged out there too; None if the provider offers nothing.

    back: where it comes back to afterwards. Raises ProviderSilent.
    """
    with _session(client) as session:
        told = _discover(client, session)
    end = told.get("end_session_endpoint")
    if not isinstance(end, str):
        return None
    asked = {"client_id": client.client_id, "post_logout_redirect_uri": back}
    return f"{end}?{urlencode(asked | ({'id_token_hint': id_token} if id_token else {}))}"


@dataclass(frozen=True)
class Left:
    """Who was logged out at the provider: everywhere, or in one session there."""

    subject: str | None
    session: str | None


def logged_out(client: Client, logout_token: str, *, now: datetime) -> Left:
    """Whom the provider's own call says to log out. Raises ProviderSilent, TokenRefused.

    Source: Back-Channel Logout 1.0, 2.6.
    """
    with _session(client) as session:
        keys = _keys(client, session, _discover(client, session))
    read = _read(client, logout_token, keys)
    claims = JWTClaims(read.claims, read.header, _options(client), {})
    _check(client, claims, now=now, params={})
    events = claims.get("events")
    about = claims.get("sub"), claims.get("sid")
    if not isinstance(events, dict) or _LOGOUT not in events or "nonce" in claims:
        raise _refused(client, "events")
    if not any(about):
        raise _refused(client, "events")
    return Left(*about)


# -- the provider's own words


@contextmanager
def _session(client: Client) -> Iterator[OAuth2Session]:
    """A session that trusts nothing but the provider's direct answers."""
    session = OAuth2Session(
        client.client_id,
        client.secret or None,
        token_endpoint_auth_method="client_secret_basic" if client.secret else "none",
        scope=client.scopes,
        redirect_uri=client.redirect_uri,
        code_challenge_method="S256",
    )
    session.default_timeout = client.timeout_seconds
    session.max_redirects = 0
    try:
        yield session
    except RequestException as problem:
        raise ProviderSilent(name=client.name) from problem
    finally:
        session.close()


def _discover(client: Client, session: OAuth2Session) -> dict[str, Any]:
    """What the provider says of itself (Discovery 1.0, 4); its issuer is the one we were told."""
    address = f"{client.issuer.rstrip('/')}/.well-known/openid-configuration"
    told = _json(client, _get(client, session, address))
    if told.get("issuer") != client.issuer:
        raise _refused(client, "iss")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_safe(str(told.get(name, ""))):
            raise ProviderSilent(name=client.name)
    return told


def is_safe(address: str) -> bool:
    """Whether it is an https address, or one of this very machine."""
    parts = urlsplit(address)
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and is_local)


def _get(client: Client, session: OAuth2Session, address: str) -> Response:
    if not is_safe(address):
        raise ProviderSilent(name=client.name)
    answer: Response = session.request(
        "GET", address, withhold_token=True, timeout=client.timeout_seconds, allow_redirects=False
    )
    return answer


def _json(client: Client, answer: Response) -> dict[str, Any]:
    try:
        read = answer.json() if answer.status_code == 200 else None
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise ProviderSilent(name=client.name)
    return read


def _token(
    client: Client, session: OAuth2Session, told: dict[str, Any], code: str, verifier: str
) -> dict[str, Any]:
    try:
        token: dict[str, Any] = session.fetch_token(
            told["token_endpoint"],
            code=code,
            grant_type="authorization_code",
            code_verifier=verifier,
            timeout=client.timeout_seconds,
            allow_redirects=False,
        )
    except AuthlibBaseError as problem:
        raise ProviderRefused(name=client.name) from problem
    except ValueError as problem:  # Its answer is no JSON.
        raise ProviderSilent(name=client.name) from problem
    return token


def _keys(client: Client, session: OAuth2Session, told: dict[str, Any]) -> KeySet:
    found = _json(client, _get(client, session, told["jwks_uri"]))
    try:
        return KeySet.import_key_set({"keys": found.get("keys", [])})
    except (JoseError, ValueError, KeyError) as problem:
        raise ProviderSilent(name=client.name) from problem


# -- tokens


def _read(client: Client, token: str, keys: KeySet) -> jwt.Token:
    """The token, if one of the provider's keys has signed it. Raises TokenRefused."""
    try:
        return jwt.decode(token, keys, algorithms=ALGORITHMS)
    except (JoseError, ValueError) as problem:
        raise _refused(client, "signature") from problem


def _check(
    client: Client, claims: JWTClaims, *, now: datetime, params: Mapping[str, Any]
) -> dict[str, Any]:
    """The claims, if they are meant for us, now and in this login. Raises TokenRefused."""
    claims.params = {"client_id": client.client_id, **params}
    if claims.get("aud") not in (client.client_id, [client.client_id]):
        # Another audience beside us is somebody whom we were told nothing of (Core, 3.1.3.7).
        raise _refused(client, "aud")
    try:
        claims.validate(int(now.timestamp()), LEEWAY_SECONDS)
    except JoseError as problem:
        raise _refused(client, str(getattr(problem, "claim", ""))) from problem
    return dict(claims)


def _options(client: Client) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": client.issuer},
        "aud": {"essential": True},
        "exp": {"essential": True},
    }


REASONS = {
    "state": "the answer belongs to no login of this browser",
    "iss": "it comes from another provider",
    "aud": "it is meant for another system",
    "azp": "it is meant for another system",
    "exp": "it has expired",
    "iat": "its time lies in the future",
    "nonce": "it belongs to another login",
    "signature": "its signature is not the provider's",
    "auth_time": "it does not say that you have just logged in there again",
    "missing": "it holds no id token",
    "events": "it tells of no logout",
}
"""What is wrong with a token, by the claim that says so."""


def unasked(client: Client) -> TokenRefused:
    """The refusal of an answer to a login that this browser has not begun."""
    return _refused(client, "state")


def _refused(client: Client, reason: str) -> TokenRefused:
    words = Sentence(REASONS.get(reason, "something in it is wrong"))
    return TokenRefused(name=client.name, reason=words)
