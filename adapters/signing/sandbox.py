"""A certification authority for demonstrations and tests: a root, an issuer below it, certificates
of people and organisations, a time stamp authority, and a list of what was revoked.

What it signs has no value anywhere else: its root is trusted by the installation that made it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from adapters.signing.keys import KeyFolder

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
YEARS = 5
"""For how long certificates hold, as those of the Government's authority do."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key


class Authority:
    """Issues certificates into a folder of keys; opened anew, it goes on with its own."""

    def __init__(self, keys: KeyFolder, since: datetime) -> None:
        self.keys = keys
        self._since = since
        self._folder = keys.folder / "sandbox"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._root = self._own("root", "Cơ quan chứng thực thử nghiệm", None)
        self._issuer = self._own("issuer", "Chứng thực thử nghiệm cấp dưới", self._root)
        self._trust()

    def person(self, account: str, name: str, *, unit: str, until: datetime | None = None) -> None:
        """The account has a key and a certificate that names the person and the unit."""
        names = [
            x509.NameAttribute(NameOID.USER_ID, f"TK:{account}"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, unit[:64]),
        ]
        self.keys.put("people", account, self._signer(names, until), self.chain)

    def organisation(self, unit: str, name: str, *, until: datetime | None = None) -> None:
        """The unit has a key and a certificate of the organisation."""
        names = [
            x509.NameAttribute(NameOID.USER_ID, f"MST:{unit}"),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
        ]
        self.keys.put("units", unit, self._signer(names, until), self.chain)

    @property
    def chain(self) -> list[x509.Certificate]:
        """The certificates above all that it issues, the nearest first."""
        return [self._issuer.certificate, self._root.certificate]

    def revoke(self, kind: str, name: str, at: datetime) -> None:
        """The certificate of that key is on the list of revoked ones from that moment on."""
        found = self.keys.certificate(kind, name)
        if found is not None:
            lines = self._revoked() | {found.serial_number: at}
            text = "".join(f"{serial} {when.isoformat()}\n" for serial, when in lines.items())
            (self._folder / "revoked").write_text(text)
            self._list()

    def _revoked(self) -> dict[int, datetime]:
        path = self._folder / "revoked"
        rows = path.read_text().split("\n")[:-1] if path.exists() else []
        pairs = (row.split(" ") for row in rows)
        return {int(serial): datetime.fromisoformat(when) for serial, when in pairs}

    def _own(self, file: str, name: str, above: Issued | None) -> Issued:
        """One of its own keys, made at the first time."""
        place = self._folder / f"{file}.pem"
        if place.exists():
            content = place.read_bytes()
            key = serialization.load_pem_private_key(content, None)
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            return Issued(x509.load_pem_x509_certificate(content), key)
        made = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(subject, made, self._since + 4 * YEARS * 365 * _DAY, above)
        builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
        builder = builder.add_extension(_usage(is_authority=True), critical=True)
        issued = Issued(builder.sign((above.key if above else made), hashes.SHA256()), made)
        _write(place, [_pem(issued.key), issued.certificate.public_bytes(_PEM)])
        return issued

    def _builder(
        self, subject: x509.Name, key: Key, until: datetime, above: Issued | None
    ) -> x509.CertificateBuilder:
        over = above.certificate.subject if above else subject
        public = (above.key if above else key).public_key()
        # Who judges a certificate asks for revocations only where it names a list of them.
        place = x509.UniformResourceIdentifier("http://sandbox.invalid/revoked.crl")
        points = x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)])
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(over)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._since)
            .not_valid_after(until)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False)
            .add_extension(points, False)
        )

    def _signer(self, names: list[x509.NameAttribute[str]], until: datetime | None) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        end = until or self._since + YEARS * 365 * _DAY
        builder = self._builder(x509.Name(names), key, end, self._issuer)
        builder = builder.add_extension(x509.BasicConstraints(False, None), critical=True)
        builder = builder.add_extension(_usage(is_authority=False), critical=True)
        return Issued(builder.sign(self._issuer.key, hashes.SHA256()), key)

    def _trust(self) -> None:
        """The root is trusted here, there is a time stamp authority, and a list of revocations."""
        self.keys.trust("sandbox", self._root.certificate)
        self.keys.know("sandbox", self._issuer.certificate)
        if not (self.keys.folder / "stamps").exists():
            key = rsa.generate_private_key(65537, 2048)
            names = [x509.NameAttribute(NameOID.COMMON_NAME, "Cấp dấu thời gian thử nghiệm")]
            builder = self._builder(
                x509.Name(names), key, self._since + YEARS * 365 * _DAY, self._issuer
            )
            stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(stamping, critical=True)
            builder = builder.add_extension(_usage(is_authority=False), critical=True)
            issued = Issued(builder.sign(self._issuer.key, hashes.SHA256()), key)
            self.keys.put("stamps", "sandbox", issued, self.chain)
            self._list()

    def _list(self) -> None:
        """The list of what its issuer has revoked; the root's is empty."""
        for above, revoked in ((self._issuer, self._revoked()), (self._root, {})):
            builder = (
                x509.CertificateRevocationListBuilder()
                .issuer_name(above.certificate.subject)
                .last_update(self._since)
                .next_update(self._since + 4 * YEARS * 365 * _DAY)
            )
            for serial, at in revoked.items():
                entry = x509.RevokedCertificateBuilder().serial_number(serial)
                builder = builder.add_revoked_certificate(entry.revocation_date(at).build())
            name = "issuer" if above is self._issuer else "root"
            content = builder.sign(above.key, hashes.SHA256()).public_bytes(_DER)
            self.keys.revocations(f"sandbox-{name}", content)


_PEM = serialization.Encoding.PEM
_DER = serialization.Encoding.DER


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: Key) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, plain)


def _write(place: Path, parts: Iterable[bytes]) -> None:
    place.touch(mode=0o600)
    place.write_bytes(b"".join(parts))
