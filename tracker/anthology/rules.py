"""The shape of a case: what a template of the anthology must and may say.

A case file is data. Everything it states as a figure comes from the anthology; what
the text does not give is marked ``basis: suggestion``. Sentences are our own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tracker.kernel.words import N_, Term

MECHANISM_COUNT = 26
"""Rows of the table "what the cases do" in the product description."""


class StageKind(Term):
    """Five core kinds of stage, and two that some cases add."""

    COLLECT = "collect", N_("征集意见")
    DELIBERATE = "deliberate", N_("议事协商")
    APPROVE = "approve", N_("报批立项")
    VOTE = "vote", N_("公示表决")
    IMPLEMENT = "implement", N_("组织实施")
    FEEDBACK = "feedback", N_("反馈评价")
    UPKEEP = "upkeep", N_("长效管理")


class DayUnit(Term):
    """What a duration counts."""

    WORK = "work", N_("工作日")
    CALENDAR = "calendar", N_("自然日")


class GateKind(Term):
    """What a stage may ask for before it can be left; ``amount`` is in the unit named."""

    MIN_OPINIONS = "min_opinions", N_("意见条数")  # opinions
    MIN_COVERAGE = "min_coverage", N_("听取意见的户数比例")  # whole percent of households
    ALL_ANSWERED = "all_answered", N_("每条意见都有答复")
    MEETINGS_HELD = "meetings_held", N_("有纪要的会议")  # meetings with minutes
    OPTION_CHOSEN = "option_chosen", N_("选定一个方案")
    MOTION_WORDED = "motion_worded", N_("写好表决事项")
    APPROVAL_RECORDED = "approval_recorded", N_("批复日期和文号")
    NOTICE_POSTED = "notice_posted", N_("公示天数")  # calendar days
    RESULT_CARRIES = "result_carries", N_("表决结果通过")
    TASKS_DONE = "tasks_done", N_("必做事项全部完成")
    ACCEPTANCE_PASSED = "acceptance_passed", N_("验收合格")
    PICTURE_PAIR = "picture_pair", N_("改造前后照片")  # pairs
    REPLIES_PUBLISHED = "replies_published", N_("答复已公开")
    MIN_RESPONSES = "min_responses", N_("满意度评价份数")  # responses
    LESSONS_WRITTEN = "lessons_written", N_("写好经验总结")
    REVIEW_DATE_SET = "review_date_set", N_("定下复查日期")


AMOUNT_GATES = frozenset(
    {
        GateKind.MIN_OPINIONS,
        GateKind.MIN_COVERAGE,
        GateKind.MEETINGS_HELD,
        GateKind.NOTICE_POSTED,
        GateKind.PICTURE_PAIR,
        GateKind.MIN_RESPONSES,
    }
)

GATES_OF_STAGE: dict[StageKind, frozenset[GateKind]] = {
    StageKind.COLLECT: frozenset(
        {GateKind.MIN_OPINIONS, GateKind.MIN_COVERAGE, GateKind.ALL_ANSWERED}
    ),
    StageKind.DELIBERATE: frozenset(
        {GateKind.MEETINGS_HELD, GateKind.OPTION_CHOSEN, GateKind.MOTION_WORDED}
    ),
    StageKind.APPROVE: frozenset({GateKind.APPROVAL_RECORDED}),
    StageKind.VOTE: frozenset({GateKind.NOTICE_POSTED, GateKind.RESULT_CARRIES}),
    StageKind.IMPLEMENT: frozenset({GateKind.ACCEPTANCE_PASSED, GateKind.PICTURE_PAIR}),
    StageKind.FEEDBACK: frozenset(
        {GateKind.REPLIES_PUBLISHED, GateKind.MIN_RESPONSES, GateKind.LESSONS_WRITTEN}
    ),
    StageKind.UPKEEP: frozenset({GateKind.REVIEW_DATE_SET}),
}
"""Which gates make sense in which kind of stage; ``TASKS_DONE`` fits everywhere."""


class ProblemKind(Term):
    """What a project is about, for finding a case that fits."""

    VACANT_LAND = "vacant_land", N_("荒地空地")
    STREET = "street", N_("街区道路")
    PARKING = "parking", N_("停车")
    SECURITY = "security", N_("门禁安全")
    MANAGEMENT = "management", N_("物业管理")
    RENEWAL = "renewal", N_("旧房改造")
    LIFT = "lift", N_("加装电梯")
    GREENING = "greening", N_("绿化修剪")
    PUBLIC_SPACE = "public_space", N_("公共空间")
    CIVILITY = "civility", N_("楼道环境")
    VOLUNTEERS = "volunteers", N_("志愿服务")
    ELDERLY = "elderly", N_("为老服务")


class SizeClass(Term):
    """How many households a case concerned."""

    SMALL = "small", N_("小型（不满 200 户）")
    MEDIUM = "medium", N_("中型（200 至 999 户）")
    LARGE = "large", N_("大型（1000 户及以上）")
    UNKNOWN = "unknown", N_("原文未写户数")


class Basis(StrEnum):
    """Where a duration, gate or rule comes from."""

    CASE = "case"
    SUGGESTION = "suggestion"


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Part):
    """The same sentence in both languages."""

    zh: Text
    en: Text


class Figure(_Part):
    """One number of the case, as the anthology gives it."""

    label: Words
    value: int | float
    unit: Words
    approximate: bool = False


class Place(_Part):
    """Where the case happened; ``households`` is None when the text does not say."""

    name: Words
    committee: Words
    address: Words | None = None
    households: int | None = Field(default=None, gt=0)


class Actor(_Part):
    """Who took part, by role: private persons never appear by name."""

    role: Words
    did: Words


class Duration(_Part):
    """Length of a stage; ``days`` counts in ``unit``."""

    days: int = Field(ge=1, le=1000)
    unit: DayUnit
    basis: Basis


class Gate(_Part):
    """One requirement for leaving a stage."""

    kind: GateKind
    amount: int | None = Field(default=None, ge=1)
    basis: Basis = Basis.SUGGESTION

    @model_validator(mode="after")
    def amount_belongs_to_kind(self) -> Self:
        if (self.kind in AMOUNT_GATES) != (self.amount is not None):
            need = "needs" if self.kind in AMOUNT_GATES else "takes no"
            raise ValueError(f"gate {self.kind.value} {need} amount")
        return self


class ChecklistLine(_Part):
    """One thing to do in a stage."""

    text: Words
    required: bool = True
    basis: Basis = Basis.CASE


class StageTemplate(_Part):
    """One stage of the process as the case went through it."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    kind: StageKind
    title: Words
    purpose: Words
    duration: Duration
    checklist: tuple[ChecklistLine, ...] = Field(min_length=1)
    gate: tuple[Gate, ...] = ()

    @model_validator(mode="after")
    def gates_fit_the_stage(self) -> Self:
        allowed = GATES_OF_STAGE[self.kind] | {GateKind.TASKS_DONE}
        for gate in self.gate:
            if gate.kind not in allowed:
                raise ValueError(f"gate {gate.kind.value} does not fit a {self.kind.value} stage")
        if len({g.kind for g in self.gate}) < len(self.gate):
            raise ValueError("a gate is named twice")
        return self


