"""Counting papers for the tally sheet."""

from __future__ import annotations

import sqlalchemy as sa

from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import Paper
from tracker.ballots.paper_queries import came_back
from tracker.ballots.rules import CURRENT_STATES, BallotState, PaperState
from tracker.counts import counting
from tracker.counts.balance import Balance
from tracker.kernel.database import db
from tracker.votes.models import Vote
from tracker.votes.rules import Channel


def balance(vote: Vote) -> Balance:
    """Every paper of a vote by what became of it, and the ballots of each motion by mark."""
    returned_flag = sa.case((came_back(vote.id), 1), else_=0).label("returned")
    papers: dict[tuple[PaperState, int], int] = {}
    for state, returned, number in db.session.execute(
        sa.select(Paper.state, returned_flag, sa.func.count())
        .where(Paper.vote_id == vote.id)
        .group_by(Paper.state, sa.text("returned"))
    ):
        papers[state, returned] = number
    ballots: dict[tuple[Channel, BallotState], int] = {}
    for channel, state, number in db.session.execute(
        sa.select(Ballot.channel, Ballot.state, sa.func.count())
        .where(Ballot.vote_id == vote.id, Ballot.state.in_(CURRENT_STATES))
        .group_by(Ballot.channel, Ballot.state)
    ):
        ballots[channel, state] = number

    marks = counting.marks(vote)

    def on_paper(*states: BallotState) -> int:
        return sum(ballots.get((Channel.PAPER, state), 0) for state in states)

    marks = counting.marks(vote)
    return Balance(
        printed=sum(papers.values()),
        returned=sum(number for (_state, flag), number in papers.items() if flag),
        unreturned=papers.get((PaperState.LIVE, 0), 0),
        spare=papers.get((PaperState.SPARE, 0), 0),
        # A spoilt paper that somebody brought all the same is among the returned.
        spoilt=papers.get((PaperState.SPOILT, 0), 0),
        accepted=on_paper(BallotState.ACCEPTED),
        rejected=on_paper(
            BallotState.REJECTED, BallotState.LATE, BallotState.WITHDRAWN, BallotState.CO_OWNER
        ),
        merged=on_paper(BallotState.CO_OWNER),
        online=ballots.get((Channel.ONLINE, BallotState.ACCEPTED), 0),
        motions={motion.position: marks[motion.id] for motion in vote.motions},
    )
