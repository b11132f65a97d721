"""A mail server, spoken to by SMTP.

Its replies decide what happens next: 4xx, time-outs and broken connections are tried again; 5xx
are given up, but for those that say "later" in other words (mailbox full).
Source: RFC 5321, 4.2.1 and 4.2.3; RFC 3463 for the enhanced codes.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from urllib.parse import unquote, urlsplit

from adapters import mail
from engine.errors import CallFailed
from engine.ports import Call, Operation

TIMEOUT_SECONDS = 30

# A full mailbox is emptied and a full disk is mended, so 5.2.2 and 5.3.1 are tried again; a code
# that begins with 4 says so itself, whatever reply it stands in.
_LATER = re.compile(r"\b(5\.2\.2|5\.3\.1|4\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class Server:
    """Where letters go. security: "tls" from the first byte, "starttls" when it is offered."""

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = TIMEOUT_SECONDS

    @property
    def is_local(self) -> bool:
        return self.host in ("localhost", "127.0.0.1", "::1")


def read_url(url: str) -> Server:
    """The server that "smtp://user:password@host:587" or "smtps://host" names.

    smtp: port 25 unless given, encrypted when the server offers it, and always before a password.
    smtps: port 465, encrypted from the first byte. Raises ValueError with a sentence.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("A mail address of a server reads smtp://host:port or smtps://host.")
    secure = parts.scheme == "smtps"
    return Server(
        host=parts.hostname,
        port=parts.port or (465 if secure else 25),
        security="tls" if secure else "starttls",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def operation(server: Server, sender: str, context: ssl.SSLContext | None = None) -> Operation:
    """`mail.send` through this server. context: trusts what the system trusts when left out."""
    trusted = context or ssl.create_default_context()

    def deliver(message: Message, call: Call) -> datetime:
        _send(server, message, trusted)
        return call.now

    return mail.operation(sender, deliver)


def _send(server: Server, message: Message, context: ssl.SSLContext) -> None:
    """The server has accepted the message for every recipient. Raises CallFailed."""
    try:
        with closing(_open(server, context)) as connection:
            _log_in(connection, server, context)
            refused = connection.send_message(message)
            # The letter is accepted; a server that ends the talk rudely has still taken it.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
    except smtplib.SMTPRecipientsRefused as refusal:
        raise _recipients_refused(refusal.recipients, server) from refusal
    except smtplib.SMTPNotSupportedError as refusal:
        raise CallFailed(f"{server.host}: {refusal}", permanent=True) from refusal
    except smtplib.SMTPResponseException as refusal:
        raise _refused(refusal.smtp_code, refusal.smtp_error, server) from refusal
    except ssl.SSLCertVerificationError as problem:
        reason = f"{server.host} shows a certificate that is not trusted: {problem.verify_message}"
        raise CallFailed(reason) from problem
    except (smtplib.SMTPException, OSError) as problem:
        raise CallFailed(f"{server.host}:{server.port} did not answer: {problem}") from problem
    if refused:
        raise _recipients_refused(refused, server)


def _open(server: Server, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout_seconds, context=context
        )
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)


def _log_in(connection: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> None:
    connection.ehlo_or_helo_if_needed()
    is_secret = server.security == "tls"
    if not is_secret and connection.has_extn("starttls"):
        connection.starttls(context=context)
        connection.ehlo()
        is_secret = True
    if not server.user:
        return
    if not is_secret and not server.is_local:
        reason = f"{server.host} offers no encryption, so the password was not sent."
        raise CallFailed(reason, permanent=True)
    connection.login(server.user, server.password)


def _is_later(code: int, text: str) -> bool:
    return 400 <= code < 500 or bool(_LATER.search(text))


def _refused(code: int, error: bytes | str, server: Server) -> CallFailed:
    text = error.decode("utf-8", "replace") if isinstance(error, bytes) else error
    permanent = not _is_later(code, text)
    return CallFailed(f"{server.host} refused the letter: {code} {text}", permanent=permanent)


def _recipients_refused(refused: dict[str, tuple[int, bytes]], server: Server) -> CallFailed:
    """One failure for all; it is permanent when every recipient's refusal is.

    A letter to several that some have got is sent to all again: the Message-ID tells it is the
    same.
    """
    failures = [(to, _refused(code, error, server)) for to, (code, error) in refused.items()]
    text = "; ".join(f"{to}: {failure}" for to, failure in failures)
    return CallFailed(text, permanent=all(failure.permanent for _, failure in failures))
