"""Wrong guesses at a secret, counted in the database: all workers share the count."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Model, Row, db

KEPT = timedelta(days=1)
"""No limit looks further back."""


class Attempt(Row, Model):
    """One wrong guess. ``source`` is a keyed digest: no address of anybody is kept."""

    __tablename__ = "attempt"
    __table_args__ = (sa.Index("ix_attempt_source", "kind", "source", "at"),)

    kind: Mapped[str] = mapped_column(sa.String(30))
    source: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Limit:
    """At most so many wrong guesses of a kind from one source within a time."""

    kind: str
    most: int
    within: timedelta

    def reached(self, source: str, now: datetime) -> bool:
        """Whether another guess is one too many."""
        query = sa.select(sa.func.count()).select_from(Attempt)
        query = query.where(
            Attempt.kind == self.kind, Attempt.source == source, Attempt.at > now - self.within
        )
        return (db.session.scalar(query) or 0) >= self.most

    def count(self, source: str, now: datetime) -> None:
        """Note a wrong guess, and forget those that no limit asks for any more."""
        db.session.execute(sa.delete(Attempt).where(Attempt.at < now - KEPT))
        db.session.add(Attempt(kind=self.kind, source=source, at=now))


def source_of(secret: str, *parts: str) -> str:
    """A digest of where a guess came from (an address, a vote), keyed by the ledger's secret."""
    return hmac.new(
        secret.encode(), "|".join(("attempt", *parts)).encode(), hashlib.sha256
    ).hexdigest()
