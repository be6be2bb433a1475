"""What residents see of votes: announced results, as totals; nothing before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from tracker.counts.models import MotionResult, ResultObjection, TallySheet
from tracker.counts.queries import read
from tracker.counts.rules import Ruling
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.words import Message
from tracker.votes import figures, poll_figures
from tracker.votes.figures import Bar
from tracker.votes.models import Vote, VoteMotion
from tracker.votes.poll_figures import Poll
from tracker.votes.queries import rule_of, votes_of
from tracker.votes.roll_queries import scope_text
from tracker.votes.rules import Outcome, Rule
from tracker.votes.words import OBJECTION_DAYS, VoteState


@dataclass(frozen=True)
class PublicResult:
    """One motion; ``tests`` are drawn by the ``bar`` component. ``outcome`` None for a poll."""

    title: str
    outcome: Outcome | None
    sentence: Message
    tests: list[Bar]
    poll: Poll | None = None


@dataclass(frozen=True)
class PublicVote:
    """The announced results of one vote.

    ``correction``: why the result was counted again, for one that replaces another; the texts in
    ``amendments`` correct the announcement without a recount. ``recounting``: an objection was
    upheld and the ballots are being counted again.
    """

    title: str
    scope: str
    rule: Rule
    results: list[PublicResult]
    announced_on: date
    objections_until: date
    correction: str = ""
    amendments: tuple[str, ...] = ()
    recounting: bool = False


@dataclass(frozen=True)
class _Announced:
    number: int
    at: datetime
    reason: str


def public_votes(project_id: int) -> list[PublicVote]:
    """The announced votes of a project, the latest round first.

    A recount leaves the announced result standing until its correction is announced.
    """
    held = [v for v in votes_of(project_id) if v.roll_hash and v.state is not VoteState.CANCELLED]
    ids = [vote.id for vote in held]
    announced, rows, amended = _announced(held), _results(ids), _amendments(ids)
    shown = []
    for vote in held:
        if vote.id not in announced:
            continue
        latest = announced[vote.id]
        results = [rows[motion.id, latest.number] for motion in vote.motions]
        shown.append(
            PublicVote(
                title=vote.title,
                scope=scope_text(vote),
                rule=rule_of(vote),
                results=[_public(vote, *pair) for pair in zip(vote.motions, results, strict=True)],
                announced_on=clock.local_date(latest.at),
                objections_until=clock.local_date(latest.at) + timedelta(days=OBJECTION_DAYS),
                correction=latest.reason,
                amendments=tuple(amended.get(vote.id, ())),
                recounting=vote.count_number > latest.number,
            )
        )
    return shown


def _public(vote: Vote, motion: VoteMotion, row: MotionResult) -> PublicResult:
    found, rule = read(row.figures), rule_of(vote)
    if isinstance(found, Poll):
        said = poll_figures.sentence(motion.title, found)
        return PublicResult(motion.title, None, said, poll_figures.quorum_bars(rule, found), found)
    outcome = found.verdict.outcome
    said = figures.sentence(motion.title, outcome)
    return PublicResult(motion.title, outcome, said, figures.bars(rule, found.verdict.checks))


def _announced(votes: Sequence[Vote]) -> dict[int, _Announced]:
    """The last announced version of each vote; ``reason`` only where it replaces another."""
    sheets = db.session.scalars(
        sa.select(TallySheet)
        .where(TallySheet.vote_id.in_([vote.id for vote in votes]))
        .order_by(TallySheet.number)
    ).all()
    found: dict[int, _Announced] = {}
    for sheet in sheets:
        if sheet.announced_at is not None:
            reason = sheet.reason if sheet.vote_id in found else ""
            found[sheet.vote_id] = _Announced(sheet.number, sheet.announced_at, reason)
    return found


def _results(vote_ids: Sequence[int]) -> dict[tuple[int, int], MotionResult]:
    """Every result of votes, by motion and number."""
    rows = db.session.scalars(sa.select(MotionResult).where(MotionResult.vote_id.in_(vote_ids)))
    return {(row.vote_motion_id, row.number): row for row in rows}


def _amendments(vote_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = db.session.execute(
        sa.select(ResultObjection.vote_id, ResultObjection.ruling_text)
        .where(ResultObjection.vote_id.in_(vote_ids), ResultObjection.ruling == Ruling.CORRECTED)
        .order_by(ResultObjection.number)
    )
    found: dict[int, list[str]] = {}
    for vote_id, text in rows:
        found.setdefault(vote_id, []).append(text)
    return found
