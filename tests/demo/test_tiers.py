"""What the replays could not do too early: the second tier, and a second question at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tracker.accounts.models import User
from tracker.anthology import services as anthology
from tracker.counts import services as counts
from tracker.demo import balloting, fudan
from tracker.demo.balloting import Days
from tracker.demo.cast import at, people
from tracker.demo.slips import came_back, slips
from tracker.kernel.errors import Refusal
from tracker.votes import services as votes
from tracker.votes.models import Vote
from tracker.votes.words import VoteState
from tracker.workdays import services as workdays

NOT_YET = "先行的表决还没有通过，这一次不能开始。"


@pytest.fixture
def officer(arrange) -> User:
    """The subdistrict's officer in a ledger with the library and the calendar."""
    now = at(date(2021, 8, 1), 9)
    anthology.load_folder(anthology.CASES, now)
    workdays.load_packaged(now)
    return people(now, "a garden for all of us").officer


def _frozen(lifts: fudan.Lifts, days: Days, draft: votes.Draft) -> Vote:
    hands = lifts.team.hands()
    vote = votes.prepare(hands.worker, days.prepared, lifts.project, draft)
    balloting.freeze(hands, days, vote)
    return vote


def test_the_building_is_not_asked_before_the_compound_is_certified(officer):
    lifts = fudan.until_worded(officer)
    hands = lifts.team.hands()
    notice = fudan.post_compound(lifts)
    days = Days(prepared=at(date(2021, 11, 2), 10), frozen=at(date(2021, 11, 15), 10))
    first = _frozen(lifts, days, fudan.compound_draft(lifts, notice))
    draft = fudan.building_draft(
        lifts, "8", first, notice, date(2021, 12, 1), date(2021, 12, 20)
    )  # fmt: skip
    second = _frozen(lifts, days, draft)

    def open_second() -> None:
        counts.open_vote(hands.director, first.closes_at + timedelta(hours=5), second.id)

    with pytest.raises(Refusal) as frozen:
        open_second()
    boxes = balloting.open_vote(hands, first)
    said = slips(came_back(180, 140), [{"for": 120, "against": 20}])
    ballots = balloting.collect(hands, first, said, boxes)
    with pytest.raises(Refusal) as running:
        open_second()
    balloting.close(hands, first, said, boxes, ballots)
    balloting.read(hands, first, ballots, said)
    with pytest.raises(Refusal) as counted:
        open_second()
    balloting.certify(hands, first, fudan.SIGNERS)
    open_second()
    for refused in (frozen, running, counted):
        assert [reason.message.text for reason in refused.value.reasons] == [NOT_YET]
    assert second.state is VoteState.OPEN


def test_the_same_roll_is_not_asked_twice_at_once(officer):
    lifts = fudan.until_worded(officer)
    hands = lifts.team.hands()
    draft = fudan.compound_draft(lifts, fudan.post_compound(lifts))
    votes.prepare(hands.worker, at(date(2021, 11, 2), 10), lifts.project, draft)
    with pytest.raises(Refusal) as refused:
        votes.prepare(hands.worker, at(date(2021, 11, 2), 11), lifts.project, draft)
    [reason] = refused.value.reasons
    assert str(reason.message.text).startswith("这一轮已经有一次表决")
