"""The edge of a request: one commit, and the form's key filed with it."""

from __future__ import annotations

from flask import flash, redirect, request
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
    key = request.form.get("submission", "")
    if key:
        submissions.file(key[:64], sender(), location, clock.now())
    db.session.commit()
    return redirect(location, 303)


def repeated() -> Response | None:
    """Where to lead a form that already went through, or None for a new one."""
    if request.method != "POST":
        return None
    location = submissions.earlier(request.form.get("submission", "")[:64], sender())
    return redirect(location, 303) if location else None


def refused(refusal: Refusal, location: str) -> Response:
    """Undo, and lead back to ``location`` with the reasons on top; for small one-button forms."""
    db.session.rollback()
    for reason in refusal.reasons:
        flash(translate(reason.message), "error")
    return redirect(location, 303)
