"""Keeping the rule book: one person enters a rule, another confirms it, either withdraws it.

A subdistrict fills in what was shipped blank, follows a change of the law with a new version, or
adds a rule of its own. A vote keeps a copy of the rule it was drafted with, so that nothing here
reaches an existing vote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from tracker.accounts.models import User
from tracker.accounts.rules import Permission
from tracker.audit.services import record
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, require
from tracker.kernel.words import M_, Message
from tracker.votes import rule_queries
from tracker.votes.models import RuleEntry
from tracker.votes.rules import Base, Basis, Method, Rule, Threshold
from tracker.votes.words import Confidence

LONGEST_NOTICE = 90
"""Calendar days; no article asks for more."""


@dataclass(frozen=True)
class RuleDraft:
    """A rule as somebody enters it.

    ``key``: the rule of which this is a new version, None for a rule of one's own. A threshold
    of None is a test that the rule does not make. ``notice_days`` are calendar days.
    """

    key: str | None
    title: str
    roll: str
    source: str
    confidence: Confidence
    reason: str
    in_force_from: date | None
    in_force_to: date | None = None
    quorum_persons: Threshold | None = None
    quorum_area: Threshold | None = None
    approval_persons: Threshold | None = None
    approval_area: Threshold | None = None
    base: Base = Base.PARTICIPANTS
    basis: Basis = Basis.PERSONS
    advisory: bool = False
    notice_days: int = 0


def enter_rule(actor: User, now: datetime, draft: RuleDraft) -> RuleEntry:
    """Enter a rule; it is offered once another person has confirmed it.

    Raises FieldRefusal for what cannot stand, Refusal for who may not.
    """
    _require_may_manage(actor)
    earlier = None
    if draft.key is not None:
        earlier = rule_queries.to_start_from(actor.subdistrict_id, draft.key)
        if earlier is None:
            raise FieldRefusal("key", M_("没有这条规则。"))
    _check(draft, earlier)
    key = draft.key or rule_queries.own_key(actor.subdistrict_id)
    made = RuleEntry(
        subdistrict_id=actor.subdistrict_id,
        key=key,
        number=rule_queries.last_number(actor.subdistrict_id, key) + 1,
        rule=_rule(key, draft, earlier).to_dict(),
        reason=draft.reason.strip(),
        entered_by=actor.id,
        entered_at=now,
    )
    db.session.add(made)
    db.session.flush()
    _tell(actor, now, "rule.entered", M_("录入表决规则「%(rule)s」", rule=_named(made)))
    return made


def confirm_rule(actor: User, now: datetime, entry_id: int) -> RuleEntry:
    """Agree, as another person, that the rule stands as its source has it.

    Raises Refusal for whoever entered it, and when it was confirmed or withdrawn before.
    """
    _require_may_manage(actor)
    entry = rule_queries.entry(actor, entry_id, lock=True)
    require(entry.withdrawn_at is None, M_("这条规则已经撤回。"))
    require(entry.confirmed_by is None, M_("这条规则已经确认过了。"))
    require(entry.entered_by != actor.id, M_("规则由您录入，请另一个人对照原文确认。"))
    entry.confirmed_by, entry.confirmed_at = actor.id, now
    db.session.flush()
    _tell(actor, now, "rule.confirmed", M_("确认表决规则「%(rule)s」", rule=_named(entry)))
    return entry


def withdraw_rule(actor: User, now: datetime, entry_id: int) -> RuleEntry:
    """Offer a version no more; the one before it stands again. Votes keep their copies.

    Raises Refusal when it was withdrawn before.
    """
    _require_may_manage(actor)
    entry = rule_queries.entry(actor, entry_id, lock=True)
    require(entry.withdrawn_at is None, M_("这条规则已经撤回。"))
    entry.withdrawn_at = now
    db.session.flush()
    _tell(actor, now, "rule.withdrawn", M_("撤回表决规则「%(rule)s」", rule=_named(entry)))
    return entry


def _require_may_manage(actor: User) -> None:
    require(actor.may(Permission.MANAGE_RULES), M_("规则由居委会主任或街道录入和确认。"))


def _check(draft: RuleDraft, earlier: Rule | None) -> None:
    """Refuse at its field what no rule can lack."""
    for name in ("title", "roll", "source", "reason"):
        if not getattr(draft, name).strip():
            raise FieldRefusal(name, M_("请填写这一项。"))
    approves = draft.approval_persons or draft.approval_area
    if earlier is not None and earlier.is_poll:
        if approves:
            raise FieldRefusal("approval_persons_share", M_("征询意向的规则没有同意的门槛。"))
    elif not approves:
        raise FieldRefusal("approval_persons_share", M_("至少要有一项同意的门槛。"))
    if draft.in_force_from is None:
        raise FieldRefusal("in_force_from", M_("请填写从哪一天起有效。"))
    if draft.in_force_to is not None and draft.in_force_to < draft.in_force_from:
        raise FieldRefusal("in_force_to", M_("失效的日子不能早于生效的日子。"))
    if not 0 <= draft.notice_days <= LONGEST_NOTICE:
        raise FieldRefusal("notice_days", M_("公示天数在 0 到 90 之间。"))


def _rule(key: str, draft: RuleDraft, earlier: Rule | None) -> Rule:
    """The rule; how it is answered, and its milestones, are those of the version before."""
    method = earlier.method if earlier is not None else Method.YES_NO
    return Rule(
        id=key,
        title=_sentence(draft.title),
        roll=_sentence(draft.roll),
        source=_sentence(draft.source),
        confidence=draft.confidence.value,
        quorum_persons=draft.quorum_persons,
        quorum_area=draft.quorum_area,
        approval_persons=draft.approval_persons,
        approval_area=draft.approval_area,
        base=draft.base,
        advisory=draft.advisory or method is not Method.YES_NO,
        milestones=earlier.milestones if earlier is not None else (),
        method=method,
        basis=draft.basis,
        notice_days=draft.notice_days,
        in_force_from=draft.in_force_from,
        in_force_to=draft.in_force_to,
    )


_SIGNS = str.maketrans("%<>&", "％＜＞＆")


def _sentence(text: str) -> str:
    """Texts of rules are shown as source sentences are, as formats and as markup.

    What somebody typed must be neither, so the signs of both are written wide.
    """
    return text.strip().translate(_SIGNS)


def _named(entry: RuleEntry) -> Message:
    return M_("%(title)s（第 %(n)d 版）", title=M_(entry.rule["title"]), n=entry.number)


def _tell(actor: User, now: datetime, action: str, text: Message) -> None:
    """Rules belong to the subdistrict; so does their history."""
    record(action, text, actor_id=actor.id, now=now, committee_id=None)
