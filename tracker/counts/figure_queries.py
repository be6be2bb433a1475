"""The figures of a vote as they stand now, to be certified; pages show only certified ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tracker.ballots.paper_models import BallotDelivery
from tracker.counts import counting
from tracker.kernel.database import db
from tracker.kernel.errors import Reason
from tracker.kernel.words import M_, Message
from tracker.votes import figures, poll_figures
from tracker.votes.models import RollEntry, Vote, VoteMotion
from tracker.votes.queries import rule_of
from tracker.votes.rules import NonResponsePolicy, Outcome
from tracker.votes.verdict import Verdict, decide, invalid_policy_matters
from tracker.votes.words import AttachmentKind


@dataclass(frozen=True)
class Worked:
    """One motion worked out: ``outcome`` None for a poll, which decides nothing.

    ``obstacle``: why it cannot be certified, None when it can.
    """

    motion: VoteMotion
    outcome: Outcome | None
    figures: dict[str, Any]
    obstacle: Message | None = None


def worked_out(vote: Vote) -> list[Worked]:
    """Every motion of a vote whose ballots are read, in the order of the ballot.

    Raises Refusal when the figures do not add up to the roll.
    """
    return _polls(vote) if rule_of(vote).is_poll else _motions(vote)


def _motions(vote: Vote) -> list[Worked]:
    rule, counts = rule_of(vote), counting.count(vote)
    invalid, silence = vote.invalid_policy, vote.nonresponse_policy
    found = []
    for motion in vote.motions:
        mine = counts[motion.id]
        verdict = decide(rule, mine, invalid, silence)
        other = None
        if silence is not NonResponsePolicy.NONE:
            other = decide(rule, mine, invalid, NonResponsePolicy.NONE)
        plain = figures.to_figures(
            mine,
            verdict,
            policy_matters=invalid_policy_matters(rule, mine, silence),
            without_silence=other,
        )
        found.append(Worked(motion, verdict.outcome, plain, _held(motion, verdict)))
    return found


def _held(motion: VoteMotion, verdict: Verdict) -> Message | None:
    if verdict.outcome is not Outcome.HOLD:
        return None
    return M_(
        "「%(title)s」因面积缺失不能认定。最有利：%(best)s；最不利：%(worst)s。",
        title=motion.title,
        best=verdict.best,
        worst=verdict.worst,
    )


def _polls(vote: Vote) -> list[Worked]:
    rule, counts = rule_of(vote), counting.count_poll(vote)
    found = []
    for motion in vote.motions:
        options = [(option["key"], option["label"]) for option in motion.options]
        poll = poll_figures.judge(rule, options, counts[motion.id], vote.invalid_policy)
        obstacle = None
        if poll.waits_for_areas:
            obstacle = M_("「%(title)s」因面积缺失不能认定参与是否达到。", title=motion.title)
        found.append(Worked(motion, None, poll_figures.to_figures(poll), obstacle))
    return found


def silence_obstacles(vote: Vote) -> list[Reason]:
    """Why the silent may not be counted as declared; nothing where silence does not count."""
    if vote.nonresponse_policy is NonResponsePolicy.NONE:
        return []
    at = (("vote_id", vote.id),)
    found = []
    if not vote.policy_clause.strip():
        text = M_("把未投票的计入，须写明议事规则的条款；这次没有写，不能计票。")
        found.append(Reason(text, "counts.show", at))
    if all(file.kind is not AttachmentKind.CLAUSE for file in vote.attachments):
        text = M_("把未投票的计入，须有议事规则原文的文件；这次没有，不能计票。")
        found.append(Reason(text, "counts.show", at))
    unproven = _delivered_without_proof(vote.id)
    if unproven:
        text = M_("有 %(n)d 人记为已送达，却没有送达凭据，不能计入。", n=unproven)
        found.append(Reason(text, "ballots.delivery", at))
    return found


def _delivered_without_proof(vote_id: int) -> int:
    """Voters whose silence would count though no standing record proves the delivery."""
    proven = sa.exists().where(
        BallotDelivery.roll_entry_id == RollEntry.id,
        BallotDelivery.delivered,
        ~BallotDelivery.superseded,
    )
    query = (
        sa.select(sa.func.count())
        .select_from(RollEntry)
        .where(RollEntry.vote_id == vote_id, RollEntry.delivered, ~proven)
    )
    return db.session.scalar(query) or 0
