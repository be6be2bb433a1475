"""Three projects under way, so that desk and overview have something on them.

Their dates are counted from the day the demonstration is made.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.accounts import services as accounts
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology import queries as anthology
from tracker.anthology.rules import ProblemKind
from tracker.demo.cast import Cast, at
from tracker.demo.sketches import waste_land
from tracker.meetings import services as meetings
from tracker.meetings.rules import MeetingKind
from tracker.opinions import services as opinions
from tracker.opinions.rules import Channel, Heard, OpinionStatus, Stance
from tracker.places import services as places
from tracker.places.models import Compound
from tracker.projects import services as projects
from tracker.projects.models import Project
from tracker.projects.queries import tasks_of
from tracker.projects.services import NewProject, StagePlan
from tracker.workdays.queries import calendar
from tracker.workflow import services as workflow
from tracker.works import album, images
from tracker.works.rules import PicturePhase


@dataclass(frozen=True)
class Team:
    """Two people of a committee and their compound."""

    director: User
    worker: User
    compound: Compound


def make(cast: Cast, compound: Compound, today: date) -> None:
    """Two projects at 仁德, and one each at two neighbours."""
    home = Team(cast.director, cast.worker, compound)
    _garden(home, today)
    _trees(home, today)
    guonian = _neighbour(cast, today, "国年居委会", "guonian", "国权路 322 弄", 2)
    _lift(guonian, today)
    lantian = _neighbour(cast, today, "蓝天居委会", "lantian", "四平路 2555 弄", 6)
    _station(lantian, today)


def _neighbour(
    cast: Cast, today: date, name: str, login: str, compound: str, buildings: int
) -> Team:
    now = at(today - timedelta(days=60), 9)
    committee = accounts.add_committee(cast.officer, now, name=name)

    def person(role: Role, suffix: str, title: str) -> User:
        return accounts.add_user(
            cast.officer,
            now,
            role=role,
            committee_id=committee.id,
            display_name=f"{name[:2]}{title}",
            login=f"{login}{suffix}",
            email="",
            password=secrets.token_urlsafe(12),
        )

    director, worker = person(Role.DIRECTOR, "", "居委主任"), person(Role.WORKER, "2", "社工")
    home = places.add_compound(worker, now, name=compound, address=compound)
    for number in range(1, buildings + 1):
        house = places.add_building(worker, now, home.id, number=str(number))
        for room in ("101", "102", "201", "202"):
            places.add_unit(
                worker, now, house.id, room=room, area=6_500 + number * 10,
                area_source="产证", new_person=f"示例业主{number}-{room}",
            )  # fmt: skip
    return Team(director, worker, home)


def _log(team: Team, today: date, ago: int, number: int, title: str, problem: str) -> Project:
    template = anthology.by_number(number)
    kind: ProblemKind = template.case.problem_kinds[0]
    return projects.log_project(
        team.director,
        at(today - timedelta(days=ago), 9),
        template=template,
        compound=team.compound,
        new=NewProject(title, problem, kind, "", today - timedelta(days=ago), team.director.id),
        stages=[StagePlan(s.key, s.duration.days, team.worker.id) for s in template.case.stages],
        calendar=calendar(),
    )


def _pass_stage(team: Team, project: Project, now: datetime) -> None:
    """Skip over what the demonstration does not show in detail."""
    stage = project.current
    assert stage is not None, "a running project has a current stage"
    workflow.skip_stage(team.director, now, stage, reason="示例项目，从后面的阶段开始演示")


def _garden(team: Team, today: date) -> None:
    """Case 7's kind of project, collecting opinions, some without a reply."""
    project = _log(
        team, today, 16, 7, "27号楼旁空地微更新",
        "27 号楼旁约 200 平方米空地堆着建筑垃圾，杂草丛生，居民要求改成休息的地方。",
    )  # fmt: skip
    stage = project.stages[0]
    workflow.start_stage(team.worker, at(today - timedelta(days=15), 9), stage)
    heard: tuple[tuple[int, str, Stance, str], ...] = (
        (14, "用途", Stance.SUPPORT, "想要几张有靠背的长椅，老人好歇脚。"),
        (13, "用途", Stance.CONDITIONAL, "可以改花园，别太晚还有人吵。"),
        (9, "停车", Stance.OPPOSE, "不如划几个车位。"),
        (2, "绿化", Stance.SUPPORT, "保留那两棵大树。"),
    )
    for ago, topic, stance, text in heard:
        day = today - timedelta(days=ago)
        said = opinions.add(
            team.worker, at(day, 18), project, Heard(Channel.DOOR, topic, stance, text, day)
        )
        if ago == 14:
            opinions.reply(
                team.worker, at(day, 19), said, OpinionStatus.ADOPTED, "方案里放四张带靠背的长椅。",
                said.version,
            )  # fmt: skip
    album.add_pictures(
        team.worker, at(today - timedelta(days=14), 10), project,
        photos=[images.cleaned(waste_land(False))], phase=PicturePhase.BEFORE,
        spot="空地东南角", caption="改造前（示意图）", taken_on=today - timedelta(days=14),
    )  # fmt: skip
    _assign(team, project, today, lambda place: today + timedelta(days=place - 1))


def _trees(team: Team, today: date) -> None:
    """Case 12's kind of project, in deliberation and overdue, with a meeting to come."""
    project = _log(
        team, today, 40, 12, "树木修剪",
        "水杉和香樟过高过密，低层住户采光差，大风天有倒伏的危险。",
    )  # fmt: skip
    _pass_stage(team, project, at(today - timedelta(days=39), 9))
    stage = project.current
    assert stage is not None
    workflow.start_stage(team.worker, at(today - timedelta(days=38), 9), stage)
    workflow.move_stage(
        team.director, at(today - timedelta(days=20), 9), stage, end=today - timedelta(days=2),
        follow=True, version=project.version, calendar=calendar(),
    )  # fmt: skip
    for ahead, title in ((-3, "修剪方案碰头会"), (3, "三驾马车月度例会")):
        day = today + timedelta(days=ahead)
        meetings.plan_meeting(
            team.worker, at(today - timedelta(days=6), 10), project.id, title=title,
            kind=MeetingKind.THREE_PARTY, planned_at=at(day, 14), place="居委会会议室",
            agenda="一、现场情况\n二、修剪范围和费用\n三、下一步",
        )  # fmt: skip


def _lift(team: Team, today: date) -> None:
    """Case 10's kind of project, blocked."""
    project = _log(
        team, today, 30, 10, "1号楼加装电梯",
        "楼里老人多，上下楼不便；低层住户担心采光和噪声。",
    )  # fmt: skip
    stage = project.stages[0]
    workflow.start_stage(team.director, at(today - timedelta(days=29), 9), stage)
    workflow.block_stage(
        team.director, at(today - timedelta(days=3), 9), stage, reason="地下管线图还没有拿到"
    )


def _station(team: Team, today: date) -> None:
    """Case 13's kind of project, going well."""
    project = _log(team, today, 3, 13, "楼下歇脚点", "老人买菜回来想在楼下先坐一会，再上楼。")
    workflow.start_stage(team.worker, at(today - timedelta(days=2), 9), project.stages[0])


def _assign(team: Team, project: Project, today: date, due: Callable[[int], date]) -> None:
    now = at(today - timedelta(days=10), 9)
    stage = project.current
    assert stage is not None
    for place, task in enumerate(tasks_of(stage.id)[:3]):
        projects.edit_task(
            team.worker, now, task, title=task.title, assignee_id=team.worker.id,
            due_on=due(place), note="", version=task.version,
        )  # fmt: skip
