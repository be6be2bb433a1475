"""The rules that come with the program, each with where it comes from.

Not legal advice; every rule says how surely its source was read: V = in the statute's text,
V2 = in a secondary copy, - = no statute behind it.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tracker.kernel.words import N_
from tracker.votes.rules import Base, Basis, Method, Rule, Threshold

_MAJORITY = Threshold(Fraction(1, 2), strict=True)
_TWO_THIRDS = Threshold(Fraction(2, 3), strict=False)
_ABOVE_TWO_THIRDS = Threshold(Fraction(2, 3), strict=True)
_THREE_QUARTERS = Threshold(Fraction(3, 4), strict=False)
_NINETY_FIVE = Threshold(Fraction(95, 100), strict=False)
_EVERYBODY = Threshold(Fraction(1), strict=False)


_CIVIL_CODE = date(2021, 1, 1)
"""The day the Civil Code entered into force (Civil Code 1260)."""


def _both(
    id: str,
    approval: Threshold,
    title: str,
    roll: str,
    source: str,
    read: str,
    begins: date | None = None,
) -> Rule:
    """The shape of Civil Code 278: two thirds take part, in persons and in area."""
    tests = (_TWO_THIRDS, _TWO_THIRDS, approval, approval)
    # Owners are told fifteen days before they meet (Shanghai 住宅物业管理规定).
    return Rule(id, title, roll, source, read, *tests, notice_days=15, in_force_from=begins)


def _poll(id: str, method: Method, title: str) -> Rule:
    """A poll of preferences: it advises on what a motion is then put."""
    return Rule(
        id=id,
        title=title,
        roll=N_("名册上的住户或个人"),
        source=N_("意向征询，仅供参考；由表决事项决定"),
        confidence="-",
        advisory=True,
        method=method,
        basis=Basis.HOUSEHOLDS,
    )


_RULES = (
    _both(
        "ord",
        _MAJORITY,
        N_("业主共同决定：一般事项"),
        N_("小区全体业主"),
        N_("《民法典》第278条第一款第1至5项、第9项；《上海市住宅物业管理规定》第18条"),
        "V",
        _CIVIL_CODE,
    ),
    _both(
        "spec",
        _THREE_QUARTERS,
        N_("业主共同决定：特别事项"),
        N_("小区全体业主"),
        N_("《民法典》第278条第一款第6至8项"),
        "V",
        _CIVIL_CODE,
    ),
    _both(
        "sh_part",
        _MAJORITY,
        N_("部分共用部位：一般事项"),
        N_("共用该部位的业主（本楼或本门栋）"),
        N_("《上海市住宅物业管理规定》第69条"),
        "V",
    ),
    _both(
        "sh_part_major",
        _THREE_QUARTERS,
        N_("部分共用部位：筹集资金、改建或重建"),
        N_("共用该部位的业主（本楼或本门栋）"),
        N_("《上海市住宅物业管理规定》第69条"),
        "V",
    ),
    _both(
        "lift_building",
        _THREE_QUARTERS,
        N_("加装电梯：本楼表决"),
        N_("本楼全体业主"),
        N_("沪建房管联〔2020〕801号"),
        "V2",
    ),
    _both(
        "lift_compound",
        _MAJORITY,
        N_("加装电梯：小区表决（占用业主共有用地时）"),
        N_("小区全体业主"),
        N_("沪建房管联〔2020〕801号第二款"),
        "V2",
    ),
    Rule(
        id="gt23",
        title=N_("楼组意愿征询：超过三分之二"),
        roll=N_("本楼住户"),
        approval_persons=_ABOVE_TWO_THIRDS,
        approval_area=_ABOVE_TWO_THIRDS,
        base=Base.ROLL,
        basis=Basis.HOUSEHOLDS,
        advisory=True,
        source=N_("案例集：复旦案例；意愿征询，仅供参考"),
        confidence="-",
    ),
    Rule(
        id="simple",
        title=N_("简单多数"),
        roll=N_("名册上的住户或个人"),
        quorum_persons=_MAJORITY,
        approval_persons=_MAJORITY,
        advisory=True,
        source=N_("居委会自行选用，仅供参考"),
        confidence="-",
    ),
    Rule(
        id="rebuild_sign",
        title=N_("更新改造签约"),
        roll=N_("公房承租人，或全体住户"),
        approval_persons=_NINETY_FIVE,
        base=Base.ROLL,
        milestones=(90, 95, 100),
        source=N_("《上海市城市更新条例》第32条；案例集：东郸案例"),
        confidence="V",
        basis=Basis.HOUSEHOLDS,
        in_force_from=date(2021, 9, 1),
    ),
    Rule(
        id="rcm",
        title=N_("居民会议"),
        roll=N_("年满十八周岁的居民，或户代表"),
        # The Organic Law was rewritten with effect from 2026-01-01.
        blank=True,
        source=N_("《城市居民委员会组织法》（2026年1月1日起施行的修订文本，条文待录入）"),
        confidence="-",
    ),
    Rule(
        id="all",
        title=N_("有利害关系的业主一致同意"),
        roll=N_("有利害关系的业主"),
        approval_persons=_EVERYBODY,
        base=Base.ROLL,
        source=N_("《民法典》第279条"),
        confidence="V",
        in_force_from=_CIVIL_CODE,
    ),
    _poll("choose_one", Method.CHOOSE_ONE, N_("多选一：票数最多，不过半则前两名再选一轮")),
    _poll("approval", Method.APPROVAL, N_("可选多项：得票最多")),
    _poll("ranked", Method.RANKED, N_("排序：逐轮淘汰")),
)

SHIPPED_RULES: dict[str, Rule] = {rule.id: rule for rule in _RULES}
"""The rules for yes-or-no motions, sign-ups and polls, by id."""
