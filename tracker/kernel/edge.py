"""The edge of a request: one commit, and the form's key filed with it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app, flash, g, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from tracker.kernel import clock, submissions
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal
from tracker.kernel.forms import translate


def sender() -> str:
    """Who sends forms here: an account, or any visitor."""
    return str(current_user.id) if current_user.is_authenticated else "visitor"


def done(location: str) -> Response:
    """Commit what the service changed and lead on to ``location``.

    The key of the form is filed in the same transaction: a second press of the button
    finds it and is led to the same place, and a lost answer may be asked for again.
    """
    key = _fingerprint()
    if key is not None:
        submissions.file(key, sender(), location, clock.now())
    db.session.commit()
    return redirect(location, 303)


def repeated() -> Response | None:
    """Where to lead a form that already went through, or None for a new one."""
    key = _fingerprint() if request.method == "POST" else None
    location = submissions.earlier(key, sender()) if key is not None else None
    return redirect(location, 303) if location else None


def _fingerprint() -> str | None:
    """What identifies this sending of this form; None for a form without a key."""
    if "fingerprint" not in g:
        g.fingerprint = None
        if request.form.get("submission"):
            g.fingerprint = submissions.fingerprint(str(current_app.config["SECRET_KEY"]), _parts())
    found: str | None = g.fingerprint
    return found


def _parts() -> Iterator[bytes]:
    yield request.path.encode()
    for name, value in sorted(request.form.items(multi=True)):
        if name != "csrf_token":
            yield from (name.encode(), value.encode())
    for name, upload in sorted(request.files.items(multi=True), key=lambda pair: pair[0]):
        yield from (name.encode(), upload.stream.read())
        upload.stream.seek(0)


def refused(refusal: Refusal, location: str) -> Response:
    """Undo, and lead back to ``location`` with the reasons on top; for small one-button forms."""
    db.session.rollback()
    for reason in refusal.reasons:
        flash(translate(reason.message), "error")
    return redirect(location, 303)
