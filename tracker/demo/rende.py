"""Case 6, 仁德: parking and gate of a compound of 27 buildings and 324 households.

The text gives: two grids (1–14, 15–27), several council meetings, two motions on one
ballot, notice at the board and in every building, the count on 2021-11-08, 78.7 % for
the parking rule and 91 % for the gate agreement. Turnout and areas are generated so that
exactly these percentages come out of the count (237 and 274 of 301).
"""

from __future__ import annotations

from datetime import date, timedelta

from tracker.anthology import queries as anthology
from tracker.anthology.rules import ProblemKind
from tracker.ballots import printing_services as printing
from tracker.counts import services as counts
from tracker.counts.services import Signers
from tracker.demo import papers
from tracker.demo.cast import Cast, at, units_in_order
from tracker.demo.sketches import gate, parking
from tracker.feedback import services as feedback
from tracker.feedback.rules import FeedbackChannel, Score
from tracker.meetings import proposals
from tracker.meetings import services as meetings
from tracker.meetings.models import Motion
from tracker.meetings.rules import MeetingKind, Party, ResolutionOutcome
from tracker.notices import services as notices
from tracker.opinions import services as opinions
from tracker.opinions.models import Opinion
from tracker.opinions.rules import Channel, Heard, Household, OpinionStatus, Stance
from tracker.places.models import Compound
from tracker.projects import services as projects
from tracker.projects.models import Project, Stage
from tracker.projects.queries import tasks_of
from tracker.projects.services import NewProject, StagePlan
from tracker.public import services as public
from tracker.votes import course_services as course
from tracker.votes import queries as vote_queries
from tracker.votes import services as votes
from tracker.votes.rules import InvalidPolicy
from tracker.votes.services import Draft
from tracker.workdays.queries import calendar
from tracker.workflow import services as workflow
from tracker.works import album, images
from tracker.works import services as works
from tracker.works.rules import MoneyDirection, MoneySource, PicturePhase
from tracker.works.rules import Party as SiteParty

COUNT_DAY = date(2021, 11, 8)
DAYS = {"collect": 15, "deliberate": 12, "vote": 22, "implement": 30, "feedback": 12}

VOICES: tuple[tuple[str, Stance, str, str], ...] = (
    ("停车", Stance.SUPPORT, "长停车位被固定占用，晚上回来没地方停，支持先到先停。",
     "《车辆管理制度》写入先到先停，固定车位取消。"),
    ("停车", Stance.OPPOSE, "车位一直是自己在用，取消固定车位不合理。",
     "公共车位归全体业主共有，议事堂上新老业主都发了言，最后由业主表决。"),
    ("停车", Stance.CONDITIONAL, "先到先停可以，但外来车过夜要管住。",
     "物业将限制外来车进入和过夜停放，已写进制度。"),
    ("道路", Stance.SUPPORT, "道路窄，划线乱，会车困难，请重新划线。",
     "业委会将重新划线，保证通行。"),
    ("门禁", Stance.SUPPORT, "人行口谁都能进，家里不放心，应该装门禁。",
     "主入口将安装智能门禁，协议提交业主表决。"),
    ("门禁", Stance.QUESTION, "不想录脸，有没有别的进出办法？",
     "可以用门禁卡，不强制录入人脸。"),
    ("门禁", Stance.QUESTION, "快递和外卖怎么进来？",
     "访客由住户在手机上确认，也可在门岗登记。"),
    ("安全", Stance.SUPPORT, "楼道里丢过东西，希望加强巡逻。",
     "物业调整夜间巡逻，微网格长每周看一次记录。"),
)  # fmt: skip


def replay(cast: Cast, compound: Compound) -> Project:
    """Carry the case through the product's services, with the anthology's dates."""
    project = _log(cast, compound)
    collect, deliberate, vote, implement, answer, upkeep = project.stages
    _collect(cast, project, collect, compound)
    _deliberate(cast, project, deliberate)
    _vote(cast, project, vote)
    _implement(cast, project, implement)
    _feed_back(cast, project, answer)
    workflow.start_stage(cast.director, at(date(2022, 1, 7), 9), upkeep)
    projects.edit_stage(
        cast.director,
        at(date(2022, 1, 7), 9),
        upkeep,
        version=upkeep.version,
        lead_id=cast.director.id,
        review_on=date(2022, 7, 7),
    )
    _tick(cast, upkeep, date(2022, 1, 10))
    workflow.close(cast.director, at(date(2022, 1, 10), 16), project)
    public.publish(cast.director, at(date(2022, 1, 10), 16, 30), project)
    return project


