"""Reminder visits, and the lists of a building: who lacks a ballot, who is to be reminded."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.ballots.delivering import AT_HOME_NOBODY, correct, deliver, remind
from tests.factories import people, votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, DURING, OPENS
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.ballots import delivery_queries
from tracker.ballots.delivery_services import Brought
from tracker.ballots.paper_models import Visit
from tracker.ballots.rules import DeliveryOutcome, DeliveryWay, VisitOutcome
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal

# ---- reminder visits ----


def test_a_visit_holds_a_time_and_whether_anybody_was_met(scene, vote):
    deliver(scene, vote, 2)
    remind(scene, vote, 2, VisitOutcome.LATER)
    [visit] = db.session.scalars(sa.select(Visit))
    assert (visit.outcome, visit.at, visit.visited_by) == (
        *(VisitOutcome.LATER, DURING, scene.worker.id),
    )


def test_a_visit_has_no_room_for_what_anybody_prefers():
    columns = Visit.__table__.columns
    assert set(columns.keys()) == {
        *("id", "committee_id", "vote_id", "roll_entry_id", "at", "outcome", "visited_by"),
    }
    # The one text is a code of a closed list, and none of its words is an opinion.
    words = "".join(outcome.label for outcome in VisitOutcome)
    assert not [word for word in ("同意", "反对", "弃权", "支持") if word in words]


def test_who_has_voted_is_not_reminded(scene, vote):
    votes.received(scene, vote, 2)
    with pytest.raises(Refusal, match="不用再提醒"):
        remind(scene, vote, 2)


def test_reminders_begin_when_the_vote_opens_and_end_with_it(scene):
    vote = votes.frozen(scene)
    with pytest.raises(Refusal, match="投票开始之后"):
        remind(scene, vote, 1, at=NOW)


def test_when_counting_has_begun_nobody_is_reminded_any_more(scene):
    vote = votes.counting(scene, [1])
    with pytest.raises(Refusal, match="现在不登记送达和提醒"):
        remind(scene, vote, 2, at=AFTER)


@pytest.mark.parametrize("at", [DURING + timedelta(minutes=1), OPENS - timedelta(minutes=1)])
def test_a_visit_at_an_impossible_time_is_refused(scene, vote, at):
    with pytest.raises(FieldRefusal) as refused:
        remind(scene, vote, 2, at=at, now=DURING)
    assert refused.value.field == "at"


# ---- lists ----


def test_progress_by_building_and_who_is_on_which_list(scene, vote, leader):
    deliver(scene, vote, 1)
    deliver(scene, vote, 2, AT_HOME_NOBODY)
    votes.received(scene, vote, 3)  # nobody recorded its delivery, yet it came back
    deliver(scene, vote, 4)
    votes.received(scene, vote, 4)
    first, second = delivery_queries.progress(vote.id, None)
    assert (first.voters, first.lacking, first.voted, first.to_remind) == (3, 1, 1, 1)
    assert (second.voters, second.lacking, second.voted, second.to_remind) == (3, 2, 1, 0)
    own = delivery_queries.own_buildings(leader)
    assert delivery_queries.progress(vote.id, own) == [first]

    def serials(building, which):
        query = delivery_queries.doors(vote.id, building.building_id, which)
        return [entry.serial for entry in db.session.scalars(query)]

    assert serials(first, delivery_queries.LACKING) == [2]
    assert serials(first, delivery_queries.REMINDING) == [1]
    assert serials(first, delivery_queries.EVERYBODY) == [1, 2, 3]
    assert serials(second, delivery_queries.LACKING) == [5, 6]


def test_a_leader_without_buildings_sees_none(scene, vote):
    user = people.user(Role.BUILDING_LEADER, scene.director.committee)
    assert delivery_queries.progress(vote.id, delivery_queries.own_buildings(user)) == []


def test_the_history_tells_serial_way_and_outcome_and_no_proof(scene, vote):
    made = deliver(
        scene, vote, 2, Brought(DeliveryWay.HAND, DeliveryOutcome.REFUSED, DURING, proof="张三在场")
    )
    correct(scene, made, None, "李四说没有")
    remind(scene, vote, 3)
    entries = db.session.scalars(
        sa.select(AuditEntry).where(
            AuditEntry.action.in_(["ballot.delivered", "delivery.corrected", "voter.reminded"])
        )
    ).all()
    assert [entry.values["n"] for entry in entries] == [2, 2, 3]
    said = " ".join(f"{entry.text} {entry.values}" for entry in entries)
    assert not [name for name in ("张三", "李四") if name in said]
