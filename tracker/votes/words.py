"""Words of the procedure around a vote; the arithmetic is in ``rules``."""

from __future__ import annotations

from tracker.kernel.words import N_, Term


class VoteState(Term):
    """The course of a vote. Only a recount leads back, from certified or announced to counting."""

    DRAFT = "draft", N_("准备中")
    FROZEN = "frozen", N_("名册已冻结")
    OPEN = "open", N_("投票中")
    COUNTING = "counting", N_("计票中")
    CERTIFIED = "certified", N_("结果已确认")
    ANNOUNCED = "announced", N_("已公告")
    ARCHIVED = "archived", N_("已归档")
    CANCELLED = "cancelled", N_("已作废")


class TwoPersonStep(Term):
    """What one person proposes and another approves."""

    FREEZE = "freeze", N_("冻结名册")
    EXTEND = "extend", N_("延长投票时间")
    AMEND = "amend", N_("补录名册面积")


class AttachmentKind(Term):
    """What is published with the motions; its hash is frozen with the roll."""

    TEXT = "text", N_("表决事项全文")
    CLAUSE = "clause", N_("业主大会议事规则")


RUNNING_STATES = (VoteState.FROZEN, VoteState.OPEN, VoteState.COUNTING)
"""Frozen, and without a result yet."""

CERTIFIED_STATES = (VoteState.CERTIFIED, VoteState.ANNOUNCED, VoteState.ARCHIVED)
"""The result stands."""

PUBLIC_STATES = (VoteState.ANNOUNCED, VoteState.ARCHIVED)
"""Residents see the result."""

SETTLED_STATES = (*PUBLIC_STATES, VoteState.CANCELLED)
"""A vote that is over in public: its stage may be left behind."""

OBJECTION_DAYS = 15
"""Calendar days after the announcement in which objections to the result are heard."""


class Confidence(Term):
    """How surely the source of a rule was read."""

    TEXT = "V", N_("已对照法规原文")
    COPY = "V2", N_("依据转载的文本，没有对照原文")
    MEMORY = "M", N_("凭记忆录入，使用前要查原文")
    NONE = "-", N_("没有法规依据")
