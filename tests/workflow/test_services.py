"""Carrying a project through its stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import people, places, projects, votes
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.audit.services import first_broken
from tracker.counts import objection_services
from tracker.counts.rules import Ruling
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, Stale
from tracker.projects.models import Override, Project, Stage, StageRun
from tracker.projects.rules import ProjectState, RunOutcome, StageState
from tracker.votes.words import VoteState
from tracker.workdays.rules import Calendar
from tracker.workflow import queries, services

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)
PLAIN = Calendar()
pytestmark = pytest.mark.usefixtures("arrange")


@dataclass
class Scene:
    project: Project
    director: User
    officer: User

    def stage(self, kind: StageKind) -> Stage:
        return next(s for s in self.project.stages if s.kind is kind)


def scene(at: StageKind | None = None, **fields: object) -> Scene:
    director = people.user(Role.DIRECTOR)
    assert director.committee is not None
    home = places.compound(director.committee)
    officer = people.user(Role.OFFICER, of=director.committee)
    return Scene(projects.project(director, home, at=at, **fields), director, officer)


TASKS = {StageKind.COLLECT: [{"kind": "tasks_done", "amount": None}]}


def test_the_first_stage_starts_and_the_second_waits():
    s = scene()
    with pytest.raises(Refusal, match="请先完成前面的阶段"):
        services.start_stage(s.director, NOW, s.stage(StageKind.DELIBERATE))
    services.start_stage(s.director, NOW, s.stage(StageKind.COLLECT))
    collect = s.stage(StageKind.COLLECT)
    assert (collect.state, collect.actual_start) == (StageState.ACTIVE, TODAY)


def test_completing_names_everything_that_is_missing_with_its_link():
    gates = {
        StageKind.COLLECT: [
            {"kind": "min_opinions", "amount": 20},
            {"kind": "min_coverage", "amount": 50},
            {"kind": "tasks_done", "amount": None},
        ]
    }
    s = scene(at=StageKind.COLLECT, gates=gates)
    projects.task(s.stage(StageKind.COLLECT))
    with pytest.raises(Refusal) as caught:
        services.complete_stage(s.director, NOW, s.stage(StageKind.COLLECT))
    assert [r.endpoint for r in caught.value.reasons] == [
        "opinions.index",
        "opinions.coverage",
        "workflow.stage",
    ]
    assert s.stage(StageKind.COLLECT).state is StageState.ACTIVE


def test_a_met_gate_lets_the_stage_end_and_files_its_round():
    s = scene(at=StageKind.COLLECT, gates=TASKS)
    projects.task(s.stage(StageKind.COLLECT), done_at=NOW, done_by=s.director.id)
    services.complete_stage(s.director, NOW, s.stage(StageKind.COLLECT))
    run = db.session.scalars(sa.select(StageRun)).one()
    assert (run.round, run.outcome, run.ended_on) == (1, RunOutcome.DONE, TODAY)
    assert s.project.current is s.stage(StageKind.DELIBERATE)


def test_a_stage_that_ended_late_marks_the_project_for_good():
    s = scene(at=StageKind.COLLECT)
    late = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
    assert s.stage(StageKind.COLLECT).planned_end == date(2026, 3, 13)
    services.complete_stage(s.director, late, s.stage(StageKind.COLLECT))
    assert s.project.was_overdue


def test_a_stage_that_ended_on_its_last_day_is_not_late():
    s = scene(at=StageKind.COLLECT)
    last = datetime(2026, 3, 13, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    services.complete_stage(s.director, last, s.stage(StageKind.COLLECT))
    assert not s.project.was_overdue


def test_the_override_keeps_officer_reason_and_what_was_missing():
    s = scene(at=StageKind.COLLECT, gates=TASKS)
    projects.task(s.stage(StageKind.COLLECT))
    services.override_gate(s.officer, NOW, s.stage(StageKind.COLLECT), reason="防汛期前必须开工")
    kept = db.session.scalars(sa.select(Override)).one()
    assert (kept.officer_id, kept.reason) == (s.officer.id, "防汛期前必须开工")
    assert kept.missing[0]["values"]["left"] == 1
    assert s.stage(StageKind.COLLECT).state is StageState.DONE


def test_the_override_is_refused_when_nothing_is_missing():
    s = scene(at=StageKind.COLLECT)
    with pytest.raises(Refusal, match="不需要放行"):
        services.override_gate(s.officer, NOW, s.stage(StageKind.COLLECT), reason="催一催")


def test_skipping_keeps_its_reason():
    s = scene()
    services.skip_stage(s.director, NOW, s.stage(StageKind.COLLECT), reason="上一轮刚问过")
    collect = s.stage(StageKind.COLLECT)
    assert (collect.state, collect.reason) == (StageState.SKIPPED, "上一轮刚问过")
    assert s.project.current is s.stage(StageKind.DELIBERATE)


def test_going_back_opens_a_second_round_and_keeps_the_first():
    s = scene(at=StageKind.VOTE)
    deliberate, vote = s.stage(StageKind.DELIBERATE), s.stage(StageKind.VOTE)
    services.go_back(s.director, NOW, deliberate, reason="表决未通过，重新商议", calendar=PLAIN)
    assert (deliberate.state, deliberate.round) == (StageState.ACTIVE, 2)
    assert (vote.state, vote.round) == (StageState.TODO, 2)
    assert s.stage(StageKind.COLLECT).round == 1
    run = db.session.scalars(sa.select(StageRun)).one()
    assert (run.stage_id, run.round, run.outcome) == (vote.id, 1, RunOutcome.SENT_BACK)


def test_going_back_lines_later_dates_up_behind_today():
    s = scene(at=StageKind.VOTE)
    services.go_back(
        s.director, NOW, s.stage(StageKind.DELIBERATE), reason="重新商议方案", calendar=PLAIN
    )
    deliberate, vote = s.stage(StageKind.DELIBERATE), s.stage(StageKind.VOTE)
    assert (deliberate.planned_start, deliberate.planned_end) == (TODAY, date(2026, 3, 17))
    assert vote.planned_start == date(2026, 3, 18)


def test_a_project_can_go_back_twice():
    s = scene(at=StageKind.VOTE)
    deliberate = s.stage(StageKind.DELIBERATE)
    for round_ in (2, 3):
        services.go_back(s.director, NOW, deliberate, reason="再来一轮商议", calendar=PLAIN)
        assert deliberate.round == round_
        services.complete_stage(s.director, NOW, deliberate)
        services.start_stage(s.director, NOW, s.stage(StageKind.VOTE))


def test_pausing_adds_the_days_to_every_open_deadline():
    s = scene(at=StageKind.COLLECT)
    before = {st.key: (st.planned_start, st.planned_end) for st in s.project.stages}
    services.pause(s.director, NOW, s.project, reason="春节停工")
    with pytest.raises(Refusal):
        services.complete_stage(s.director, NOW, s.stage(StageKind.COLLECT))
    services.resume(s.director, NOW + timedelta(days=9), s.project)
    for stage in s.project.stages:
        start, end = before[stage.key]
        assert stage.planned_end == end + timedelta(days=9)
        moved = timedelta(0) if stage.kind is StageKind.COLLECT else timedelta(days=9)
        assert stage.planned_start == start + moved
    assert s.stage(StageKind.COLLECT).paused_days == 9


def test_pausing_and_resuming_on_one_day_moves_nothing():
    s = scene(at=StageKind.COLLECT)
    revision = s.stage(StageKind.COLLECT).deadline_revision
    services.pause(s.director, NOW, s.project, reason="登记有误")
    services.resume(s.director, NOW, s.project)
    assert s.stage(StageKind.COLLECT).deadline_revision == revision


def test_moving_a_date_needs_the_version_that_was_previewed():
    s = scene(at=StageKind.COLLECT)
    stage = s.stage(StageKind.COLLECT)
    version = s.project.version
    end = date(2026, 3, 20)
    services.move_stage(
        s.director, NOW, stage, end=end, follow=True, version=version, calendar=PLAIN
    )
    db.session.flush()
    with pytest.raises(Stale):
        services.move_stage(
            s.director, NOW, stage, end=end, follow=True, version=version, calendar=PLAIN
        )


def test_the_preview_shows_exactly_what_the_move_does():
    s = scene(at=StageKind.COLLECT)
    stage, end = s.stage(StageKind.COLLECT), date(2026, 3, 25)
    shown = {st.id: new for st, _old, new in services.preview_move(stage, end, PLAIN, follow=True)}
    services.move_stage(
        s.director, NOW, stage, end=end, follow=True, version=s.project.version, calendar=PLAIN
    )
    assert shown
    for one in s.project.stages:
        if one.id in shown:
            assert (one.planned_start, one.planned_end) == (shown[one.id].start, shown[one.id].end)


def test_a_stage_cannot_end_before_it_began():
    s = scene(at=StageKind.COLLECT)
    with pytest.raises(FieldRefusal):
        services.move_stage(
            s.director,
            NOW,
            s.stage(StageKind.COLLECT),
            end=date(2026, 3, 1),
            follow=False,
            version=s.project.version,
            calendar=PLAIN,
        )


def test_moving_a_deadline_supersedes_its_reminders():
    s = scene(at=StageKind.COLLECT)
    stage = s.stage(StageKind.COLLECT)
    services.move_stage(
        s.director,
        NOW,
        stage,
        end=date(2026, 3, 20),
        follow=False,
        version=s.project.version,
        calendar=PLAIN,
    )
    assert stage.deadline_revision == 2


def test_closing_names_every_stage_that_has_not_ended():
    s = scene(at=StageKind.IMPLEMENT)
    with pytest.raises(Refusal) as caught:
        services.close(s.director, NOW, s.project)
    assert len(caught.value.reasons) == 2


def test_upkeep_may_go_on_after_the_project_closed():
    s = scene(at=StageKind.UPKEEP, kinds=(StageKind.FEEDBACK, StageKind.UPKEEP))
    services.close(s.director, NOW, s.project)
    assert (s.project.state, s.project.closed_on) == (ProjectState.CLOSED, TODAY)


def test_a_cancelled_project_does_not_move_any_more():
    s = scene(at=StageKind.COLLECT)
    services.cancel(s.director, NOW, s.project, reason="并入街道统一改造")
    for act in (services.close, services.resume):
        with pytest.raises(Refusal):
            act(s.director, NOW, s.project)
    assert queries.steps(s.director, s.stage(StageKind.COLLECT)) == []


def test_a_blocked_stage_goes_on_when_it_is_unblocked():
    s = scene(at=StageKind.IMPLEMENT)
    stage = s.stage(StageKind.IMPLEMENT)
    services.block_stage(s.director, NOW, stage, reason="施工方退场")
    with pytest.raises(Refusal):
        services.complete_stage(s.director, NOW, stage)
    services.unblock_stage(s.director, NOW, stage)
    assert (stage.state, stage.reason) == (StageState.ACTIVE, "")


def test_every_step_stands_in_an_unbroken_history():
    s = scene(at=StageKind.COLLECT)
    services.complete_stage(s.director, NOW, s.stage(StageKind.COLLECT))
    services.start_stage(s.director, NOW, s.stage(StageKind.DELIBERATE))
    db.session.flush()
    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["stage.complete", "stage.start"]
    chain = f"committee:{s.project.committee_id}"
    assert first_broken(chain) is None
    db.session.execute(sa.update(AuditEntry).where(AuditEntry.sequence == 1).values(text="别的话"))
    db.session.expire_all()
    assert first_broken(chain) == 1


def _leave(step: str, scene_: votes.Scene, stages: dict[StageKind, Stage]) -> None:
    reason, vote = "方案要重新商量", stages[StageKind.VOTE]
    if step == "skip":
        services.skip_stage(scene_.director, NOW, vote, reason=reason)
    elif step == "go_back":
        target = stages[StageKind.DELIBERATE]
        services.go_back(scene_.director, NOW, target, reason=reason, calendar=PLAIN)
    elif step == "cancel":
        services.cancel(scene_.director, NOW, scene_.project, reason=reason)
    else:
        officer = people.user(Role.OFFICER, of=scene_.director.committee)
        services.override_gate(officer, NOW, vote, reason=reason)


@pytest.mark.parametrize("step", ["skip", "go_back", "cancel", "override"])
def test_a_stage_is_not_left_while_its_vote_is_neither_announced_nor_voided(step):
    s = votes.scene()
    stages = {stage.kind: stage for stage in s.project.stages}
    stages[StageKind.VOTE].gates = [{"kind": "result_carries", "amount": None}]
    vote = votes.draft(s)
    with pytest.raises(Refusal) as caught:
        _leave(step, s, stages)
    assert caught.value.reasons[0].params == (("vote_id", vote.id),)
    vote.state = VoteState.CANCELLED
    db.session.flush()
    _leave(step, s, stages)


@pytest.mark.parametrize("step", ["skip", "go_back", "cancel", "override"])
@pytest.mark.parametrize("make", [votes.certified, votes.counting])
def test_a_result_is_announced_before_its_stage_is_left(make, step):
    s = votes.scene()
    stages = {stage.kind: stage for stage in s.project.stages}
    stages[StageKind.VOTE].gates = [{"kind": "min_responses", "amount": 9}]
    vote = make(s)
    with pytest.raises(Refusal, match="请先公告或作废") as caught:
        _leave(step, s, stages)
    assert caught.value.reasons[0].endpoint == "counts.show"
    assert caught.value.reasons[0].params == (("vote_id", vote.id),)


def test_a_stage_is_not_completed_while_a_result_waits_to_be_announced():
    s = votes.scene()
    stage = next(stage for stage in s.project.stages if stage.kind is StageKind.VOTE)
    stage.gates = [{"kind": "result_carries", "amount": None}]
    votes.certified(s)
    with pytest.raises(Refusal) as caught:
        services.complete_stage(s.director, votes.AFTER, stage)
    assert [reason.endpoint for reason in caught.value.reasons] == ["counts.show"]


@pytest.mark.parametrize(("approving", "opposing", "may"), [(5, 0, True), (2, 3, False)])
def test_the_gate_of_a_vote_stage_asks_for_a_result_that_carries(approving, opposing, may):
    s = votes.scene()
    stage = next(stage for stage in s.project.stages if stage.kind is StageKind.VOTE)
    stage.gates = [{"kind": "result_carries", "amount": None}]
    votes.announced(s, approving=approving, opposing=opposing)
    if may:
        services.complete_stage(s.director, votes.AFTER, stage)
        assert stage.state is StageState.DONE
    else:
        with pytest.raises(Refusal, match="还没有通过的表决结果"):
            services.complete_stage(s.director, votes.AFTER, stage)


def test_a_recount_holds_the_stage_until_the_correction_is_announced():
    s = votes.scene()
    stage = next(stage for stage in s.project.stages if stage.kind is StageKind.VOTE)
    stage.gates = [{"kind": "result_carries", "amount": None}]
    vote = votes.announced(s)
    objection_services.record_objection(
        s.worker, votes.AFTER, vote.id, received_on=local_date(votes.AFTER), text="票数不对"
    )
    objection_services.rule_on(
        s.director, votes.AFTER, vote.id, 1, ruling=Ruling.RECOUNT, text="两叠票放反"
    )
    with pytest.raises(Refusal):
        services.complete_stage(s.director, votes.AFTER, stage)
