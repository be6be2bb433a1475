"""Case 1, 国定支路: eight firms that would run the canteen, chosen after tasting.

The text gives eight applicants, the tasting by residents and that they voted. Who tasted, how many,
the firms' names and all figures are invented. The poll advises; a motion decides.
"""

from __future__ import annotations

from datetime import date

from tracker.accounts.models import User
from tracker.anthology.rules import ProblemKind
from tracker.counts.services import Signers
from tracker.demo import balloting, telling
from tracker.demo.balloting import Days
from tracker.demo.cast import (
    House,
    Team,
    another_team,
    at,
    give_buildings,
    import_roll,
    units_in_order,
)
from tracker.demo.sketches import waste_land
from tracker.demo.slips import came_back, slips
from tracker.demo.telling import Talk, Voice, Way
from tracker.meetings.models import Motion
from tracker.meetings.rules import MeetingKind
from tracker.notices.models import Notice
from tracker.opinions.rules import Stance
from tracker.places import services
from tracker.places.models import Compound
from tracker.projects.models import Project
from tracker.votes.models import Vote
from tracker.votes.rules import InvalidPolicy
from tracker.votes.services import Draft

FIRMS = tuple(f"报名企业{sign}" for sign in "甲乙丙丁戊己庚辛")

ROUNDS = (
    {"C": 29, "B": 21, "E": 13, "A": 9, "D": 5, "F": 4, "G": 2, "H": 1, "invalid": 1},
    {"B": 46, "A": 36, "abstain": 1},
)
"""Of 96 households. Nobody is above half: 丙 and 乙 go on, as B and A of the second paper."""

DECISION = {"for": 72, "against": 7, "abstain": 3}

VOICES = (
    Voice("社区食堂", Stance.SUPPORT, "老人做饭难，想要走得到的食堂。", "列入“人人食堂”。"),
    Voice("社区食堂", Stance.CONDITIONAL, "价钱要实惠，口味要软烂。", "报名企业先试吃，再投票。"),
    Voice("休憩空间", Stance.SUPPORT, "沿路多放几张椅子。", "闲置空间改成四个微空间。"),
    Voice("道路", Stance.SUPPORT, "路面坑洼，轮椅过不去。", "道路和停车架一并整治。"),
    Voice("社区食堂", Stance.QUESTION, "哪家来办，谁说了算？", "试吃后投票，再表决决定。"),
)

TALKS = (
    Talk(date(2022, 3, 31), "第一次恳谈会", "居民讲需要：食堂、休息的地方、平整的路。",
         "食堂列为第一件", MeetingKind.FORUM),
    Talk(date(2022, 4, 9), "第二次恳谈会", "比较街道统一配餐和公开报名两种办法。",
         "公开报名，试吃后投票", MeetingKind.FORUM),
    Talk(date(2022, 4, 16), "五位一体会议", "职能部门和三驾马车逐条过方案，商定试吃和投票办法。",
         "8 家报名企业都试吃，投票结果供决定时参考", MeetingKind.FIVE_PARTY),
)  # fmt: skip

TASTING = Talk(
    date(2022, 5, 14),
    "到 8 家报名企业试吃",
    "居民分两天到报名企业试吃，看后厨、看价目、填试吃记录。",
    "试吃完成，可以投票",
    MeetingKind.OTHER,
)

CHOSEN = Way("公开报名，居民试吃后投票", "8 家企业报名，居民试吃后投票。", "大家的食堂大家选")
DROPPED = Way("街道统一配餐", "由一家中央厨房配送。", "口味和价钱居民没得选")

HOUSES = tuple(
    House(str(n), [f"{floor}{flat:02d}" for floor in range(1, 7) for flat in range(1, 5)])
    for n in range(1, 5)
)

SIGNERS = Signers("居民代表", "国定支路计票人甲", "国定支路监票人")


def replay(officer: User) -> Project:
    """Carry the case from the talks to the canteen and its look-back."""
    team = another_team(officer, at(date(2022, 2, 21), 9), "国定支路居委会", "guodingzhilu")
    compound = _found(team)
    project = telling.log(
        team,
        1,
        compound,
        date(2022, 3, 7),
        title="国定支路社区食堂",
        problem="沿线老旧小区老人多，做饭、休息、出行都不方便，居民最想要一家走得到的社区食堂。",
        kind=ProblemKind.ELDERLY,
        place="国定支路沿线",
    )
    collect, deliberate, choose = project.stages[:3]
    telling.begin(team, collect, date(2022, 3, 7))
    first, last = date(2022, 3, 7), date(2022, 3, 28)
    telling.hear(team, project, units_in_order(compound)[::3], VOICES, first, last)
    telling.end(team, collect, last)
    telling.begin(team, deliberate, date(2022, 3, 29))
    for talk in TALKS:
        telling.meet(team, project, talk, "社区会客厅")
    option = telling.choose(team, project, date(2022, 4, 20), CHOSEN, [DROPPED])
    title, text = "社区食堂由谁来办", "试吃之后，您希望哪一家来办社区食堂？"
    poll = telling.word(team, project, date(2022, 4, 21), title, text, option)
    telling.end(team, deliberate, date(2022, 4, 22))
    telling.begin(team, choose, date(2022, 5, 9))
    held = _choose(team, project, poll)
    telling.end(team, choose, date(2022, 7, 1))
    for vote in held:
        balloting.archive(team.hands(), vote, date(2022, 7, 18))
    _run(team, project)
    return project


