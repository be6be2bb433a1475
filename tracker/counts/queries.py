"""Results as certified; none before. Nothing here reads a choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.counts.models import MotionResult
from tracker.kernel.database import db
from tracker.kernel.words import Message
from tracker.votes import figures
from tracker.votes.figures import Bar, Counted
from tracker.votes.models import Vote, VoteMotion
from tracker.votes.queries import rule_of, standing_votes, votes_of
from tracker.votes.rules import Outcome
from tracker.votes.words import CERTIFIED_STATES, PUBLIC_STATES


@dataclass(frozen=True)
class Result:
    """The counted result of one motion."""

    motion: VoteMotion
    outcome: Outcome | None
    counted: Counted


def results(vote: Vote) -> list[Result]:
    """Results by motion, the latest version of each; none before the close."""
    latest = _latest_results([vote.id])
    return [
        Result(motion, latest[motion.id].outcome, figures.from_figures(latest[motion.id].figures))
        for motion in vote.motions
        if motion.id in latest
    ]


def outcomes(votes: Sequence[Vote]) -> dict[int, Outcome | None]:
    """Outcome by id of the vote's motion, for those counted; None for a poll."""
    latest = _latest_results([vote.id for vote in votes])
    return {motion_id: result.outcome for motion_id, result in latest.items()}


def _latest_results(vote_ids: Sequence[int]) -> dict[int, MotionResult]:
    rows = db.session.scalars(
        sa.select(MotionResult)
        .where(MotionResult.vote_id.in_(vote_ids))
        .order_by(MotionResult.number)
    )
    return {row.vote_motion_id: row for row in rows}


def carried(stage_id: int, round: int) -> bool:
    """Whether every vote of the stage is certified, and at least one of their motions carried.

    Of several votes side by side (one per building, one per compound) some may fail: those that
    carried go on.
    """
    held = standing_votes(stage_id, round)
    if not held or any(vote.state not in CERTIFIED_STATES for vote in held):
        return False
    found = _latest_results([vote.id for vote in held]).values()
    return any(result.outcome is Outcome.CARRIED for result in found)


def carried_motions(vote_id: int) -> set[int]:
    """The project's motions that carried in a certified vote."""
    latest = _latest_results([vote_id]).values()
    ids = {row.vote_motion_id for row in latest if row.outcome is Outcome.CARRIED}
    query = sa.select(VoteMotion.motion_id).where(VoteMotion.id.in_(ids))
    return set(db.session.scalars(query))


@dataclass(frozen=True)
class PublicResult:
    """What residents see of one motion; ``tests`` are drawn by the ``bar`` component."""

    title: str
    outcome: Outcome
    sentence: Message
    tests: list[Bar]


def public_results(project_id: int) -> list[PublicResult]:
    """Results of the announced votes of a project, motion by motion, the latest vote first."""
    shown = []
    for held in votes_of(project_id):
        if held.state not in PUBLIC_STATES:
            continue
        rule = rule_of(held)
        for result in results(held):
            if result.outcome is None:
                continue
            title, checks = result.motion.title, result.counted.verdict.checks
            said = figures.sentence(title, result.outcome)
            shown.append(PublicResult(title, result.outcome, said, figures.bars(rule, checks)))
    return shown
