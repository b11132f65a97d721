"""Passwords and groups of a real slapd: right, wrong, empty, injected, encrypted, silent."""

from __future__ import annotations

import pytest

from adapters import ldap
from tests.adapters import directories
from tests.adapters.directories import BASE, WORD
from tests.adapters.sink import CERTIFICATE, free_port

PEOPLE = {"anhpt": ["can-bo"], "sao*": ["can-bo"], "binhnv": []}
OWN = f"uid={{name}},ou=people,{BASE}"


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    with directories.running(tmp_path_factory.mktemp("slapd"), PEOPLE) as running:
        yield running


@pytest.mark.parametrize("template", ["", OWN], ids=["by a search", "as themselves"])
def test_the_right_password_gives_the_entry_and_its_groups(slapd, template):
    found = ldap.authenticate(slapd.directory(template=template), "anhpt", WORD)
    assert found == ldap.Found(
        f"uid=anhpt,ou=people,{BASE}", frozenset({f"cn=can-bo,ou=groups,{BASE}"})
    )


@pytest.mark.parametrize("template", ["", OWN], ids=["by a search", "as themselves"])
@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("anhpt", "sai"),
        ("anhpt", ""),  # A bind without a password would succeed (RFC 4513, 5.1.2).
        ("", WORD),
        ("khong.co", WORD),
        ("*", WORD),
        ("anhpt)(uid=*", WORD),
        ("anh*", WORD),
        ("anhpt,ou=people", WORD),
        ("anhpt\0", WORD),
    ],
)
def test_wrong_empty_and_injected_ones_open_nothing(slapd, template, name, password):
    assert ldap.authenticate(slapd.directory(template=template), name, password) is None


def test_a_name_with_signs_of_filters_is_only_a_name(slapd):
    found = ldap.authenticate(slapd.directory(), "sao*", WORD)
    assert found and found.dn == f"uid=sao*,ou=people,{BASE}"


@pytest.mark.parametrize(("scheme", "start_tls"), [("ldaps", False), ("ldap", True)])
def test_it_speaks_encrypted_to_a_server_whose_certificate_it_trusts(slapd, scheme, start_tls):
    trusted = slapd.directory(scheme, start_tls=start_tls, ca_file=str(CERTIFICATE))
    assert ldap.authenticate(trusted, "anhpt", WORD)
    with pytest.raises(ldap.DirectorySilent):
        ldap.authenticate(slapd.directory(scheme, start_tls=start_tls), "anhpt", WORD)


@pytest.mark.parametrize(
    "changed",
    [
        {"url": f"ldap://localhost:{free_port()}"},
        {"url": "ldap://10.0.0.1"},  # In clear over the network: not even asked.
        {"url": "http://localhost"},
        {"password": "sai"},
        {"bind_dn": ""},
    ],
    ids=["down", "in clear", "no directory", "wrong account", "no account"],
)
def test_a_directory_that_cannot_be_asked_is_said_to_be_silent(slapd, changed):
    directory = ldap.Directory(**{**vars(slapd.directory()), **changed})
    with pytest.raises(ldap.DirectorySilent):
        ldap.authenticate(directory, "anhpt", WORD)
