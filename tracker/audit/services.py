"""Writing the history, in the same transaction as what it tells of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

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
) -> None:
    """Append one entry to the history of a committee.

    ``action`` is a short code such as ``stage.completed``; ``message`` the sentence shown.
    Never put a name, a phone number or a choice into it: the history outlives them.
    ``actor_id`` is None for the scheduler and for residents.
    """
    # Past the session's objects: everything that is done passes here, and nothing reads it back.
    connection = db.session.connection()
    chain = f"committee:{committee_id}" if committee_id is not None else "subdistrict"
    sequence, previous = _locked_head(connection, chain)
    entry = {
        "chain": chain,
        "sequence": sequence + 1,
        "at": now,
        "actor_id": actor_id,
        "committee_id": committee_id,
        "project_id": project_id,
        "action": action,
        "text": message.text,
        "values": {name: pack(value) for name, value in message.values.items()},
        "previous_hash": previous,
    }
    entry["hash"] = _hash(entry)
    connection.execute(_ENTRY, entry)
    moved = {"of": chain, "to": entry["sequence"], "hash": entry["hash"]}
    connection.execute(_MOVE, moved)


_HEAD = (
    sa.select(AuditHead.sequence, AuditHead.hash)
    .where(AuditHead.chain == sa.bindparam("of"))
    .with_for_update()
)
_ENTRY = sa.insert(AuditEntry)
_MOVE = (
    sa.update(AuditHead)
    .where(AuditHead.chain == sa.bindparam("of"))
    .values(sequence=sa.bindparam("to"), hash=sa.bindparam("hash"))
)


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the previous hash and the entry's own content, as lowercase hex."""
    return _hash({name: getattr(entry, name) for name in (*_HASHED, "previous_hash")})


_HASHED = ("chain", "sequence", "at", "actor_id", "project_id", "action", "text", "values")


def _hash(entry: Mapping[str, Any]) -> str:
    content = json.dumps(
        {
            "chain": entry["chain"],
            "sequence": entry["sequence"],
            "at": entry["at"].isoformat(timespec="microseconds"),
            "actor": entry["actor_id"],
            "project": entry["project_id"],
            "action": entry["action"],
            "text": entry["text"],
            "values": entry["values"],
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(f"{entry['previous_hash']}|{content}".encode()).hexdigest()


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


def _locked_head(connection: sa.Connection, chain: str) -> tuple[int, str]:
    """Sequence and hash of the last entry of a chain, held so that one writes at a time."""
    head = connection.execute(_HEAD, {"of": chain}).one_or_none()
    if head is None:
        first = {"chain": chain, "sequence": 0, "hash": ""}
        if connection.dialect.name == "postgresql":
            # Two first writers of one chain meet here only on PostgreSQL: SQLite has one.
            insert = postgresql.insert(AuditHead).on_conflict_do_nothing()
            connection.execute(insert, first)
        else:
            connection.execute(sa.insert(AuditHead), first)
        head = connection.execute(_HEAD, {"of": chain}).one()
    return head.sequence, head.hash
