"""What signing needs of an installation: who sets papers, where the keys are, who stamps time."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from adapters.signing.keys import KeyFolder, Keys
from adapters.typesetting import Typesetter
from app.config import Config


@dataclass(frozen=True)
class Desk:
    """stamps: the address of a time stamp authority; empty for none but the sandbox's."""

    setter: Typesetter
    keys: Keys
    stamps: str = ""


def folder(settings: Config) -> KeyFolder:
    """The keys of an installation, below its home."""
    made = hmac.new(settings.secret_key(), b"keys", "sha256").hexdigest()
    return KeyFolder(settings.home / "keys", (settings.keys_password or made).encode())


def desk(settings: Config, setter: Typesetter) -> Desk:
    """The desk of an installation."""
    return Desk(setter, folder(settings), settings.tsa_url)
