"""A real server and a real browser.

Any message of the browser's console and any error of a script fails the test that
caused it; a test that provokes one on purpose empties ``complaints``.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browser.pages import press
from tests.conftest import DEMO_PASSWORD, LEDGER, build
from tracker.kernel import clock
from tracker.kernel.database import db

PHONE, DESK = 360, 1440
"""Widths in pixels at which every page must be right."""

MAY_TAKE_MS = 15_000


class Quiet(WSGIRequestHandler):
    """A handler of the test server, whose requests are not worth a log line."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def send_header(self, keyword: str, value: str) -> None:
        """Date answers by the real clock, also while the server's is moved (``leap_to``)."""
        if keyword == "Date" and time_machine.escape_hatch.is_travelling():
            value = self.date_time_string(time_machine.escape_hatch.time.time())
        super().send_header(keyword, value)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application in a thread; yields its address."""
    app.config.update(TESTING=False, WTF_CSRF_ENABLED=True)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    app.config["BASE_URL"] = address
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The address of the application of this test, served for real, CSRF included."""
    with served(app) as address:
        yield address


@pytest.fixture
def demo_site(demonstration: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a demonstration of this test's own; passwords are ``DEMO_PASSWORD``."""
    folder = shutil.copytree(demonstration, tmp_path / "demonstration")
    application = build(f"sqlite:///{folder / LEDGER}", folder)
    with served(application) as address:
        yield address
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


LeapTo = Callable[..., datetime]


@pytest.fixture
def leap_to(app: Flask) -> Iterator[LeapTo]:
    """Move the server's clock, which goes on from there: ``leap_to(date(2021, 9, 6), 9)``.

    The browser keeps its own clock. No rule looks at it, but it throws away old cookies and
    old files: so sessions last until then, and ``Quiet`` dates answers as it would.
    """
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=365 * 100)
    travel = time_machine.travel(datetime(2021, 9, 1, tzinfo=clock.SHANGHAI), tick=True)
    moved = travel.start()

    def leap(day: date, hour: int = 9, minute: int = 0) -> datetime:
        there = datetime.combine(day, time(hour, minute), clock.SHANGHAI)
        moved.move_to(there)
        return there

    yield leap
    travel.stop()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's chromium; Playwright's own build is a download that we do not need."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        raise RuntimeError("chromium is missing: script/test installs it")
    switches = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if os.geteuid() == 0:
        switches.append("--no-sandbox")  # chromium refuses its sandbox to root
    return {"executable_path": program, "args": switches}


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What browsers complained about; must be empty when the test is over."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def window(
    new_context: Callable[..., BrowserContext], complaints: list[str]
) -> Callable[[str, int], Page]:
    """Open a window of its own, as one more person would: ``window(address, width)``."""

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.page.url if message.page else ''}: {message.text}")

    def make(address: str, width: int = DESK) -> Page:
        context = new_context(
            base_url=address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900 if width >= 768 else 740},
        )
        context.set_default_timeout(MAY_TAKE_MS)
        context.on("console", listen)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        return context.new_page()

    return make


@pytest.fixture
def visitor(window: Callable[[str, int], Page], site: str) -> Callable[..., Page]:
    """A window on this test's empty ledger: ``visitor()``, ``visitor(PHONE)``."""
    return lambda width=DESK: window(site, width)


@pytest.fixture
def demo_user(window: Callable[[str, int], Page], demo_site: str) -> Callable[..., Page]:
    """A window on the demonstration, signed in by clicking: ``demo_user("director", PHONE)``."""

    def make(login: str, width: int = DESK) -> Page:
        page = window(demo_site, width)
        page.goto("/sign-in")
        page.get_by_label("登录名", exact=True).fill(login)
        page.get_by_label("密码", exact=True).fill(DEMO_PASSWORD)
        press(page, "登录")
        return page

    return make
