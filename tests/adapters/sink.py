"""A real SMTP server on this machine that accepts, refuses, delays or drops as a test says."""

import asyncio
import socket
import ssl
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

CERTIFICATE = Path(__file__).parent / "localhost.pem"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def client_context():
    """Trusts the sink's certificate and no other."""
    return ssl.create_default_context(cafile=CERTIFICATE)


class Sink:
    """behaviour: "accept", "delay", "drop", or the reply to a recipient: "550 5.1.1 No such user".

    refused: replies to single recipients by address. letters: what was accepted, parsed.
    """

    def __init__(self, behaviour="accept", *, refused=None, **options):
        self.behaviour, self.refused = behaviour, refused or {}
        self.letters, self.envelopes, self.logins = [], [], []
        self.port = free_port()
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ready_timeout=10,
            authenticator=self.authenticate,
            **options,
        )

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *_error):
        self._controller.stop()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        reply = self.refused.get(address)
        if self.behaviour[0].isdigit():
            reply = self.behaviour
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):
        if self.behaviour == "delay":
            await asyncio.Event().wait()
        if self.behaviour == "drop":
            server.transport.abort()
        self.envelopes.append(envelope)
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 2.0.0 Accepted"

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"mat-khau", handled=False)