def _found(team: Team) -> Compound:
    now = at(date(2022, 2, 22), 10)
    compound = services.add_compound(
        team.worker, now, name="国定支路沿线（试吃住户）", address="国定支路"
    )
    import_roll(team.worker, now, compound, HOUSES)
    give_buildings(team.director, now, compound, team.leaders[0], HOUSES)
    return compound


def _choose(team: Team, project: Project, poll: Motion) -> list[Vote]:
    telling.meet(team, project, TASTING, "8 家报名企业")
    notice = telling.post(
        team, project, date(2022, 5, 10), date(2022, 5, 24), "社区食堂试吃和投票办法",
        "报名企业名单、试吃安排和投票办法公示如下：每户一票，选一家；没有一家过半的，前两家再投一轮。投票供参考，最后由表决事项决定。",
    )  # fmt: skip
    first = _round(team, project, poll, notice, FIRMS, date(2022, 5, 23), None)
    leaders = (FIRMS[1], FIRMS[2])
    second = _round(team, project, poll, notice, leaders, date(2022, 6, 7), first)
    return [first, second, _decide(team, project, notice)]


def _round(
    team: Team,
    project: Project,
    poll: Motion,
    notice: Notice,
    firms: tuple[str, ...],
    opens: date,
    before: Vote | None,
) -> Vote:
    said = ROUNDS[before is not None]
    draft = Draft(
        title="社区食堂意向投票" + ("（第二轮）" if before else ""),
        motion_ids=[poll.id],
        rule_id="choose_one",
        rule_reason="八选一的意向投票，供决定时参考。",
        invalid_policy=InvalidPolicy.TAKES_PART,
        opens_at=at(opens, 9),
        closes_at=at(opens.replace(day=opens.day + 7), 18),
        options={poll.id: firms},
        notice_id=notice.id,
        runoff_of_id=before.id if before else None,
    )
    return _carry(team, project, draft, opens, said)


def _decide(team: Team, project: Project, notice: Notice) -> Vote:
    """The poll has advised: a motion on its winner decides."""
    title, text = "由报名企业丙经营社区食堂", "是否同意由报名企业丙经营社区食堂，试营业三个月？"
    motion = telling.word(team, project, date(2022, 6, 16), title, text)
    draft = Draft(
        title="社区食堂经营单位表决",
        motion_ids=[motion.id],
        rule_id="simple",
        rule_reason="意向投票只作参考，由全体试吃住户对得票最多的一家表决。",
        invalid_policy=InvalidPolicy.TAKES_PART,
        opens_at=at(date(2022, 6, 22), 9),
        closes_at=at(date(2022, 6, 29), 18),
        notice_id=notice.id,
    )
    return _carry(team, project, draft, date(2022, 6, 22), DECISION)


def _carry(
    team: Team, project: Project, draft: Draft, opens: date, said: dict[str, int]
) -> Vote:  # fmt: skip
    begins = opens.replace(day=opens.day - 5)
    days = Days(prepared=at(begins, 9), frozen=at(begins.replace(day=begins.day + 2), 10))
    ballots = slips(came_back(96, sum(said.values())), [said], misread=[11])
    return balloting.carry(team.hands(), days, project, draft, ballots, SIGNERS)


def _run(team: Team, project: Project) -> None:
    """What followed the decision, in short."""
    build, partners, answer, upkeep = project.stages[3:]
    telling.begin(team, build, date(2022, 7, 4))
    before, after = (date(2022, 7, 4), "闲置空间"), (date(2022, 11, 18), "改成歇脚的地方")
    telling.show(team, project, "食堂门前", waste_land, before, after)
    note = "道路、微空间和食堂都已交付使用。"
    telling.accept(team, project, date(2022, 11, 18), "街道、居委会、居民代表", note)
    telling.end(team, build, date(2022, 11, 21))
    telling.begin(team, partners, date(2022, 11, 22))
    telling.end(team, partners, date(2022, 12, 20))
    telling.begin(team, answer, date(2022, 12, 21))
    comments = {0: "菜软烂，价钱合适。", 21: "走过去五分钟。", 36: "中午人多，要排队。"}
    telling.rate(team, project, date(2022, 12, 21), comments)
    telling.report(
        team,
        project,
        date(2023, 1, 5),
        "道路平整了，四个微空间和社区食堂都用上了；食堂由居民试吃后投票、再表决选定。",
        "大家的事大家定：先尝再投，投票供参考，最后用一个表决事项定下来，没有选上的企业也服气。",
    )
    telling.end(team, answer, date(2023, 1, 6))
    telling.look_back(team, upkeep, date(2023, 1, 9), date(2023, 7, 10))
    telling.end(team, upkeep, date(2023, 1, 10))
    telling.finish(team, project, date(2023, 1, 10))
