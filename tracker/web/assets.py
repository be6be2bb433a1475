"""Style sheets and scripts: browsers keep them, for their address changes with their content."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

OURS, BORROWED = "static", "bootstrap.static"
ENDPOINTS = frozenset({OURS, BORROWED})
KEPT = {OURS: timedelta(days=365), BORROWED: timedelta(days=1)}
"""How long a browser uses a file without asking; the address of a borrowed one never changes."""


def address(folder: Path) -> str:
    """The path below which the files of ``folder`` are served; another one when any changed.

    It comes first, so that a script's imports, which are relative, are renewed with it.
    """
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return f"/static/{digest.hexdigest()[:12]}"


class SessionOfPages(SecureCookieSessionInterface):
    """A session is renewed by pages alone.

    A file that came with a cookie, or differed by it, would be fetched anew for every page.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the session's cookie along, unless this is a file."""
        if request.endpoint not in ENDPOINTS:
            super().save_session(app, session, response)


def keep(app: Flask, endpoint: str, response: Response) -> None:
    """Let the browser, and nobody between, keep a file that was found."""
    if response.status_code in (200, 304) and not app.debug:
        response.headers["Cache-Control"] = (
            f"private, max-age={int(KEPT[endpoint].total_seconds())}"
            + (", immutable" if endpoint == OURS else "")
        )
