"""Double submit: a form's fingerprint is filed in the transaction that its sending makes.

The fingerprint covers the form's key and everything that was filled in. The same form sent
again is led to where it led then; a page restored by the back button and filled in anew has
the old key with other words, and is a new form.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Model, db


class Submission(Model):
    """A form that went through, and where its sender was led.

    ``key`` is a keyed digest: what was chosen on a ballot cannot be tried out against it.
    """

    __tablename__ = "submission"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    sender: Mapped[str] = mapped_column(sa.String(64))
    location: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


def fingerprint(secret: str, parts: Iterable[bytes]) -> str:
    """The keyed digest of a form: its address, its key, its fields and its files, in order."""
    digest = hmac.new(secret.encode(), digestmod=hashlib.sha256)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


# Every form passes here twice, and nothing else reads these rows: no objects are made of them.
_EARLIER = sa.select(Submission.sender, Submission.location).where(
    Submission.key == sa.bindparam("key")
)
_FILE = sa.insert(Submission)


def earlier(key: str, sender: str) -> str | None:
    """Where the same form led when it was sent before, or None."""
    found = db.session.connection().execute(_EARLIER, {"key": key}).one_or_none()
    return found.location if found is not None and found.sender == sender else None


def file(key: str, sender: str, location: str, now: datetime) -> None:
    """Remember that this form went through; committed together with what it did."""
    made = {"key": key, "sender": sender, "location": location, "created_at": now}
    db.session.connection().execute(_FILE, made)
