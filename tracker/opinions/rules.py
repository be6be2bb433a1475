"""How opinions come in and what becomes of them."""

from __future__ import annotations

from tracker.kernel.words import N_, Term


class Channel(Term):
    """Where an opinion was heard (the anthology's channels)."""

    DOOR = "door", N_("上门走访")
    FORUM = "forum", N_("座谈会")
    RECEPTION = "reception", N_("居民接待日")
    POSTER = "poster", N_("扫码填写")
    WECHAT = "wechat", N_("微信群汇总")
    SURVEY = "survey", N_("问卷")
    PHONE = "phone", N_("电话")


class Stance(Term):
    """Where an opinion stands."""

    SUPPORT = "support", N_("支持")
    CONDITIONAL = "conditional", N_("有条件支持")
    OPPOSE = "oppose", N_("反对")
    QUESTION = "question", N_("询问")


class OpinionStatus(Term):
    """What became of an opinion."""

    NEW = "new", N_("待处理")
    ACKNOWLEDGED = "acknowledged", N_("已受理")
    ADOPTED = "adopted", N_("已采纳")
    PARTLY = "partly", N_("部分采纳")
    EXPLAINED = "explained", N_("已解释")
    MERGED = "merged", N_("已合并")


ANSWERED = frozenset({OpinionStatus.ADOPTED, OpinionStatus.PARTLY, OpinionStatus.EXPLAINED})
"""Statuses that a written reply may lead to."""

REPLY_WORKDAYS = 10
"""Working days within which a reply is owed; the desk counts down to it."""
