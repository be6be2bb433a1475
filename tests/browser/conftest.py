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
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Page
from werkzeug.serving import WSGIRequestHandler, make_server

PHONE, DESK = 360, 1440
"""Widths in pixels at which every page must be right."""

MAY_TAKE_MS = 15_000


class Quiet(WSGIRequestHandler):
    """The test server's requests are not worth a log line."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


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
def visitor(
    new_context: Callable[..., BrowserContext], site: str, complaints: list[str]
) -> Callable[..., Page]:
    """Open a window of its own, as one more person would: ``visitor(width=360)``."""

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.page.url if message.page else ''}: {message.text}")

    def make(width: int = DESK) -> Page:
        context = new_context(
            base_url=site,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900 if width >= 768 else 740},
        )
        context.set_default_timeout(MAY_TAKE_MS)
        context.on("console", listen)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        return context.new_page()

    return make