def _log(cast: Cast, compound: Compound) -> Project:
    template = anthology.by_number(6)
    days = {s.key: DAYS.get(s.key, s.duration.days) for s in template.case.stages}
    leads = {"collect": cast.worker.id, "implement": cast.worker.id}
    return projects.log_project(
        cast.director,
        at(date(2021, 9, 1), 10),
        template=template,
        compound=compound,
        new=NewProject(
            title="正文花园一期停车与门禁",
            problem="208 个车位里有 68 个长期被固定占用，其他业主抢车位；"
            "主入口人行通道没有门禁，家中被盗时有发生。",
            problem_kind=ProblemKind.PARKING,
            place="政立路 1588 弄，全小区",
            start=date(2021, 9, 6),
            lead_id=cast.director.id,
        ),
        stages=[StagePlan(k, n, leads.get(k, cast.director.id)) for k, n in days.items()],
        calendar=calendar(),
    )


def _tick(cast: Cast, stage: Stage, day: date) -> None:
    for task in tasks_of(stage.id):
        projects.tick_task(cast.worker, at(day, 15), task, done=True)


def _collect(cast: Cast, project: Project, stage: Stage, compound: Compound) -> None:
    workflow.start_stage(cast.director, at(date(2021, 9, 6), 9), stage)
    firsts: dict[str, Opinion] = {}
    # Two of three households were at home: 216 of 324, more than the half the gate asks.
    for number, unit in enumerate(units_in_order(compound)):
        if number % 3 == 2:
            continue
        topic, stance, text, _reply = VOICES[number % len(VOICES)]
        day = date(2021, 9, 6) + timedelta(days=number % 18)
        leader = cast.leaders[0 if unit.building.position <= 14 else 1]
        opinion = opinions.add(
            leader,
            at(day, 19, number % 60),
            project,
            Heard(Channel.DOOR, topic, stance, text, day, Household(unit.building_id, unit.room)),
        )
        if text in firsts:
            opinions.merge(cast.worker, at(day, 20, 30), opinion, firsts[text].id)
        else:
            firsts[text] = opinion
    replies = {text: reply for _topic, _stance, text, reply in VOICES}
    for text, opinion in firsts.items():
        opinions.reply(
            cast.worker,
            at(date(2021, 9, 26), 14),
            opinion,
            OpinionStatus.EXPLAINED if "？" in text else OpinionStatus.ADOPTED,
            replies[text],
            opinion.version,
        )
    _tick(cast, stage, date(2021, 9, 26))
    workflow.complete_stage(cast.worker, at(date(2021, 9, 26), 16), stage)


MEETINGS: tuple[tuple[date, str, str, str], ...] = (
    (date(2021, 9, 28), "第一次议事堂：摆问题",
     "新老业主各说各的难处：老业主用惯了固定车位，新业主要求先到先停。一致同意先把车位和车辆数摸清。",
     "先摸清 208 个车位的使用情况"),
    (date(2021, 10, 9), "第二次议事堂：比方案",
     "比较维持现状、轮换固定、先到先停三种办法，并请门禁公司介绍方案。多数倾向先到先停，同时管住外来车。",
     "停车按先到先停起草制度"),
    (date(2021, 10, 14), "第三次议事堂：定表决事项",
     "逐条改定《车辆管理制度》草案和《社区智能门禁合作协议》，决定两项事项用一张票表决，各自计算。",
     "两项事项提交全体业主书面表决"),
)  # fmt: skip


def _deliberate(cast: Cast, project: Project, stage: Stage) -> None:
    workflow.start_stage(cast.director, at(date(2021, 9, 27), 9), stage)
    for day, title, minutes, resolution in MEETINGS:
        meeting = meetings.plan_meeting(
            cast.worker,
            at(day - timedelta(days=1), 10),
            project.id,
            kind=MeetingKind.COUNCIL,
            title=title,
            planned_at=at(day, 18, 30),
            place="居委会二楼「百脑汇」议事堂",
            agenda="一、通报走访情况\n二、逐项讨论\n三、形成意见",
        )
        meetings.hold_meeting(
            cast.worker,
            at(day, 21),
            meeting.id,
            at(day, 18, 30),
            {
                Party.COMMITTEE: 2,
                Party.OWNERS: 3,
                Party.MANAGER: 2,
                Party.RESIDENTS: 8,
                Party.LEADERS: 2,
            },
            minutes,
            [(resolution, ResolutionOutcome.MAJORITY)],
            [("把会议意见带回各楼说明", cast.leaders[0].id, day + timedelta(days=5))],
        )
    _choose(cast, project)
    _tick(cast, stage, date(2021, 10, 15))
    workflow.complete_stage(cast.director, at(date(2021, 10, 15), 17), stage)


