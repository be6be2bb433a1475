"""What is wrong with a vote before it is frozen and opened; pure.

A finding either stands in the way (MUST) or is to be read and accepted (ADVISE). Each says where
it is mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from tracker.kernel.errors import Reason
from tracker.kernel.words import M_, N_, Message, Term
from tracker.votes.rules import Basis, Choice, NonResponsePolicy, Rule
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.words import Confidence


class Severity(Term):
    """Whether a finding can be lived with."""

    MUST = "must", N_("必须处理")
    ADVISE = "advise", N_("请留意")


@dataclass(frozen=True)
class Finding:
    """One thing found; ``code`` names the kind for tests and the history."""

    code: str
    severity: Severity
    reason: Reason


@dataclass(frozen=True)
class MotionText:
    """A motion as it would stand on the ballot; ``changed``: its wording has moved on since."""

    title: str
    text: str
    options: int = 0
    changed: bool = False


@dataclass(frozen=True)
class RollFacts:
    """The roll, as it would be frozen now or as it was; counts of persons, units and groups.

    ``doubled_rooms``: rooms that stand there with and without an entrance. ``same_names``: names
    that several voters bear. ``asked_elsewhere``: units that are asked the same in another vote.
    """

    persons: int
    units_without_person: int = 0
    persons_without_area: int = 0
    areas_without_source: int = 0
    same_names: int = 0
    doubled_rooms: int = 0
    asked_elsewhere: int = 0
    open_objections: int = 0


@dataclass(frozen=True)
class Times:
    """When it is voted; days are calendar days in Shanghai.

    ``notice_days``: days the linked notice will have hung everywhere on the eve of the opening,
    None without a notice. ``buildings_without_notice``: buildings of the roll where it does not
    hang.
    """

    opens_on: date
    closes_on: date
    close_is_workday: bool = True
    open_has_passed: bool = False
    close_has_passed: bool = False
    notice_days: int | None = None
    buildings_without_notice: int = 0


@dataclass(frozen=True)
class Ties:
    """What binds a vote to others: the tier before it, or the first round of a poll."""

    first_tier_undecided: bool = False
    is_runoff: bool = False
    first_round_undecided: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything that is looked at.

    ``offered``: the rule as it would be chosen now for this close, None when it no longer can
    be, the vote's own copy once that is frozen. ``whole_compound``: the roll is not narrowed.
    """

    vote_id: int
    project_id: int
    compound_id: int
    rule: Rule
    offered: Rule | None
    rule_confirmed: bool
    motions: tuple[MotionText, ...]
    choices: tuple[str, ...]
    nonresponse: NonResponsePolicy
    has_clause_file: bool
    basis: Basis
    whole_compound: bool
    roll: RollFacts
    times: Times
    ties: Ties = Ties()


def findings(facts: Facts) -> list[Finding]:
    """Everything found, what must be mended first."""
    found = [
        *_rule(facts),
        *_policies(facts),
        *_paper(facts),
        *_roll(facts),
        *_ties(facts),
        *_time(facts),
    ]
    return sorted(found, key=lambda finding: finding.severity is Severity.ADVISE)


def musts(found: Iterable[Finding]) -> tuple[Reason, ...]:
    """The reasons that stand in the way."""
    return tuple(f.reason for f in found if f.severity is Severity.MUST)


Where = (
    tuple[str, tuple[tuple[str, int | str], ...]]
    | tuple[str, tuple[tuple[str, int | str], ...], str]
)
"""Endpoint, its parameters, and perhaps the field or part of the page."""


def _edit(facts: Facts, anchor: str) -> Where:
    return "votes.edit", (("vote_id", facts.vote_id),), anchor


def _check(facts: Facts, anchor: str) -> Where:
    return "votes.check", (("vote_id", facts.vote_id),), anchor


def _must(code: str, message: Message, where: Where) -> Finding:
    return Finding(code, Severity.MUST, Reason(message, *where))


def _advise(code: str, message: Message, where: Where) -> Finding:
    return Finding(code, Severity.ADVISE, Reason(message, *where))


# ---- the rule and what is declared with it ----

_UNREAD = (Confidence.COPY.value, Confidence.MEMORY.value)


