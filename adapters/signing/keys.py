"""Keys with which people and organisations sign, and whom an installation trusts.

`Keys` is what signing asks for; `KeyFolder` keeps keys as encrypted PKCS#12 files, for agencies
whose keys lie on the server. A token (PKCS#11) or a signing service is another class that gives
`Identity` with a signer of its own.

    people/NAME.p12, units/CODE.p12    keys; NAME.png is the picture that stands for a signature
    stamps/*.p12                       a time stamp authority of its own (the sandbox's)
    trust/*.pem, known/*.pem           roots that are trusted, and issuers below them
    revoked/*.crl                      lists of revoked certificates; nothing is fetched
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import Signer

    from adapters.signing.sandbox import Issued

PEOPLE, UNITS, STAMPS = "people", "units", "stamps"


@dataclass(frozen=True)
class Identity:
    """Who signs: with which key, and by which certificate. picture: PNG of a signature or seal."""

    signer: Signer
    certificate: asn1.Certificate
    picture: bytes | None = None


@dataclass(frozen=True)
class Trust:
    """Whom an installation trusts, and what is known of revocations; DER."""

    roots: tuple[bytes, ...]
    known: tuple[bytes, ...]
    revoked: tuple[bytes, ...]


class Keys(Protocol):
    """Where the keys are; what they open may be remembered by them."""

    def __hash__(self) -> int: ...

    def identity(self, kind: str, name: str) -> Identity | None:
        """The key of an account ("people") or a unit ("units"); None without one."""
        ...

    def names(self, kind: str) -> frozenset[str]:
        """Whose keys there are."""
        ...

    def trusted(self) -> Trust:
        """Whom the installation trusts."""
        ...


class KeyFolder:
    """Keys in encrypted files, which only the software's own user reads."""

    def __init__(self, folder: Path, password: bytes) -> None:
        self.folder = folder
        self._password = password

    def identity(self, kind: str, name: str) -> Identity | None:
        """See `Keys.identity`. Raises ValueError when the file cannot be opened."""
        place = self._place(kind, name)
        if not place.is_file():
            return None
        # Loading it takes a second, which only those spend who sign.
        from pyhanko.sign import SimpleSigner
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        found = pkcs12.load_pkcs12(place.read_bytes(), self._password)
        if found.key is None or found.cert is None:
            return None
        plain = serialization.NoEncryption()
        der = serialization.Encoding.DER
        key = found.key.private_bytes(der, serialization.PrivateFormat.PKCS8, plain)
        above = [_asn1(one.certificate) for one in found.additional_certs]
        registry = SimpleCertificateStore.from_certs(above)
        certificate = _asn1(found.cert.certificate)
        signer = SimpleSigner(certificate, asn1_keys.PrivateKeyInfo.load(key), registry)
        picture = place.with_suffix(".png")
        shown = picture.read_bytes() if picture.is_file() else None
        return Identity(signer, certificate, shown)

    def certificate(self, kind: str, name: str) -> x509.Certificate | None:
        """The certificate of a key."""
        found = self.identity(kind, name)
        return x509.load_der_x509_certificate(found.certificate.dump()) if found else None

    def names(self, kind: str) -> frozenset[str]:
        """See `Keys.names`."""
        files = (self.folder / kind).glob("*.p12")
        return frozenset(path.stem.replace("%3A", ":") for path in files)

    def trusted(self) -> Trust:
        """See `Keys.trusted`."""
        return Trust(
            tuple(_certificates(self.folder / "trust")),
            tuple(_certificates(self.folder / "known")),
            tuple(path.read_bytes() for path in sorted((self.folder / "revoked").glob("*.crl"))),
        )

    def put(self, kind: str, name: str, issued: Issued, above: Iterable[x509.Certificate]) -> None:
        """The key is kept, encrypted, in place of an earlier one."""
        locked = serialization.BestAvailableEncryption(self._password)
        content = pkcs12.serialize_key_and_certificates(
            name.encode(), issued.key, issued.certificate, list(above), locked
        )
        self._write(self._place(kind, name), content)

    def trust(self, name: str, certificate: x509.Certificate) -> None:
        """What this root has issued is trusted."""
        content = certificate.public_bytes(serialization.Encoding.PEM)
        self._write(self.folder / "trust" / f"{name}.pem", content)

    def know(self, name: str, certificate: x509.Certificate) -> None:
        """The issuer is known; it is trusted when a trusted root has issued it."""
        content = certificate.public_bytes(serialization.Encoding.PEM)
        self._write(self.folder / "known" / f"{name}.pem", content)

    def revocations(self, name: str, content: bytes) -> None:
        """The list of revoked certificates (DER) is in force."""
        self._write(self.folder / "revoked" / f"{name}.crl", content)

    def _place(self, kind: str, name: str) -> Path:
        return self.folder / kind / f"{quoted(name)}.p12"

    def _write(self, place: Path, content: bytes) -> None:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = place.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        half.replace(place)


def quoted(name: str) -> str:
    """A name as a file is called: "customer%3Actyabc"; no name leads out of the folder."""
    return quote(name, safe="").replace("..", "%2E%2E")


def _certificates(folder: Path) -> Iterable[bytes]:
    for path in sorted(folder.glob("*.pem")):
        for one in x509.load_pem_x509_certificates(path.read_bytes()):
            yield one.public_bytes(serialization.Encoding.DER)


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
