"""Words and pure rules of ballot papers: printed, delivered, returned, checked, entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracker.kernel.words import M_, N_, Message, Term


class RunKind(Term):
    """Why papers were printed."""

    ROLL = "roll", N_("按名册")
    SPARE = "spare", N_("备用票")
    REPRINT = "reprint", N_("补印")


class PaperState(Term):
    """A printed paper, whether or not it came back."""

    LIVE = "live", N_("有效")
    SPARE = "spare", N_("备用")
    SPOILT = "spoilt", N_("作废")


class DeliveryWay(Term):
    """How a ballot was brought."""

    HAND = "hand", N_("上门")
    POST = "post", N_("邮寄")
    NOTICE = "notice", N_("公告送达")
    ONLINE = "online", N_("线上链接")


class DeliveryOutcome(Term):
    """What became of bringing it. Only an absence leaves the ballot undelivered."""

    SIGNED = "signed", N_("已签收")
    REFUSED = "refused", N_("拒收")
    SENT = "sent", N_("已寄出或已公告")
    ABSENT = "absent", N_("家中无人")


class Recipient(Term):
    """Who took the ballot. A tenant may not take an owner's."""

    OWNER = "owner", N_("业主本人")
    CO_OWNER = "co_owner", N_("共有人")
    PROXY = "proxy", N_("受托人（有委托书）")
    TENANT = "tenant", N_("承租人")


class VisitOutcome(Term):
    """What came of a reminder visit: never what anybody prefers."""

    MET = "met", N_("见到了，已提醒")
    ABSENT = "absent", N_("家中无人")
    LATER = "later", N_("约了下次再来")
    MOVED = "moved", N_("已搬走，需换联系方式")


class BallotState(Term):
    """What came back, after each check."""

    RETURNED = "returned", N_("已收回，待核对")
    ACCEPTED = "accepted", N_("有效收回")
    CO_OWNER = "co_owner", N_("共有人另交，合并计算")
    REJECTED = "rejected", N_("身份核对未通过")
    LATE = "late", N_("逾期收到")
    WITHDRAWN = "withdrawn", N_("本人撤回")
    SUPERSEDED = "superseded", N_("已被取代")
    VOIDED = "voided", N_("登记已撤销")


class RejectReason(Term):
    """Why a returned paper does not count."""

    TENANT = "tenant", N_("承租人填写")
    UNSIGNED = "unsigned", N_("未签名")
    NO_PROXY = "no_proxy", N_("代填无委托书")
    COPY = "copy", N_("不是原票")
    VOID_PAPER = "void_paper", N_("已作废的票")
    DUPLICATE = "duplicate", N_("同一表决权人的第二张票")
    UNREADABLE = "unreadable", N_("线上票的密封被改动，无法开封")


class PassState(Term):
    """Whether a voter may vote by a pass now."""

    USABLE = "usable", N_("可以投票")
    EARLY = "early", N_("投票还没有开始")
    CLOSED = "closed", N_("投票已经截止")
    CANCELLED = "cancelled", N_("这次表决已作废")
    ENDED = "ended", N_("这个链接已停用或已换新")
    PAUSED = "paused", N_("项目暂停，现在不能投票")
    PAPER = "paper", N_("已收到您的纸质票，以纸质票为准")


CURRENT_STATES = (
    BallotState.RETURNED,
    BallotState.ACCEPTED,
    BallotState.CO_OWNER,
    BallotState.REJECTED,
    BallotState.LATE,
    BallotState.WITHDRAWN,
)
"""Papers that came back and whose record nobody has corrected or taken back."""

COUNTABLE_STATES = (BallotState.ACCEPTED, BallotState.CO_OWNER)
"""Ballots whose choices are read."""


OUTCOMES: Mapping[DeliveryWay, tuple[DeliveryOutcome, ...]] = {
    DeliveryWay.HAND: (DeliveryOutcome.SIGNED, DeliveryOutcome.REFUSED, DeliveryOutcome.ABSENT),
    DeliveryWay.POST: (DeliveryOutcome.SENT, DeliveryOutcome.SIGNED, DeliveryOutcome.REFUSED),
    DeliveryWay.NOTICE: (DeliveryOutcome.SENT,),
    DeliveryWay.ONLINE: (DeliveryOutcome.SENT,),
}
"""What may become of a ballot brought in each way."""

_SENT: Mapping[DeliveryWay, Message] = {
    DeliveryWay.POST: M_("邮寄，已寄出"),
    DeliveryWay.NOTICE: M_("公告送达，已张贴"),
    DeliveryWay.ONLINE: M_("线上链接，已交给本人"),
}


def manner(way: DeliveryWay, outcome: DeliveryOutcome) -> Message:
    """How a ballot was brought and what became of it, as people say it."""
    if outcome is DeliveryOutcome.SENT and way in _SENT:
        return _SENT[way]
    return M_("%(way)s，%(outcome)s", way=way, outcome=outcome)


_PROOFS: Mapping[DeliveryWay, Message] = {
    DeliveryWay.HAND: M_("拒收的，请写明在场的见证人，或附照片。"),
    DeliveryWay.POST: M_("邮寄的，请填写邮件号码。"),
    DeliveryWay.NOTICE: M_("公告送达的，请写明张贴的地点，或附照片。"),
    DeliveryWay.ONLINE: M_("请写明线上链接是怎样交给本人的。"),
}


def delivery_fault(
    way: DeliveryWay,
    outcome: DeliveryOutcome,
    recipient: Recipient | None,
    *,
    proof: str,
    photo: bool,
) -> tuple[str, Message] | None:
    """The field and the reason why a delivery cannot stand so; None when it can.

    Where nobody signed for the ballot at the door, something must prove that it was brought.
    """
    if outcome not in OUTCOMES[way]:
        return "outcome", M_("%(way)s不会有“%(outcome)s”的结果。", way=way, outcome=outcome)
    if outcome is DeliveryOutcome.SIGNED:
        if recipient is None:
            return "recipient", M_("请选择由谁签收。")
        if recipient is Recipient.TENANT:
            return "recipient", M_(
                "承租人没有表决权，不能代收业主的表决票。请交业主本人、共有人或有委托书的受托人；"
                "都不在的登记“家中无人”，改日再来，或邮寄、公告送达。"
            )
    unproved = outcome is not DeliveryOutcome.ABSENT and not proof.strip()
    at_the_door = way is DeliveryWay.HAND and outcome is DeliveryOutcome.SIGNED
    # A photograph shows a witness or a notice; the number of a letter must be written.
    shown = photo and way is not DeliveryWay.POST
    if unproved and not at_the_door and not shown:
        return "proof", _PROOFS[way]
    return None


LINE, HALF_A_SHEET = 42, 6
"""Signs in a line of a motion's text on half a sheet, and lines of text and boxes it holds."""


def fits_half_a_sheet(texts: Sequence[str], rows_of_boxes: int) -> bool:
    """Whether a ballot with these texts leaves room for another on the same sheet of A4."""
    lines = sum(-(-len(line) // LINE) for text in texts for line in text.splitlines() or [""])
    return lines + rows_of_boxes <= HALF_A_SHEET