def _rule(facts: Facts) -> Iterator[Finding]:
    rule = facts.rule
    if rule.blank:
        text = M_("所选规则还没有录入条文，不能据此表决。")
        yield _must("blank_rule", text, ("votes.rules", (), rule.id))
    elif not rule.in_force(facts.times.closes_on):
        text = M_("所选规则在截止之日不在有效期内。")
        yield _must("rule_out_of_force", text, _edit(facts, "rule_id"))
    elif facts.offered is None:
        text = M_("所选规则已经撤回，请重新选择。")
        yield _must("rule_withdrawn", text, _edit(facts, "rule_id"))
    elif facts.offered != rule:
        text = M_("所选规则有了新的版本；要用新版本，请重新保存一次。")
        yield _advise("rule_superseded", text, _edit(facts, "rule_id"))
    if not facts.rule_confirmed:
        yield _must(
            "unconfirmed_rule",
            M_("适用规则还没有经另一个人确认。"),
            ("votes.confirm_rule", (("vote_id", facts.vote_id),)),
        )
    if not rule.blank and rule.confidence in _UNREAD:
        text = M_("规则的依据没有对照过原文，请先查原文。")
        yield _advise("source_unread", text, ("votes.rules", (), rule.id))
    if rule.roll == SHIPPED_RULES["ord"].roll and not facts.whole_compound:
        text = M_("规则要求小区全体业主参加，名册却只有一部分楼栋。")
        yield _advise("roll_narrower", text, _edit(facts, "scope"))
    if facts.basis is not rule.basis:
        text = M_(
            "名册按%(chosen)s，规则按%(asked)s，请核对。", chosen=facts.basis, asked=rule.basis
        )
        yield _advise("basis_differs", text, _edit(facts, "basis"))


def _policies(facts: Facts) -> Iterator[Finding]:
    silent = facts.nonresponse is not NonResponsePolicy.NONE
    if silent and not facts.has_clause_file:
        text = M_("要把未投票的计入，须上传议事规则中写明这一条的原文。")
        yield _must("clause_missing", text, _check(facts, "files"))
    elif Choice.FOLLOW.value in facts.choices and not facts.has_clause_file:
        text = M_("票面有“随多数”，须上传议事规则中写明这一条的原文。")
        yield _must("clause_missing", text, _check(facts, "files"))
    if facts.times.notice_days is None and not facts.rule.notice_days:
        text = M_("没有关联公示：无效票、未投票的怎么算还没有对外公布。")
        yield _advise("policies_undeclared", text, _edit(facts, "notice_id"))


# ---- the ballot paper ----

_ASKED = re.compile(r"是否|[？?]")
_JOINED = re.compile(r"并且|以及|同时|并同意|和是否")


def _paper(facts: Facts) -> Iterator[Finding]:
    if not facts.rule.is_poll and Choice.AGAINST.value not in facts.choices:
        yield _must("no_against", M_("票面上没有“反对”，不能表决。"), _edit(facts, "choices"))
    if not facts.rule.is_poll and Choice.FOR.value not in facts.choices:
        yield _must("no_for", M_("票面上没有“同意”，不能表决。"), _edit(facts, "choices"))
    for motion in facts.motions:
        if motion.changed:
            text = M_("事项「%(title)s」已被改动或撤回，请重新选择。", title=motion.title)
            yield _must("motion_changed", text, _edit(facts, "motion_ids"))
        yield from _wording(facts, motion)
    titles = [motion.title for motion in facts.motions]
    if len(set(titles)) < len(titles):
        text = M_("票面上有两项事项名称相同，计票时分不清。")
        yield _advise("same_title", text, _edit(facts, "motion_ids"))


def _wording(facts: Facts, motion: MotionText) -> Iterator[Finding]:
    where: Where = ("meetings.options", (("project_id", facts.project_id),))
    asked = _ASKED.findall(motion.text)
    if asked.count("是否") > 1 or sum(mark in "？?" for mark in asked) > 1:
        text = M_("事项「%(title)s」里问了两件事，请分成两项。", title=motion.title)
        yield _must("two_questions", text, where)
    elif _JOINED.search(motion.text):
        text = M_("事项「%(title)s」像是把两件事并在一起问，请再看一遍。", title=motion.title)
        yield _advise("joined_questions", text, where)
    if facts.rule.is_poll and motion.options < 2:
        text = M_("事项「%(title)s」没有候选项。", title=motion.title)
        yield _must("no_options", text, _edit(facts, "options"))
    elif facts.ties.is_runoff and motion.options > 2:
        text = M_("事项「%(title)s」是第二轮，应只列第一轮票数最多的两项。", title=motion.title)
        yield _advise("runoff_options", text, _edit(facts, "options"))


