"""What the pages of the process show: rows made ready for the macros."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from tracker.accounts import queries as accounts
from tracker.accounts.models import User
from tracker.accounts.rules import Permission
from tracker.audit import queries as audit
from tracker.audit.models import AuditEntry
from tracker.kernel.words import M_, N_, Message
from tracker.projects.models import Project, Stage
from tracker.projects.queries import StageLine
from tracker.projects.rules import Light, StageState, due_words, light
from tracker.workdays.rules import Calendar
from tracker.workflow.rules import PROJECT_STEPS, ProjectStep, Step

CONSEQUENCES: Mapping[Step | ProjectStep, str] = {
    Step.BLOCK: N_("期限不变，提醒照常；受阻原因会显示在项目页和街道总览上。"),
    Step.SKIP: N_("这个阶段不再进行，原因会一直留在项目历史里。"),
    Step.OVERRIDE: N_("下面的要求没有达到也放行；您的姓名和原因会永久显示在项目页上。"),
    Step.GO_BACK: N_("从这个阶段重新开始新的一轮，后面的日期重排；上一轮的记录全部保留。"),
    ProjectStep.PAUSE: N_("暂停期间不计期限、不发提醒；恢复时按暂停的天数顺延。"),
    ProjectStep.CANCEL: N_("项目取消后不能再改动，已有记录全部保留。"),
}

_DRAWN: Mapping[StageState, str] = {
    StageState.TODO: "todo",
    StageState.ACTIVE: "now",
    StageState.BLOCKED: "blocked",
    StageState.DONE: "done",
    StageState.SKIPPED: "skipped",
}


@dataclass(frozen=True)
class PathStep:
    """One knot of the stage path."""

    number: int
    title: str
    state: str
    start: date
    end: date
    note: Message
    light: Light
    url: str


def stage_path(project: Project, today: date, calendar: Calendar) -> list[PathStep]:
    """The stage path with light and due date of every stage."""
    return [
        PathStep(
            number=stage.position,
            title=stage.title,
            state=_DRAWN[stage.state],
            start=stage.actual_start or stage.planned_start,
            end=stage.actual_end or stage.planned_end,
            note=stage_note(stage, today, calendar),
            light=stage_light(stage, today, calendar),
            url=url_for("workflow.stage", stage_id=stage.id),
        )
        for stage in project.stages
    ]


def stage_light(stage: Stage | StageLine, today: date, calendar: Calendar) -> Light:
    """The light of a stage: only what is being worked on can be late."""
    return light(stage.planned_end, today, calendar) if stage.counts else Light.GREY


def stage_note(stage: Stage | StageLine, today: date, calendar: Calendar) -> Message:
    """The line below a stage: how long is left, or its state and round."""
    if stage.counts:
        return due_words(stage.planned_end, today, calendar)
    if stage.round > 1:
        return M_("%(state)s · 第 %(n)d 轮", state=stage.state, n=stage.round)
    return M_("%(state)s", state=stage.state)


@dataclass(frozen=True)
class HistoryRow:
    """One line of the history; ``who`` is None for the scheduler and for residents."""

    at: datetime
    who: str | None
    sentence: Message


def history_rows(entries: Sequence[AuditEntry]) -> list[HistoryRow]:
    """History entries with their sentences and the names of those who acted."""
    names = accounts.names({e.actor_id for e in entries if e.actor_id is not None})
    return [
        HistoryRow(e.at, names.get(e.actor_id) if e.actor_id else None, audit.sentence(e))
        for e in entries
    ]


def project_steps(project: Project, actor: User) -> list[ProjectStep]:
    """What ``actor`` may do with the whole project now."""
    if not actor.may(Permission.DECIDE_STAGE):
        return []
    return [step for step, states in PROJECT_STEPS.items() if project.state in states]
