"""The evidence of a certified count: kept when it is certified, handed out as one file.

What is kept is never written again: a recount adds a second count beside the first.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime

from tracker.accounts.models import User
from tracker.counts import evidence_queries
from tracker.counts.evidence_queries import Count
from tracker.counts.evidence_row_queries import Codes, instant
from tracker.counts.models import TallySheet
from tracker.counts.packing import count_text, pack_text
from tracker.kernel.errors import NotFound, require
from tracker.kernel.storage import storage
from tracker.kernel.words import M_
from tracker.votes import queries as votes
from tracker.votes.models import Vote
from tracker.votes.services import tell

_CHUNK = 1 << 16
_GZIP = 31
"""zlib's window for a gzip file."""


def keep(vote: Vote, sheet: TallySheet) -> None:
    """Store the count of a sheet that was just written, and its digest with the sheet."""
    count = next(c for c in evidence_queries.counts_of(vote) if c.sheet is sheet)
    history = evidence_queries.history_head(vote.committee_id)
    codes, sealed = Codes(vote), {"digest": ""}
    sections = evidence_queries.count_sections(vote, count, codes, history)
    # Hashes hardly shrink: to try harder costs time and saves nothing.
    packer = zlib.compressobj(level=1, wbits=_GZIP)
    pieces = [packer.compress(text.encode()) for text in count_text(count.number, sections, sealed)]
    key = storage().put(b"".join([*pieces, packer.flush()]), ".evidence.gz")
    sheet.evidence = {
        "digest": sealed["digest"],
        "file": key,
        "history": history,
        "roles": codes.roles,
    }


def hand_out(actor: User, now: datetime, vote_id: int) -> tuple[Vote, Iterator[bytes]]:
    """The evidence pack of a vote as JSON text in UTF-8; the history records who took it.

    Raises Refusal before the first count is certified, NotFound for an unknown vote.
    """
    vote = votes.vote(actor, vote_id)
    counts = evidence_queries.counts_of(vote)
    require(bool(counts), M_("结果还没有确认，没有可以下载的证据包。"))
    tell(actor, now, vote, "vote.evidence_taken", M_("下载表决证据包"))
    return vote, _pack(vote, counts, now)


def _pack(vote: Vote, counts: list[Count], now: datetime) -> Iterator[bytes]:
    known = {code: role for c in counts for code, role in c.evidence.get("roles", {}).items()}
    codes = Codes(vote, known)
    texts = [found for count in counts if (found := _count(vote, count, codes)) is not None]
    after = evidence_queries.after_sections(vote, counts, codes)
    for text in pack_text(instant(now) or "", texts, after):
        yield text.encode()


def _count(vote: Vote, count: Count, codes: Codes) -> tuple[dict[str, str], Iterator[str]] | None:
    """A count as it was kept; as the ledger has it, where nothing was kept or the file is gone.

    Only the latest can be told from the ledger: a recount reads the ballots anew.
    """
    kept = count.evidence
    if kept:
        try:
            return {"digest": kept["digest"]}, _unpacked(storage().get(kept["file"]))
        except NotFound:
            if count.number != vote.count_number:
                return None
    sealed = {"digest": ""}
    sections = evidence_queries.count_sections(vote, count, codes, kept.get("history"))
    return sealed, count_text(count.number, sections, sealed)


def _unpacked(data: bytes) -> Iterator[str]:
    packer = zlib.decompressobj(wbits=_GZIP)
    # Cut at line ends: a piece must not end within a character.
    rest = b""
    for start in range(0, len(data), _CHUNK):
        rest += packer.decompress(data[start : start + _CHUNK])
        whole, _, rest = rest.rpartition(b"\n")
        yield f"{whole.decode()}\n" if whole else ""
    yield (rest + packer.flush()).decode()
