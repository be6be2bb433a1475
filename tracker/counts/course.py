"""What comes next in the course of a vote, for whoever looks; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from tracker.accounts.rules import Permission
from tracker.kernel.words import M_, Message
from tracker.votes.words import VoteState

May = Callable[[Permission], bool]
"""Whether whoever looks holds a permission."""


@dataclass(frozen=True)
class Facts:
    """How far a vote is. People are account ids, ``me`` whoever looks.

    ``musts``: what lint finds in the way, the unconfirmed rule aside. ``blocked_by``: the vote
    that must carry first and has not. ``unread``: ballots not yet read twice, ``readable`` those
    of them that whoever looks has not read. ``waiting_areas_by``: who proposed areas for the
    roll that nobody has approved. ``objections_until``: the last day of the objection period.
    """

    vote_id: int
    state: VoteState
    now: datetime
    me: int
    opens_at: datetime
    ends_at: datetime
    rule_chosen_by: int
    rule_confirmed: bool
    musts: int = 0
    freeze_proposed_by: int | None = None
    extension_proposed_by: int | None = None
    waiting_areas_by: int | None = None
    papers: int = 0
    blocked_by: tuple[int, str] | None = None
    all_in: bool = False
    undelivered: int = 0
    unchecked: int = 0
    unread: int = 0
    readable: int = 0
    mismatched: int = 0
    has_entered: bool = False
    certified_by: int | None = None
    open_objections: int = 0
    objections_until: date | None = None
    today: date | None = None

    @property
    def over(self) -> bool:
        """Whether the voting may be closed."""
        return self.now >= self.ends_at or self.all_in


@dataclass(frozen=True)
class Next:
    """The one thing to do next, or what is waited for.

    ``endpoint`` takes a vote's id, that of this vote unless ``vote_id`` names another. ``when``
    is written behind ``detail``.
    """

    title: Message
    detail: Message | None = None
    endpoint: str | None = None
    label: Message | None = None
    when: datetime | None = None
    vote_id: int | None = None


def next_step(facts: Facts, may: May) -> Next | None:
    """What whoever looks does next; None for a vote that was cancelled."""
    found = _STEPS.get(facts.state)
    return found(facts, may) if found else None


def _draft(facts: Facts, may: May) -> Next:
    proposer = facts.freeze_proposed_by
    if proposer is not None and proposer != facts.me and may(Permission.APPROVE_VOTE):
        text = M_("冻结后名册、事项、规则和计票办法都不能再改。")
        return Next(M_("核对名册，同意冻结"), text, "votes.freeze", M_("去核对"))
    if proposer is not None:
        return Next(M_("等另一位负责人核对名册、同意冻结"))
    confirms = facts.rule_chosen_by != facts.me and may(Permission.APPROVE_VOTE)
    if not facts.rule_confirmed and confirms:
        text = M_("规则由别人选定，请核对选得对不对。")
        return Next(M_("确认适用规则"), text, "votes.confirm_rule", M_("去确认"))
    if facts.musts:
        title = M_("处理好 %(n)d 件事，才能冻结名册", n=facts.musts)
        if may(Permission.PREPARE_VOTE):
            return Next(title, None, "votes.check", M_("逐项处理"))
        return Next(M_("居委会还在准备这次表决"))
    if not facts.rule_confirmed:
        return Next(M_("等另一位负责人确认适用规则"))
    if may(Permission.PREPARE_VOTE):
        text = M_("提请之后，由另一个人核对并同意，名册才冻结。")
        return Next(M_("核对名册，提请冻结"), text, "votes.freeze", M_("去核对"))
    return Next(M_("等居委会核对名册、提请冻结"))


def _frozen(facts: Facts, may: May) -> Next:
    if facts.now >= facts.ends_at:
        text = M_("没有开始过的表决要作废后重新准备。")
        if may(Permission.CLOSE_VOTE):
            return Next(M_("公布的截止时间已过"), text, "votes.cancel", M_("作废这次表决"))
        return Next(M_("公布的截止时间已过"), text)
    if not facts.papers:
        if may(Permission.PREPARE_VOTE):
            return Next(M_("给表决票编号、印制"), None, "ballots.papers", M_("去编号"))
        return Next(M_("等居委会印表决票"))
    if facts.blocked_by is not None:
        first, name = facts.blocked_by
        text = M_("先行的表决还没有通过。")
        return Next(
            M_("「%(title)s」通过之后才能开始", title=name),
            text,
            "counts.show",
            M_("查看先行的表决"),
            vote_id=first,
        )
    if facts.now < facts.opens_at:
        at = M_("公布的开始时间：")
        if facts.undelivered and may(Permission.DELIVER_BALLOT):
            title = M_("送达表决票，还有 %(n)d 人没有送到", n=facts.undelivered)
            return Next(title, at, "ballots.delivery", M_("去送达"), when=facts.opens_at)
        return Next(M_("等公布的时间开始投票"), at, when=facts.opens_at)
    if may(Permission.CLOSE_VOTE):
        return Next(M_("开始投票"), None, "counts.open_vote", M_("开始投票"))
    return Next(M_("等居委会主任开始投票"))


def _open(facts: Facts, may: May) -> Next:
    until = M_("截止时间：")
    proposer = facts.extension_proposed_by
    if proposer is not None and proposer != facts.me and may(Permission.APPROVE_VOTE):
        title = M_("有人提请延长投票时间，请核对条件")
        return Next(title, until, "votes.extend", M_("去核对"), when=facts.ends_at)
    if facts.over and may(Permission.CLOSE_VOTE):
        text = M_("先确认收回的票都已登记。截止后才能读票。")
        return Next(M_("截止投票，开始计票"), text, "counts.close", M_("截止投票"))
    if may(Permission.RECORD_BALLOT):
        title = M_("投票时间已到，登记还没有登记的票") if facts.over else M_("登记收回的表决票")
        return Next(title, until, "ballots.receive", M_("登记收回的票"), when=facts.ends_at)
    if may(Permission.DELIVER_BALLOT) and not facts.over:
        if facts.undelivered:
            title = M_("送达表决票，还有 %(n)d 人没有送到", n=facts.undelivered)
        else:
            title = M_("上门提醒还没有交票的住户")
        return Next(title, until, "ballots.delivery", M_("送达和提醒"), when=facts.ends_at)
    if facts.over:
        return Next(M_("投票时间已到，等居委会主任截止"))
    return Next(M_("正在收票"), until, when=facts.ends_at)


def _counting(facts: Facts, may: May) -> Next:
    proposer = facts.waiting_areas_by
    if proposer is not None and proposer != facts.me and may(Permission.APPROVE_VOTE):
        return Next(M_("核对补录的面积"), None, "votes.areas", M_("去核对"))
    if facts.unchecked and may(Permission.RECORD_BALLOT):
        title = M_("核对 %(n)d 张票的身份", n=facts.unchecked)
        return Next(title, M_("先核对身份，再读票面。"), "ballots.check", M_("去核对"))
    if facts.readable and may(Permission.RECORD_BALLOT):
        title = M_("录入表决票，还有 %(n)d 张等您录入", n=facts.readable)
        text = M_("每张票由两个人各录一遍，互相看不到。")
        return Next(title, text, "ballots.enter", M_("开始录入"))
    if facts.mismatched and may(Permission.SETTLE_ENTRY):
        title = M_("裁定 %(n)d 张两遍录入不一致的票", n=facts.mismatched)
        text = M_("由没有录过这张票的人对照原票裁定。")
        return Next(title, text, "ballots.mismatches", M_("去裁定"))
    left = facts.unchecked + facts.unread + facts.mismatched
    if left:
        return Next(M_("正在计票，还有 %(n)d 张票没有处理完", n=left))
    if may(Permission.CERTIFY_COUNT) and facts.has_entered:
        return Next(M_("等没有录过票的人确认计票结果"), M_("您录入过这次表决的票。"))
    if may(Permission.CERTIFY_COUNT):
        text = M_("两遍录入已经一致。请核对统计表再确认。")
        return Next(M_("确认计票结果"), text, "counts.certify", M_("去确认"))
    return Next(M_("录入已完成，等监票人或主任确认计票结果"))


def _certified(facts: Facts, may: May) -> Next:
    if may(Permission.ANNOUNCE_RESULT) and facts.certified_by != facts.me:
        text = M_("请先核对结果页上的每一个数字。")
        return Next(M_("公告表决结果"), text, "counts.announce", M_("公告结果"))
    if may(Permission.WATCH_VOTE):
        return Next(M_("等另一位负责人公告结果"), None, "counts.result", M_("查看结果"))
    return Next(M_("等负责人公告结果"))


def _announced(facts: Facts, may: May) -> Next:
    if facts.open_objections and may(Permission.ANNOUNCE_RESULT) and facts.certified_by != facts.me:
        title = M_("裁定 %(n)d 条对结果的异议", n=facts.open_objections)
        return Next(title, None, "counts.objections", M_("去裁定"))
    until = facts.objections_until
    if until is not None and facts.today is not None and facts.today <= until:
        text = M_("异议期到 %(day)s 为止（含当日）。", day=until)
        return Next(M_("结果已公告，正在听取异议"), text, "counts.result", M_("查看结果"))
    if facts.open_objections:
        title = M_("还有 %(n)d 条对结果的异议没有裁定", n=facts.open_objections)
        return Next(title, None, "counts.objections", M_("查看异议"))
    if may(Permission.CLOSE_VOTE):
        text = M_("异议期已满。请封存票箱，登记存放的地方和保管人。")
        return Next(M_("归档"), text, "counts.archive", M_("去归档"))
    return Next(M_("结果已公告，异议期已满"), None, "counts.result", M_("查看结果"))


def _archived(_facts: Facts, _may: May) -> Next:
    return Next(M_("已归档，不用再做什么"), None, "counts.result", M_("查看结果"))


_STEPS: dict[VoteState, Callable[[Facts, May], Next]] = {
    VoteState.DRAFT: _draft,
    VoteState.FROZEN: _frozen,
    VoteState.OPEN: _open,
    VoteState.COUNTING: _counting,
    VoteState.CERTIFIED: _certified,
    VoteState.ANNOUNCED: _announced,
    VoteState.ARCHIVED: _archived,
}
