"""What the signatures in a PDF file say: who signed, when, and whether it holds.

Nothing is fetched: certificates are judged by what the installation trusts and knows, at the
moment of signing.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import x509 as asn1
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError, RevokedError

from adapters.signing.keys import Trust
from adapters.signing.loops import alone
from engine.errors import Refusal


class NoPdf(Refusal):
    """ "{name}" is no PDF file that can be read. Export the document as PDF again."""

    status = 422


@dataclass(frozen=True)
class Signature:
    """One signature. kind: "person" or "organisation". at: aware. is_stamped: whether an authority
    vouches for the moment. is_intact: nothing of what was signed has changed; is_trusted: its
    certificate held at that moment; is_whole: it covers the file, but for signatures that came
    later.
    """

    kind: str
    name: str
    organisation: str
    at: datetime | None
    is_stamped: bool
    is_intact: bool
    is_trusted: bool
    is_whole: bool

    @property
    def holds(self) -> bool:
        return self.is_intact and self.is_trusted and self.is_whole


def context(trust: Trust, at: datetime) -> ValidationContext:
    """What certificates are judged by at a moment."""
    return ValidationContext(
        trust_roots=[asn1.Certificate.load(one) for one in trust.roots],
        other_certs=[asn1.Certificate.load(one) for one in trust.known],
        crls=list(trust.revoked),
        moment=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
        retroactive_revinfo=True,
    )


def signatures(content: bytes, trust: Trust, *, now: datetime, name: str = "") -> list[Signature]:
    """All signatures of the file, the oldest first. Raises NoPdf."""
    try:
        reader = PdfFileReader(io.BytesIO(content))
        embedded = list(reader.embedded_regular_signatures)
    except (PdfError, ValueError, KeyError, RecursionError) as problem:
        raise NoPdf(name=name) from problem
    return [_read(one, trust, now) for one in embedded]


def _read(embedded: Any, trust: Trust, now: datetime) -> Signature:
    certificate = embedded.signer_cert
    subject = certificate.subject.native
    found = {
        "kind": kind_of(subject),
        "name": str(subject.get("common_name", "")),
        "organisation": str(subject.get("organization_name", "")),
    }
    reported = embedded.self_reported_timestamp
    try:
        # The moment is the authority's where there is one, and else what the signer says.
        judged = context(trust, reported or now)
        status = alone(lambda: validate_pdf_signature(embedded, judged, judged))
    except (SignatureValidationError, SigningError, PdfError, ValueError) as problem:
        assert str(problem) is not None
        return Signature(**found, at=reported, is_stamped=False, is_intact=False,
                         is_trusted=False, is_whole=False)  # fmt: skip
    stamp = status.timestamp_validity
    is_stamped = stamp is not None and stamp.valid and stamp.trusted
    return Signature(
        **found,
        at=stamp.timestamp if stamp is not None and is_stamped else reported,
        is_stamped=bool(is_stamped),
        is_intact=bool(status.intact and status.valid),
        is_trusted=bool(status.trusted),
        is_whole=_is_whole(status),
    )


def _is_whole(status: Any) -> bool:
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return True
    return bool(
        status.coverage == SignatureCoverageLevel.ENTIRE_REVISION
        and status.modification_level is not None
        and status.modification_level <= ModificationLevel.FORM_FILLING
        and status.docmdp_ok
    )


def kind_of(subject: dict[str, Any]) -> str:
    """Whose certificate it is: authorities number organisations by tax code (MST)."""
    number = str(subject.get("user_id", ""))
    names = (subject.get("common_name"), subject.get("organization_name"))
    if number.startswith("MST:") or (names[0] is not None and names[0] == names[1]):
        return "organisation"
    return "person"


async def _path(certificate: asn1.Certificate, judged: ValidationContext) -> None:
    await CertificateValidator(certificate, validation_context=judged).async_validate_path()


def why_not(certificate: asn1.Certificate, trust: Trust, at: datetime) -> str | None:
    """Why one may not sign by the certificate at a moment: "early", "expired", "revoked" or
    "untrusted", where no trusted root stands above it. None when one may.
    """
    if at < certificate.not_valid_before:
        return "early"
    if at > certificate.not_valid_after:
        return "expired"
    try:
        alone(lambda: asyncio.run(_path(certificate, context(trust, at))))
    except RevokedError:
        return "revoked"
    except (PathBuildingError, PathValidationError):
        return "untrusted"
    return None
