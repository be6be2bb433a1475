import pytest

from tests.factories import votes
from tracker.votes.words import VoteState

pytestmark = pytest.mark.usefixtures("arrange")


def test_whole_course():
    scene = votes.scene()
    vote = votes.announced(scene)
    assert vote.state is VoteState.ANNOUNCED
