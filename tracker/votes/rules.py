"""What a motion is decided by: the words of a vote, thresholds, and what a rule is.

A rule is data; those shipped are in ``shipped.py``. A vote keeps its own copy
(``Rule.to_dict``), so that a later change of the law or of that file never touches a vote
already opened. Ballots are counted in ``tally.py``, judged in ``verdict.py``; polls of
preferences are in ``preferences.py``.

Integers and fractions only: 55 >= 0.55 * 100 is false in floating point.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from typing import Any, Self

from tracker.kernel.words import M_, N_, Message, Term
from tracker.places.rules import half_width


class Method(Term):
    """How a question is answered and counted. All but yes-or-no advise and decide nothing."""

    YES_NO = "yes_no", N_("同意或反对")
    CHOOSE_ONE = "choose_one", N_("多选一")
    APPROVAL = "approval", N_("可选多项")
    RANKED = "ranked", N_("排序")


class Basis(Term):
    """Who is one voter on the roll."""

    PERSONS = "persons", N_("表决权人（几套房算一人）")
    HOUSEHOLDS = "households", N_("户（每套房一户）")


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


_FRACTION = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")
_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,4}))?%")


def share_of(text: str) -> Fraction:
    """A share as people write it: 2/3, or 95%; raises ValueError for anything else."""
    plain = half_width(text).replace(" ", "")
    if (match := _FRACTION.fullmatch(plain)) and int(match[2]):
        return Fraction(int(match[1]), int(match[2]))
    if match := _PERCENT.fullmatch(plain):
        decimals = match[2] or ""
        return Fraction(int(match[1] + decimals), 100 * 10 ** len(decimals))
    raise ValueError(f"not a share: {text!r}")


@dataclass(frozen=True)
class Rule:
    """How one kind of motion is decided.

    ``title``, ``roll`` (who may vote) and ``source`` are source sentences. A threshold of
    None is a test that the rule does not make. ``advisory``: the result binds nobody.
    ``blank``: nobody has entered the article yet, so no vote may open. ``milestones``
    (whole percent of the roll) make it a sign-up: people sign or do not, silence never counts.
    ``notice_days``: calendar days the notice must hang before the voting opens. The dates in
    force include both ends; None is not known to this program.

    Raises ValueError when a blank rule has tests, a poll approves or binds, any other has no
    approval test, or it ends before it begins.
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
    method: Method = Method.YES_NO
    basis: Basis = Basis.PERSONS
    notice_days: int = 0
    in_force_from: date | None = None
    in_force_to: date | None = None

    def __post_init__(self) -> None:
        tests = [getattr(self, name) for name in _THRESHOLDS]
        approves = self.approval_persons or self.approval_area
        if self.blank and any(tests):
            raise ValueError(f"rule {self.id} is blank and has tests")
        if self.is_poll and (approves or not self.advisory):
            raise ValueError(f"poll {self.id} advises and approves nothing")
        if not self.blank and not self.is_poll and not approves:
            raise ValueError(f"rule {self.id} approves nothing")
        if self.in_force_from and self.in_force_to and self.in_force_to < self.in_force_from:
            raise ValueError(f"rule {self.id} ends before it begins")

    @property
    def is_poll(self) -> bool:
        """Whether it asks for preferences: the answer advises, a motion decides."""
        return self.method is not Method.YES_NO

    def in_force(self, day: date) -> bool:
        """Whether the rule holds on a day; an unknown date of beginning or end bounds nothing."""
        begins, ends = self.in_force_from or date.min, self.in_force_to or date.max
        return begins <= day <= ends

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
        for name in _DATES:
            plain[name] = None if plain[name] is None else plain[name].isoformat()
        codes = {name: getattr(self, name).value for name in _TERMS}
        return plain | codes | {"milestones": list(self.milestones)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote.

        Raises ValueError when a field is missing or unknown: a stored rule is evidence and
        is not to be completed by today's defaults (but see ``_SINCE_FORMAT_2``).
        """
        read = dict(plain)
        if set(read) == {f.name for f in fields(cls)} - set(_SINCE_FORMAT_2):
            read |= _SINCE_FORMAT_2
        if set(read) != {f.name for f in fields(cls)}:
            raise ValueError(f"not the fields of a rule: {plain}")
        for name, kind in _TERMS.items():
            # By value: a Term made from an unknown code would be a new member, not an error.
            known = {member.value: member for member in kind}
            if read[name] not in known:
                raise ValueError(f"not a {name}: {read[name]!r}")
            read[name] = known[read[name]]
        for name in _THRESHOLDS:
            read[name] = None if read[name] is None else Threshold.parse(read[name])
        for name in _DATES:
            read[name] = None if read[name] is None else date.fromisoformat(read[name])
        return cls(**read | {"milestones": tuple(read["milestones"])})


_THRESHOLDS = ("quorum_persons", "quorum_area", "approval_persons", "approval_area")
_DATES = ("in_force_from", "in_force_to")
_TERMS: Mapping[str, type[Term]] = {"base": Base, "method": Method, "basis": Basis}
_SINCE_FORMAT_2: Mapping[str, Any] = {
    "method": "yes_no",
    "basis": "persons",
    "notice_days": 0,
    "in_force_from": None,
    "in_force_to": None,
}
"""Fields that votes frozen before these existed do not name, and what they meant."""
