"""Signs PDF files by PAdES: B-T with a time stamp authority, B-B without one.

The file signed before stays within the new one, byte by byte, so that earlier signatures hold.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle

from adapters.signing.appearance import Shown, drawn
from adapters.signing.fields import Updated, empty_fields, field_box
from adapters.signing.keys import Identity
from adapters.signing.loops import alone
from adapters.typesetting import Typesetter

PERSON_BOX = (330, 70, 500, 140)
"""On the last page of a file that has no place for a signature: at the right, below the text."""
SEAL_BOX = (266, 57, 362, 153)


@dataclass(frozen=True)
class Order:
    """What is to be signed: by whom, when, and how it is shown. kind: "person", "organisation"."""

    kind: str
    identity: Identity
    shown: Shown
    reason: str = ""
    location: str = ""


class _Signer(PdfSigner):
    """Signs at a moment that it is told, and not at what the machine's clock says."""

    at: datetime

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


def sign(
    content: bytes, order: Order, setter: Typesetter, *, stamper: TimeStamper | None = None
) -> bytes:
    """The file with one signature more, in the first empty place of its kind."""
    fields = empty_fields(content, order.kind)
    box = field_box(content, fields[0]) if fields else None
    writer = Updated(content)
    spec = None
    if box is None:
        box = SEAL_BOX if order.kind == "organisation" else PERSON_BOX
        spec = SigFieldSpec(_new_name(content, order.kind), on_page=-1, box=box)
    name = spec.sig_field_name if spec else fields[0]
    metadata = PdfSignatureMetadata(
        field_name=name,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=order.reason or None,
        location=order.location or None,
        name=order.shown.name,
    )
    with tempfile.TemporaryDirectory(prefix="sign-") as folder:
        page = Path(folder) / "stamp.pdf"
        page.write_bytes(drawn(setter, order.shown, box[2] - box[0], box[3] - box[1]))
        style = StaticStampStyle.from_pdf_file(str(page), border_width=0)
        signer = _Signer(
            metadata, order.identity.signer, timestamper=stamper, stamp_style=style,
            new_field_spec=spec,
        )  # fmt: skip
        signer.at = order.shown.at
        out = io.BytesIO()
        alone(lambda: signer.sign_pdf(writer, output=out))
    return out.getvalue()


def _new_name(content: bytes, kind: str) -> str:
    taken = {name for name, _v, _r in enumerate_sig_fields(PdfFileReader(io.BytesIO(content)))}
    names = [kind, *(f"{kind}-{number}" for number in range(2, 100))]
    return next(name for name in names if name not in taken)
