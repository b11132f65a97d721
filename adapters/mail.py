"""A letter by mail, whichever way it goes: what it must hold, and how it is composed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from email.charset import QP, Charset
from email.encoders import encode_base64
from email.header import Header
from email.headerregistry import Address
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from engine.case_files import Files, contents
from engine.errors import CallFailed
from engine.ports import Call, Operation
from engine.tables import File
from engine.values import Record

NAME = "mail.send"
MAX_RECIPIENTS = 50
MOST_ATTACHED = 15_000_000
"""Bytes of all files of a letter: what mail servers commonly take, with a third more for the way
in which letters carry bytes."""
TOO_MUCH = "The files of the letter have more than 15 MB together."
_OF_PART = ("content-", "mime-version")

# Stricter than the standard allows (no quoted local parts) and all that agencies use. Whether an
# address exists is for the mail server to say: asking its domain's records here would slow each
# form.
_ADDRESS = re.compile(
    r"[^\s@<>\"(),:;\\\[\]]+@[^\s@<>\"(),:;\\\[\]_]+\.[^\s@<>\"(),:;\\\[\].]{2,}"
)
_LINE_END = re.compile(r"[\r\n]")


def _check_address(address: str) -> None:
    if not address.isascii() or len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise ValidationError(f'"{address}" is no mail address.')


class Recipients(fields.Field[Any]):
    """One mail address, or a list of them, which may be empty: then nothing is written."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        addresses = [value] if isinstance(value, str) else value
        if not isinstance(addresses, list) or len(addresses) > MAX_RECIPIENTS:
            raise ValidationError(f"Give one address or a list of up to {MAX_RECIPIENTS}.")
        for address in addresses:
            if not isinstance(address, str):
                raise ValidationError("An address is a text.")
            _check_address(address)
        return addresses


class Letter(Schema):
    """{"to": an address or a list of them, "subject": "...", "text": "...", "html": "...",
    "files": files of the case, as upload fields hold them}.
    """

    to = Recipients(required=True)
    subject = fields.String(required=True, validate=validate.Length(1, 500))
    text = fields.String(required=True, validate=validate.Length(1, 200_000))
    html = fields.String(allow_none=True, validate=validate.Length(max=500_000))
    files = Files(allow_none=True)

    @validates_schema
    def subject_is_one_line(self, data: dict[str, Any], **_more: Any) -> None:
        """A second line would be a header of the writer's choice."""
        if _LINE_END.search(data.get("subject", "")):
            raise ValidationError("The subject is one line.", "subject")


class Sent(Schema):
    """{"message_id": "<...@sonhai.gov.vn>", "accepted_at": instant, "recipients": 2}; the first
    two are null when there was nobody to write to.
    """

    message_id = fields.String(required=True, allow_none=True)
    accepted_at = fields.AwareDateTime(required=True, allow_none=True)
    recipients = fields.Integer()


Deliver = Callable[[Message, Call], datetime]
"""Hands a message over to those in its To, and says when it was accepted. Raises CallFailed."""


def operation(sender: str, deliver: Deliver) -> Operation:
    """The remote operation `mail.send`: letters, handed over by `deliver`.

    sender: an address, or a name with one: "Ban Quản lý <quytrinh@sonhai.gov.vn>". Raises
    ValueError when it is neither.
    """
    origin = _origin(sender)

    def send(call: Call, parameters: Record) -> Record:
        letter: dict[str, Any] = Letter().load(dict(parameters))
        count = len(letter["to"])
        if not count:
            # Whom a group holds is only known now: a case must not hang because it holds nobody.
            return {"message_id": None, "accepted_at": None, "recipients": 0}
        message = compose(letter, origin, key=call.key, at=call.now)
        attached = contents(call, letter.get("files") or [])
        if sum(len(content) for _file, content in attached) > MOST_ATTACHED:
            raise CallFailed(TOO_MUCH, permanent=True)
        if attached:
            message = _with_files(message, attached)
        accepted = deliver(message, call)
        identity = str(message["Message-ID"])
        return {"message_id": identity, "accepted_at": accepted, "recipients": count}

    return Operation(NAME, send, Letter, Sent, remote=True)


def compose(letter: dict[str, Any], sender: Address, *, key: str, at: datetime) -> Message:
    """The message of a letter: UTF-8, plain text, and HTML beside it if there is one.

    key: the call's; it makes the Message-ID, so that a letter sent twice because the answer to the
    first attempt was lost is one message to mail programs that drop repeats.
    """
    message: Message = _text(letter["text"], "plain")
    if letter.get("html"):
        message = MIMEMultipart("alternative", _subparts=[message, _text(letter["html"], "html")])
    # Headers are encoded by `Header`: the newer policies lose spaces where they fold encoded
    # words, and "Ấn đã" would arrive as "Ấnđã".
    name = Header(sender.display_name, "utf-8").encode() if sender.display_name else ""
    message["From"] = f"{name} <{sender.addr_spec}>".strip()
    message["To"] = ", ".join(letter["to"])
    message["Subject"] = Header(letter["subject"], "utf-8", header_name="Subject").encode()
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{sha256(key.encode()).hexdigest()[:40]}@{sender.domain}>"
    # People's absence notices must not answer a machine.
    message["Auto-Submitted"] = "auto-generated"
    return message


def _with_files(message: Message, attached: list[tuple[File, bytes]]) -> Message:
    """The letter with files behind its text; its headers go to the whole."""
    whole = MIMEMultipart("mixed")
    for name in [name for name in message if not name.lower().startswith(_OF_PART)]:
        whole[name] = message[name]
        del message[name]
    whole.attach(message)
    for file, content in attached:
        part = MIMENonMultipart(*file.media_type.split("/", 1))
        part.set_payload(content)
        encode_base64(part)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", file.name))
        whole.attach(part)
    return whole


def _text(text: str, kind: str) -> MIMENonMultipart:
    quoted = Charset("utf-8")
    quoted.body_encoding = QP
    part = MIMENonMultipart("text", kind, charset="utf-8")
    part.set_payload(text, quoted)
    return part


def _origin(sender: str) -> Address:
    name, address = parseaddr(sender)
    local, _, domain = address.rpartition("@")
    if not local or not domain or _LINE_END.search(sender):
        raise ValueError(f'The sender "{sender}" is no mail address.')
    return Address(display_name=name, username=local, domain=domain)
