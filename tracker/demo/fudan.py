"""Case 10, 复旦: lifts in two tiers, the compound first and then each building.

The text gives 第十宿舍 (政肃路 45 弄), the order of the tiers, more than two thirds in the
building, and that buildings 8 and 9 have their lifts by the end of 2023. The size of the compound,
all dates, all figures and the building that fails at exactly two thirds are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracker.accounts.models import User
from tracker.anthology.rules import ProblemKind
from tracker.counts.services import Signers
from tracker.demo import balloting, telling
from tracker.demo.balloting import Days
from tracker.demo.cast import (
    ROOMS,
    House,
    Team,
    another_team,
    at,
    give_buildings,
    import_roll,
    units_in_order,
)
from tracker.demo.sketches import lift
from tracker.demo.slips import came_back, slips
from tracker.demo.telling import Talk, Voice, Way
from tracker.meetings.models import Motion
from tracker.notices.models import Notice
from tracker.notices.rules import Place
from tracker.opinions.rules import Stance
from tracker.places import queries as places
from tracker.places import services
from tracker.places.models import Building, Compound
from tracker.projects.models import Project
from tracker.votes.models import Vote
from tracker.votes.rules import InvalidPolicy
from tracker.votes.services import Draft, Scope
from tracker.works import services as works

HOUSES = tuple(
    # Flats of one size where the outcome is to stand at exactly two thirds, area too.
    House(str(number), ROOMS, area=6_500 if number == 10 else None)
    for number in range(1, 16)
)

COMPOUND = {"for": 118, "against": 15, "abstain": 5, "invalid": 2}
"""Of 140 of 180 households: common land may be used."""

BUILDINGS = {
    "8": {"for": 10, "against": 1},
    "9": {"for": 11, "against": 1},
    "10": {"for": 8, "against": 3, "abstain": 1},
}
"""Of twelve households each. Eight of twelve are two thirds and not more: no decision."""

VOICES = (
    Voice("出行", Stance.SUPPORT, "住五楼，腿不好，一个月下不了几次楼。",
          "列入本楼意愿征询，先过小区表决。"),
    Voice("采光", Stance.CONDITIONAL, "一楼怕挡光，电梯井能不能用玻璃的？",
          "方案改为钢结构加玻璃井道。"),
    Voice("保养", Stance.QUESTION, "装好以后谁来保养，钱怎么出？",
          "与维保单位签长期合同，费用按楼层分摊，写进协议。"),
    Voice("噪声", Stance.CONDITIONAL, "机房别贴着卧室墙。",
          "采用无机房电梯，避开卧室一侧。"),
)  # fmt: skip

TALKS = (
    Talk(date(2021, 10, 8), "加梯沟通协调会",
         "高层说出行难，底层说采光和噪声；施工单位现场答疑，讲清井道做法和占地。",
         "占用公共绿地先由全小区表决"),
    Talk(date(2021, 10, 22), "楼组长和志愿者动员会",
         "每栋成立加梯工作小组，挨家征求意见，住在外面的打电话。",
         "先动员 8、9、10 号楼征询"),
)  # fmt: skip

CHOSEN = Way(
    "玻璃井道平层入户",
    "钢结构玻璃井道，占楼前公共绿地约 8 平方米。",
    "底层采光影响最小",
    pros="采光好",
    cons="造价高一些",
)
DROPPED = Way(
    "半层入户",
    "电梯停在楼梯平台，还要走半层。",
    "老人仍要走半层楼梯",
    pros="便宜",
    cons="不解决轮椅进出",
)

SIGNERS = Signers("楼组长代表", "复旦计票人甲", "复旦监票人")


@dataclass(frozen=True)
class Lifts:
    """The case as far as its two motions; ``land`` asks the compound, ``lift`` the building."""

    team: Team
    compound: Compound
    project: Project
    land: Motion
    lift: Motion

    def building(self, number: str) -> Building:
        """A building of the compound."""
        return next(b for b in places.buildings(self.compound.id) if b.number == number)


def replay(officer: User) -> Project:
    """Carry the case from the first opinion to the report."""
    lifts = until_worded(officer)
    tier_one = _first_tier(lifts)
    held = [tier_one, *_second_tier(lifts, tier_one)]
    _file(lifts)
    for vote in held:
        balloting.archive(lifts.team.hands(), vote, date(2022, 3, 16))
    _build(lifts)
    return lifts.project


def until_worded(officer: User) -> Lifts:
    """Opinions, two meetings, one design, two motions."""
    team = another_team(officer, at(date(2021, 8, 23), 9), "复旦居委会", "fudan")
    now = at(date(2021, 8, 24), 10)
    compound = services.add_compound(team.worker, now, name="第十宿舍", address="政肃路 45 弄")
    import_roll(team.worker, now, compound, HOUSES)
    give_buildings(team.director, now, compound, team.leaders[0], HOUSES)
    project = telling.log(
        team,
        10,
        compound,
        date(2021, 9, 6),
        title="第十宿舍加装电梯",
        problem="房子大多超过 30 年，没有电梯，高楼层老人上下楼难；底层住户担心采光和噪声。",
        kind=ProblemKind.LIFT,
        place="政肃路 45 弄 8、9、10 号楼",
    )
    collect, coordinate = project.stages[:2]
    telling.begin(team, collect, date(2021, 9, 6))
    first, last = date(2021, 9, 6), date(2021, 9, 28)
    telling.hear(team, project, units_in_order(compound)[84:120], VOICES, first, last)
    telling.end(team, collect, last)
    telling.begin(team, coordinate, date(2021, 9, 29))
    for talk in TALKS:
        telling.meet(team, project, talk, "居委会活动室")
    option = telling.choose(team, project, date(2021, 10, 25), CHOSEN, [DROPPED])
    day = date(2021, 10, 26)
    title, text = "占用公共绿地加装电梯", "是否同意加装电梯的楼栋占用楼前公共绿地建电梯井？"
    land = telling.word(team, project, day, title, text, option)
    title, text = "本楼加装电梯", "是否同意本楼按玻璃井道平层入户的方案加装电梯？"
    building = telling.word(team, project, day, title, text, option)
    telling.end(team, coordinate, date(2021, 10, 29))
    return Lifts(team, compound, project, land, building)


def compound_draft(lifts: Lifts, notice: Notice) -> Draft:
    """Tier one: all owners of the compound, for the common land."""
    return Draft(
        title="第一级：小区全体业主表决",
        motion_ids=[lifts.land.id],
        rule_id="lift_compound",
        rule_reason="电梯井占用业主共有的绿地，须先经小区全体业主共同决定。",
        invalid_policy=InvalidPolicy.TAKES_PART,
        opens_at=at(date(2021, 11, 17), 9),
        closes_at=at(date(2021, 12, 3), 12),
        notice_id=notice.id,
    )


def building_draft(
    lifts: Lifts, number: str, tier_one: Vote, notice: Notice, opens: date, closes: date
) -> Draft:
    """Tier two: the households of one building, after tier one."""
    return Draft(
        title=f"第二级：{number} 号楼征询",
        motion_ids=[lifts.lift.id],
        rule_id="gt23",
        rule_reason="楼栋征询，同意要超过三分之二；刚好三分之二不算。",
        invalid_policy=InvalidPolicy.TAKES_PART,
        opens_at=at(opens, 9),
        closes_at=at(closes, 12),
        scope=Scope(lifts.compound.id, lifts.building(number).id),
        notice_id=notice.id,
        after_id=tier_one.id,
    )


def post_compound(lifts: Lifts) -> Notice:
    """Begin the first vote stage, and hang its notice everywhere."""
    telling.begin(lifts.team, lifts.project.stages[2], date(2021, 11, 1))
    return telling.post(
        lifts.team,
        lifts.project,
        date(2021, 11, 1),
        date(2021, 11, 16),
        "关于加装电梯占用公共绿地的公示",
        "占地范围、井道方案、表决名册的核对办法和计票办法公示如下。",
    )


def _first_tier(lifts: Lifts) -> Vote:
    draft = compound_draft(lifts, post_compound(lifts))
    days = Days(prepared=at(date(2021, 11, 2), 10), frozen=at(date(2021, 11, 15), 10))
    said = slips(came_back(180, sum(COMPOUND.values())), [COMPOUND], misread=[60])
    vote = balloting.carry(lifts.team.hands(), days, lifts.project, draft, said, SIGNERS)
    telling.end(lifts.team, lifts.project.stages[2], date(2021, 12, 3))
    return vote


def _second_tier(lifts: Lifts, tier_one: Vote) -> list[Vote]:
    team, project, stage = lifts.team, lifts.project, lifts.project.stages[3]
    opens, closes = date(2021, 12, 15), date(2021, 12, 28)
    telling.begin(team, stage, date(2021, 12, 6))
    houses = [lifts.building(number) for number in BUILDINGS]
    notice = telling.post(
        team,
        project,
        date(2021, 12, 6),
        date(2021, 12, 20),
        "关于楼栋加装电梯意愿征询的公示",
        "小区表决已经通过。8、9、10 号楼分别征询，同意超过三分之二的楼栋上报审批。",
        [Place(f"{house.number} 号楼", house.id) for house in houses],
    )
    days = Days(prepared=at(date(2021, 12, 6), 11), frozen=at(date(2021, 12, 13), 10))
    held = []
    for number, marks in BUILDINGS.items():
        draft = building_draft(lifts, number, tier_one, notice, opens, closes)
        said = slips(came_back(12, sum(marks.values())), [marks])
        held.append(balloting.carry(team.hands(), days, project, draft, said, SIGNERS))
    telling.end(team, stage, closes)
    return held


def _file(lifts: Lifts) -> None:
    """Only the buildings that carried are filed with the district."""
    team, filing = lifts.team, lifts.project.stages[4]
    telling.begin(team, filing, date(2022, 1, 4))
    works.record_approval(
        team.director,
        at(date(2022, 3, 15), 10),
        filing,
        authority="区房管局",
        document_number="示例〔2022〕第 12 号",
        approved_on=date(2022, 3, 14),
        note="8 号楼、9 号楼；10 号楼未形成决定，不上报。",
    )
    telling.end(team, filing, date(2022, 3, 16))


def _build(lifts: Lifts) -> None:
    """Built, and heard on every floor."""
    team, project = lifts.team, lifts.project
    build, hear = project.stages[5:]
    telling.begin(team, build, date(2022, 3, 21))
    before, after = (date(2022, 3, 21), "楼前绿地"), (date(2022, 11, 25), "电梯交付使用")
    telling.show(team, project, "8 号楼楼前", lift, before, after)
    note = "两部电梯检验合格，维保合同已签，报修电话已公布。"
    telling.accept(
        team, project, date(2022, 11, 25), "居委会、两栋楼住户代表、施工和维保单位", note
    )
    telling.end(team, build, date(2022, 11, 28))
    telling.begin(team, hear, date(2022, 11, 29))
    comments = {0: "终于能自己下楼了。", 21: "玻璃井道不挡光。", 38: "希望一楼门口再铺平些。"}
    telling.rate(team, project, date(2022, 11, 29), comments)
    telling.report(
        team,
        project,
        date(2022, 12, 9),
        "8 号楼、9 号楼装好电梯，高层老人出行方便了；10 号楼差一户，没有装，留待再商量。",
        "先过小区、再问楼栋；矛盾在征询之前解决；刚好三分之二就是没有超过，不勉强。",
    )
    telling.end(team, hear, date(2022, 12, 12))
    telling.finish(team, project, date(2022, 12, 12))
