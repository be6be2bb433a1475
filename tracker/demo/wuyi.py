"""Case 5, 五一: one manager for four small compounds with 1,091 households together.

The text gives the four compounds, their total, the visit to 政民路 511 弄, the vote of all owners
in June 2021 and the first day of the new manager, 2021-07-01. How the households are divided, who
voted and all figures of the count are invented.
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
from tracker.meetings.rules import MeetingKind
from tracker.notices.models import Notice
from tracker.notices.rules import Place
from tracker.opinions.rules import Stance
from tracker.places import queries as places
from tracker.places import services
from tracker.places.models import Compound
from tracker.projects.models import Project, Stage
from tracker.votes import queries
from tracker.votes.models import Vote
from tracker.votes.rules import InvalidPolicy
from tracker.votes.services import Draft, Scope


@dataclass(frozen=True)
class Lane:
    """One compound: its houses, and its ballots; all but the name is invented.

    ``for_``, ``against``, ``abstain`` and ``invalid`` add up to the ballots that came back.
    """

    name: str
    houses: tuple[House, ...]
    for_: int
    against: int
    abstain: int
    invalid: int

    @property
    def households(self) -> int:
        """Households of the compound."""
        return sum(len(house.rooms) for house in self.houses)

    @property
    def said(self) -> dict[str, int]:
        """Ballots by what they say."""
        marks = {"for": self.for_, "against": self.against, "abstain": self.abstain}
        return marks | {"invalid": self.invalid}


def _rooms(floors: int, flats: int, less: int = 0) -> tuple[str, ...]:
    rooms = [f"{floor}{flat:02d}" for floor in range(1, floors + 1) for flat in range(1, flats + 1)]
    return tuple(rooms[: len(rooms) - less])


def _houses(numbers: range, floors: int, flats: int) -> tuple[House, ...]:
    return tuple(House(str(number), _rooms(floors, flats)) for number in numbers)


LANES = (
    Lane("国定路 505 弄", _houses(range(1, 14), 6, 4), 176, 27, 9, 2),
    Lane("国定路 555 弄", _houses(range(1, 12), 6, 4), 143, 31, 7, 1),
    Lane("国定路 601 弄", _houses(range(1, 17), 6, 4), 219, 33, 8, 3),
    Lane(
        "政民路 295-299 号",
        (*_houses(range(295, 298, 2), 11, 4), House("299", _rooms(11, 4, less=1))),
        74,
        12,
        4,
        1,
    ),
)
"""312 + 264 + 384 + 131 households are the 1,091 of the case."""

VOICES = (
    Voice("物业服务", Stance.SUPPORT, "楼道多久才扫一次，垃圾没人清，早该换一家管。",
          "四个小区合请一家物业，由全体业主表决。"),
    Voice("收费", Stance.CONDITIONAL, "换物业可以，物业费先不要涨。",
          "合并后费用摊薄，合同写明收费不变。"),
    Voice("考察期", Stance.CONDITIONAL, "先试一段时间，干得不好要能换。",
          "合同设考察期，到期由业主评一次。"),
    Voice("办事", Stance.QUESTION, "物业办公室以后设在哪里？现在跑一趟太远。",
          "在 601 弄设服务点，四个小区都走得到。"),
    Voice("停车", Stance.SUPPORT, "车辆乱停，消防通道也被占。",
          "新物业进场后重新划线，专人管通道。"),
)  # fmt: skip

TALKS = (
    Talk(date(2021, 4, 1), "第一次议事堂：摆问题",
         "业委会、物业和居民代表把问题摆出来：保洁、堆物、飞线、停车。三家物业都说户数太少，收支不平。",
         "成立物业区域化管理共创小组"),
    Talk(date(2021, 4, 9), "第二次议事堂：想对策",
         "比较各管各的和合请一家。合起来费用摊薄，可以不涨物业费。",
         "试行合请一家物业"),
    Talk(date(2021, 4, 16), "第三次议事堂：列候选",
         "共创小组汇总四个小区座谈会的意见，结合街道房办的推荐，列出候选。有人提议先到现场看。",
         "先看现场，再定候选"),
)  # fmt: skip

VISIT = Talk(
    date(2021, 4, 24),
    "到政民路 511 弄看现场",
    "居民代表利用休息日，先不打招呼自己看，再请物业带着看：楼道、垃圾房、门岗、报修登记。代表认可服务水平，回去讲给邻居听。",
    "居民代表认可，推荐提交业主表决",
    MeetingKind.OTHER,
)

CHOSEN = Way(
    "合请进华物业",
    "四个小区合请一家，收费不变，设考察期。",
    "居民代表看过现场，认可服务水平",
    pros="费用摊薄，服务统一",
    cons="原来的物业要交接",
)
DROPPED = Way(
    "维持三家物业",
    "各小区照旧，督促整改。",
    "户数太少，服务上不去，多年没有改观",
    pros="不用交接",
    cons="问题照旧",
)

OPENS, COUNT_DAY = date(2021, 6, 5), date(2021, 6, 18)


def replay(officer: User) -> Project:
    """Carry the case from the first opinion to the look-back."""
    team = another_team(officer, at(date(2021, 2, 22), 9), "五一居委会", "wuyi")
    lanes = [_build(team, lane) for lane in LANES]
    project = telling.log(
        team,
        5,
        lanes[-1],
        date(2021, 3, 8),
        title="四个小区合请一家物业",
        problem="四个小区都是 20 世纪 80 年代建成，共 1091 户，分由三家物业管；"
        "户数少、设施旧，保洁、堆物、停车问题多年没有改观。",
        kind=ProblemKind.MANAGEMENT,
        place="国定路 505 弄、555 弄、601 弄，政民路 295-299 号",
    )
    collect, deliberate, visit, vote, implement, answer, upkeep = project.stages
    telling.begin(team, collect, date(2021, 3, 8))
    at_home = units_in_order(lanes[-1])[::2] + units_in_order(lanes[-1])[1::40]
    telling.hear(team, project, at_home, VOICES, date(2021, 3, 8), date(2021, 3, 28))
    telling.end(team, collect, date(2021, 3, 28))
    telling.begin(team, deliberate, date(2021, 3, 29))
    for talk in TALKS:
        telling.meet(team, project, talk, "居委会「百脑汇」议事堂")
    telling.end(team, deliberate, date(2021, 4, 20))
    _visit(team, project, visit)
    held = _vote(team, project, vote, lanes)
    _move_in(team, project, implement)
    for one in held:
        balloting.archive(team.hands(), one, date(2021, 7, 21))
    _hear_back(team, project, answer)
    telling.look_back(team, upkeep, date(2021, 8, 9), date(2022, 2, 9))
    telling.end(team, upkeep, date(2021, 8, 10))
    telling.finish(team, project, date(2021, 8, 10))
    return project


def _build(team: Team, lane: Lane) -> Compound:
    now = at(date(2021, 2, 23), 10)
    compound = services.add_compound(team.worker, now, name=lane.name, address=lane.name)
    import_roll(team.worker, now, compound, lane.houses)
    give_buildings(team.director, now, compound, team.leaders[0], lane.houses)
    return compound


def _visit(team: Team, project: Project, stage: Stage) -> None:
    telling.begin(team, stage, date(2021, 4, 21))
    telling.meet(team, project, VISIT, "政民路 511 弄")
    option = telling.choose(team, project, date(2021, 5, 7), CHOSEN, [DROPPED])
    telling.word(
        team,
        project,
        date(2021, 5, 8),
        "选聘进华物业",
        "是否同意选聘进华物业管理本小区，物业费不变，设一年考察期？",
        option,
    )
    telling.end(team, stage, date(2021, 5, 10))


def _vote(team: Team, project: Project, stage: Stage, lanes: list[Compound]) -> list[Vote]:
    """Each compound hires for itself: four rolls, four counts, side by side."""
    telling.begin(team, stage, date(2021, 5, 12))
    notice = telling.post(
        team,
        project,
        date(2021, 5, 12),
        date(2021, 6, 4),
        "关于选聘物业的公示",
        "选聘方案、合同要点、表决名册的核对办法和计票办法公示如下。四个小区分别表决、分别计票。",
        [place for lane in lanes for place in _places(lane)],
    )
    held = [
        _vote_of(team, project, notice, lane, compound)
        for lane, compound in zip(LANES, lanes, strict=True)
    ]
    telling.end(team, stage, COUNT_DAY)
    return held


def _places(compound: Compound) -> list[Place]:
    houses = places.buildings(compound.id)
    board = Place(f"{compound.name}公告栏")
    return [board, *(Place(f"{compound.name} {h.number} 号楼", h.id) for h in houses)]


def _vote_of(
    team: Team, project: Project, notice: Notice, lane: Lane, compound: Compound
) -> Vote:  # fmt: skip
    draft = Draft(
        title=f"选聘进华物业：{lane.name}",
        motion_ids=[motion.id for motion in queries.worded_motions(project)],
        rule_id="ord",
        rule_reason="选聘物业服务企业，按一般事项由本小区业主共同决定。",
        invalid_policy=InvalidPolicy.TAKES_PART,
        opens_at=at(OPENS, 9),
        closes_at=at(COUNT_DAY, 12),
        scope=Scope(compound.id),
        notice_id=notice.id,
    )
    serials = came_back(lane.households, sum(lane.said.values()))
    return balloting.carry(
        team.hands(),
        Days(prepared=at(date(2021, 5, 13), 10), frozen=at(date(2021, 6, 3), 10)),
        project,
        draft,
        slips(serials, [lane.said], misread=[29, 80]),
        Signers("业委会代表", "五一计票人甲", "五一监票人"),
    )


def _move_in(team: Team, project: Project, stage: Stage) -> None:
    telling.begin(team, stage, date(2021, 6, 21))
    before, after = (date(2021, 6, 22), "绿化带堆着垃圾"), (date(2021, 7, 20), "清理后补种")
    telling.show(team, project, "601 弄绿化带", waste_land, before, after)
    note = "7 月 1 日进场，门岗、保洁、报修都已接上，问题清单逐项销号。"
    telling.accept(team, project, date(2021, 7, 20), "居委会、四个业委会、居民代表", note)
    telling.end(team, stage, date(2021, 7, 21))


def _hear_back(team: Team, project: Project, stage: Stage) -> None:
    telling.begin(team, stage, date(2021, 7, 22))
    comments = {0: "楼道干净多了。", 22: "报修当天就来人。", 35: "停车还要再管紧些。"}
    telling.rate(team, project, date(2021, 7, 22), comments)
    telling.report(
        team,
        project,
        date(2021, 8, 5),
        "四个小区合请一家物业，费用摊薄，收费没有涨，保洁、门岗和报修统一起来。",
        "小区太小，合起来才有底气；看过现场再表决，大家心里有数；分别表决，哪个小区都不被代表。",
    )
    telling.end(team, stage, date(2021, 8, 6))
