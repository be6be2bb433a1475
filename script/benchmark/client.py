"""A small closed loop over HTTP: a few visitors, each waiting for an answer before asking again."""

from __future__ import annotations

import html
import http.client
import re
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

VISITORS = 4
"""As many as the server has threads: each is busy, and nobody queues."""

TIMEOUT_SECONDS = 60

_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'\b(name|value)="([^"]*)"')


class Unexpected(Exception):  # noqa: N818 - said to the person at the terminal
    """A page answered with something that is not worth measuring."""


@dataclass
class Reading:
    """What was measured of one page: how long each answer took, and all of them together."""

    waits: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: Reading) -> None:
        """Count another turn of the same page."""
        self.waits += other.waits
        self.seconds += other.seconds

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.waits) / self.seconds

    @property
    def p95(self) -> float:
        """Seconds within which nineteen of twenty answers came."""
        ordered = sorted(self.waits)
        return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]


def visit(port: int, path: str, cookie: str, count: int) -> Reading:
    """Open ``path`` ``count`` times by all visitors together.

    Raises Unexpected when an answer is not 200, OSError when the server went away.
    """
    turns = [count // VISITORS + (n < count % VISITORS) for n in range(VISITORS)]
    waits: list[float] = []
    failures: list[Exception] = []

    def loop(times: int) -> None:
        try:
            waits.extend(_ask(port, path, cookie, times))
        except (OSError, http.client.HTTPException, Unexpected) as error:
            failures.append(error)

    threads = [threading.Thread(target=loop, args=(turn,)) for turn in turns]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return Reading(waits, seconds)


def _ask(port: int, path: str, cookie: str, times: int) -> list[float]:
    connection = _connect(port)
    headers = {"Cookie": cookie} if cookie else {}
    waits = []
    for _ in range(times):
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        waits.append(time.perf_counter() - began)
        if answer.status != 200:
            raise Unexpected(f"{path}: {answer.status}")
    connection.close()
    return waits


def _connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)


def sign_in(port: int, login: str, password: str) -> str:
    """Sign in through the form as a browser would; returns the cookie of the session.

    Raises Unexpected when the form does not let this person in.
    """
    connection = _connect(port)
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    page, cookie = answer.read().decode(), _cookie(answer)
    fields = {"login": login, "password": password}
    for tag in _HIDDEN.findall(page):
        attributes = dict(_ATTRIBUTE.findall(tag))
        fields[attributes["name"]] = html.unescape(attributes.get("value", ""))
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/sign-in", urlencode(fields), headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 303:
        raise Unexpected(f"signing in as {login}: {answer.status}")
    return _cookie(answer)


def _cookie(answer: http.client.HTTPResponse) -> str:
    kept = [value.split(";")[0] for value in answer.headers.get_all("Set-Cookie", [])]
    return "; ".join(kept)
