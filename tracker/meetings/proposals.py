"""What happens to options and motions: compared, revised, chosen, worded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Reason, Refusal, Stale, require
from tracker.kernel.words import M_, Message
from tracker.meetings import queries
from tracker.meetings.models import Motion, Option, OptionVersion
from tracker.meetings.rules import OptionState, asks_several
from tracker.projects import queries as projects
from tracker.projects.models import Project, Stage
from tracker.projects.services import require_running

SEVERAL_QUESTIONS = M_(
    "这段话像是同时问了两件事，居民只能答一次。请拆成两个事项；确实只问一件事的，请勾选后再保存。"
)


def add_option(
    actor: User,
    now: datetime,
    project_id: int,
    *,
    title: str,
    summary: str,
    pros: str = "",
    cons: str = "",
) -> Option:
    """Put an option beside the others; its first version.

    Raises Refusal when the project does not run or this round's choice has been made.
    """
    project, stage = _running(actor, project_id)
    _undecided(project, stage)
    option = Option(
        committee_id=project.committee_id,
        project_id=project.id,
        stage_id=stage.id,
        round=stage.round,
        title=title,
    )
    option.versions.append(_version(actor, now, project, 1, summary, pros, cons, ""))
    db.session.add(option)
    db.session.flush()
    _tell(actor, now, option, "option.added", M_("提出方案「%(title)s」", title=title))
    return option


def revise_option(
    actor: User,
    now: datetime,
    option_id: int,
    *,
    summary: str,
    pros: str = "",
    cons: str = "",
    change_note: str,
    version: int | None = None,
) -> Option:
    """Write a new version of an option; the earlier ones stay. Raises Refusal, Stale."""
    option = _of_this_round(actor, option_id)
    require(option.state is not OptionState.DROPPED, M_("方案已经放弃，不能再改。"))
    if version is not None and version != option.version:
        raise Stale
    if not change_note.strip():
        raise FieldRefusal("change_note", M_("请说明这一版改了什么。"))
    number = option.latest.number + 1
    option.versions.append(
        _version(actor, now, option.project, number, summary, pros, cons, change_note)
    )
    flag_modified(option, "title")  # so that the option's own version moves
    db.session.flush()
    what = M_("方案「%(title)s」改为第 %(n)d 版", title=option.title, n=number)
    _tell(actor, now, option, "option.revised", what)
    return option


def choose_option(
    actor: User,
    now: datetime,
    project_id: int,
    option_id: int,
    reason: str,
    dropped: Mapping[int, str],
) -> Option:
    """Choose one option of this round and drop all others, each with its reason.

    ``dropped`` maps the id of every other open option to why it was dropped. Raises Refusal
    naming each option whose reason is missing, or when a choice was made before.
    """
    project, stage = _running(actor, project_id)
    chosen = _of_this_round(actor, option_id)
    require(chosen.project_id == project.id, M_("这个方案不属于这个项目。"))
    _undecided(project, stage)
    require(chosen.state is OptionState.OPEN, M_("方案已经放弃，不能再选。"))
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明为什么选定它。"))
    others = [o for o in queries.open_options(project.id, stage.round) if o.id != chosen.id]
    silent = [o for o in others if not dropped.get(o.id, "").strip()]
    if silent:
        raise Refusal(
            *(Reason(M_("请写明为什么放弃「%(title)s」。", title=o.title)) for o in silent)
        )
    for option in others:
        option.state, option.reason = OptionState.DROPPED, dropped[option.id].strip()
        option.decided_at = now
    chosen.state, chosen.reason, chosen.decided_at = OptionState.CHOSEN, reason.strip(), now
    db.session.flush()
    what = M_("选定方案「%(title)s」，放弃 %(n)d 个", title=chosen.title, n=len(others))
    _tell(actor, now, chosen, "option.chosen", what)
    return chosen


def word_motion(
    actor: User,
    now: datetime,
    project_id: int,
    *,
    title: str,
    text: str,
    option_id: int | None = None,
    one_question: bool = False,
) -> Motion:
    """Word a motion. ``option_id`` may name the chosen option it puts to the vote.

    Raises FieldRefusal for a text that seems to ask two things, unless ``one_question``
    says that somebody looked; and for an option that was not chosen.
    """
    project, stage = _running(actor, project_id)
    _check_motion(project, text, option_id, one_question=one_question)
    last = db.session.scalar(
        sa.select(sa.func.max(Motion.position)).where(
            Motion.project_id == project.id, Motion.round == stage.round
        )
    )
    motion = Motion(
        committee_id=project.committee_id,
        project_id=project.id,
        stage_id=stage.id,
        round=stage.round,
        position=(last or 0) + 1,
        title=title,
        text=text,
        option_id=option_id,
        created_by=actor.id,
        created_at=now,
    )
    db.session.add(motion)
    db.session.flush()
    _tell(actor, now, motion, "motion.worded", M_("拟定表决事项「%(title)s」", title=title))
    return motion


def edit_motion(
    actor: User,
    now: datetime,
    motion_id: int,
    *,
    title: str,
    text: str,
    option_id: int | None = None,
    one_question: bool = False,
    version: int | None = None,
) -> Motion:
    """Change the wording while the motion is on no ballot. Raises as ``word_motion``; Stale."""
    motion = _free_motion(actor, motion_id)
    if version is not None and version != motion.version:
        raise Stale
    _check_motion(motion.project, text, option_id, one_question=one_question)
    motion.title, motion.text, motion.option_id = title, text, option_id
    _tell(actor, now, motion, "motion.edited", M_("修改表决事项「%(title)s」", title=title))
    return motion


def withdraw_motion(actor: User, now: datetime, motion_id: int) -> Motion:
    """Take a motion back; it stays on the page as withdrawn. Raises Refusal on a ballot."""
    motion = _free_motion(actor, motion_id)
    motion.withdrawn_at = now
    _tell(
        actor, now, motion, "motion.withdrawn", M_("撤回表决事项「%(title)s」", title=motion.title)
    )
    return motion


def put_on_ballot(motions: Iterable[Motion], now: datetime) -> None:
    """Fix the wording of motions because a ballot paper carries it; called by a vote.

    Raises Refusal for a motion that was withdrawn meanwhile.
    """
    for motion in motions:
        require(
            motion.withdrawn_at is None,
            M_("表决事项「%(title)s」已经撤回。", title=motion.title),
        )
        motion.balloted_at = now


def take_off_ballot(motions: Iterable[Motion]) -> None:
    """Free motions again because their vote was cancelled."""
    for motion in motions:
        motion.balloted_at = None


def _running(actor: User, project_id: int) -> tuple[Project, Stage]:
    project = projects.project(actor, project_id)
    require_running(project)
    stage = queries.deliberation(project)
    if stage is None:
        raise Refusal(M_("这个项目没有可以比较方案的阶段。"))
    return project, stage


def _of_this_round(actor: User, option_id: int) -> Option:
    option = queries.option(actor, option_id)
    _, stage = _running(actor, option.project_id)
    require(option.round == stage.round, M_("这是上一轮的方案，只能查看。"))
    return option


def _undecided(project: Project, stage: Stage) -> None:
    chosen = queries.chosen_option(project.id, stage.round)
    if chosen is not None:
        raise Refusal(
            M_("这一轮已经选定「%(title)s」，要重选请先退回议事协商。", title=chosen.title)
        )


def _version(
    actor: User,
    now: datetime,
    project: Project,
    number: int,
    summary: str,
    pros: str,
    cons: str,
    change_note: str,
) -> OptionVersion:
    return OptionVersion(
        committee_id=project.committee_id,
        number=number,
        summary=summary,
        pros=pros,
        cons=cons,
        change_note=change_note,
        written_by=actor.id,
        written_at=now,
    )


def _check_motion(
    project: Project, text: str, option_id: int | None, *, one_question: bool
) -> None:
    if asks_several(text) and not one_question:
        raise FieldRefusal("text", SEVERAL_QUESTIONS)
    if option_id is None:
        return
    option = db.session.get(Option, option_id)
    if option is None or option.project_id != project.id or option.state is not OptionState.CHOSEN:
        raise FieldRefusal("option", M_("只能关联已经选定的方案。"))


def _free_motion(actor: User, motion_id: int) -> Motion:
    motion = queries.motion(actor, motion_id)
    require_running(motion.project)
    require(motion.withdrawn_at is None, M_("这个表决事项已经撤回。"))
    require(motion.balloted_at is None, M_("这个事项已经印上表决票，文字不能再改。"))
    return motion


def _tell(actor: User, now: datetime, row: Option | Motion, action: str, what: Message) -> None:
    record(
        action,
        what,
        actor_id=actor.id,
        now=now,
        committee_id=row.committee_id,
        project_id=row.project_id,
    )
