"""Writing the history, in the same transaction as what it tells of."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tracker.audit.models import AuditEntry, AuditHead
from tracker.kernel.database import db
from tracker.kernel.words import Message, pack


def record(
    action: str,
    message: Message,
    *,
    actor_id: int | None,
    now: datetime,
    committee_id: int | None,
    project_id: int | None = None,
) -> AuditEntry:
    """Append one entry to the history of a committee.

    ``action`` is a short code such as ``stage.completed``; ``message`` the sentence shown.
    Never put a name, a phone number or a choice into it: the history outlives them.
    ``actor_id`` is None for the scheduler and for residents.
    """
    chain = f"committee:{committee_id}" if committee_id is not None else "subdistrict"
    head = _locked_head(chain)
    entry = AuditEntry(
        chain=chain,
        sequence=head.sequence + 1,
        at=now,
        actor_id=actor_id,
        committee_id=committee_id,
        project_id=project_id,
        action=action,
        text=message.text,
        values={name: pack(value) for name, value in message.values.items()},
        previous_hash=head.hash,
    )
    entry.hash = entry_hash(entry)
    head.sequence, head.hash = entry.sequence, entry.hash
    db.session.add(entry)
    return entry


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the previous hash and the entry's own content, as lowercase hex."""
    content = json.dumps(
        {
            "chain": entry.chain,
            "sequence": entry.sequence,
            "at": entry.at.isoformat(timespec="microseconds"),
            "actor": entry.actor_id,
            "project": entry.project_id,
            "action": entry.action,
            "text": entry.text,
            "values": entry.values,
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(f"{entry.previous_hash}|{content}".encode()).hexdigest()


def first_broken(chain: str) -> int | None:
    """The sequence of the first entry of ``chain`` that was altered, or None when whole."""
    previous, expected = "", 1
    query = (
        sa.select(AuditEntry)
        .where(AuditEntry.chain == chain)
        .order_by(AuditEntry.sequence)
        .execution_options(yield_per=500)
    )
    # Closed at once when the search ends early: a server-side cursor would stay open.
    with closing(db.session.scalars(query)) as entries:
        for entry in entries:
            sound = entry.sequence == expected and entry.previous_hash == previous
            if not sound or entry_hash(entry) != entry.hash:
                return expected
            previous, expected = entry.hash, expected + 1
    head = db.session.get(AuditHead, chain)
    if head is not None and (head.sequence, head.hash) != (expected - 1, previous):
        return expected
    return None


def _locked_head(chain: str) -> AuditHead:
    head = db.session.get(AuditHead, chain, with_for_update=True)
    if head is None:
        insert = sa.insert(AuditHead).values(chain=chain, sequence=0, hash="")
        if db.session.get_bind().dialect.name == "postgresql":
            # Two first writers of one chain meet here only on PostgreSQL: SQLite has one.
            insert = (
                postgresql.insert(AuditHead)
                .values(chain=chain, sequence=0, hash="")
                .on_conflict_do_nothing()
            )
        db.session.execute(insert)
        head = db.session.get_one(AuditHead, chain, with_for_update=True)
    return head
