"""A security key in the hand of a character: it makes passkeys and answers as a real one would."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

from tests.pages import Page

HOST = "http://localhost"
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


class SecurityKey:
    """One device with one passkey. count: what it has counted; None: it does not count.

    verifies: whether the holder shows a finger or a PIN. origin: the site that the browser shows.
    """

    def __init__(self, *, origin: str = HOST, count: int | None = 0, verifies: bool = True):
        self.origin, self.count, self.verifies = origin, count, verifies
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.handle = ""

    def make(self, question: dict[str, Any]) -> str:
        """What navigator.credentials.create gives, as the form sends it."""
        self.handle = question["user"]["id"]
        numbers = self.private.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (numbers.x, numbers.y))
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + key
        data = self._data(question["rp"]["id"], ATTESTED) + attested
        statement = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._said(
            clientDataJSON=self._client("webauthn.create", question),
            attestationObject=cbor2.dumps(statement),
        )

    def show(self, question: dict[str, Any], **changed: str) -> str:
        """What navigator.credentials.get gives, as the form sends it."""
        client = self._client("webauthn.get", {**question, **changed})
        data = self._data(changed.get("rpId", question["rpId"]))
        signed = data + hashlib.sha256(client).digest()
        return self._said(
            clientDataJSON=client,
            authenticatorData=data,
            signature=self.private.sign(signed, ec.ECDSA(hashes.SHA256())),
        )

    def _data(self, host: str, flags: int = 0) -> bytes:
        if self.count is not None:
            self.count += 1
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        count = (self.count or 0).to_bytes(4, "big")
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + count

    def _client(self, kind: str, question: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": question["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _said(self, **response: bytes) -> str:
        text = {name: bytes_to_base64url(value) for name, value in response.items()}
        if self.handle:
            text["userHandle"] = self.handle
        number = bytes_to_base64url(self.id)
        return json.dumps({"id": number, "rawId": number, "type": "public-key", "response": text})


def ask(page: Page, path: str, **sent: str) -> dict[str, Any]:
    """The question that the page's script fetches."""
    reply = page.post(path, sent)
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json())


def add(page: Page, password: str, *, name: str = "Khóa", **options: Any) -> SecurityKey:
    """A new key that the page's reader has added to the account."""
    key = SecurityKey(**options)
    question = ask(page, "/account/passkeys/question", present=password)
    sent = {"answer": key.make(question), "name": name}
    reply = page.post("/account/passkeys", sent)
    assert reply.status_code in (200, 303), re.sub("<[^>]+>", "", reply.text)
    return key
