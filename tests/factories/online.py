"""Passes, online ballots, and what came of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.factories import votes
from tests.factories.votes import DURING, Scene
from tracker.ballots.models import Ballot, BallotChoice
from tracker.ballots.online_services import cast, issue_pass
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import BallotState
from tracker.kernel.database import db
from tracker.votes.models import Vote
from tracker.votes.rules import Channel, Choice

ONLINE: dict[str, Any] = {"online": True, "identity_note": "当面核对身份证与产权人"}
"""Fields of a vote that takes online ballots."""


def pass_for(of: Scene, vote: Vote, serial: int = 1, now: datetime = DURING) -> str:
    """The secret of a new pass for a voter."""
    return issue_pass(of.worker, now, vote.id, voter=str(serial), told="当面核对身份证")[1]


def all_of(vote: Vote, mark: str) -> dict[int, str]:
    """The same answer to every motion."""
    return dict.fromkeys(votes.motions_of(vote), str(mark))


def voted(
    of: Scene, vote: Vote, serial: int = 1, mark: str = Choice.FOR, now: datetime = DURING
) -> Ballot:
    """An online ballot, cast by a new pass."""
    return cast(now, pass_for(of, vote, serial, now), all_of(vote, mark))


def states(vote: Vote, channel: Channel = Channel.ONLINE) -> list[BallotState]:
    """The states of all ballots of a channel, oldest first."""
    found = db.session.query(Ballot).filter_by(vote_id=vote.id, channel=channel)
    return [ballot.state for ballot in found.order_by(Ballot.id)]


def counted(vote: Vote) -> dict[int, str]:
    """What was written down to be counted, by serial, of the first motion."""
    rows = (
        db.session.query(Ballot, BallotChoice.mark)
        .join(BallotChoice, BallotChoice.ballot_id == Ballot.id)
        .filter(
            Ballot.vote_id == vote.id,
            Ballot.state == BallotState.ACCEPTED,
            BallotChoice.vote_motion_id == votes.motions_of(vote)[0],
        )
    )
    return {ballot.entry.serial: mark for ballot, mark in rows}


def co_owners_paper(vote: Vote, serial: int) -> Paper:
    """A second paper of a voter, for the co-owner."""
    first = db.session.query(Paper).filter_by(vote_id=vote.id, serial=serial).one()
    paper = Paper(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        run_id=first.run_id,
        serial=900 + serial,
        code=f"CO{serial:09d}",
        roll_entry_id=first.roll_entry_id,
        second_owner=True,
        state=first.state,
    )
    db.session.add(paper)
    db.session.flush()
    return paper
