"""Votes of today: one in each state, so that every page has something on it."""

from __future__ import annotations

import pytest

from tracker.ballots import entry_queries
from tracker.ballots.queries import turnout
from tracker.counts import queries
from tracker.kernel import clock
from tracker.votes import lint, lint_queries
from tracker.votes.lint import Severity
from tracker.votes.words import VoteState

STAIRS = "二期楼道整修：逐楼表决"
RACKS = "二期晒衣架和健身角"


def test_five_buildings_stand_in_five_states(votes_of):
    assert [vote.state for vote in votes_of(STAIRS)] == [
        VoteState.ANNOUNCED,
        VoteState.CERTIFIED,
        VoteState.COUNTING,
        VoteState.OPEN,
        VoteState.FROZEN,
    ]


def test_an_objection_waits_for_its_ruling(votes_of):
    announced, *_ = votes_of(STAIRS)
    assert queries.open_objections(announced.id) == 1


def test_the_open_vote_has_half_of_its_ballots_back(votes_of):
    *_, vote, _ = votes_of(STAIRS)
    [building] = turnout(vote).buildings
    assert (building.returned, building.persons) == (6, 12)


def test_the_vote_being_counted_has_differences_and_papers_read_once(votes_of):
    _, _, vote, *_ = votes_of(STAIRS)
    progress = entry_queries.progress(vote.id, vote.count_number)
    assert (progress.countable, progress.once, progress.twice) == (10, 3, 7)
    assert progress.mismatched == 2


def test_the_vote_being_prepared_has_faults_to_find(votes_of):
    [vote] = votes_of(RACKS)
    found = lint.findings(lint_queries.facts(vote, clock.now()))
    musts = {finding.code for finding in found if finding.severity is Severity.MUST}
    assert {"no_against", "two_questions", "unconfirmed_rule", "no_notice"} <= musts


@pytest.mark.parametrize("title", [STAIRS, RACKS])
def test_nothing_of_today_lies_in_the_future(votes_of, title):
    for vote in votes_of(title):
        steps = (vote.created_at, vote.frozen_at, vote.opened_at, vote.closed_at, vote.certified_at)
        assert all(step is None or step <= clock.now() for step in steps)
