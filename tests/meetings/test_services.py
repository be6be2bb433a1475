"""Planning, holding and correcting meetings; choosing options; wording motions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import meetings as talks
from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, Stale
from tracker.meetings import queries, services
from tracker.meetings.rules import (
    MOST_PEOPLE,
    MeetingKind,
    MeetingState,
    OptionState,
    Party,
    ResolutionOutcome,
)
from tracker.projects.models import Task
from tracker.projects.rules import ProjectState, StageState, TaskOrigin

pytestmark = pytest.mark.usefixtures("arrange")

PRESENT = {Party.COMMITTEE: 2, Party.RESIDENTS: 9}


@pytest.fixture
def worker(app, arrange):
    return people.user(Role.WORKER)


@pytest.fixture
def project(worker):
    home = places.compound(worker.committee, rooms=0)
    return projects.project(worker, home, at=StageKind.DELIBERATE)


def stage(project, kind):
    return next(s for s in project.stages if s.kind is kind)


def plan(worker, project, **fields):
    given = {
        "kind": MeetingKind.COUNCIL,
        "title": "停车管理议事会",
        "planned_at": NOW,
        "place": "会议室",
        **fields,
    }
    return services.plan_meeting(worker, NOW, project.id, **given)


def hold(worker, meeting, **fields):
    given = {"held_at": NOW, "attendance": PRESENT, "minutes": "同意先试行。", **fields}
    return services.hold_meeting(worker, NOW, meeting.id, **given)


def history():
    return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_meeting_belongs_to_the_deliberation_and_its_round(worker, project):
    stage(project, StageKind.DELIBERATE).round = 2
    meeting = plan(worker, project)
    assert (meeting.stage.kind, meeting.round) == (StageKind.DELIBERATE, 2)
    assert history() == ["meeting.planned"]


def test_after_deliberation_meetings_and_their_tasks_belong_to_the_stage_under_way(worker):
    home = places.compound(worker.committee, rooms=0)
    later = projects.project(worker, home, at=StageKind.IMPLEMENT)
    meeting = plan(worker, later)
    hold(worker, meeting, actions=[("约施工方看现场", None, None)])
    assert meeting.stage.kind is StageKind.IMPLEMENT
    assert meeting.actions[0].task.stage.kind is StageKind.IMPLEMENT
    assert queries.held_with_minutes(later.id, 1) == 0


def test_without_a_deliberation_a_meeting_belongs_to_the_current_stage(worker):
    home = places.compound(worker.committee, rooms=0)
    short = projects.project(worker, home, kinds=(StageKind.COLLECT, StageKind.IMPLEMENT))
    assert plan(worker, short).stage.kind is StageKind.COLLECT


@pytest.mark.parametrize("state", [s for s in ProjectState if s is not ProjectState.ACTIVE])
def test_nothing_is_written_on_a_project_that_does_not_run(worker, project, state):
    meeting, option = talks.meeting(project), talks.option(project)
    motion = talks.motion(project)
    project.state = state
    project.closed_on = date(2026, 3, 2) if state is ProjectState.CLOSED else None
    for write in (
        lambda: plan(worker, project),
        lambda: hold(worker, meeting),
        lambda: services.cancel_meeting(worker, NOW, meeting.id, reason="下雨"),
        lambda: services.add_option(worker, NOW, project.id, title="花园", summary="种花"),
        lambda: services.choose_option(worker, NOW, project.id, option.id, "好", {}),
        lambda: services.word_motion(worker, NOW, project.id, title="停车", text="同意吗？"),
        lambda: services.withdraw_motion(worker, NOW, motion.id),
    ):
        with pytest.raises(Refusal):
            write()


def test_a_foreign_meeting_option_or_motion_is_not_found(project):
    stranger = people.user(of=people.committee("国年居委会"))
    meeting, option, motion = talks.meeting(project), talks.option(project), talks.motion(project)
    for write in (
        lambda: plan(stranger, project),
        lambda: hold(stranger, meeting),
        lambda: services.choose_option(stranger, NOW, project.id, option.id, "好", {}),
        lambda: services.withdraw_motion(stranger, NOW, motion.id),
    ):
        with pytest.raises(NotFound):
            write()


def test_a_moved_meeting_says_so_in_the_history(worker, project):
    meeting = talks.meeting(project)
    services.edit_meeting(
        worker,
        NOW,
        meeting.id,
        kind=meeting.kind,
        title=meeting.title,
        planned_at=NOW + timedelta(days=1),
        place=meeting.place,
        version=meeting.version,
    )
    text = db.session.scalars(sa.select(AuditEntry.text)).one()
    assert "改期" in text


def test_a_stale_form_changes_no_meeting(worker, project):
    meeting = talks.meeting(project)
    with pytest.raises(Stale):
        services.cancel_meeting(worker, NOW, meeting.id, reason="下雨", version=meeting.version - 1)
    with pytest.raises(Stale):
        hold(worker, meeting, version=meeting.version + 1)


def test_holding_a_meeting_records_people_points_and_tasks(worker, project):
    meeting = talks.meeting(project)
    points = [("先划线", ResolutionOutcome.AGREED), ("收费再议", ResolutionOutcome.DEFERRED)]
    actions = [("请人划线", worker.id, date(2026, 3, 20)), ("算一算费用", None, None)]
    hold(worker, meeting, resolutions=points, actions=actions)
    assert meeting.state is MeetingState.HELD
    assert {a.party: a.people for a in meeting.attendance} == PRESENT
    assert [(r.position, r.text, r.outcome) for r in meeting.resolutions] == [
        (1, *points[0]),
        (2, *points[1]),
    ]
    tasks = db.session.scalars(sa.select(Task).order_by(Task.id)).all()
    assert [(t.title, t.assignee_id, t.due_on) for t in tasks] == actions
    assert {(t.origin, t.required, t.stage.kind) for t in tasks} == {
        (TaskOrigin.MEETING, True, StageKind.DELIBERATE)
    }
    assert [a.task_id for a in meeting.actions] == [t.id for t in tasks]
    assert history()[-1] == "meeting.held"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"held_at": NOW + timedelta(seconds=1)}, "held_on"),
        ({"minutes": "  "}, "minutes"),
        ({"attendance": {}}, None),
        ({"attendance": {Party.OWNERS: 0}}, None),
        ({"attendance": {Party.OWNERS: -1, Party.RESIDENTS: 3}}, None),
        ({"attendance": {Party.OWNERS: MOST_PEOPLE + 1}}, None),
        ({"actions": [("请人划线", None, date(2026, 3, 1))]}, None),
        ({"actions": [("请人划线", 987654, None)]}, None),
    ],
)
def test_minutes_that_cannot_be_are_refused(worker, project, fields, field):
    with pytest.raises(Refusal) as refusal:
        hold(worker, talks.meeting(project), **fields)
    assert getattr(refusal.value, "field", None) == field


def test_a_task_of_a_meeting_goes_to_the_own_staff_only(worker, project):
    stranger = people.user(of=people.committee("国年居委会"))
    with pytest.raises(Refusal, match="负责人不在本居委会"):
        hold(worker, talks.meeting(project), actions=[("请人划线", stranger.id, None)])


def test_a_held_or_cancelled_meeting_cannot_be_held_again(worker, project):
    with pytest.raises(Refusal, match="更正纪要"):
        hold(worker, talks.held(project))
    cancelled = talks.meeting(project, state=MeetingState.CANCELLED, cancel_reason="下雨")
    with pytest.raises(Refusal, match="已经取消"):
        hold(worker, cancelled)


def test_corrected_minutes_keep_what_stood_before(worker, project):
    meeting = talks.meeting(project)
    hold(worker, meeting, resolutions=[("先划线", ResolutionOutcome.AGREED)])
    version = meeting.version
    services.correct_minutes(
        worker,
        NOW,
        meeting.id,
        held_at=NOW,
        attendance={Party.RESIDENTS: 8},
        minutes="同意先试行。",
        resolutions=[("先划线，试行一个月", ResolutionOutcome.MAJORITY)],
        reason="漏了期限",
        version=version,
    )
    assert meeting.version > version
    assert {a.party: a.people for a in meeting.attendance} == {Party.RESIDENTS: 8}
    assert [r.text for r in meeting.resolutions] == ["先划线，试行一个月"]
    (old,) = meeting.earlier
    assert old.attendance == {"committee": 2, "residents": 9}
    assert old.resolutions == [["先划线", "agreed"]]
    assert (old.number, old.reason, old.corrected_by) == (1, "漏了期限", worker.id)
    assert history()[-1] == "meeting.minutes_corrected"


def test_only_held_meetings_with_minutes_of_the_round_count_for_the_gate(project):
    talks.meeting(project)
    talks.held(project)
    talks.held(project, minutes="")
    talks.held(project, round=2)
    assert queries.held_with_minutes(project.id, 1) == 1
    assert queries.held_with_minutes(project.id, 2) == 1


def test_planned_meetings_are_upcoming_until_a_moment_and_missing_after_theirs(worker, project):
    past = talks.meeting(project, NOW - timedelta(seconds=1))
    soon = talks.meeting(project, NOW + timedelta(days=1))
    talks.meeting(project, NOW + timedelta(days=3))
    talks.held(project)
    until = NOW + timedelta(days=2)
    assert queries.upcoming(worker, until) == [past, soon]
    assert queries.upcoming(worker, until, NOW) == [soon]
    assert queries.missing_minutes(NOW) == [past]
    assert queries.missing_minutes(NOW, people.user(of=people.committee("国年居委会"))) == []
    project.state = ProjectState.PAUSED
    assert queries.missing_minutes(NOW) == []


def test_one_option_is_chosen_and_every_other_dropped_with_its_reason(worker, project):
    first, second, third = (talks.option(project, t) for t in ("车位", "花园", "充电棚"))
    with pytest.raises(Refusal) as refusal:
        services.choose_option(
            worker, NOW, project.id, second.id, "居民多数想要花园", {first.id: " "}
        )
    assert len(refusal.value.reasons) == 2
    services.choose_option(
        worker,
        NOW,
        project.id,
        second.id,
        "居民多数想要花园",
        {first.id: "太吵", third.id: "消防不允许"},
    )
    assert queries.chosen_option(project.id, 1) == second
    assert [(o.state, o.reason) for o in (first, third)] == [
        (OptionState.DROPPED, "太吵"),
        (OptionState.DROPPED, "消防不允许"),
    ]
    assert history() == ["option.chosen"]


def test_a_round_has_one_choice_and_the_next_round_another(worker, project):
    chosen = talks.option(project, "车位", OptionState.CHOSEN)
    other = talks.option(project, "花园")
    with pytest.raises(Refusal, match="已经选定"):
        services.choose_option(worker, NOW, project.id, other.id, "更好", {})
    with pytest.raises(Refusal, match="已经选定"):
        services.add_option(worker, NOW, project.id, title="充电棚", summary="建棚")
    stage(project, StageKind.DELIBERATE).round = 2
    with pytest.raises(Refusal, match="上一轮"):
        services.choose_option(worker, NOW, project.id, other.id, "更好", {})
    fresh = services.add_option(worker, NOW, project.id, title="花园", summary="种花")
    services.choose_option(worker, NOW, project.id, fresh.id, "更好", {})
    assert queries.chosen_option(project.id, 1) == chosen
    assert queries.chosen_option(project.id, 2) == fresh


def test_a_new_version_keeps_the_earlier_ones_and_says_what_changed(worker, project):
    option = talks.option(project)
    before = option.version
    with pytest.raises(FieldRefusal):
        services.revise_option(worker, NOW, option.id, summary="12 个车位", change_note=" ")
    services.revise_option(
        worker, NOW, option.id, summary="12 个车位", change_note="少占绿地", version=before
    )
    assert [v.number for v in option.versions] == [1, 2]
    assert option.latest.summary == "12 个车位"
    with pytest.raises(Stale):
        services.revise_option(
            worker, NOW, option.id, summary="8 个", change_note="再少", version=before
        )


def test_a_dropped_option_is_not_revised(worker, project):
    option = talks.option(project, state=OptionState.DROPPED)
    with pytest.raises(Refusal, match="已经放弃"):
        services.revise_option(worker, NOW, option.id, summary="8 个", change_note="再少")


def test_a_motion_with_two_questions_is_refused_until_somebody_looked(worker, project):
    text = "是否同意停车规定？是否同意收费？"
    with pytest.raises(FieldRefusal) as refusal:
        services.word_motion(worker, NOW, project.id, title="停车", text=text)
    assert refusal.value.field == "text"
    services.word_motion(worker, NOW, project.id, title="停车", text=text, one_question=True)
    assert [m.position for m in queries.motions(project.id, 1)] == [1]


def test_a_motion_may_name_the_chosen_option_only(worker, project):
    chosen = talks.option(project, "花园", OptionState.CHOSEN)
    dropped = talks.option(project, "车位", OptionState.DROPPED)
    given = {"title": "花园", "text": "是否同意建花园？"}
    motion = services.word_motion(worker, NOW, project.id, **given, option_id=chosen.id)
    assert motion.option == chosen
    with pytest.raises(FieldRefusal) as refusal:
        services.word_motion(worker, NOW, project.id, **given, option_id=dropped.id)
    assert refusal.value.field == "option"


def test_a_motion_is_free_until_it_stands_on_a_ballot(worker, project):
    motion = talks.motion(project)
    services.edit_motion(worker, NOW, motion.id, title="停车", text="同意吗？")
    services.put_on_ballot([motion], NOW)
    for write in (
        lambda: services.edit_motion(worker, NOW, motion.id, title="门禁", text="同意吗？"),
        lambda: services.withdraw_motion(worker, NOW, motion.id),
    ):
        with pytest.raises(Refusal, match="表决票"):
            write()
    services.take_off_ballot([motion])
    services.withdraw_motion(worker, NOW, motion.id)
    assert queries.motions(project.id, 1) == []
    with pytest.raises(Refusal, match="已经撤回"):
        services.put_on_ballot([motion], NOW)


def test_a_stage_not_begun_is_a_home_for_early_meetings(worker):
    home = places.compound(worker.committee, rooms=0)
    early = projects.project(worker, home, at=StageKind.COLLECT)
    assert stage(early, StageKind.DELIBERATE).state is StageState.TODO
    assert plan(worker, early).stage.kind is StageKind.DELIBERATE
