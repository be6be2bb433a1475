"""Case 6, 仁德: parking and gate of a compound of 27 buildings and 324 households.

The text gives: two grids (1–14, 15–27), several council meetings, two motions on one
ballot, notice at the board and in every building, the count on 2021-11-08, 78.7 % for
the parking rule and 91 % for the gate agreement. Its vote is in ``rende_vote``.
"""

from __future__ import annotations

from datetime import date

from tracker.anthology.rules import ProblemKind
from tracker.demo import balloting, rende_vote, telling
from tracker.demo.cast import Cast, at, units_in_order
from tracker.demo.sketches import gate, parking
from tracker.demo.telling import Talk, Voice, Way
from tracker.opinions.rules import Stance
from tracker.places.models import Compound
from tracker.projects.models import Project, Stage
from tracker.votes.models import Vote
from tracker.works import services as works
from tracker.works.rules import MoneyDirection, MoneySource
from tracker.works.rules import Party as SiteParty

DAYS = {"collect": 15, "deliberate": 12, "vote": 22, "implement": 30, "feedback": 12}

VOICES = (
    Voice("停车", Stance.SUPPORT, "长停车位被固定占用，晚上回来没地方停，支持先到先停。",
     "《车辆管理制度》写入先到先停，固定车位取消。"),
    Voice("停车", Stance.OPPOSE, "车位一直是自己在用，取消固定车位不合理。",
     "公共车位归全体业主共有，议事堂上新老业主都发了言，最后由业主表决。"),
    Voice("停车", Stance.CONDITIONAL, "先到先停可以，但外来车过夜要管住。",
     "物业将限制外来车进入和过夜停放，已写进制度。"),
    Voice("道路", Stance.SUPPORT, "道路窄，划线乱，会车困难，请重新划线。",
     "业委会将重新划线，保证通行。"),
    Voice("门禁", Stance.SUPPORT, "人行口谁都能进，家里不放心，应该装门禁。",
     "主入口将安装智能门禁，协议提交业主表决。"),
    Voice("门禁", Stance.QUESTION, "不想录脸，有没有别的进出办法？",
     "可以用门禁卡，不强制录入人脸。"),
    Voice("门禁", Stance.QUESTION, "快递和外卖怎么进来？",
     "访客由住户在手机上确认，也可在门岗登记。"),
    Voice("安全", Stance.SUPPORT, "楼道里丢过东西，希望加强巡逻。",
     "物业调整夜间巡逻，微网格长每周看一次记录。"),
)  # fmt: skip


TALKS = (
    Talk(date(2021, 9, 28), "第一次议事堂：摆问题",
     "新老业主各说各的难处：老业主用惯了固定车位，新业主要求先到先停。一致同意先把车位和车辆数摸清。",
     "先摸清 208 个车位的使用情况"),
    Talk(date(2021, 10, 9), "第二次议事堂：比方案",
     "比较维持现状、轮换固定、先到先停三种办法，并请门禁公司介绍方案。多数倾向先到先停，同时管住外来车。",
     "停车按先到先停起草制度"),
    Talk(date(2021, 10, 14), "第三次议事堂：定表决事项",
     "逐条改定《车辆管理制度》草案和《社区智能门禁合作协议》，决定两项事项用一张票表决，各自计算。",
     "两项事项提交全体业主书面表决"),
)  # fmt: skip


CHOSEN = Way(
    "先到先停，加智能门禁",
    "取消固定车位，全部先到先停；主入口装智能门禁，限制外来车过夜。",
    "三次议事堂上多数赞成，新老业主代表都到场",
    pros="对所有业主一样；安全和停车一起解决",
    cons="晚归的仍可能没有车位",
)
DROPPED = Way(
    "维持固定车位",
    "68 个长停车位照旧，其余流动。",
    "不能满足其他业主停车，矛盾会继续",
    pros="老业主习惯",
    cons="其他业主没有车位，矛盾不断",
)


