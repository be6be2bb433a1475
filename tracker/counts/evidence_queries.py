"""What the evidence pack of a vote holds: rows without names, rooms, telephone numbers.

Persons are the opaque codes of the roll. Whoever works on a vote is a code of that vote (an HMAC
under its key), so that one can tell two apart and not who they are. Read row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tracker.audit.models import AuditHead
from tracker.counts.evidence_row_queries import Codes, instant, long_sections
from tracker.counts.models import Archive, MotionResult, ResultObjection, TallySheet
from tracker.counts.packing import Row, Section, flat
from tracker.counts.queries import sheets
from tracker.kernel.database import db
from tracker.votes import roll_queries
from tracker.votes.models import Approval, Vote, VoteMotion
from tracker.votes.sealing import frozen_content
from tracker.votes.words import TwoPersonStep


@dataclass(frozen=True)
class Count:
    """A certified count. ``sheet`` None: certified before there were tally sheets."""

    number: int
    certified_at: datetime
    certified_by: int
    announced_at: datetime | None
    announced_by: int | None
    sheet: TallySheet | None

    @property
    def evidence(self) -> dict[str, Any]:
        """What was kept of the pack when it was certified; empty when nothing was."""
        return self.sheet.evidence if self.sheet else {}


def counts_of(vote: Vote) -> list[Count]:
    """The certified counts of a vote, first to last."""
    found = [
        Count(
            *(sheet.number, sheet.certified_at, sheet.certified_by),
            *(sheet.announced_at, sheet.announced_by, sheet),
        )
        for sheet in sheets(vote.id)
    ]
    if not found and vote.certified_at is not None and vote.certified_by is not None:
        times = vote.certified_at, vote.certified_by, vote.announced_at, vote.announced_by
        found = [Count(vote.count_number, *times, None)]
    return found


def evidence_digest(vote: Vote, number: int | None = None) -> str:
    """The digest of a certified count, or the latest, as the announcement prints it.

    Empty for a count that was certified before packs were kept.
    """
    found = [count for count in counts_of(vote) if number in (None, count.number)]
    return str(found[-1].evidence.get("digest", "")) if found else ""


def history_head(committee_id: int) -> list[Any]:
    """The last link of a committee's history: its sequence and hash."""
    head = db.session.get(AuditHead, f"committee:{committee_id}")
    return [head.sequence, head.hash] if head else [0, ""]


def count_sections(
    vote: Vote, count: Count, codes: Codes, history: Sequence[Any] | None
) -> Iterator[Section]:
    """Everything one certified count rests on, in the order of the pack.

    ``history``: the head of the history just before it was certified; None when not kept.
    """
    yield Section("frozen", ("group", "key", "value"), flat(_frozen(vote)))
    yield Section("course", ("key", "value"), _course(vote, count, codes, history).items())
    yield Section("steps", ("step", "at", "who", "role", "details"), _steps(vote, count, codes))
    yield from long_sections(vote, count.number, codes)
    yield Section("sheet", ("group", "key", "value"), flat(_sheet(count.sheet, codes)))
    yield Section("results", ("motion", "group", "key", "value"), _results(vote, count.number))


def after_sections(vote: Vote, counts: Sequence[Count], codes: Codes) -> Iterator[Section]:
    """What happened after a count was certified; no text that could name somebody."""
    yield Section("announcements", ("count", "at", "who", "role"), _announced(counts, codes))
    yield Section("recounts", ("count", "reason_given", "sheet"), _recounts(counts))
    columns = ("number", "received_on", "ruling", "ruled_at", "who")
    yield Section("objections", columns, _objections(vote.id, codes))
    yield Section("archive", ("archived_at", "who", "keep_until"), _archive(vote.id, codes))
    yield Section("history", ("sequence", "hash"), [history_head(vote.committee_id)])


def _frozen(vote: Vote) -> dict[str, Any]:
    content = frozen_content(roll_queries.terms(vote), [], vote.seal_key, vote.seal_format)
    del content["roll"]
    return content


