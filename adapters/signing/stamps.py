"""Who vouches for the moment of a signature: an authority elsewhere, the sandbox's, or nobody."""

from __future__ import annotations

from datetime import datetime

from pyhanko.sign import SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper

from adapters.signing.keys import STAMPS, Keys

SECONDS = 10


def stamper(url: str, keys: Keys, at: datetime) -> TimeStamper | None:
    """The authority at the address; without one the sandbox's own, which says `at`; else None."""
    if url:
        return HTTPTimeStamper(url, timeout=SECONDS)
    for name in sorted(keys.names(STAMPS)):
        own = keys.identity(STAMPS, name)
        if own is not None and isinstance(own.signer, SimpleSigner):
            above = own.signer.cert_registry
            return DummyTimeStamper(own.certificate, own.signer.signing_key, above, fixed_dt=at)
    return None
