"""Identity checks as tests make them."""

from __future__ import annotations

from tests.factories import votes
from tests.factories.online import co_owners_paper
from tests.factories.votes import DURING
from tracker.ballots import checking_services
from tracker.ballots.rules import BallotState
from tracker.kernel.database import db

ACCEPTED, REJECTED = BallotState.ACCEPTED, BallotState.REJECTED


def check(scene, ballot, rejected=None, at=DURING):
    return checking_services.check(scene.counter, at, ballot.id, rejected=rejected)


def second_paper(scene, vote, serial):
    """The other paper of a voter of several units, say, handed out by mistake."""
    paper = co_owners_paper(vote, serial)
    paper.second_owner = False
    db.session.flush()
    return votes.received(scene, vote, paper.serial)
