"""Talking to the mail server: one connection, many letters, and what each failure means."""

from __future__ import annotations

import hashlib
import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self

from tracker.notifications.rules import Failure, Trial, failure_of_reply

CONNECT_SECONDS = 3
READ_SECONDS = 10


@dataclass(frozen=True)
class MailSettings:
    """Where letters are handed over; ``security`` is none, starttls or tls."""

    host: str
    port: int
    user: str
    password: str
    sender: str
    security: str

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """The settings under their Flask names."""
        return cls(
            host=config["MAIL_HOST"],
            port=config["MAIL_PORT"],
            user=config["MAIL_USER"],
            password=config["MAIL_PASSWORD"],
            sender=config["MAIL_FROM"],
            security=config["MAIL_SECURITY"],
        )


class NotSent(Exception):  # noqa: N818 - an answer of the outer world, handled by the caller
    """A letter did not leave; ``trial`` says why, ``closed`` that the connection is gone."""

    def __init__(self, failure: Failure, reason: str, *, closed: bool = False) -> None:
        self.trial = Trial(failure, " ".join(reason.split())[:300])
        self.closed = closed
        super().__init__(self.trial.reason)


class _Plain(smtplib.SMTP):
    """SMTP that is impatient to connect and patient afterwards."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened = socket.create_connection((host, port), CONNECT_SECONDS)
        opened.settimeout(READ_SECONDS)
        return opened


class _Wrapped(_Plain):
    """The same inside TLS from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened = super()._get_socket(host, port, timeout)
        return ssl.create_default_context().wrap_socket(opened, server_hostname=host)


class MailServer:
    """One connection: ``server.open()``, then ``with server: server.send(…)`` closes it."""

    def __init__(self, settings: MailSettings) -> None:
        self.settings = settings
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect and sign in; raises NotSent when the server is away or refuses."""
        self._smtp = self._connected()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._smtp is None:
            return
        try:
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()  # the letters were answered one by one; a rude good-bye is none

    def _connected(self) -> smtplib.SMTP:
        settings = self.settings
        smtp = _Wrapped() if settings.security == "tls" else _Plain()
        try:
            # Given to the constructor, a refusal would leave the socket to the collector.
            smtp._host = settings.host  # type: ignore[attr-defined]
            smtp.connect(settings.host, settings.port)
            if settings.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if settings.user:
                smtp.login(settings.user, settings.password)
        except smtplib.SMTPResponseException as error:
            smtp.close()
            raise NotSent(Failure.OUTAGE, _words(error.smtp_code, error.smtp_error)) from error
        except (OSError, smtplib.SMTPException) as error:
            smtp.close()
            raise NotSent(Failure.OUTAGE, f"{type(error).__name__}: {error}") from error
        return smtp

    def send(self, *, key: str, address: str, subject: str, body: str, written: datetime) -> None:
        """Hand one letter over; raises NotSent.

        The Message-ID follows from ``key`` alone, so that a repeat is recognised by programs.
        """
        assert self._smtp is not None
        letter = compose(self.settings.sender, key, address, subject, body, written)
        try:
            self._smtp.send_message(letter, self.settings.sender, [address])
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPSenderRefused as error:
            # The fault is in the settings, not in this letter: it waits until they are mended.
            reason = _words(error.smtp_code, error.smtp_error)
            raise NotSent(Failure.OUTAGE, reason) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPNotSupportedError, UnicodeError, ValueError) as error:
            raise NotSent(Failure.PERMANENT, f"{type(error).__name__}: {error}") from error
        except (OSError, smtplib.SMTPException) as error:
            reason = f"{type(error).__name__}: {error}"
            raise NotSent(Failure.OUTAGE, reason, closed=True) from error


def _refused(code: int, text: bytes | str) -> NotSent:
    words = _words(code, text)
    return NotSent(failure_of_reply(code, words), words, closed=code == 421)


def _words(code: int, text: bytes | str) -> str:
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {shown}"


def compose(
    sender: str, key: str, address: str, subject: str, body: str, written: datetime
) -> EmailMessage:
    """The letter as it goes over the wire."""
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = address
    letter["Subject"] = " ".join(subject.split())
    letter["Date"] = format_datetime(written)
    domain = sender.rpartition("@")[2].strip("> ") or "localhost"
    letter["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
    letter.set_content(body, cte="base64")
    return letter
