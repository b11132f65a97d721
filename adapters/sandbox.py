"""Working doubles of the outside systems, for demonstrations and tests.

The mailbox writes each letter as an .eml file, which any mail program opens, and gives them to be
read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import compat32, default
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

from adapters import mail
from engine.ports import Call, Operation


@dataclass(frozen=True)
class Letter:
    """One letter of the sandbox. name: its file without the ending; html: "" when it has none."""

    name: str
    at: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str
    message_id: str


@dataclass(frozen=True)
class Mailbox:
    """The folder in which letters stay; it holds one-time links, so only its owner reads it."""

    folder: Path

    def put(self, message: Message, key: str, at: datetime) -> Path:
        """The letter lies in the folder, once: the same call again replaces it by itself."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{at:%Y%m%dT%H%M%S}-{sha256(key.encode()).hexdigest()[:12]}"
        earlier = list(self.folder.glob(f"*-{name.rpartition('-')[2]}.eml"))
        path = earlier[0] if earlier else self.folder / f"{name}.eml"
        # Written beside and moved, so that a reader never meets half a letter.
        unfinished = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(message.as_bytes(policy=compat32.clone(linesep="\r\n")))
        unfinished.replace(path)
        return path

    def letters(self) -> Iterator[Letter]:
        """Every letter, the latest first."""
        for path in sorted(self.folder.glob("*.eml"), reverse=True):
            yield _read(path)

    def letter(self, name: str) -> Letter | None:
        """The letter of that name, or None. A name with a path in it is none of ours."""
        path = self.folder / f"{name}.eml"
        if path.parent != self.folder or not path.is_file():
            return None
        return _read(path)


def _read(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), policy=default)
    return Letter(
        name=path.stem,
        at=parsedate_to_datetime(str(message["Date"])),
        sender=str(message["From"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        message_id=str(message["Message-ID"]),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def operation(folder: Path, sender: str) -> Operation:
    """`mail.send` into a folder: every letter is accepted and none leaves the machine."""
    mailbox = Mailbox(folder)

    def deliver(message: Message, call: Call) -> datetime:
        mailbox.put(message, call.key, call.now)
        return call.now

    return mail.operation(sender, deliver)