class Decision(_Part):
    """How the case decided; ``rule`` is an id of the vote rules or None when nobody voted."""

    rule: str | None
    reason: Words
    basis: Basis


class Case(_Part):
    """A whole case of the anthology, usable as a template for projects."""

    number: int = Field(ge=1)
    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Words
    summary: Words
    problem: Words
    problem_kinds: tuple[ProblemKind, ...] = Field(min_length=1)
    mechanisms: tuple[int, ...] = Field(min_length=1)
    place: Place
    figures: tuple[Figure, ...]
    actors: tuple[Actor, ...] = Field(min_length=1)
    topics: tuple[Words, ...] = Field(min_length=1)
    stages: tuple[StageTemplate, ...] = Field(min_length=3)
    decision: Decision
    outcome: Words
    practices: tuple[Words, ...] = Field(min_length=1)
    pitfalls: tuple[Words, ...] = Field(min_length=1)
    lessons: tuple[Words, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def consistent(self) -> Self:
        unknown = [m for m in self.mechanisms if not 1 <= m <= MECHANISM_COUNT]
        if unknown:
            raise ValueError(f"mechanisms outside 1–{MECHANISM_COUNT}: {unknown}")
        keys = [s.key for s in self.stages]
        if len(set(keys)) < len(keys):
            raise ValueError("stage keys must differ")
        kinds = {s.kind for s in self.stages}
        if StageKind.VOTE in kinds and self.decision.rule is None:
            raise ValueError("a vote stage needs decision.rule")
        return self

    @property
    def size(self) -> SizeClass:
        households = self.place.households
        if households is None:
            return SizeClass.UNKNOWN
        if households < 200:
            return SizeClass.SMALL
        return SizeClass.MEDIUM if households < 1000 else SizeClass.LARGE