def _choose(cast: Cast, project: Project) -> None:
    now = at(date(2021, 10, 11), 10)
    keep = proposals.add_option(
        cast.worker, now, project.id, title="维持固定车位",
        summary="68 个长停车位照旧，其余流动。", pros="老业主习惯",
        cons="其他业主没有车位，矛盾不断",
    )  # fmt: skip
    first = proposals.add_option(
        cast.worker, now, project.id, title="先到先停，加智能门禁",
        summary="取消固定车位，全部先到先停；主入口装智能门禁，限制外来车过夜。",
        pros="对所有业主一样；安全和停车一起解决", cons="晚归的仍可能没有车位",
    )  # fmt: skip
    proposals.choose_option(
        cast.director,
        at(date(2021, 10, 14), 21),
        project.id,
        first.id,
        "三次议事堂上多数赞成，新老业主代表都到场",
        {keep.id: "不能满足其他业主停车，矛盾会继续"},
    )
    wording = (
        ("《车辆管理制度》（先到先停）", "是否同意施行《车辆管理制度》，小区车位按先到先停使用？"),
        (
            "《社区智能门禁合作协议》",
            "是否同意签订《社区智能门禁合作协议》，在主入口安装智能门禁？",
        ),
    )
    for title, text in wording:
        proposals.word_motion(
            cast.worker, at(date(2021, 10, 15), 9), project.id, title=title, text=text,
            option_id=first.id,
        )  # fmt: skip


def _vote(cast: Cast, project: Project, stage: Stage) -> None:
    workflow.start_stage(cast.director, at(date(2021, 10, 18), 9), stage)
    notice = notices.draft(
        cast.worker,
        at(date(2021, 10, 18), 9, 30),
        project.id,
        title="关于车辆管理制度和智能门禁协议的公示",
        body="两项事项的全文、计票办法和表决名册的核对办法公示如下。对名册或事项有不同意见，请在公示期内向居委会提出。",
        starts_on=date(2021, 10, 18),
        ends_on=date(2021, 11, 1),
    )
    notices.mark_posted(
        cast.worker, at(date(2021, 10, 18), 17), notice.id, None, date(2021, 10, 18)
    )
    vote = votes.prepare(
        cast.worker,
        at(date(2021, 10, 19), 10),
        project,
        Draft(
            title="车辆管理制度和智能门禁协议表决",
            motion_ids=[m.id for m in _motions(project)],
            rule_id="ord",
            rule_reason="制定管理规约、使用共有部分的普通事项，按参与表决人数和面积过半数决定。",
            invalid_policy=InvalidPolicy.TAKES_PART,
            opens_at=at(date(2021, 11, 2), 9),
            closes_at=at(COUNT_DAY, 12),
            notice_id=notice.id,
        ),
    )
    votes.confirm_rule(cast.director, at(date(2021, 10, 20), 9), vote.id, version=vote.version)
    course.propose_freeze(
        cast.worker, at(date(2021, 10, 29), 10), vote.id, version=vote.version, persons=324
    )
    course.approve_freeze(cast.director, at(date(2021, 10, 29), 15), vote.id)
    printing.number_papers(cast.worker, at(date(2021, 10, 29), 16), vote.id)
    counts.open_vote(cast.director, at(date(2021, 11, 2), 9), vote.id)
    papers.hand_in(cast, vote)
    counts.certify(
        cast.scrutineer,
        at(COUNT_DAY, 16),
        vote.id,
        signers=Signers("业委会副主任", "计票人甲", "监票人"),
    )
    counts.announce(cast.director, at(COUNT_DAY, 17), vote.id)
    _tick(cast, stage, COUNT_DAY)
    workflow.complete_stage(cast.director, at(COUNT_DAY, 17, 30), stage)


def _motions(project: Project) -> list[Motion]:
    return vote_queries.worded_motions(project)


