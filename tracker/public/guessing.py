"""Wrong codes on residents' pages: counted, and limited where they could be guessed."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, request

from tracker.kernel import clock
from tracker.kernel.attempts import Limit, source_of
from tracker.kernel.database import db, reading

PASSES = Limit("pass", most=20, within=timedelta(minutes=10))
RECEIPTS = Limit("receipt", most=20, within=timedelta(minutes=10))
ALL_RECEIPTS = Limit("receipts of a vote", most=200, within=timedelta(minutes=10))
"""From wherever they come: a list of receipts is public, the serials behind it are not."""


def here(*parts: str) -> str:
    """Where this request comes from, as a digest."""
    return source_of(str(current_app.config["SECRET_KEY"]), request.remote_addr or "", *parts)


def everywhere(*parts: str) -> str:
    """All visitors together."""
    return source_of(str(current_app.config["SECRET_KEY"]), "all", *parts)


def count(*guesses: tuple[Limit, str]) -> None:
    """Count a wrong guess, and say whether no more are heard.

    A page asked for by GET promised not to write; this is the one thing it writes.
    """
    db.session.rollback()
    reading.set(False)
    for limit, source in guesses:
        limit.count(source, clock.now())
    db.session.commit()


def reached(limit: Limit, source: str) -> bool:
    """Whether a limit is reached."""
    return limit.reached(source, clock.now())
