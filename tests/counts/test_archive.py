"""Putting the papers away: not too early, not too short, nothing open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.factories import votes
from tests.factories.votes import AFTER
from tracker.counts import archive_queries, archive_services, objection_services, queries
from tracker.counts.archive_services import Deposit
from tracker.counts.rules import Ruling, kept_at_least_until
from tracker.kernel import clock
from tracker.kernel.errors import FieldRefusal, Refusal
from tracker.projects.rules import ProjectState
from tracker.votes.models import Vote
from tracker.votes.words import VoteState

pytestmark = pytest.mark.usefixtures("arrange")

ANNOUNCED_ON = clock.local_date(AFTER)
FIRST_DAY = ANNOUNCED_ON + timedelta(days=16)
"""The first day after the objection period."""

DEPOSIT = Deposit(
    custodian="档案员",
    place="居委会二楼档案室 3 号柜",
    contents="票箱 1，封条 0001\n计票统计表 1 份",
    keep_until=kept_at_least_until(ANNOUNCED_ON),
)


def archive(scene: votes.Scene, vote: Vote, day: date = FIRST_DAY, **changes: object):
    now = clock.at_local(day, AFTER.astimezone(clock.SHANGHAI).time())
    return archive_services.archive(
        scene.director,
        now,
        vote.id,
        replace(DEPOSIT, **changes),  # type: ignore[arg-type]
    )


def test_a_vote_is_archived_after_the_objection_period():
    scene = votes.scene()
    vote = votes.announced(scene)
    made = archive(scene, vote)
    assert vote.state is VoteState.ARCHIVED
    assert queries.archive_of(vote.id) is made
    assert (made.custodian, made.keep_until) == ("档案员", DEPOSIT.keep_until)
    with pytest.raises(Refusal, match="已经归档了"):
        archive(scene, vote)


def test_on_the_last_day_of_the_period_it_is_not():
    scene = votes.scene()
    vote = votes.announced(scene)
    with pytest.raises(Refusal, match="期满后才能归档"):
        archive(scene, vote, FIRST_DAY - timedelta(days=1))


def test_an_objection_without_a_ruling_keeps_the_papers_out():
    scene = votes.scene()
    vote = votes.announced(scene)
    objection_services.record_objection(
        scene.worker, AFTER, vote.id, received_on=ANNOUNCED_ON, text="票数不对"
    )
    with pytest.raises(Refusal, match="还有 1 条") as refused:
        archive(scene, vote)
    assert refused.value.reasons[0].endpoint == "counts.objections"
    objection_services.rule_on(
        scene.director, AFTER, vote.id, 1, ruling=Ruling.DISMISSED, text="已复核"
    )
    assert archive(scene, vote).vote_id == vote.id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"keep_until": DEPOSIT.keep_until - timedelta(days=1)}, "keep_until"),
        ({"custodian": " "}, "custodian"),
        ({"place": ""}, "place"),
        ({"contents": "\n"}, "contents"),
    ],
)
def test_what_is_missing_or_kept_too_short_is_refused_at_the_field(changes, field):
    scene = votes.scene()
    vote = votes.announced(scene)
    with pytest.raises(FieldRefusal) as refused:
        archive(scene, vote, **changes)
    assert refused.value.field == field
    assert vote.state is VoteState.ANNOUNCED


@pytest.mark.parametrize("make", [votes.counting, votes.certified])
def test_only_an_announced_vote_is_archived(make):
    scene = votes.scene()
    vote = make(scene)
    with pytest.raises(Refusal, match="只有已公告"):
        archive(scene, vote)


def test_the_end_of_the_project_does_not_matter():
    scene = votes.scene()
    vote = votes.announced(scene)
    scene.project.state = ProjectState.CANCELLED
    assert archive(scene, vote)


def test_sealed_papers_are_not_counted_again():
    scene = votes.scene()
    vote = votes.announced(scene)
    archive(scene, vote)
    now = clock.at_local(FIRST_DAY, AFTER.timetz().replace(tzinfo=None))
    objection_services.record_objection(
        scene.worker, now, vote.id, received_on=FIRST_DAY, text="票数不对"
    )
    with pytest.raises(Refusal, match="票箱已封存"):
        objection_services.rule_on(
            scene.director, now, vote.id, 1, ruling=Ruling.RECOUNT, text="重新计票"
        )


def test_the_table_of_contents_begins_with_what_is_known():
    scene = votes.scene()
    vote = votes.announced(scene)
    lines = [str(line) for line in archive_queries.contents(vote)]
    assert lines[0] == "表决票 5 张：收回 5，备用 0，作废 0"
    assert "计票统计表（三人签名）1 份" in lines