def _implement(cast: Cast, project: Project, stage: Stage) -> None:
    workflow.start_stage(cast.director, at(date(2021, 11, 9), 9), stage)
    works.hire(
        cast.worker,
        at(date(2021, 11, 12), 10),
        project,
        works.Contract(
            name="示例智能科技有限公司",
            work="主入口智能门禁安装和两年维护",
            contract_number="ZW-2021-07",
            amount=8_600_000,
            starts_on=date(2021, 11, 15),
            ends_on=date(2021, 12, 10),
        ),
    )
    book = (
        (MoneyDirection.IN, date(2021, 11, 12), 12_000_000, "业主大会公共收益账户", "公共收益拨入"),
        (MoneyDirection.OUT, date(2021, 11, 26), 2_150_000, "示例划线队", "道路重新划线"),
        (MoneyDirection.OUT, date(2021, 12, 10), 8_600_000, "示例智能科技有限公司", "门禁合同款"),
    )
    for direction, day, amount, party, note in book:
        works.book_money(
            cast.worker, at(day, 11), project, direction=direction, amount=amount, on=day,
            source=MoneySource.COMMON_INCOME, party=party, note=note,
        )  # fmt: skip
    works.add_check(
        cast.partner,
        at(date(2021, 12, 3), 15),
        project,
        checked_on=date(2021, 12, 3),
        present=[SiteParty.COMMITTEE, SiteParty.OWNERS, SiteParty.MANAGER],
        finding="划线完成，门禁通电调试，人行口坡道不够平。",
        problem=works.Problem("把人行口坡道修平", cast.partner.id, date(2021, 12, 8)),
    )
    _album(cast, project)
    works.record_acceptance(
        cast.director,
        at(date(2021, 12, 17), 11),
        project,
        accepted_on=date(2021, 12, 17),
        passed=True,
        participants="居委会、业委会、物业、居民代表 4 人",
        note="车位线清楚，门禁识别和刷卡都正常，坡道已修平。",
    )
    _tick(cast, stage, date(2021, 12, 17))
    workflow.complete_stage(cast.director, at(date(2021, 12, 20), 10), stage)


def _album(cast: Cast, project: Project) -> None:
    """Drawn pictures stand in for photographs, which the anthology's scan does not have."""
    shots = (
        ("中心道路车位", parking, "固定车位占满，路中乱停", "重新划线，先到先停"),
        ("主入口人行口", gate, "没有门禁，随意进出", "智能门禁，可刷卡"),
    )
    for spot, draw, before, after in shots:
        for phase, caption, day in (
            (PicturePhase.BEFORE, before, date(2021, 11, 10)),
            (PicturePhase.AFTER, after, date(2021, 12, 17)),
        ):
            album.add_pictures(
                cast.worker,
                at(day, 16),
                project,
                photos=[images.cleaned(draw(phase is PicturePhase.AFTER))],
                phase=phase,
                spot=spot,
                caption=f"{caption}（示意图）",
                taken_on=day,
            )


def _feed_back(cast: Cast, project: Project, stage: Stage) -> None:
    workflow.start_stage(cast.director, at(date(2021, 12, 21), 9), stage)
    scores = [Score.VERY_GOOD] * 21 + [Score.GOOD] * 12 + [Score.FAIR] * 5 + [Score.POOR] * 2
    comments = {0: "晚上回来有地方停了。", 20: "进门刷卡方便。", 34: "周末还是有点挤。"}
    for number, score in enumerate(scores):
        feedback.answer(
            project,
            at(date(2021, 12, 22) + timedelta(days=number % 9), 20, number),
            score,
            comments.get(number, ""),
            FeedbackChannel.PAPER,
            None,
            cast.worker,
        )
    opinions.publish_replies(cast.director, at(date(2021, 12, 30), 10), project)
    feedback.write_report(
        cast.worker,
        at(date(2022, 1, 5), 15),
        project,
        "停车改为先到先停，道路重新划线，外来车过夜得到限制；主入口装了智能门禁，可识别、可刷卡，访客经住户确认进入。",
        "先由微网格走访，再把新老业主请到一张桌上；方案反复改，最后用书面表决定下来，大家心里都有数。小事在楼里解决，大事在网格解决，难事由居民区协调。",
        0,
    )
    _tick(cast, stage, date(2022, 1, 6))
    workflow.complete_stage(cast.director, at(date(2022, 1, 6), 16), stage)
