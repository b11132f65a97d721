"""A real directory: Debian's slapd on a free port of this machine, with three people in it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from adapters import ldap
from app.config import ROOT
from tests.adapters.sink import CERTIFICATE, free_port

UNPACKED = ROOT / ".slapd"
MISSING = "slapd is not there: ./test unpacks it, or apt-get install slapd"
BASE = "dc=sonhai,dc=example"
SEARCHER, SECRET = f"cn=tra-cuu,{BASE}", "Mat-khau-tra-cuu-1"
WORD = "Mat-khau-thu-muc-1"

PEOPLE = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: Son Hai
dc: sonhai

dn: {SEARCHER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: tra-cuu
userPassword: {SECRET}

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{BASE}
objectClass: organizationalUnit
ou: groups
"""
PERSON = """
dn: uid={name},ou=people,{base}
objectClass: inetOrgPerson
uid: {name}
cn: {name}
sn: {name}
userPassword: {word}
"""
GROUP = """
dn: cn={name},ou=groups,{base}
objectClass: groupOfNames
cn: {name}
"""
CONFIGURATION = """
include {etc}/schema/core.schema
include {etc}/schema/cosine.schema
include {etc}/schema/inetorgperson.schema
modulepath {modules}
moduleload back_ldif
TLSCertificateFile {certificate}
TLSCertificateKeyFile {certificate}
disallow bind_anon
database ldif
suffix "{base}"
directory {folder}/data
rootdn "cn=root,{base}"
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{searcher}" read by users read by * none
"""


def program() -> tuple[Path, Path]:
    """Where slapd is, and the folder under which its libraries and schemata are."""
    for root in (UNPACKED, Path("/")):
        if (root / "usr/sbin/slapd").exists():
            return root / "usr/sbin/slapd", root
    pytest.skip(MISSING)


def _run(command: list[str], root: Path, **more: Any) -> subprocess.Popen[str]:
    libraries = ":".join(str(each) for each in root.glob("usr/lib/*-linux-gnu"))
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
    return subprocess.Popen(
        command, env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE, **more
    )


class Slapd:
    """The running server; `at("ldap")` or `at("ldaps")` is its address."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.ports = ports

    def at(self, scheme: str) -> str:
        return f"{scheme}://localhost:{self.ports[scheme]}"

    def directory(self, scheme: str = "ldap", **more: Any) -> ldap.Directory:
        """How the adapter finds people there, searching first."""
        found = {"base": f"ou=people,{BASE}", "bind_dn": SEARCHER, "password": SECRET}
        found |= {"group_base": f"ou=groups,{BASE}", "timeout_seconds": 5}
        return ldap.Directory(self.at(scheme), **{**found, **more})


@contextmanager
def running(folder: Path, people: dict[str, list[str]]) -> Iterator[Slapd]:
    """slapd with these people, by the groups that they are in: {"anhpt": ["van-thu"]}."""
    slapd, root = program()
    (folder / "data").mkdir()
    (folder / "slapd.conf").write_text(
        CONFIGURATION.format(
            etc=root / "etc/ldap",
            modules=root / "usr/lib/ldap",
            certificate=CERTIFICATE,
            base=BASE,
            folder=folder,
            searcher=SEARCHER,
        )
    )
    groups: dict[str, list[str]] = {}
    for name, names in people.items():
        for group in names:
            groups.setdefault(group, []).append(f"member: uid={name},ou=people,{BASE}")
    ldif = [PEOPLE, *(PERSON.format(name=name, base=BASE, word=WORD) for name in people)]
    ldif += [
        GROUP.format(name=name, base=BASE) + "\n".join(of) + "\n" for name, of in groups.items()
    ]
    (folder / "people.ldif").write_text("".join(ldif))
    configuration = str(folder / "slapd.conf")
    adding = [
        str(slapd), "-T", "add", "-f", configuration, "-l", str(folder / "people.ldif")
    ]  # fmt: skip
    with _run(adding, root) as added:
        _out, problems = added.communicate(timeout=30)
        assert added.returncode == 0, problems
    ports = {"ldap": free_port(), "ldaps": free_port()}
    addresses = " ".join(f"{scheme}://127.0.0.1:{port}/" for scheme, port in ports.items())
    with _run([str(slapd), "-f", configuration, "-h", addresses, "-d", "0"], root) as server:
        try:
            _wait(ports["ldaps"], server)
            yield Slapd(ports)
        finally:
            server.kill()
            server.communicate()


def _wait(port: int, server: subprocess.Popen[str]) -> None:
    """The server answers; asked anew each time that it does not yet."""
    until = time.monotonic() + 20
    while server.poll() is None and time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
    raise AssertionError("slapd did not start")