def _course(
    vote: Vote, count: Count, codes: Codes, history: Sequence[Any] | None
) -> dict[str, Any]:
    return {
        "count": count.number,
        "roll_hash": vote.roll_hash,
        "opened_at": instant(vote.opened_at),
        "ends_at": instant(vote.ends_at),
        "closed_at": instant(vote.closed_at),
        "certified_at": instant(count.certified_at),
        "certifier": codes.account(count.certified_by),
        "tier": vote.after_id is not None,
        "runoff": vote.runoff_of_id is not None,
        "history": None if history is None else list(history),
    }


def _steps(vote: Vote, count: Count, codes: Codes) -> Iterator[Row]:
    def step(name: str, at: datetime | None, account_id: int | None, details: Any = None) -> Row:
        role = None if account_id is None else codes.role(account_id)
        return name, instant(at), codes.account(account_id), role, details

    yield step("prepared", vote.created_at, vote.created_by)
    yield step("rule_chosen", None, vote.rule_chosen_by)
    yield step("rule_confirmed", vote.rule_confirmed_at, vote.rule_confirmed_by)
    approvals = sa.select(Approval).where(Approval.vote_id == vote.id).order_by(Approval.id)
    for found in db.session.scalars(approvals):
        if found.approved_by is None or found.withdrawn_at is not None:
            continue
        name, details = found.step.value, _details(found)
        yield step(f"{name}_proposed", found.proposed_at, found.proposed_by, details)
        yield step(f"{name}_approved", found.approved_at, found.approved_by, details)
    yield step("opened", vote.opened_at, vote.opened_by)
    yield step("closed", vote.closed_at, vote.closed_by)
    yield step("certified", count.certified_at, count.certified_by)


def _details(approval: Approval) -> dict[str, Any]:
    found: dict[str, Any] = {"digest": approval.digest}
    if approval.step is TwoPersonStep.AMEND:
        found["areas"] = len(approval.details["areas"])
        found["roll_hash_before"] = approval.details.get("roll_hash_before")
    elif approval.step is TwoPersonStep.EXTEND:
        for name in ("closes_at", "extended_to"):
            found[name] = instant(datetime.fromisoformat(approval.details[name]))
    return found


def _sheet(sheet: TallySheet | None, codes: Codes) -> dict[str, Any]:
    if sheet is None:
        return {}
    signers = {name: codes.name(getattr(sheet, name)) for name in _SIGNERS}
    return {**sheet.figures, "signers": signers, "digest": sheet.digest}


_SIGNERS = ("reader", "counter", "scrutineer")


def _results(vote: Vote, number: int) -> Iterator[Row]:
    rows = db.session.execute(
        sa.select(VoteMotion.position, MotionResult.outcome, MotionResult.figures)
        .join(VoteMotion, MotionResult.vote_motion_id == VoteMotion.id)
        .where(MotionResult.vote_id == vote.id, MotionResult.number == number)
        .order_by(VoteMotion.position)
    )
    for position, outcome, plain in rows:
        yield position, "decided", "", outcome.value if outcome else None
        yield from ((position, *row) for row in flat(plain))


def _announced(counts: Sequence[Count], codes: Codes) -> Iterator[Row]:
    for count in counts:
        if count.announced_at is not None:
            who = count.announced_by
            role = None if who is None else codes.role(who)
            yield count.number, instant(count.announced_at), codes.account(who), role


def _recounts(counts: Sequence[Count]) -> Iterator[Row]:
    for count in counts:
        if count.number > 1 and count.sheet is not None:
            yield count.number, bool(count.sheet.reason), count.sheet.digest


def _objections(vote_id: int, codes: Codes) -> Iterator[Row]:
    query = sa.select(ResultObjection).where(ResultObjection.vote_id == vote_id)
    for found in db.session.scalars(query.order_by(ResultObjection.number)):
        ruling = found.ruling.value if found.ruling else None
        who = codes.account(found.ruled_by)
        yield found.number, found.received_on.isoformat(), ruling, instant(found.ruled_at), who


def _archive(vote_id: int, codes: Codes) -> Iterator[Row]:
    found = db.session.scalar(sa.select(Archive).where(Archive.vote_id == vote_id))
    if found is not None:
        who = codes.account(found.archived_by)
        yield instant(found.archived_at), who, found.keep_until.isoformat()
