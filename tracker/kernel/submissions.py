"""Double submit: the key of a form is filed in the transaction that its sending makes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Model, db


class Submission(Model):
    """A form that went through, and where its sender was led."""

    __tablename__ = "submission"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    sender: Mapped[str] = mapped_column(sa.String(64))
    location: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


def earlier(key: str | None, sender: str) -> str | None:
    """Where the same form led when it was sent before, or None."""
    if not key:
        return None
    found = db.session.get(Submission, key)
    return found.location if found is not None and found.sender == sender else None


def file(key: str, sender: str, location: str, now: datetime) -> None:
    """Remember that this form went through; committed together with what it did."""
    db.session.add(Submission(key=key, sender=sender, location=location, created_at=now))
