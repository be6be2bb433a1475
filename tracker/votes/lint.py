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
from tracker.kernel.words import M_, N_, Term
from tracker.votes.rules import Choice, NonResponsePolicy, Rule


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
    options: int
    changed: bool


@dataclass(frozen=True)
class Facts:
    """Everything that is looked at. Counts are of the roll as it would be frozen now.

    ``notice_days``: calendar days the linked notice will have hung everywhere on the eve of the
    opening; None without a notice. ``close_is_workday``: of the local day of the close.
    """

    vote_id: int
    project_id: int
    compound_id: int
    rule: Rule
    rule_confirmed: bool
    motions: tuple[MotionText, ...]
    choices: tuple[str, ...]
    nonresponse: NonResponsePolicy
    has_clause_file: bool
    closes_on: date
    close_is_workday: bool
    close_has_passed: bool
    notice_days: int | None
    persons: int
    units_without_person: int
    persons_without_area: int
    same_names: int
    open_objections: int
    online: bool
    opens_before_first_tier: bool


def findings(facts: Facts) -> list[Finding]:
    """Everything found, what must be mended first."""
    found = [*_rule(facts), *_paper(facts), *_roll(facts), *_time(facts)]
    return sorted(found, key=lambda finding: finding.severity is Severity.ADVISE)


def musts(found: Iterable[Finding]) -> tuple[Reason, ...]:
    """The reasons that stand in the way."""
    return tuple(f.reason for f in found if f.severity is Severity.MUST)


def _edit(facts: Facts, anchor: str) -> tuple[str, tuple[tuple[str, int | str], ...], str]:
    return "votes.edit", (("vote_id", facts.vote_id),), anchor


def _must(code: str, message: object, where: tuple[object, ...]) -> Finding:
    return Finding(code, Severity.MUST, Reason(message, *where))  # type: ignore[arg-type]


def _advise(code: str, message: object, where: tuple[object, ...]) -> Finding:
    return Finding(code, Severity.ADVISE, Reason(message, *where))  # type: ignore[arg-type]


def _rule(facts: Facts) -> Iterator[Finding]:
    if facts.rule.blank:
        text = M_("所选规则还没有录入条文，不能据此表决。")
        yield _must("blank_rule", text, ("votes.rules", ()))
    elif not facts.rule.in_force(facts.closes_on):
        yield _must(
            "rule_out_of_force", M_("所选规则在截止之日不在有效期内。"), _edit(facts, "rule_id")
        )
    if not facts.rule_confirmed:
        yield _must(
            "unconfirmed_rule",
            M_("适用规则还没有经另一个人确认。"),
            ("votes.confirm_rule", (("vote_id", facts.vote_id),)),
        )
    if facts.nonresponse is not NonResponsePolicy.NONE and not facts.has_clause_file:
        yield _must(
            "clause_missing",
            M_("要把未投票的计入，须上传议事规则中写明这一条的原文。"),
            ("votes.check", (("vote_id", facts.vote_id),), "files"),
        )


_TWO_QUESTIONS = re.compile(r"是否|[？?]")
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


def _wording(facts: Facts, motion: MotionText) -> Iterator[Finding]:
    where = ("meetings.options", (("project_id", facts.project_id),))
    asked = _TWO_QUESTIONS.findall(motion.text)
    if asked.count("是否") > 1 or sum(mark in "？?" for mark in asked) > 1:
        text = M_("事项「%(title)s」里问了两件事，请分成两项。", title=motion.title)
        yield _must("two_questions", text, where)
    elif _JOINED.search(motion.text):
        text = M_("事项「%(title)s」像是把两件事并在一起问，请再看一遍。", title=motion.title)
        yield _advise("joined_questions", text, where)
    if facts.rule.is_poll and motion.options < 2:
        text = M_("事项「%(title)s」没有候选项。", title=motion.title)
        yield _must("no_options", text, _edit(facts, "options"))


def _roll(facts: Facts) -> Iterator[Finding]:
    where = ("places.units", (("compound_id", facts.compound_id),))
    if facts.units_without_person:
        text = M_("还有 %(n)d 套房没有表决权人，请先补齐。", n=facts.units_without_person)
        yield _must("units_without_person", text, where)
    if not facts.persons:
        yield _must("empty_roll", M_("名册是空的，请先录入房屋和表决权人。"), where)
    if facts.open_objections:
        text = M_("还有 %(n)d 条名册异议没有答复。", n=facts.open_objections)
        yield _must(
            "open_objections", text, ("votes.check", (("vote_id", facts.vote_id),), "objections")
        )
    if facts.persons_without_area and facts.rule.tests_area:
        text = M_(
            "有 %(n)d 人的面积缺失：缺一户都不能认定结果，请补齐。", n=facts.persons_without_area
        )
        yield _advise("missing_areas", text, where)
    if facts.same_names:
        text = M_(
            "名册上有 %(n)d 组同名的表决权人：若是同一个人，请合并为一人。", n=facts.same_names
        )
        persons = ("places.persons", (("compound_id", facts.compound_id),))
        yield _advise("duplicate_names", text, persons)


def _time(facts: Facts) -> Iterator[Finding]:
    if facts.close_has_passed:
        yield _must("close_passed", M_("截止时间已经过去，请改期。"), _edit(facts, "closes_at"))
    if not facts.close_is_workday:
        text = M_("截止日是休息日或节假日，收票和咨询可能没有人。")
        yield _advise("close_on_holiday", text, _edit(facts, "closes_at"))
    if facts.rule.notice_days:
        where = ("notices.index", (("project_id", facts.project_id),))
        if facts.notice_days is None:
            text = M_("没有关联公示，规则要求先公示 %(n)d 天。", n=facts.rule.notice_days)
            yield _must("no_notice", text, _edit(facts, "notice_id"))
        elif facts.notice_days < facts.rule.notice_days:
            text = M_(
                "到开始投票前公示只满 %(have)d 天，规则要求 %(need)d 天。",
                have=facts.notice_days,
                need=facts.rule.notice_days,
            )
            yield _must("notice_too_short", text, where)
    if facts.opens_before_first_tier:
        text = M_("先行的表决还没有通过；通过之前这一次不能开始。")
        yield _advise("first_tier_undecided", text, _edit(facts, "after_id"))
