"""Posting place by place, counting days, answering objections."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from tests.factories import notices, people, places, projects
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, Stale
from tracker.notices import queries, services
from tracker.notices.rules import BOARD, NoticeState, Place
from tracker.projects.rules import ProjectState

pytestmark = pytest.mark.usefixtures("arrange")

TODAY = date(2026, 3, 2)


@pytest.fixture
def worker(app, arrange):
    return people.user(Role.WORKER)


@pytest.fixture
def project(worker):
    home = places.compound(worker.committee, buildings=2, rooms=0)
    return projects.project(worker, home, at=StageKind.VOTE)


def draft(worker, project, **fields):
    given = {
        "title": "停车公示",
        "body": "内容",
        "starts_on": TODAY,
        "ends_on": date(2026, 3, 8),
        **fields,
    }
    return services.draft(worker, NOW, project.id, **given)


def history():
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_notice_hangs_by_default_on_the_board_and_in_every_building(worker, project):
    notice = draft(worker, project)
    assert [p.label for p in notice.places] == [BOARD, "1 号楼", "2 号楼"]
    assert (notice.stage.kind, notice.state) == (StageKind.VOTE, NoticeState.DRAFT)
    assert history() == ["notice.drafted"]


def test_after_the_vote_a_notice_belongs_to_the_stage_under_way(worker):
    home = places.compound(worker.committee, rooms=0)
    later = projects.project(worker, home, at=StageKind.IMPLEMENT)
    assert draft(worker, later).stage.kind is StageKind.IMPLEMENT


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ends_on": date(2026, 3, 1)}, "ends_on"),
        ({"ends_on": date(2027, 3, 3)}, "ends_on"),
        ({"places": []}, "places"),
        ({"places": [Place("公告栏"), Place("公告栏")]}, "more_places"),
    ],
)
def test_a_notice_that_cannot_be_is_refused_at_its_field(worker, project, fields, field):
    with pytest.raises(FieldRefusal) as refusal:
        draft(worker, project, **fields)
    assert refusal.value.field == field


def test_a_notice_of_one_day_or_a_whole_year_is_fine(worker, project):
    assert draft(worker, project, ends_on=TODAY)
    assert draft(worker, project, ends_on=date(2027, 3, 2))


def test_posting_place_by_place_makes_it_posted_with_the_first(worker, project):
    notice = draft(worker, project)
    board, one, two = notice.places
    services.mark_posted(worker, NOW, notice.id, [board.id], TODAY)
    assert notice.state is NoticeState.POSTED
    assert queries.days_posted(notice.stage_id, 1, date(2026, 3, 5)) == 0
    services.mark_posted(worker, NOW, notice.id, None, TODAY)
    assert {p.posted_on for p in (one, two)} == {TODAY}
    assert queries.days_posted(notice.stage_id, 1, date(2026, 3, 5)) == 4
    assert queries.days_posted(notice.stage_id, 2, date(2026, 3, 5)) == 0
    assert queries.posted(project.id) == [notice]


def test_a_place_keeps_the_day_it_was_first_recorded_with(worker, project):
    notice = notices.notice(project, posted_on=date(2026, 3, 1))
    with pytest.raises(FieldRefusal):
        services.mark_posted(worker, NOW, notice.id, None, TODAY)
    assert {p.posted_on for p in notice.places} == {date(2026, 3, 1)}


def test_posting_is_not_in_the_future_and_not_elsewhere(worker, project):
    notice, other = draft(worker, project), draft(worker, project)
    with pytest.raises(FieldRefusal):
        services.mark_posted(worker, NOW, notice.id, None, date(2026, 3, 3))
    with pytest.raises(NotFound):
        services.mark_posted(worker, NOW, notice.id, [other.places[0].id], TODAY)
    with pytest.raises(FieldRefusal):
        services.mark_posted(worker, NOW, notice.id, [], TODAY)


def test_a_place_recorded_by_mistake_is_taken_back_and_both_stay_in_the_history(worker, project):
    notice = draft(worker, project)
    board = notice.places[0]
    services.mark_posted(worker, NOW, notice.id, [board.id], TODAY)
    services.unmark_posted(worker, NOW, notice.id, board.id)
    assert (board.posted_on, notice.state) == (None, NoticeState.DRAFT)
    assert history()[-2:] == ["notice.posted", "notice.place_corrected"]
    with pytest.raises(Refusal):
        services.unmark_posted(worker, NOW, notice.id, board.id)


def edit(worker, notice, **fields):
    given = {
        "title": notice.title,
        "body": notice.body,
        "starts_on": notice.starts_on,
        "ends_on": notice.ends_on,
        "places": [Place("活动室"), Place(BOARD)],
        **fields,
    }
    return services.edit(worker, NOW, notice.id, **given)


def test_a_draft_may_be_edited_and_a_posted_notice_not(worker, project):
    notice = draft(worker, project)
    version = notice.version
    edit(worker, notice, version=version)
    assert [(p.position, p.label) for p in notice.places] == [(1, "活动室"), (2, BOARD)]
    with pytest.raises(Stale):
        edit(worker, notice, version=version)
    services.mark_posted(worker, NOW, notice.id, None, TODAY)
    with pytest.raises(Refusal, match="已经张贴"):
        edit(worker, notice)


def test_the_longest_notice_of_a_stage_counts_and_a_withdrawn_one_does_not(worker, project):
    notices.notice(project, posted_on=date(2026, 3, 4))
    longest = notices.notice(project, posted_on=TODAY)
    assert queries.days_posted(longest.stage_id, 1, date(2026, 3, 6)) == 5
    services.withdraw(worker, NOW, longest.id, reason="日期写错")
    assert queries.days_posted(longest.stage_id, 1, date(2026, 3, 6)) == 3
    with pytest.raises(Refusal, match="已经撤回"):
        services.withdraw(worker, NOW, longest.id, reason="再撤一次")


def test_an_objection_waits_for_one_reply(worker, project):
    notice = notices.notice(project, posted_on=TODAY)
    objection = services.add_objection(worker, NOW, notice.id, received_on=TODAY, text="车位太少")
    assert queries.unanswered_objections(notice.stage_id, 1) == 1
    with pytest.raises(FieldRefusal):
        services.answer_objection(worker, NOW, objection.id, reply=" ")
    services.answer_objection(worker, NOW, objection.id, reply="另有共享车位。")
    assert queries.unanswered_objections(notice.stage_id, 1) == 0
    assert objection.replied_on == TODAY
    with pytest.raises(Refusal, match="已经答复"):
        services.answer_objection(worker, NOW, objection.id, reply="换个说法")


def test_an_objection_holds_no_telephone_and_its_text_stays_out_of_the_history(worker, project):
    notice = notices.notice(project, posted_on=TODAY)
    with pytest.raises(FieldRefusal) as refusal:
        services.add_objection(worker, NOW, notice.id, received_on=TODAY, text="请回电 13800138000")
    assert refusal.value.field == "text"
    services.add_objection(worker, NOW, notice.id, received_on=TODAY, text="车位太少")
    entry = db.session.scalars(sa.select(AuditEntry)).one()
    assert "车位太少" not in f"{entry.text}{entry.values}"


@pytest.mark.parametrize(("posted_on", "received_on"), [(None, TODAY), (TODAY, date(2026, 3, 3))])
def test_an_objection_needs_a_posted_notice_and_a_day_that_was(
    worker, project, posted_on, received_on
):
    notice = notices.notice(project, posted_on=posted_on)
    with pytest.raises(Refusal):
        services.add_objection(worker, NOW, notice.id, received_on=received_on, text="太少")


def test_nothing_is_written_on_a_paused_project_or_by_strangers(worker, project):
    notice = notices.notice(project, posted_on=TODAY)
    objection = notices.objection(notice)
    stranger = people.user(of=people.committee("国年居委会"))
    with pytest.raises(NotFound):
        services.answer_objection(stranger, NOW, objection.id, reply="好")
    with pytest.raises(NotFound):
        services.withdraw(stranger, NOW, notice.id, reason="不行")
    project.state = ProjectState.PAUSED
    for write in (
        lambda: draft(worker, project),
        lambda: services.mark_posted(worker, NOW, notice.id, None, TODAY),
        lambda: services.answer_objection(worker, NOW, objection.id, reply="好"),
    ):
        with pytest.raises(Refusal):
            write()


def test_posted_notices_that_end_between_two_days_are_found(worker, project):
    notice = notices.notice(project, posted_on=TODAY)
    notices.notice(project)
    assert queries.ending(date(2026, 3, 8), date(2026, 3, 8)) == [notice]
    assert queries.ending(date(2026, 3, 9), date(2026, 3, 20)) == []
    stranger = people.user(of=people.committee("国年居委会"))
    assert queries.ending(date(2026, 3, 1), date(2026, 3, 20), stranger) == []


def test_the_gate_names_the_days_it_asks_for(worker):
    home = places.compound(worker.committee, rooms=0)
    gates = {StageKind.VOTE: [{"kind": "notice_posted", "amount": 15}]}
    project = projects.project(worker, home, at=StageKind.VOTE, gates=gates)
    assert queries.days_asked(project.current) == 15
    assert queries.days_asked(project.stages[0]) is None
