"""Results as certified; none before. Nothing here reads a choice.

A recount makes the next number of everything; the numbers before stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.audit.models import AuditEntry
from tracker.counts.models import Archive, MotionResult, ResultObjection, TallySheet
from tracker.counts.rules import Ruling
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.votes import figures, poll_figures
from tracker.votes.figures import Counted
from tracker.votes.models import Vote, VoteMotion
from tracker.votes.poll_figures import Poll
from tracker.votes.queries import standing_votes
from tracker.votes.rules import Outcome
from tracker.votes.tally import Pile
from tracker.votes.words import CERTIFIED_STATES, OBJECTION_DAYS


@dataclass(frozen=True)
class Result:
    """The counted result of one motion: ``counted``, or ``poll`` for one that asks preferences."""

    motion: VoteMotion
    outcome: Outcome | None
    figures: Counted | Poll

    @property
    def counted(self) -> Counted:
        """The figures of a motion; TypeError for a poll."""
        if not isinstance(self.figures, Counted):
            raise TypeError("a poll is not counted as a motion")
        return self.figures

    @property
    def roll(self) -> Pile:
        """Everybody entitled to take part."""
        return self.figures.counts.roll

    @property
    def accepted(self) -> Pile:
        """Those whose ballot was accepted."""
        if isinstance(self.figures, Counted):
            return self.figures.counts.accepted
        counts = self.figures.counts
        return counts.valid + counts.abstain + counts.invalid

    @property
    def poll(self) -> Poll | None:
        """The figures of a poll, None for a motion."""
        return self.figures if isinstance(self.figures, Poll) else None


def results(vote: Vote, number: int | None = None) -> list[Result]:
    """Results by motion, of one count or the latest certified; none before the close."""
    rows = _numbered([vote.id], number)
    return [
        Result(motion, rows[motion.id].outcome, read(rows[motion.id].figures))
        for motion in vote.motions
        if motion.id in rows
    ]


def read(plain: Mapping[str, Any]) -> Counted | Poll:
    """Stored figures of a motion or of a poll; raises KeyError or ValueError for anything else."""
    if poll_figures.is_poll(plain):
        return poll_figures.from_figures(plain)
    return figures.from_figures(plain)


def outcomes(votes: Sequence[Vote]) -> dict[int, Outcome | None]:
    """Outcome by id of the vote's motion, for those counted; None for a poll."""
    latest = _numbered([vote.id for vote in votes])
    return {motion_id: result.outcome for motion_id, result in latest.items()}


def _numbered(vote_ids: Sequence[int], number: int | None = None) -> dict[int, MotionResult]:
    """The results of a count, or the latest of each motion, by motion."""
    query = sa.select(MotionResult).where(MotionResult.vote_id.in_(vote_ids))
    if number is not None:
        query = query.where(MotionResult.number == number)
    rows = db.session.scalars(query.order_by(MotionResult.number))
    return {row.vote_motion_id: row for row in rows}


def carried(stage_id: int, round: int) -> bool:
    """Whether every vote of the stage is certified, and at least one of their motions carried.

    Of several votes side by side (one per building, one per compound) some may fail: those that
    carried go on.
    """
    held = standing_votes(stage_id, round)
    if not held or any(vote.state not in CERTIFIED_STATES for vote in held):
        return False
    found = _numbered([vote.id for vote in held]).values()
    return any(result.outcome is Outcome.CARRIED for result in found)


def carried_motions(vote_id: int) -> set[int]:
    """The project's motions that carried in a certified vote."""
    latest = _numbered([vote_id]).values()
    ids = {row.vote_motion_id for row in latest if row.outcome is Outcome.CARRIED}
    query = sa.select(VoteMotion.motion_id).where(VoteMotion.id.in_(ids))
    return set(db.session.scalars(query))


def first_tier_carried(vote: Vote) -> bool:
    """Whether the vote that goes before is certified, and all this one asks has carried there.

    Motions that both ask must each have carried; where they share none, one of it is enough.
    """
    if vote.after is None:
        return True
    if vote.after.state not in CERTIFIED_STATES:
        return False
    found = carried_motions(vote.after.id)
    before = {motion.motion_id for motion in vote.after.motions}
    shared = {motion.motion_id for motion in vote.motions} & before
    return bool(found) and shared <= found


@dataclass(frozen=True)
class Held:
    """A vote in the list of its round; ``depth`` 0 stands alone, 1 below the vote it waits for."""

    vote: Vote
    depth: int


