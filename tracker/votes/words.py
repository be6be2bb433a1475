"""Words of the voting procedure; the arithmetic is in ``rules``."""

from __future__ import annotations

from tracker.kernel.words import N_, Term


class VoteState(Term):
    """The course of a vote; each state is entered once."""

    DRAFT = "draft", N_("准备中")
    FROZEN = "frozen", N_("名册已冻结")
    OPEN = "open", N_("投票中")
    CLOSED = "closed", N_("已截止")
    ANNOUNCED = "announced", N_("已公告")
    CANCELLED = "cancelled", N_("已作废")


class BallotState(Term):
    """A paper as it stands after the identity check."""

    ACCEPTED = "accepted", N_("有效收回")
    REJECTED = "rejected", N_("身份核对未通过")
    LATE = "late", N_("逾期收到")
    SUPERSEDED = "superseded", N_("已被更正")
    VOIDED = "voided", N_("登记已撤销")


class RejectReason(Term):
    """Why a returned paper does not count."""

    TENANT = "tenant", N_("承租人填写")
    UNSIGNED = "unsigned", N_("未签名")
    NO_PROXY = "no_proxy", N_("代填无委托书")
    COPY = "copy", N_("不是原票")


CURRENT_STATES = (BallotState.ACCEPTED, BallotState.REJECTED, BallotState.LATE)
"""Papers that came back and whose record nobody has corrected or withdrawn."""

SETTLED_STATES = (VoteState.ANNOUNCED, VoteState.CANCELLED)
"""A vote that is over in public: its stage may be left behind."""

RUNNING_STATES = (VoteState.FROZEN, VoteState.OPEN)
"""Frozen, and not counted yet."""

COUNTED_STATES = (VoteState.CLOSED, VoteState.ANNOUNCED)
"""The result stands."""

OBJECTION_DAYS = 15
"""Calendar days after the announcement in which objections to the result are heard."""
