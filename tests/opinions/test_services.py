"""Opinions are heard, answered and never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import opinions, people, places, projects
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, Stale
from tracker.opinions import queries, services
from tracker.opinions.models import OpinionRevision
from tracker.opinions.rules import (
    PER_WINDOW,
    RECEIPT_ALPHABET,
    WINDOW,
    Channel,
    Heard,
    Household,
    OpinionStatus,
    RevisedPart,
    Stance,
)
from tracker.places.models import Entrance, Unit
from tracker.projects.rules import ProjectState

TODAY = date(2026, 3, 2)
HEARD = Heard(Channel.DOOR, "停车", Stance.SUPPORT, "晚上回来没有车位。", TODAY)
SECRET = "我家三代人挤一间"


@pytest.fixture
def project(arrange):
    lead = people.user(Role.DIRECTOR)
    return projects.project(lead, places.compound(lead.committee), at=StageKind.COLLECT)


@pytest.fixture
def worker(project):
    return people.user(of=project.committee)


def history() -> list[str]:
    return [e.action for e in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))]


def test_an_opinion_belongs_to_the_open_round_and_owes_a_reply_in_ten_working_days(project, worker):
    project.stages[0].round = 2
    made = services.add(worker, NOW, project, HEARD)
    assert (made.stage_id, made.round) == (project.stages[0].id, 2)
    assert made.reply_due == date(2026, 3, 16)
    assert (made.status, made.recorded_by, made.unit) == (OpinionStatus.NEW, worker.id, None)
    assert history() == ["opinion.added"]


@pytest.mark.parametrize(
    ("day", "good"),
    [
        (TODAY, True),
        (TODAY + timedelta(days=1), False),
        (TODAY - timedelta(days=366), True),
        (TODAY - timedelta(days=367), False),
    ],
)
def test_the_day_lies_between_a_year_before_the_project_and_today(project, worker, day, good):
    if good:
        services.add(worker, NOW, project, replace(HEARD, heard_on=day))
        return
    with pytest.raises(FieldRefusal) as refused:
        services.add(worker, NOW, project, replace(HEARD, heard_on=day))
    assert refused.value.field == "heard_on"


@pytest.mark.parametrize("state", [ProjectState.PAUSED, ProjectState.CANCELLED])
def test_a_project_that_does_not_run_hears_nothing(project, worker, state):
    project.state = state
    with pytest.raises(Refusal):
        services.add(worker, NOW, project, HEARD)


def test_a_project_without_a_stage_for_opinions_says_so(project, worker):
    bare = projects.project(project.lead, project.compound, kinds=(StageKind.VOTE,))
    with pytest.raises(Refusal, match="没有征集意见的阶段"):
        services.add(worker, NOW, bare, HEARD)


@pytest.mark.parametrize("room", ["101", " 101 室", "１０１"])
def test_a_room_is_understood_however_it_is_written(project, worker, room):
    wanted = opinions.unit(project)
    named = replace(HEARD, household=Household(wanted.building_id, room))
    assert services.add(worker, NOW, project, named).unit_id == wanted.id


def test_an_unknown_room_and_a_foreign_building_are_refused_at_their_fields(project, worker):
    house = opinions.unit(project).building_id
    with pytest.raises(FieldRefusal) as refused:
        services.add(worker, NOW, project, replace(HEARD, household=Household(house, "999")))
    assert refused.value.field == "room"
    other = places.compound(project.committee, name="别处")
    away = db.session.scalars(sa.select(Unit).where(Unit.compound_id == other.id)).first()
    with pytest.raises(FieldRefusal) as refused:
        services.add(
            worker, NOW, project, replace(HEARD, household=Household(away.building_id, "101"))
        )
    assert refused.value.field == "building"


def test_a_room_that_every_entrance_has_needs_its_entrance(project, worker):
    first = opinions.unit(project)
    for number in ("1", "2"):
        door = Entrance(
            committee_id=project.committee_id, building_id=first.building_id, number=number
        )
        db.session.add(door)
        db.session.flush()
        db.session.add(
            Unit(
                committee_id=project.committee_id,
                compound_id=project.compound_id,
                building_id=first.building_id,
                entrance_id=door.id,
                entrance_number=number,
                room="501",
            )
        )
    db.session.flush()
    with pytest.raises(FieldRefusal, match="1-501") as refused:
        services.add(
            worker, NOW, project, replace(HEARD, household=Household(first.building_id, "501"))
        )
    assert refused.value.field == "room"
    made = services.add(
        worker, NOW, project, replace(HEARD, household=Household(first.building_id, "2-501"))
    )
    assert made.unit.entrance_number == "2"


def test_a_building_leader_records_for_own_buildings_and_for_the_anonymous(project):
    leader = people.user(Role.BUILDING_LEADER, of=project.committee)
    opinions.leads(leader, project, "1")
    mine, other = opinions.unit(project, "1"), opinions.unit(project, "2")
    services.add(leader, NOW, project, HEARD)
    services.add(leader, NOW, project, replace(HEARD, household=Household(mine.building_id, "101")))
    with pytest.raises(FieldRefusal, match="自己楼栋"):
        services.add(
            leader, NOW, project, replace(HEARD, household=Household(other.building_id, "101"))
        )


def test_a_building_leader_sees_own_buildings_and_own_records_only(project, worker):
    leader = people.user(Role.BUILDING_LEADER, of=project.committee)
    opinions.leads(leader, project, "1")
    near = opinions.opinion(project, worker, unit_id=opinions.unit(project, "1").id)
    far = opinions.opinion(project, worker, unit_id=opinions.unit(project, "2").id)
    nameless = opinions.opinion(project, worker)
    own = opinions.opinion(project, leader)
    seen = db.session.scalars(queries.listing(leader, project.id, queries.Listing())).all()
    assert {o.id for o in seen} == {near.id, own.id}
    assert queries.counts(leader, project.id).total == 2
    for hidden in (far, nameless):
        with pytest.raises(NotFound):
            queries.opinion(leader, hidden.id)
    assert [h.label for h in queries.coverage(project, leader)] == ["1号楼"]


def test_an_edit_keeps_what_stood_there_and_names_who_changed_it(project, worker):
    made = opinions.opinion(project, worker)
    services.edit(worker, NOW, made, replace(HEARD, topic="门禁", text="要门禁。"), made.version)
    assert (made.topic, made.text) == ("门禁", "要门禁。")
    kept = db.session.scalars(sa.select(OpinionRevision)).one()
    assert (kept.part, kept.topic, kept.text) == (RevisedPart.CONTENT, "停车", "晚上回来没有车位。")
    assert kept.replaced_by == worker.id


def test_what_a_resident_wrote_keeps_its_words(project, worker):
    made = services.add_from_resident(project, NOW, HEARD)
    services.edit(worker, NOW, made, replace(HEARD, topic="门禁", text="改过"), made.version)
    assert (made.topic, made.text, made.channel) == ("门禁", HEARD.text, Channel.POSTER)


def test_only_the_recorder_and_staff_edit_and_only_before_the_answer(project, worker):
    leader = people.user(Role.BUILDING_LEADER, of=project.committee)
    made = opinions.opinion(project, worker)
    with pytest.raises(Refusal, match="只有登记人"):
        services.edit(leader, NOW, made, HEARD, made.version)
    with pytest.raises(Stale):
        services.edit(worker, NOW, made, HEARD, made.version - 1)
    done = opinions.opinion(project, worker, status=OpinionStatus.EXPLAINED)
    with pytest.raises(Refusal, match="不能再改"):
        services.edit(worker, NOW, done, HEARD, done.version)


def test_acknowledging_happens_once(project, worker):
    made = opinions.opinion(project, worker)
    services.acknowledge(worker, NOW, made)
    assert made.status is OpinionStatus.ACKNOWLEDGED
    with pytest.raises(Refusal):
        services.acknowledge(worker, NOW, made)


@pytest.mark.parametrize("status", list(OpinionStatus))
def test_a_reply_leads_to_an_answering_status_only(project, worker, status):
    made = opinions.opinion(project, worker)
    if status in (OpinionStatus.ADOPTED, OpinionStatus.PARTLY, OpinionStatus.EXPLAINED):
        services.reply(worker, NOW, made, status, " 会装道闸。 ", made.version)
        assert (made.status, made.reply, made.replied_by) == (status, "会装道闸。", worker.id)
        assert queries.unanswered(project.id) == 0
    else:
        with pytest.raises(FieldRefusal):
            services.reply(worker, NOW, made, status, "会装道闸。", made.version)


def test_a_reply_needs_words(project, worker):
    made = opinions.opinion(project, worker)
    with pytest.raises(FieldRefusal) as refused:
        services.reply(worker, NOW, made, OpinionStatus.ADOPTED, "  ", made.version)
    assert refused.value.field == "text"


def test_a_corrected_reply_keeps_the_old_and_must_be_published_again(project, worker):
    made = opinions.opinion(project, worker, status=OpinionStatus.ADOPTED, published_at=NOW)
    services.reply(worker, NOW, made, OpinionStatus.EXPLAINED, "暂时不装。", made.version)
    kept = db.session.scalars(sa.select(OpinionRevision)).one()
    assert (kept.part, kept.text, kept.status) == (
        RevisedPart.REPLY,
        "会装道闸。",
        OpinionStatus.ADOPTED,
    )
    assert made.published_at is None
    assert history() == ["opinion.reply_corrected"]
    assert queries.unpublished(project.id) == 1


def test_merging_leads_earlier_ones_on_and_shares_the_answer(project, worker):
    first, second, third = (opinions.opinion(project, worker) for _ in range(3))
    services.merge(worker, NOW, first, second.id)
    services.merge(worker, NOW, second, third.id)
    db.session.flush()
    assert (first.merged_into_id, second.merged_into_id) == (third.id, third.id)
    assert queries.unanswered(project.id) == 1
    services.reply(worker, NOW, third, OpinionStatus.ADOPTED, "会装。", third.version)
    services.publish_replies(project.lead, NOW, project)
    assert [(r.similar, r.reply) for r in queries.published(project.id)] == [(3, "会装。")]


def test_merging_refuses_itself_merged_answered_and_foreign_ones(project, worker):
    made, merged, target = (opinions.opinion(project, worker) for _ in range(3))
    services.merge(worker, NOW, merged, target.id)
    other = projects.project(project.lead, project.compound, at=StageKind.COLLECT)
    foreign = opinions.opinion(other, worker)
    for wrong in (made.id, merged.id, foreign.id, 999_999):
        with pytest.raises(FieldRefusal) as refused:
            services.merge(worker, NOW, made, wrong)
        assert refused.value.field == "target"
    answered = opinions.opinion(project, worker, status=OpinionStatus.ADOPTED)
    for source in (merged, answered):
        with pytest.raises(Refusal):
            services.merge(worker, NOW, source, target.id)
    with pytest.raises(Refusal, match="已经合并"):
        services.reply(worker, NOW, merged, OpinionStatus.ADOPTED, "好。", merged.version)


def test_publishing_shows_answered_ones_and_is_refused_when_there_are_none(project, worker):
    with pytest.raises(Refusal):
        services.publish_replies(project.lead, NOW, project)
    opinions.opinion(project, worker)
    opinions.opinion(project, worker, status=OpinionStatus.PARTLY)
    assert queries.unpublished(project.id) == 1
    assert services.publish_replies(project.lead, NOW, project) == 1
    assert queries.unpublished(project.id) == 0


def test_households_count_once_and_buildings_without_units_count_nothing(project, worker):
    unit = opinions.unit(project, "1", "101")
    for _ in range(2):
        opinions.opinion(project, worker, unit_id=unit.id)
    opinions.opinion(project, worker, unit_id=opinions.unit(project, "2", "103").id)
    opinions.opinion(project, worker)
    assert queries.count(project.id) == 4
    assert queries.heard_units(project.id) == 2
    assert [(h.label, h.heard, h.total) for h in queries.coverage(project)] == [
        ("1号楼", 1, 3),
        ("2号楼", 1, 3),
    ]
    assert queries.by_topic(project.id) == {"停车": 4}
    assert queries.by_stance(project.id)[Stance.SUPPORT] == 4


def test_the_desk_of_staff_lists_what_is_owed_the_most_urgent_first(project, worker):
    late = opinions.opinion(project, worker, reply_due=date(2026, 3, 9))
    later = opinions.opinion(project, worker, reply_due=date(2026, 3, 20))
    urgent = opinions.opinion(project, worker, reply_due=date(2026, 3, 3))
    opinions.opinion(project, worker, status=OpinionStatus.ADOPTED)
    assert list(queries.waiting_for_reply(worker)) == [urgent, late, later]
    assert queries.waiting_for_reply(people.user(Role.PARTNER, of=project.committee)) == []
    assert queries.waiting_for_reply(people.user(of=people.committee("国年"))) == []


def test_a_resident_gets_a_receipt_and_the_history_no_name(project):
    made = services.add_from_resident(project, NOW, HEARD)
    assert len(made.receipt) == 10
    assert set(made.receipt) <= set(RECEIPT_ALPHABET)
    assert (made.channel, made.recorded_by) == (Channel.POSTER, None)
    assert queries.of_receipt(project, made.receipt.lower()) is made
    other = projects.project(project.lead, project.compound, at=StageKind.COLLECT)
    with pytest.raises(NotFound):
        queries.of_receipt(other, made.receipt)


def test_residents_write_only_while_the_stage_is_open(project):
    closed = projects.project(project.lead, project.compound, at=StageKind.VOTE)
    with pytest.raises(Refusal, match="没有在征集"):
        services.add_from_resident(closed, NOW, HEARD)


def test_a_flood_of_residents_forms_is_held_back_for_a_while(project, worker):
    services.add(worker, NOW, project, HEARD)
    for _ in range(PER_WINDOW):
        services.add_from_resident(project, NOW, HEARD)
    with pytest.raises(services.TooMany):
        services.add_from_resident(project, NOW + WINDOW - timedelta(seconds=1), HEARD)
    services.add_from_resident(project, NOW + WINDOW, HEARD)


def test_the_history_never_holds_what_was_said(project, worker):
    made = services.add(worker, NOW, project, replace(HEARD, text=SECRET))
    services.edit(worker, NOW, made, replace(HEARD, text=SECRET + "。"), made.version)
    services.acknowledge(worker, NOW, made)
    db.session.flush()
    services.reply(worker, NOW, made, OpinionStatus.ADOPTED, "答复" + SECRET, made.version)
    told = db.session.scalars(sa.select(AuditEntry)).all()
    assert len(told) == 4
    assert all(SECRET not in f"{e.text}{e.values}" for e in told)
    assert {e.project_id for e in told} == {project.id}