# ---- the roll ----


def _roll(facts: Facts) -> Iterator[Finding]:
    roll = facts.roll
    units: Where = ("places.units", (("compound_id", facts.compound_id),))
    if roll.units_without_person:
        text = M_("还有 %(n)d 套房没有表决权人，请先补齐。", n=roll.units_without_person)
        yield _must("units_without_person", text, units)
    if not roll.persons:
        yield _must("empty_roll", M_("名册是空的，请先录入房屋和表决权人。"), units)
    if roll.open_objections:
        text = M_("还有 %(n)d 条名册异议没有答复。", n=roll.open_objections)
        yield _must("open_objections", text, _check(facts, "objections"))
    if roll.persons_without_area and facts.rule.tests_area:
        text = M_(
            "有 %(n)d 人的面积缺失：缺一户都不能认定结果，请补齐。", n=roll.persons_without_area
        )
        yield _advise("missing_areas", text, units)
    if roll.areas_without_source and facts.rule.tests_area:
        text = M_("有 %(n)d 套房的面积没有写来源，有人质疑时说不清。", n=roll.areas_without_source)
        yield _advise("areas_without_source", text, units)
    if roll.doubled_rooms:
        text = M_(
            "有 %(n)d 个房号带门洞和不带门洞各登记了一次，可能是同一套房。", n=roll.doubled_rooms
        )
        yield _advise("doubled_rooms", text, units)
    if roll.same_names:
        text = M_(
            "名册上有 %(n)d 组同名的表决权人：若是同一个人，请合并为一人。", n=roll.same_names
        )
        persons: Where = ("places.persons", (("compound_id", facts.compound_id),))
        yield _advise("duplicate_names", text, persons)
    if roll.asked_elsewhere:
        text = M_(
            "有 %(n)d 套房正在另一次表决里被问同一事项；若是先后两级，请写明先要通过哪一次。",
            n=roll.asked_elsewhere,
        )
        yield _advise("asked_twice", text, _edit(facts, "after_id"))


def _ties(facts: Facts) -> Iterator[Finding]:
    if facts.ties.first_tier_undecided:
        text = M_("先行的表决还没有通过；通过之前这一次不能开始。")
        yield _advise("first_tier_undecided", text, _edit(facts, "after_id"))
    if facts.ties.first_round_undecided:
        text = M_("第一轮还没有结果，不知道哪两项进入第二轮。")
        yield _must("first_round_undecided", text, _edit(facts, "runoff_of_id"))


# ---- notice and times ----

SHORTEST_VOTING = 3
"""Calendar days of voting, the first and the last counted; fewer leave many out."""


def _time(facts: Facts) -> Iterator[Finding]:
    times = facts.times
    if times.close_has_passed:
        yield _must("close_passed", M_("截止时间已经过去，请改期。"), _edit(facts, "closes_at"))
    elif times.open_has_passed:
        text = M_("公布的开始时间已经过去，冻结后要尽快开始。")
        yield _advise("open_passed", text, _edit(facts, "opens_at"))
    if not times.close_is_workday:
        text = M_("截止日是休息日或节假日，收票和咨询可能没有人。")
        yield _advise("close_on_holiday", text, _edit(facts, "closes_at"))
    days = (times.closes_on - times.opens_on).days + 1
    if days < SHORTEST_VOTING:
        text = M_("投票只有 %(n)d 天，外出的人来不及投。", n=days)
        yield _advise("short_voting", text, _edit(facts, "closes_at"))
    yield from _notice(facts)


def _notice(facts: Facts) -> Iterator[Finding]:
    have, need = facts.times.notice_days, facts.rule.notice_days
    where: Where = ("notices.index", (("project_id", facts.project_id),))
    if need and have is None:
        text = M_("没有关联公示，规则要求先公示 %(n)d 天。", n=need)
        yield _must("no_notice", text, _edit(facts, "notice_id"))
    elif have is not None and have < need:
        text = M_("到开始投票前公示只满 %(have)d 天，规则要求 %(need)d 天。", have=have, need=need)
        yield _must("notice_too_short", text, where)
    if have is not None and facts.times.buildings_without_notice:
        text = M_("公示没有贴到名册上的 %(n)d 栋楼。", n=facts.times.buildings_without_notice)
        yield _advise("buildings_without_notice", text, where)
