"""Single sign-on against a real provider, and against one that lies."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from adapters import oidc
from tests.adapters import providers
from tests.clocks import MONDAY

BACK = "http://localhost/login/from/province"


def query_of(address):
    return dict(parse_qsl(urlsplit(address).query))


@pytest.fixture(scope="module")
def real():
    with providers.running() as address:
        yield oidc.Client("VNeID", address, "quytrinh", BACK, providers.SECRET)


@pytest.fixture
def visitor():
    made = providers.Visitor("anhpt", "otp")
    yield made
    made.close()


def test_a_real_provider_says_who_came_and_logs_out_again(real, visitor):
    begun = oidc.begin(real)
    answer = query_of(visitor.go(begun.url))
    identity = oidc.finish(real, begun, answer, now=MONDAY)
    assert identity.claims["preferred_username"] == "anhpt"
    assert identity.claims["groups"] == ["can-bo"]
    out = oidc.logout_url(real, id_token=identity.id_token, back="http://localhost/login")
    assert visitor.go(out) == "http://localhost/login"
    with pytest.raises(oidc.ProviderRefused):  # A code is good once.
        oidc.finish(real, begun, answer, now=MONDAY)


def test_the_code_is_worth_nothing_without_the_verifier_of_the_same_browser(real, visitor):
    begun, other = oidc.begin(real), oidc.begin(real)
    answer = query_of(visitor.go(begun.url))
    stolen = oidc.Begun("", begun.state, begun.nonce, other.verifier)
    with pytest.raises(oidc.ProviderRefused):
        oidc.finish(real, stolen, answer, now=MONDAY)


@pytest.mark.parametrize(
    ("changed", "hours", "reason"),
    [
        ({"nonce": "x"}, 0, "it belongs to another login"),
        ({"state": "x"}, 0, "the answer belongs to no login of this browser"),
        ({}, 2, "it has expired"),
        ({}, -2, "its time lies in the future"),
    ],
)
def test_what_a_real_provider_said_in_another_login_or_at_another_time_is_refused(
    real, visitor, changed, hours, reason
):
    begun = oidc.begin(real)
    answer = query_of(visitor.go(begun.url))
    begun = oidc.Begun(**{**vars(begun), **changed})
    with pytest.raises(oidc.TokenRefused) as refusal:
        oidc.finish(real, begun, answer, now=MONDAY + timedelta(hours=hours))
    assert reason in str(refusal.value)


@pytest.mark.parametrize("missing", ["state", "nonce", "verifier"])
def test_an_answer_is_refused_where_no_login_was_begun(missing):
    """The provider is never asked: it is down."""
    client = oidc.Client("VNeID", "http://localhost:9", "quytrinh", BACK, timeout_seconds=2)
    begun = oidc.Begun(**{"url": "", "state": "s", "nonce": "n", "verifier": "v", missing: ""})
    with pytest.raises(oidc.TokenRefused):
        oidc.finish(client, begun, {"state": begun.state, "code": "c"}, now=MONDAY)


def test_a_state_of_any_letters_is_compared_and_refused():
    client = oidc.Client("VNeID", "http://localhost:9", "quytrinh", BACK, timeout_seconds=2)
    begun = oidc.Begun("", "s", "n", "v")
    with pytest.raises(oidc.TokenRefused):
        oidc.finish(client, begun, {"state": "đã", "code": "c"}, now=MONDAY)


def test_a_provider_that_is_down_is_said_to_be():
    client = oidc.Client("VNeID", "http://localhost:9", "quytrinh", BACK, timeout_seconds=2)
    with pytest.raises(oidc.ProviderSilent):
        oidc.begin(client)


@pytest.mark.parametrize("issuer", ["http://sso.sonhai.example", "ftp://localhost", "localhost"])
def test_a_provider_without_encryption_is_not_asked(issuer):
    with pytest.raises(oidc.ProviderSilent):
        oidc.begin(oidc.Client("VNeID", issuer, "quytrinh", BACK))


class Liar:
    """A provider that says what a test wants: `claims`, signed by `key`, listed as `listed`."""

    def __init__(self):
        self.key = self.listed = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self.algorithm, self.changed, self.metadata = "RS256", {}, {}
        liar = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self._say(liar.told() if "well-known" in self.path else liar.keys())

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self._say({"access_token": "a", "token_type": "Bearer", "id_token": liar.token()})

            def _say(self, what):
                body = json.dumps(what).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://localhost:{self.server.server_port}"
        self.client = oidc.Client("VNeID", self.issuer, "quytrinh", BACK)

    def told(self):
        paths = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "keys"}
        found = {name: f"{self.issuer}/{path}" for name, path in paths.items()}
        return {"issuer": self.issuer, **found, **self.metadata}

    def keys(self):
        return {"keys": [self.listed.as_dict(private=False)]}

    def token(self):
        at = int(MONDAY.timestamp())
        claims = {"iss": self.issuer, "aud": "quytrinh", "sub": "1", "iat": at, "exp": at + 60}
        claims |= {"nonce": "n", **self.changed}
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "1"}
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])

    def finish(self, **more):
        begun = oidc.Begun("", "s", "n", "v" * 43)
        answer = {"state": "s", "code": "c", "iss": self.issuer}
        return oidc.finish(self.client, begun, answer, now=MONDAY, **more)


@pytest.fixture
def liar():
    made = Liar()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"aud": "another"}, "another system"),
        ({"aud": ["quytrinh", "another"]}, "another system"),
        ({"azp": "another"}, "another system"),
        ({"iss": "http://localhost:1"}, "another provider"),
        ({"nonce": None}, "another login"),
        ({"nonce": "m"}, "another login"),
        ({"exp": int(MONDAY.timestamp()) - 61}, "expired"),
        ({"exp": None}, "expired"),
        ({"sub": None}, "wrong"),
    ],
)
def test_a_token_that_is_not_for_this_login_is_refused(liar, changed, reason):
    liar.changed = changed
    with pytest.raises(oidc.TokenRefused) as refusal:
        liar.finish()
    assert reason in str(refusal.value)


def test_clocks_may_be_a_minute_apart(liar):
    liar.changed = {"exp": int(MONDAY.timestamp()) - 50}
    assert liar.finish().claims["sub"] == "1"


@pytest.mark.parametrize("auth_time", [None, "now", True, int(MONDAY.timestamp()) - 61, 10**30])
def test_who_must_log_in_there_again_is_refused_unless_the_provider_says_they_did(liar, auth_time):
    liar.changed = {"auth_time": auth_time}
    with pytest.raises(oidc.TokenRefused):
        liar.finish(since=MONDAY)
    liar.changed = {"auth_time": int(MONDAY.timestamp())}
    assert liar.finish(since=MONDAY).shown_at == MONDAY


def test_keys_that_the_provider_has_changed_are_known_at_once(liar):
    assert liar.finish().claims["sub"] == "1"
    liar.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
    with pytest.raises(oidc.TokenRefused) as refusal:
        liar.finish()
    assert "signature" in str(refusal.value)
    liar.listed = liar.key
    assert liar.finish().claims["sub"] == "1"


def test_a_token_signed_by_what_everybody_knows_is_refused(liar):
    """The provider's public key, used as a shared secret (RFC 8725, 2.1)."""
    liar.algorithm, public = "HS256", liar.key.as_pem(private=False)
    liar.key = OctKey.import_key(public.replace(b"-----", b""))
    with pytest.raises(oidc.TokenRefused):
        liar.finish()


@pytest.mark.parametrize("metadata", [{"issuer": "http://localhost:1"}, {"jwks_uri": "http://a"}])
def test_a_provider_that_speaks_for_another_is_not_believed(liar, metadata):
    liar.metadata = metadata
    with pytest.raises((oidc.TokenRefused, oidc.ProviderSilent)):
        liar.finish()


@pytest.mark.parametrize("missing", ["events", "sub"])
def test_a_logout_that_names_nobody_or_nothing_is_refused(liar, missing):
    events = {"http://schemas.openid.net/event/backchannel-logout": {}}
    liar.changed = {"nonce": None, "events": events}
    assert oidc.logged_out(liar.client, liar.token(), now=MONDAY).subject == "1"
    liar.changed = {**liar.changed, missing: None}
    with pytest.raises(oidc.TokenRefused):
        oidc.logged_out(liar.client, liar.token(), now=MONDAY)
    liar.changed = {"events": events}  # An id token is no logout token.
    with pytest.raises(oidc.TokenRefused):
        oidc.logged_out(liar.client, liar.token(), now=MONDAY)
