"""What has been recorded, measured against what a gate asks; and what may be done now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.accounts.models import User
from tracker.anthology.rules import GateKind, StageKind
from tracker.counts import queries as votes
from tracker.feedback import queries as feedback
from tracker.kernel.errors import Reason
from tracker.kernel.words import M_, Message
from tracker.meetings import queries as meetings
from tracker.notices import queries as notices
from tracker.opinions import queries as opinions
from tracker.places import queries as places
from tracker.projects import queries as projects
from tracker.projects.models import Project, Stage
from tracker.projects.rules import ENDED_STATES, ProjectState, StageState
from tracker.workflow.rules import (
    TRANSITIONS,
    GateLine,
    Progress,
    ProjectStep,
    Step,
    coverage_needed,
    gate_line,
    may_step,
    missing,
)
from tracker.works import queries as works

Measure = Callable[[Stage, int, date], Progress]
"""Measures one gate of a stage: the stage, the gate's amount, today."""


def _opinions(stage: Stage, amount: int, _today: date) -> Progress:
    return Progress(opinions.count(stage.project_id), amount)


def _coverage(stage: Stage, amount: int, _today: date) -> Progress:
    households = places.household_count(stage.project.compound_id)
    need = max(coverage_needed(amount, households), 1)
    return Progress(opinions.heard_units(stage.project_id), need)


def _answered(stage: Stage, _amount: int, _today: date) -> Progress:
    total = opinions.count(stage.project_id)
    return Progress(total - opinions.unanswered(stage.project_id), total)


def _meetings(stage: Stage, amount: int, _today: date) -> Progress:
    return Progress(meetings.held_with_minutes(stage.project_id, stage.round), amount)


def _option(stage: Stage, _amount: int, _today: date) -> Progress:
    return Progress(int(meetings.chosen_option(stage.project_id, stage.round) is not None), 1)


def _motions(stage: Stage, _amount: int, _today: date) -> Progress:
    return Progress(len(meetings.motions(stage.project_id, stage.round)), 1)


def _approval(stage: Stage, _amount: int, _today: date) -> Progress:
    return Progress(int(works.approval(stage.id, stage.round) is not None), 1)


def _notice(stage: Stage, amount: int, today: date) -> Progress:
    return Progress(notices.days_posted(stage.id, stage.round, today), amount)


def _result(stage: Stage, _amount: int, _today: date) -> Progress:
    return Progress(int(votes.carried(stage.id, stage.round)), 1)


def _tasks(stage: Stage, _amount: int, _today: date) -> Progress:
    total = projects.required_total(stage.id)
    return Progress(total - projects.required_left(stage.id), total)


def _acceptance(stage: Stage, _amount: int, _today: date) -> Progress:
    found = works.acceptance(stage.id, stage.round)
    return Progress(int(found is not None and found.passed), 1)


def _pictures(stage: Stage, amount: int, _today: date) -> Progress:
    return Progress(len(works.picture_pairs(stage.project_id)), amount)


def _published(stage: Stage, _amount: int, _today: date) -> Progress:
    answered = opinions.count(stage.project_id) - opinions.unanswered(stage.project_id)
    return Progress(answered - opinions.unpublished(stage.project_id), answered)


def _responses(stage: Stage, amount: int, _today: date) -> Progress:
    return Progress(feedback.responses(stage.project_id), amount)


def _lessons(stage: Stage, _amount: int, _today: date) -> Progress:
    return Progress(int(feedback.report(stage.project_id) is not None), 1)


def _review(stage: Stage, _amount: int, _today: date) -> Progress:
    return Progress(int(stage.review_on is not None), 1)


MEASURES: dict[GateKind, Measure] = {
    GateKind.MIN_OPINIONS: _opinions,
    GateKind.MIN_COVERAGE: _coverage,
    GateKind.ALL_ANSWERED: _answered,
    GateKind.MEETINGS_HELD: _meetings,
    GateKind.OPTION_CHOSEN: _option,
    GateKind.MOTION_WORDED: _motions,
    GateKind.APPROVAL_RECORDED: _approval,
    GateKind.NOTICE_POSTED: _notice,
    GateKind.RESULT_CARRIES: _result,
    GateKind.TASKS_DONE: _tasks,
    GateKind.ACCEPTANCE_PASSED: _acceptance,
    GateKind.PICTURE_PAIR: _pictures,
    GateKind.REPLIES_PUBLISHED: _published,
    GateKind.MIN_RESPONSES: _responses,
    GateKind.LESSONS_WRITTEN: _lessons,
    GateKind.REVIEW_DATE_SET: _review,
}


def gate(stage: Stage, today: date) -> list[GateLine]:
    """Every requirement of a stage with how far it has come."""
    lines = []
    for entry in stage.gates:
        kind = GateKind(entry["kind"])
        progress = MEASURES[kind](stage, entry["amount"] or 1, today)
        lines.append(gate_line(kind, progress, project_id=stage.project_id, stage_id=stage.id))
    return lines


def is_current(stage: Stage) -> bool:
    """Whether the stage is the one that the project has come to."""
    current = stage.project.current
    return current is not None and current.id == stage.id


def steps(actor: User, stage: Stage) -> list[Step]:
    """The steps that ``actor`` may take with ``stage`` now; feeds the buttons."""
    running = stage.project.state is ProjectState.ACTIVE
    current = is_current(stage)
    return [
        step
        for step, transition in TRANSITIONS.items()
        if actor.may(transition.permission)
        and may_step(step, stage.state, is_current=current, running=running)
    ]


def unfinished(project: Project) -> list[Stage]:
    """Stages that must still end before the project can close; upkeep goes on afterwards."""
    return [
        s for s in project.stages if s.state not in ENDED_STATES and s.kind is not StageKind.UPKEEP
    ]


@dataclass(frozen=True)
class NextStep:
    """The one thing to do next: a link (``reason``), or a button (``step``)."""

    title: Message
    detail: Message | None = None
    reason: Reason | None = None
    step: Step | ProjectStep | None = None


def next_step(project: Project, current_gate: Sequence[GateLine]) -> NextStep | None:
    """What brings the project forward; None when it has ended.

    ``current_gate`` is the gate of the project's present stage, empty when it has none.
    """
    if project.state is ProjectState.PAUSED:
        why = M_("暂停原因：%(r)s", r=project.state_reason)
        return NextStep(M_("恢复项目"), why, step=ProjectStep.RESUME)
    if project.state is not ProjectState.ACTIVE:
        return None
    stage = project.current
    if stage is None:
        return NextStep(M_("办结项目"), M_("各阶段都已结束。"), step=ProjectStep.CLOSE)
    if stage.state is StageState.TODO:
        plan = M_("计划 %(a)s 至 %(b)s", a=stage.planned_start, b=stage.planned_end)
        return NextStep(M_("开始「%(s)s」", s=stage.title), plan, step=Step.START)
    if stage.state is StageState.BLOCKED:
        why = M_("受阻原因：%(r)s", r=stage.reason)
        return NextStep(M_("解除「%(s)s」的受阻", s=stage.title), why, step=Step.UNBLOCK)
    gaps = missing(current_gate)
    if not gaps:
        ready = M_("要求都已达到。")
        return NextStep(M_("完成「%(s)s」", s=stage.title), ready, step=Step.COMPLETE)
    more = M_("本阶段还有 %(n)d 项要求没有达到", n=len(gaps)) if len(gaps) > 1 else None
    return NextStep(gaps[0].message, more, reason=gaps[0])
