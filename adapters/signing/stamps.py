"""Who vouches for the moment of a signature: an authority elsewhere, the sandbox's, or nobody."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

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
    own = _sandbox(keys)
    if own is None:
        return None
    above = own.cert_registry
    return DummyTimeStamper(own.signing_cert, own.signing_key, above, fixed_dt=at)


@lru_cache(maxsize=8)
def _sandbox(keys: Keys) -> SimpleSigner | None:
    """The key of the sandbox's authority, which is made once in a folder and never changed.

    Opening it takes as long as signing does; nothing that it signs is worth being kept from
    whoever reads this process's memory.
    """
    for name in sorted(keys.names(STAMPS)):
        own = keys.identity(STAMPS, name)
        if own is not None and isinstance(own.signer, SimpleSigner):
            return own.signer
    return None
