"""The rows of one project: stages, tasks, opinions, meetings, history."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tracker.anthology.rules import DayUnit, GateKind, ProblemKind, StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel.database import Model
from tracker.meetings.models import Meeting
from tracker.meetings.rules import MeetingKind, MeetingState
from tracker.opinions.models import Opinion
from tracker.opinions.rules import Channel, OpinionStatus, Stance
from tracker.projects.models import Project, Stage, Task
from tracker.projects.rules import ProjectState, StageState, TaskOrigin

STAGE_DAYS = 14
MOST_STAGES, TASKS, OPINIONS, ENTRIES = 6, 3, 4, 6

KINDS = (
    StageKind.COLLECT,
    StageKind.DELIBERATE,
    StageKind.VOTE,
    StageKind.IMPLEMENT,
    StageKind.FEEDBACK,
    StageKind.UPKEEP,
)

GATES: dict[StageKind, list[tuple[GateKind, int | None]]] = {
    StageKind.COLLECT: [
        (GateKind.MIN_OPINIONS, 10),
        (GateKind.MIN_COVERAGE, 30),
        (GateKind.ALL_ANSWERED, None),
    ],
    StageKind.DELIBERATE: [(GateKind.MEETINGS_HELD, 2), (GateKind.OPTION_CHOSEN, None)],
    StageKind.VOTE: [(GateKind.NOTICE_POSTED, 7), (GateKind.RESULT_CARRIES, None)],
    StageKind.IMPLEMENT: [(GateKind.TASKS_DONE, None), (GateKind.ACCEPTANCE_PASSED, None)],
    StageKind.FEEDBACK: [(GateKind.REPLIES_PUBLISHED, None), (GateKind.LESSONS_WRITTEN, None)],
    StageKind.UPKEEP: [(GateKind.REVIEW_DATE_SET, None)],
}


@dataclass(frozen=True)
class ProjectPlan:
    """One project to write; ``reached`` counts the stages done, ``due`` ends the present one."""

    number: int
    committee: int
    lead: int
    state: ProjectState
    case: int
    stages: int
    reached: int
    due: date
    units: Sequence[int]
    dice: random.Random

    @property
    def runs(self) -> bool:
        """Whether anybody still works on it."""
        return self.state in (ProjectState.ACTIVE, ProjectState.PAUSED)

    def stage_id(self, place: int) -> int:
        """The id of the stage at ``place``, from 0."""
        return (self.number - 1) * MOST_STAGES + place + 1

    def window(self, place: int) -> tuple[date, date]:
        """First and last planned day of a stage; an ended project lies years back."""
        last = self.due if self.runs else self.due - timedelta(days=200 + self.number % 1000)
        end = last + timedelta(days=STAGE_DAYS * (place - self.reached))
        return end - timedelta(days=STAGE_DAYS - 3), end


def moment(day: date) -> datetime:
    """Noon of a day."""
    return datetime.combine(day, time(4), UTC)


Row = tuple[type[Model], dict[str, Any]]


def rows_of(plan: ProjectPlan) -> Iterator[Row]:
    """Every row of one project, those that others point to first."""
    owner = {"committee_id": plan.committee}
    own = {**owner, "project_id": plan.number}
    yield Project, {**owner, **_project(plan)}
    for place in range(plan.stages):
        stage = plan.stage_id(place)
        yield Stage, {**own, "id": stage, **_stage(plan, place)}
        for position in range(TASKS):
            yield Task, {**own, "stage_id": stage, **_task(plan, place, position)}
    for number in range(OPINIONS if plan.runs else OPINIONS // 2):
        yield Opinion, {**own, "stage_id": plan.stage_id(0), **_opinion(plan, number)}
    if plan.reached >= 1 or plan.number % 6 == 1:
        yield Meeting, {**own, "stage_id": plan.stage_id(1), **_meeting(plan)}
    for number in range(ENTRIES):
        yield AuditEntry, {**own, **_entry(plan, number)}


def _project(plan: ProjectPlan) -> dict[str, Any]:
    begun = plan.window(0)[0]
    return {
        "id": plan.number,
        "case_id": plan.case,
        "compound_id": plan.committee,
        "title": f"停车与门禁改造第 {plan.number} 号",
        "problem": "车位不够，晚上回来停不进；主入口没有门禁，谁都能进。",
        "problem_kind": list(ProblemKind)[plan.number % len(ProblemKind)],
        "place": f"{plan.number % 20 + 1} 号楼前",
        "topics": ["停车", "门禁"],
        "state": plan.state,
        "lead_id": plan.lead,
        "started_on": begun,
        "closed_on": plan.window(plan.stages - 1)[1] if plan.state is ProjectState.CLOSED else None,
        "public_token": f"token{plan.number}",
        "created_by": plan.lead,
        "created_at": moment(begun),
        "version": 1,
    }


def _stage_state(plan: ProjectPlan, place: int) -> StageState:
    if place < plan.reached or plan.state is ProjectState.CLOSED:
        return StageState.DONE
    if place > plan.reached:
        return StageState.TODO
    return StageState.BLOCKED if plan.number % 25 == 0 else StageState.ACTIVE


def _stage(plan: ProjectPlan, place: int) -> dict[str, Any]:
    kind, state = KINDS[place], _stage_state(plan, place)
    start, end = plan.window(place)
    return {
        "position": place + 1,
        "key": kind.value,
        "kind": kind,
        "title": kind.label,
        "purpose": "听取意见，弄清楚问题。",
        "duration_days": 10,
        "duration_unit": DayUnit.WORK,
        "planned_start": start,
        "planned_end": end,
        "actual_start": None if state is StageState.TODO else start,
        "actual_end": end if state is StageState.DONE else None,
        "state": state,
        "reason": "等待规划部门答复" if state is StageState.BLOCKED else "",
        "gates": [{"kind": k.value, "amount": amount} for k, amount in GATES[kind]],
        "lead_id": plan.lead,
    }


def _task(plan: ProjectPlan, place: int, position: int) -> dict[str, Any]:
    start, end = plan.window(place)
    state = _stage_state(plan, place)
    is_open = state is not StageState.DONE and not (place == plan.reached and position == 0)
    return {
        "position": position,
        "title": "张贴告知书，逐户告知",
        "origin": TaskOrigin.TEMPLATE,
        "due_on": end if position == 1 else None,
        "created_at": moment(start),
        "done_at": None if is_open else moment(end),
        "done_by": None if is_open else plan.lead,
    }


def _opinion(plan: ProjectPlan, number: int) -> dict[str, Any]:
    start, end = plan.window(0)
    waiting = plan.runs and plan.reached == 0 and number % 2 == 0
    return {
        "round": 1,
        "channel": plan.dice.choice(list(Channel)),
        "topic": "停车",
        "stance": plan.dice.choice(list(Stance)),
        "text": "晚上回来没有车位，希望先到先停。",
        "unit_id": plan.dice.choice(plan.units),
        "heard_on": start,
        "reply_due": end,
        "recorded_by": plan.lead,
        "recorded_at": moment(start),
        "status": OpinionStatus.NEW if waiting else OpinionStatus.EXPLAINED,
        "reply": "" if waiting else "规定里会写明。",
        "replied_by": None if waiting else plan.lead,
        "replied_at": None if waiting else moment(end),
        "version": 1,
    }


def _meeting(plan: ProjectPlan) -> dict[str, Any]:
    planned = plan.runs and plan.number % 6 == 1
    at = moment(plan.due if planned else plan.window(1)[0])
    return {
        "round": 1,
        "kind": MeetingKind.COUNCIL,
        "title": "停车管理议事会",
        "planned_at": at,
        "place": "居委会二楼会议室",
        "agenda": "车位怎么分\n门禁怎么管",
        "state": MeetingState.PLANNED if planned else MeetingState.HELD,
        "held_at": None if planned else at,
        "minutes": "" if planned else "各方说了意见，同意先试行。",
        "created_by": plan.lead,
        "version": 1,
    }


def _entry(plan: ProjectPlan, number: int) -> dict[str, Any]:
    """A line of the history; its hash is none, for nothing here verifies the chain."""
    return {
        "chain": f"project:{plan.number}",
        "sequence": number + 1,
        "at": moment(plan.window(0)[0] + timedelta(days=number)),
        "actor_id": plan.lead,
        "action": "stage.started",
        "text": "开始了阶段「%(stage)s」",
        "values": {"stage": KINDS[number % plan.stages].label},
        "previous_hash": "",
        "hash": "",
    }