def replay(cast: Cast, compound: Compound) -> Project:
    """Carry the case through the product's services, with the anthology's dates."""
    project = telling.log(
        cast,
        6,
        compound,
        date(2021, 9, 6),
        title="正文花园一期停车与门禁",
        problem="208 个车位里有 68 个长期被固定占用，其他业主抢车位；"
        "主入口人行通道没有门禁，家中被盗时有发生。",
        kind=ProblemKind.PARKING,
        place="政立路 1588 弄，全小区",
        days=DAYS,
    )
    collect, deliberate, vote, implement, answer, upkeep = project.stages
    telling.begin(cast, collect, date(2021, 9, 6))
    # Two of three households were at home: 216 of 324, more than the half the gate asks.
    at_home = [unit for place, unit in enumerate(units_in_order(compound)) if place % 3 != 2]
    telling.hear(cast, project, at_home, VOICES, date(2021, 9, 6), date(2021, 9, 26))
    telling.end(cast, collect, date(2021, 9, 26))
    _deliberate(cast, project, deliberate)
    held = _vote(cast, project, vote)
    _implement(cast, project, implement)
    balloting.archive(cast.hands(), held, date(2021, 12, 20))
    _feed_back(cast, project, answer)
    telling.look_back(cast, upkeep, date(2022, 1, 7), date(2022, 7, 7))
    telling.end(cast, upkeep, date(2022, 1, 10))
    telling.finish(cast, project, date(2022, 1, 10))
    return project


def _deliberate(cast: Cast, project: Project, stage: Stage) -> None:
    telling.begin(cast, stage, date(2021, 9, 27))
    for talk in TALKS:
        telling.meet(cast, project, talk, "居委会二楼「百脑汇」议事堂")
    chosen = telling.choose(cast, project, date(2021, 10, 14), CHOSEN, [DROPPED])
    wording = (
        ("《车辆管理制度》（先到先停）", "是否同意施行《车辆管理制度》，小区车位按先到先停使用？"),
        (
            "《社区智能门禁合作协议》",
            "是否同意签订《社区智能门禁合作协议》，在主入口安装智能门禁？",
        ),
    )
    for title, text in wording:
        telling.word(cast, project, date(2021, 10, 15), title, text, chosen)
    telling.end(cast, stage, date(2021, 10, 15))


def _vote(cast: Cast, project: Project, stage: Stage) -> Vote:
    telling.begin(cast, stage, date(2021, 10, 18))
    notice = telling.post(
        cast,
        project,
        date(2021, 10, 18),
        date(2021, 11, 1),
        "关于车辆管理制度和智能门禁协议的公示",
        "两项事项的全文、计票办法和表决名册的核对办法公示如下。对名册或事项有不同意见，请在公示期内向居委会提出。",
    )
    vote = rende_vote.hold(cast, project, notice)
    telling.end(cast, stage, rende_vote.COUNT_DAY)
    return vote


def _implement(cast: Cast, project: Project, stage: Stage) -> None:
    telling.begin(cast, stage, date(2021, 11, 9))
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
    shots = (
        ("中心道路车位", parking, "固定车位占满，路中乱停", "重新划线，先到先停"),
        ("主入口人行口", gate, "没有门禁，随意进出", "智能门禁，可刷卡"),
    )
    first, last = date(2021, 11, 10), date(2021, 12, 17)
    for spot, draw, before, after in shots:
        telling.show(cast, project, spot, draw, (first, before), (last, after))
    note = "车位线清楚，门禁识别和刷卡都正常，坡道已修平。"
    telling.accept(cast, project, last, "居委会、业委会、物业、居民代表 4 人", note)
    telling.end(cast, stage, date(2021, 12, 20))


def _feed_back(cast: Cast, project: Project, stage: Stage) -> None:
    telling.begin(cast, stage, date(2021, 12, 21))
    comments = {0: "晚上回来有地方停了。", 20: "进门刷卡方便。", 34: "周末还是有点挤。"}
    telling.rate(cast, project, date(2021, 12, 22), comments)
    telling.report(
        cast,
        project,
        date(2022, 1, 5),
        "停车改为先到先停，道路重新划线，外来车过夜得到限制；主入口装了智能门禁，可识别、可刷卡，访客经住户确认进入。",
        "先由微网格走访，再把新老业主请到一张桌上；方案反复改，最后用书面表决定下来，大家心里都有数。小事在楼里解决，大事在网格解决，难事由居民区协调。",
    )
    telling.end(cast, stage, date(2022, 1, 6))
