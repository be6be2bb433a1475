"""A small closed loop over HTTP: a few visitors, each waiting for an answer before asking again."""

from __future__ import annotations

import html
import http.client
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

VISITORS = 4
"""As many as the server has threads: each is busy, and nobody queues."""

TIMEOUT_SECONDS = 60

_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_INPUT = re.compile(r"<input[^>]*>")
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
    clerk = Clerk(port)
    fields = clerk.form("/sign-in", "password")
    answer = clerk.ask("POST", "/sign-in", {**fields, "login": login, "password": password})
    answer.read()
    if answer.status != 303:
        raise Unexpected(f"signing in as {login}: {answer.status}")
    return _cookie(answer)


class Clerk:
    """One person at a form: opens it, fills it in, sends it."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.cookie = cookie
        self._connection = _connect(port)

    def form(self, path: str, asking: str) -> dict[str, str]:
        """What the form at ``path`` that asks for ``asking`` holds when it is opened, by field.

        Raises Unexpected when there is none.
        """
        answer = self.ask("GET", path)
        page = answer.read().decode()
        self.cookie = _cookie(answer) or self.cookie
        for form in _FORM.findall(page) if answer.status == 200 else ():
            tags = [dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(form)]
            named = [tag for tag in tags if "name" in tag]
            fields = {tag["name"]: html.unescape(tag.get("value", "")) for tag in named}
            if asking in fields:
                return fields
        raise Unexpected(f"{path}: {answer.status}, and nothing asks for {asking}")

    def send(self, path: str, fields: Mapping[str, str]) -> bool:
        """Send a form; whether it went through (and led on) or came back with what is wrong.

        The cookie stays that of the opened form: what was said of papers before is shown, and
        forgotten, by the page that a browser opens next. Raises Unexpected for any other answer.
        """
        answer = self.ask("POST", path, fields)
        answer.read()
        if answer.status not in (200, 303, 409):
            raise Unexpected(f"{path}: {answer.status}")
        return answer.status == 303

    def ask(
        self, method: str, path: str, fields: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """Ask for a page or send fields; returns the answer, still to be read."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        return self._connection.getresponse()


def _cookie(answer: http.client.HTTPResponse) -> str:
    kept = [value.split(";")[0] for value in answer.headers.get_all("Set-Cookie", [])]
    return "; ".join(kept)