def by_round(found: Sequence[Vote]) -> list[tuple[int, list[Held]]]:
    """Votes by round in the order given, second tiers and runoffs below the vote before them."""
    rounds: dict[int, list[Vote]] = {}
    for vote in found:
        rounds.setdefault(vote.round, []).append(vote)
    return [(round, _below(votes, None, set(), 0)) for round, votes in rounds.items()]


def _below(votes: Sequence[Vote], parent: int | None, seen: set[int], depth: int) -> list[Held]:
    here = {vote.id for vote in votes}
    listed: list[Held] = []
    for vote in votes:
        before = vote.after_id or vote.runoff_of_id
        if vote.id not in seen and (before if before in here else None) == parent:
            seen.add(vote.id)
            listed += [Held(vote, min(depth, 3)), *_below(votes, vote.id, seen, depth + 1)]
    return listed


# ---- tally sheets: one for each count ----


def sheets(vote_id: int) -> Sequence[TallySheet]:
    """The tally sheets of a vote, first to last."""
    return db.session.scalars(
        sa.select(TallySheet)
        .where(TallySheet.vote_id == vote_id)
        .options(joinedload(TallySheet.certifier))
        .order_by(TallySheet.number)
    ).all()


def sheet(vote_id: int, number: int) -> TallySheet:
    """The tally sheet of a count; raises NotFound for one that was not certified."""
    found = db.session.scalar(
        sa.select(TallySheet)
        .where(TallySheet.vote_id == vote_id, TallySheet.number == number)
        .options(joinedload(TallySheet.certifier))
    )
    if found is None:
        raise NotFound
    return found


def announced_on(vote: Vote) -> list[date]:
    """The days on which results of a vote were announced, first to last."""
    return [clock.local_date(s.announced_at) for s in sheets(vote.id) if s.announced_at]


def certifier(vote: Vote) -> int | None:
    """Who certified the latest announced result."""
    announced = [sheet for sheet in sheets(vote.id) if sheet.announced_at]
    return announced[-1].certified_by if announced else None


def objections_until(vote: Vote) -> date | None:
    """The last day on which objections to the latest announcement are in time."""
    if vote.announced_at is None:
        return None
    return clock.local_date(vote.announced_at) + timedelta(days=OBJECTION_DAYS)


# ---- objections to a result, and the archive ----


def objections(vote_id: int) -> Sequence[ResultObjection]:
    """Objections to a result, in the order received."""
    return db.session.scalars(
        sa.select(ResultObjection)
        .where(ResultObjection.vote_id == vote_id)
        .order_by(ResultObjection.number)
    ).all()


def objection(vote_id: int, number: int) -> ResultObjection:
    """One objection to a result; raises NotFound for an unknown number."""
    found = db.session.scalar(
        sa.select(ResultObjection).where(
            ResultObjection.vote_id == vote_id, ResultObjection.number == number
        )
    )
    if found is None:
        raise NotFound
    return found


def objection_counts(vote_id: int) -> tuple[int, int]:
    """Objections received, and those of them without a ruling."""
    row = db.session.execute(
        sa.select(sa.func.count(), sa.func.count() - sa.func.count(ResultObjection.ruling)).where(
            ResultObjection.vote_id == vote_id
        )
    ).one()
    return int(row[0]), int(row[1])


def open_objections(vote_id: int) -> int:
    """Objections without a ruling."""
    return objection_counts(vote_id)[1]


def amendments(vote_id: int) -> list[str]:
    """Rulings that correct the words of the announcement without a recount."""
    query = sa.select(ResultObjection.ruling_text).where(
        ResultObjection.vote_id == vote_id, ResultObjection.ruling == Ruling.CORRECTED
    )
    return list(db.session.scalars(query.order_by(ResultObjection.number)))


def archive_of(vote_id: int) -> Archive | None:
    """Where the papers of a vote lie, once they are put away."""
    return db.session.scalar(sa.select(Archive).where(Archive.vote_id == vote_id))


def history_hash(vote: Vote, sheet: TallySheet) -> str:
    """The hash of the history's entry of an announcement: all before it hangs on that chain."""
    if sheet.announced_at is None:
        return ""
    found = db.session.scalar(
        sa.select(AuditEntry.hash)
        .where(
            AuditEntry.project_id == vote.project_id,
            AuditEntry.action == "vote.announced",
            AuditEntry.at == sheet.announced_at,
        )
        .order_by(AuditEntry.id.desc())
    )
    return found or ""
