"""A real SMTP server for a test, with answers that can be chosen."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class MailBox:
    """What arrived; ``refuse_recipient`` and ``refuse_data`` are answers to give instead."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuse_recipient: dict[str, str] = {}
        self.refuse_data: list[str] = []
        self.port = 0
        self.connections = 0

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refuse_recipient:
            return self.refuse_recipient[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse_data:
            return self.refuse_data.pop(0)
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append(parsed)
        return "250 OK"


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def smtp_server(box: MailBox, port: int | None = None, *, utf8: bool = True) -> Iterator[MailBox]:
    """Run a server that puts letters into ``box``."""
    box.port = port or free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port, enable_SMTPUTF8=utf8)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
