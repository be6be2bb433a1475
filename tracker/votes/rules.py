"""What a motion is decided by: the words of a vote, thresholds and the rules shipped.

A rule is data. A vote keeps its own copy (``Rule.to_dict``), so that a later change of the
law or of this file never touches a vote already opened. Ballots are counted in ``tally.py``,
judged in ``verdict.py``; polls of preferences are in ``preferences.py``.

Integers and fractions only: 55 >= 0.55 * 100 is false in floating point.
Not legal advice; every rule names where it comes from and how surely that was read:
V = read in the statute's text, V2 = in a secondary copy, - = no statute behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Self

from tracker.kernel.words import M_, N_, Message, Term


class Base(Term):
    """What an approval is measured against."""

    PARTICIPANTS = "participants", N_("参与表决者")
    ROLL = "roll", N_("全部有表决权者")


class Measure(Term):
    """The two things counted; where a rule tests both, both must hold."""

    PERSONS = "persons", N_("人数")
    AREA = "area", N_("专有部分面积")


class Stage(Term):
    """The two questions a rule asks, in this order."""

    QUORUM = "quorum", N_("参与")
    APPROVAL = "approval", N_("同意")


class Choice(Term):
    """What an accepted ballot says on one motion."""

    FOR = "for", N_("同意")
    AGAINST = "against", N_("反对")
    ABSTAIN = "abstain", N_("弃权")
    INVALID = "invalid", N_("无效")
    FOLLOW = "follow", N_("随多数")


class Channel(Term):
    """How a ballot came in."""

    PAPER = "paper", N_("纸质")
    ONLINE = "online", N_("线上")


class Refusal(Term):
    """Why a ballot that came back was not accepted."""

    IDENTITY = "identity", N_("身份不符")
    LATE = "late", N_("逾期")


class InvalidPolicy(Term):
    """What an invalid ballot does; declared before opening."""

    TAKES_PART = "part", N_("无效票计入参与")
    LEFT_OUT = "excl", N_("无效票不计入参与")


class NonResponsePolicy(Term):
    """What the silence of a voter to whom a ballot was delivered does.

    All but NONE rest on a clause of the rules of procedure; undelivered is never counted.
    """

    NONE = "none", N_("未投票不计入")
    DELIVERED_TAKES_PART = "deliv", N_("已送达未投票的计入参与")
    FOLLOW_MAJORITY = "follow", N_("已送达未投票的计入多数票")


class Outcome(Term):
    """A motion that fails decides nothing; it never decides the opposite."""

    CARRIED = "carried", N_("通过")
    NOT_FORMED = "not_formed", N_("未形成决定")
    HOLD = "hold", N_("待补面积")


_LABELS: Mapping[tuple[Fraction, bool], Message] = {
    (Fraction(1, 2), True): M_("过半数"),
    (Fraction(1, 2), False): M_("半数以上"),
    (Fraction(2, 3), True): M_("超过三分之二"),
    (Fraction(2, 3), False): M_("三分之二以上"),
    (Fraction(3, 4), True): M_("超过四分之三"),
    (Fraction(3, 4), False): M_("四分之三以上"),
    (Fraction(1), False): M_("全体"),
}


@dataclass(frozen=True)
class Threshold:
    """A share that must be reached, or, if ``strict``, exceeded.

    以上 includes the number itself, 超过 and 过半数 do not (Civil Code 1259).
    Raises ValueError for a share that nothing or everything would meet.
    """

    value: Fraction
    strict: bool

    def __post_init__(self) -> None:
        if not 0 < self.value <= 1 or (self.strict and self.value == 1):
            raise ValueError(f"no vote can be decided by {self}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``">=2/3"`` or ``">1/2"``; raises ValueError for anything else."""
        match = re.fullmatch(r"(>=?)([0-9]+)/([1-9][0-9]*)", text)
        if match is None:
            raise ValueError(f"not a threshold: {text!r}")
        return cls(Fraction(int(match[2]), int(match[3])), strict=match[1] == ">")

    def __str__(self) -> str:
        """The form that ``parse`` reads, in lowest terms."""
        sign = ">" if self.strict else ">="
        return f"{sign}{self.value.numerator}/{self.value.denominator}"

    def met(self, numerator: int, denominator: int) -> bool:
        """Whether numerator/denominator reaches the share, by cross multiplication.

        A share of nothing is never met: without participants nobody approved.
        """
        left = numerator * self.value.denominator
        right = self.value.numerator * denominator
        return denominator > 0 and (left > right if self.strict else left >= right)

    def least(self, denominator: int) -> int:
        """The least numerator that meets the share; 1 when the denominator is 0."""
        product = self.value.numerator * denominator
        if self.strict:
            return product // self.value.denominator + 1
        return max(1, -(-product // self.value.denominator))

    def shortfall(self, numerator: int, denominator: int) -> int:
        """How many more are needed if only the numerator grows; 0 exactly when met."""
        return max(0, self.least(denominator) - numerator)

    @property
    def label(self) -> Message:
        """The share as the statutes word it."""
        if known := _LABELS.get((self.value, self.strict)):
            return known
        percent = self.value * 100
        share = f"{percent}%" if percent.denominator == 1 else str(self.value)
        return M_("超过%(share)s", share=share) if self.strict else M_("%(share)s以上", share=share)


@dataclass(frozen=True)
class Rule:
    """How one kind of motion is decided.

    ``title``, ``roll`` (who may vote) and ``source`` are source sentences. A threshold of
    None is a test that the rule does not make. ``advisory``: the result binds nobody.
    ``blank``: nobody has entered the article yet, so no vote may open. ``milestones``
    (whole percent of the roll) make it a sign-up: people sign or do not, silence never counts.

    Raises ValueError when a blank rule has tests, or any other has no approval test.
    """

    id: str
    title: str
    roll: str
    source: str
    confidence: str
    quorum_persons: Threshold | None = None
    quorum_area: Threshold | None = None
    approval_persons: Threshold | None = None
    approval_area: Threshold | None = None
    base: Base = Base.PARTICIPANTS
    advisory: bool = False
    blank: bool = False
    milestones: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        tests = [getattr(self, name) for name in _THRESHOLDS]
        if self.blank and any(tests):
            raise ValueError(f"rule {self.id} is blank and has tests")
        if not self.blank and not (self.approval_persons or self.approval_area):
            raise ValueError(f"rule {self.id} approves nothing")

    def threshold(self, stage: Stage, measure: Measure) -> Threshold | None:
        """The share asked for at a stage in a measure, None when the rule asks none."""
        found: Threshold | None = getattr(self, f"{stage.value}_{measure.value}")
        return found

    @property
    def tests_area(self) -> bool:
        """Whether areas matter, and therefore whether a missing area holds the result."""
        return self.quorum_area is not None or self.approval_area is not None

    def to_dict(self) -> dict[str, Any]:
        """The rule as plain JSON values, every field named."""
        plain: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in _THRESHOLDS:
            plain[name] = None if plain[name] is None else str(plain[name])
        return plain | {"base": self.base.value, "milestones": list(self.milestones)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote.

        Raises ValueError when a field is missing or unknown: a stored rule is evidence and
        is not to be completed by today's defaults.
        """
        bases = {base.value: base for base in Base}
        if set(plain) != {f.name for f in fields(cls)} or plain["base"] not in bases:
            raise ValueError(f"not the fields of a rule: {plain}")
        read = dict(plain) | {"milestones": tuple(plain["milestones"])}
        read["base"] = bases[plain["base"]]
        for name in _THRESHOLDS:
            read[name] = None if plain[name] is None else Threshold.parse(plain[name])
        return cls(**read)


_THRESHOLDS = ("quorum_persons", "quorum_area", "approval_persons", "approval_area")

_MAJORITY = Threshold(Fraction(1, 2), strict=True)
_TWO_THIRDS = Threshold(Fraction(2, 3), strict=False)
_ABOVE_TWO_THIRDS = Threshold(Fraction(2, 3), strict=True)
_THREE_QUARTERS = Threshold(Fraction(3, 4), strict=False)
_NINETY_FIVE = Threshold(Fraction(95, 100), strict=False)
_EVERYBODY = Threshold(Fraction(1), strict=False)


def _both(id: str, approval: Threshold, title: str, roll: str, source: str, read: str) -> Rule:
    """The shape of Civil Code 278: two thirds take part, in persons and in area."""
    tests = (_TWO_THIRDS, _TWO_THIRDS, approval, approval)
    return Rule(id, title, roll, source, read, *tests)


_RULES = (
    _both(
        "ord",
        _MAJORITY,
        N_("业主共同决定：一般事项"),
        N_("小区全体业主"),
        N_("《民法典》第278条第一款第1至5项、第9项；《上海市住宅物业管理规定》第18条"),
        "V",
    ),
    _both(
        "spec",
        _THREE_QUARTERS,
        N_("业主共同决定：特别事项"),
        N_("小区全体业主"),
        N_("《民法典》第278条第一款第6至8项"),
        "V",
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
    ),
)

SHIPPED_RULES: dict[str, Rule] = {rule.id: rule for rule in _RULES}
"""The rules for yes-or-no motions and sign-ups, by id."""
