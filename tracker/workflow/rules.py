"""The process itself: which steps a stage may take, and what its gate still asks for.

One table of transitions feeds both the buttons and the guard. A gate compares what has
been recorded with what the template asks; every gap becomes a reason with a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker.accounts.rules import Permission
from tracker.anthology.rules import GateKind
from tracker.kernel.errors import Reason
from tracker.kernel.words import M_, N_, Message, Term
from tracker.projects.rules import ProjectState, StageState


class Step(Term):
    """What can be done with a stage."""

    START = "start", N_("开始这个阶段")
    COMPLETE = "complete", N_("完成这个阶段")
    BLOCK = "block", N_("标记受阻")
    UNBLOCK = "unblock", N_("解除受阻")
    SKIP = "skip", N_("跳过")
    GO_BACK = "go_back", N_("退回重来")
    OVERRIDE = "override", N_("街道放行")
    MOVE = "move", N_("调整日期")


@dataclass(frozen=True)
class Transition:
    """From which states a step may be taken, where it leads, and who may take it."""

    sources: frozenset[StageState]
    target: StageState | None
    permission: Permission


TRANSITIONS: dict[Step, Transition] = {
    Step.START: Transition(frozenset({StageState.TODO}), StageState.ACTIVE, Permission.RUN_STAGE),
    Step.COMPLETE: Transition(
        frozenset({StageState.ACTIVE}), StageState.DONE, Permission.RUN_STAGE
    ),
    Step.BLOCK: Transition(
        frozenset({StageState.ACTIVE}), StageState.BLOCKED, Permission.RUN_STAGE
    ),
    Step.UNBLOCK: Transition(
        frozenset({StageState.BLOCKED}), StageState.ACTIVE, Permission.RUN_STAGE
    ),
    Step.SKIP: Transition(
        frozenset({StageState.TODO, StageState.ACTIVE, StageState.BLOCKED}),
        StageState.SKIPPED,
        Permission.DECIDE_STAGE,
    ),
    Step.GO_BACK: Transition(
        frozenset({StageState.DONE, StageState.SKIPPED}),
        StageState.ACTIVE,
        Permission.DECIDE_STAGE,
    ),
    Step.OVERRIDE: Transition(
        frozenset({StageState.ACTIVE, StageState.BLOCKED}),
        StageState.DONE,
        Permission.OVERRIDE_GATE,
    ),
    Step.MOVE: Transition(
        frozenset({StageState.TODO, StageState.ACTIVE, StageState.BLOCKED}),
        None,
        Permission.RUN_STAGE,
    ),
}


class ProjectStep(Term):
    """What can be done with a whole project."""

    PAUSE = "pause", N_("暂停项目")
    RESUME = "resume", N_("恢复项目")
    CANCEL = "cancel", N_("取消项目")
    CLOSE = "close", N_("办结项目")


PROJECT_STEPS: dict[ProjectStep, frozenset[ProjectState]] = {
    ProjectStep.PAUSE: frozenset({ProjectState.ACTIVE}),
    ProjectStep.RESUME: frozenset({ProjectState.PAUSED}),
    ProjectStep.CANCEL: frozenset({ProjectState.ACTIVE, ProjectState.PAUSED}),
    ProjectStep.CLOSE: frozenset({ProjectState.ACTIVE}),
}
"""All of them need ``Permission.DECIDE_STAGE``."""


def may_step(step: Step, state: StageState, *, is_current: bool, running: bool) -> bool:
    """Whether a stage in ``state`` offers ``step``.

    ``is_current``: every earlier stage has ended and this one has not. ``running``: the
    project is neither paused nor ended. Going back is offered on stages before the current.
    """
    if not running or state not in TRANSITIONS[step].sources:
        return False
    return not is_current if step is Step.GO_BACK else is_current or step is Step.MOVE


@dataclass(frozen=True)
class Progress:
    """How far a gate has come: ``have`` of ``need``."""

    have: int
    need: int

    @property
    def met(self) -> bool:
        return self.have >= self.need


@dataclass(frozen=True)
class GateLine:
    """One requirement as the stage page shows it."""

    kind: GateKind
    progress: Progress
    reason: Reason


_MISSING: Mapping[GateKind, str] = {
    GateKind.MIN_OPINIONS: N_("意见还差 %(left)d 条（已有 %(have)d 条，要求 %(need)d 条）"),
    GateKind.MIN_COVERAGE: N_("还差 %(left)d 户没有听取意见（已听 %(have)d，要求 %(need)d）"),
    GateKind.ALL_ANSWERED: N_("还有 %(left)d 条意见没有答复"),
    GateKind.MEETINGS_HELD: N_("有纪要的会议还差 %(left)d 次（已有 %(have)d，要求 %(need)d）"),
    GateKind.OPTION_CHOSEN: N_("还没有选定方案"),
    GateKind.MOTION_WORDED: N_("还没有写好表决事项"),
    GateKind.APPROVAL_RECORDED: N_("还没有登记批复日期和文号"),
    GateKind.NOTICE_POSTED: N_("公示还差 %(left)d 天（已满 %(have)d 天，要求 %(need)d 天）"),
    GateKind.RESULT_CARRIES: N_("还没有通过的表决结果"),
    GateKind.TASKS_DONE: N_("还有 %(left)d 项必做事项没有完成"),
    GateKind.ACCEPTANCE_PASSED: N_("还没有登记验收合格"),
    GateKind.PICTURE_PAIR: N_("前后对比照片还差 %(left)d 组（已有 %(have)d，要求 %(need)d）"),
    GateKind.REPLIES_PUBLISHED: N_("还有 %(left)d 条答复没有公开"),
    GateKind.MIN_RESPONSES: N_("满意度评价还差 %(left)d 份（已有 %(have)d 份，要求 %(need)d 份）"),
    GateKind.LESSONS_WRITTEN: N_("还没有写成效和经验总结"),
    GateKind.REVIEW_DATE_SET: N_("还没有定下复查日期"),
}

_MET: Mapping[GateKind, str] = {
    GateKind.MIN_OPINIONS: N_("意见 %(have)d 条，要求 %(need)d 条"),
    GateKind.MIN_COVERAGE: N_("已听取 %(have)d 户，要求 %(need)d 户"),
    GateKind.ALL_ANSWERED: N_("%(have)d 条意见都已答复"),
    GateKind.MEETINGS_HELD: N_("有纪要的会议 %(have)d 次，要求 %(need)d 次"),
    GateKind.OPTION_CHOSEN: N_("已选定方案"),
    GateKind.MOTION_WORDED: N_("写好表决事项 %(have)d 项"),
    GateKind.APPROVAL_RECORDED: N_("已登记批复"),
    GateKind.NOTICE_POSTED: N_("已公示 %(have)d 天，要求 %(need)d 天"),
    GateKind.RESULT_CARRIES: N_("表决已通过"),
    GateKind.TASKS_DONE: N_("%(have)d 项必做事项都已完成"),
    GateKind.ACCEPTANCE_PASSED: N_("验收合格"),
    GateKind.PICTURE_PAIR: N_("前后对比照片 %(have)d 组，要求 %(need)d 组"),
    GateKind.REPLIES_PUBLISHED: N_("%(have)d 条答复都已公开"),
    GateKind.MIN_RESPONSES: N_("满意度评价 %(have)d 份，要求 %(need)d 份"),
    GateKind.LESSONS_WRITTEN: N_("成效和经验总结已写好"),
    GateKind.REVIEW_DATE_SET: N_("复查日期已定"),
}

_WHERE: Mapping[GateKind, str] = {
    GateKind.MIN_OPINIONS: "opinions.index",
    GateKind.MIN_COVERAGE: "opinions.coverage",
    GateKind.ALL_ANSWERED: "opinions.index",
    GateKind.MEETINGS_HELD: "meetings.index",
    GateKind.OPTION_CHOSEN: "meetings.options",
    GateKind.MOTION_WORDED: "meetings.options",
    GateKind.APPROVAL_RECORDED: "works.index",
    GateKind.NOTICE_POSTED: "notices.index",
    GateKind.RESULT_CARRIES: "counts.index",
    GateKind.ACCEPTANCE_PASSED: "works.index",
    GateKind.PICTURE_PAIR: "works.pictures",
    GateKind.REPLIES_PUBLISHED: "feedback.index",
    GateKind.MIN_RESPONSES: "feedback.index",
    GateKind.LESSONS_WRITTEN: "feedback.index",
}
"""The page of the project on which a gap is closed; the others are on the stage itself."""


def gate_line(kind: GateKind, progress: Progress, *, project_id: int, stage_id: int) -> GateLine:
    """A requirement with its sentence and the link to where it is met."""
    values = {
        "have": progress.have,
        "need": progress.need,
        "left": progress.need - progress.have,
    }
    message = Message((_MET if progress.met else _MISSING)[kind], values)
    if kind in _WHERE:
        reason = Reason(message, _WHERE[kind], (("project_id", project_id),))
    else:
        reason = Reason(message, "workflow.stage", (("stage_id", stage_id),), anchor="tasks")
    return GateLine(kind, progress, reason)


def missing(lines: Iterable[GateLine]) -> tuple[Reason, ...]:
    """Everything a gate still asks for, at once."""
    return tuple(line.reason for line in lines if not line.progress.met)


def coverage_needed(percent: int, households: int) -> int:
    """Households that make up ``percent`` of ``households``, rounded up."""
    return -(-percent * households // 100)


NOT_CURRENT = M_("请先完成前面的阶段。")
NOT_RUNNING = M_("项目没有在进行中。")
WRONG_STATE = M_("这个阶段现在不能这样做，请刷新页面查看最新状态。")
