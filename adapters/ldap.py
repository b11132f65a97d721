"""A directory, spoken to by LDAP: whether a password is right there, and in which groups one is.

Source: RFC 4511; RFC 4513 (5.1.2: a bind with an empty password proves nothing, and never leaves
this file); RFC 4515 and 4514 for what is escaped in filters and names.
"""

from __future__ import annotations

import secrets
import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from engine.errors import Refusal

with warnings.catch_warnings():
    # The last release is older than the names that pyasn1 has now.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3
    from ldap3.core.exceptions import LDAPException
    from ldap3.utils.conv import escape_filter_chars
    from ldap3.utils.dn import escape_rdn

TIMEOUT_SECONDS = 5


class DirectorySilent(Refusal):
    """The directory of the agency does not answer just now. If your account has a password of its own here, use that; else try again later."""  # noqa: E501

    status = 503


@dataclass(frozen=True)
class Directory:
    """Where people are found, and how.

    url: ldaps://host, or ldap://host, encrypted by start_tls; without either only this machine.
    base, attribute: where a search finds the user name. template: the name of the entry itself,
    "uid={name},ou=people,dc=sonhai": then people bind as themselves and nothing is searched.
    bind_dn, password: as whom the search is done. group_base: where groups list their members;
    empty: the entry lists its groups in memberOf. ca_file: trusted beside nothing else.
    """

    url: str
    base: str = ""
    attribute: str = "uid"
    template: str = ""
    bind_dn: str = ""
    password: str = field(default="", repr=False)
    group_base: str = ""
    start_tls: bool = False
    ca_file: str = ""
    timeout_seconds: float = TIMEOUT_SECONDS


@dataclass(frozen=True)
class Found:
    """Somebody whose password is right. groups: names of entries, as `plain` gives them."""

    dn: str
    groups: frozenset[str]


def plain(dn: str) -> str:
    """The name of an entry so that two ways to write it are one: "cn=a, dc=B" is "cn=a,dc=b"."""
    return ",".join(part.strip() for part in dn.lower().split(","))


def authenticate(directory: Directory, name: str, password: str) -> Found | None:
    """Who has that name and password there; None for a wrong one, or for nobody.

    Who is not found is tried all the same, under a name that nobody has, so that the time taken
    does not tell. Raises DirectorySilent: no answer, no trust, or its account for searching fails.
    """
    if not name or not password or "\0" in name + password:
        return None
    try:
        server = _server(directory)
        if directory.template:
            own = directory.template.replace("{name}", escape_rdn(name))
            return _as_themselves(directory, server, own, password)
        with _bound(directory, server, directory.bind_dn, directory.password) as searching:
            if searching is None:
                raise DirectorySilent()
            dn = _search(directory, searching, name)
            there = dn or f"{directory.attribute}={secrets.token_hex(8)},{directory.base}"
            with _bound(directory, server, there, password) as person:
                is_right = person is not None and dn is not None
            return Found(there, _groups(directory, searching, there)) if is_right else None
    except (LDAPException, OSError, ssl.SSLError) as problem:
        raise DirectorySilent() from problem


def _as_themselves(
    directory: Directory, server: ldap3.Server, dn: str, password: str
) -> Found | None:
    with _bound(directory, server, dn, password) as person:
        return Found(dn, _groups(directory, person, dn)) if person is not None else None


class _Trust(ldap3.Tls):  # type: ignore[misc]  # ldap3 has no types
    """Encryption by the context given, for a server of that name and no other.

    ldap3's own compares names by a function that Python is about to drop, and leaves the socket
    open where the certificate is not trusted.
    """

    def __init__(self, context: ssl.SSLContext, name: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context, self._name = context, name

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """The connection's socket is encrypted, once the certificate is the server's."""
        plain_socket = connection.socket
        try:
            connection.socket = self._context.wrap_socket(plain_socket, server_hostname=self._name)
        except (OSError, ssl.SSLError):
            plain_socket.close()
            raise


def _server(directory: Directory) -> ldap3.Server:
    parts = urlsplit(directory.url)
    is_secret = parts.scheme == "ldaps" or directory.start_tls
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme not in ("ldap", "ldaps") or not parts.hostname or not (is_secret or is_local):
        # A password in clear over the network would be everybody's.
        raise DirectorySilent()
    trusted = ssl.create_default_context(cafile=directory.ca_file or None)
    tls = _Trust(trusted, parts.hostname)
    port = parts.port or (636 if parts.scheme == "ldaps" else 389)
    # Of several addresses of a name ldap3 leaves the sockets open that did not answer.
    with socket.create_connection((parts.hostname, port), directory.timeout_seconds) as probe:
        answering = str(probe.getpeername()[0])
    return ldap3.Server(
        answering,
        port=port,
        use_ssl=parts.scheme == "ldaps",
        tls=tls,
        get_info=ldap3.NONE,
        connect_timeout=directory.timeout_seconds,
    )


@contextmanager
def _bound(
    directory: Directory, server: ldap3.Server, dn: str, password: str
) -> Iterator[ldap3.Connection | None]:
    """A connection bound as that entry; None if the password is not its.

    Without a name of its own the search is anonymous. Referrals are not followed: they would take
    the password to a server that nobody named.
    """
    connection = ldap3.Connection(
        server,
        user=dn or None,
        password=password or None,
        authentication=ldap3.SIMPLE if dn else ldap3.ANONYMOUS,
        auto_referrals=False,
        read_only=True,
        receive_timeout=directory.timeout_seconds,
    )
    try:
        connection.open()
        if directory.start_tls and not connection.start_tls():
            raise DirectorySilent()
        yield connection if connection.bind() else None
    finally:
        connection.unbind()


def _search(directory: Directory, connection: ldap3.Connection, name: str) -> str | None:
    """The one entry of that name; none if there are two."""
    wanted = f"({directory.attribute}={escape_filter_chars(name)})"
    found = _entries(directory, connection, directory.base, wanted, attributes=[])
    return str(found[0]["dn"]) if len(found) == 1 else None


def _groups(directory: Directory, connection: ldap3.Connection, dn: str) -> frozenset[str]:
    if directory.group_base:
        member = escape_filter_chars(dn)
        wanted = f"(|(member={member})(uniqueMember={member}))"
        found = _entries(directory, connection, directory.group_base, wanted, attributes=[])
        return frozenset(plain(str(entry["dn"])) for entry in found)
    entry = _entries(directory, connection, dn, "(objectClass=*)", attributes=["memberOf"])
    names = entry[0]["attributes"].get("memberOf", []) if entry else []
    return frozenset(plain(str(each)) for each in ([names] if isinstance(names, str) else names))


def _entries(
    directory: Directory,
    connection: ldap3.Connection,
    base: str,
    wanted: str,
    *,
    attributes: list[str],
) -> list[dict[str, Any]]:
    connection.search(
        base,
        wanted,
        attributes=attributes or ldap3.NO_ATTRIBUTES,
        time_limit=int(directory.timeout_seconds),
    )
    return [each for each in connection.response or [] if each["type"] == "searchResEntry"]
