"""What there is to put away when a vote is archived."""

from __future__ import annotations

import sqlalchemy as sa

from tracker.ballots.paper_models import Box
from tracker.counts import balance_queries, queries
from tracker.kernel.database import db
from tracker.kernel.words import M_, Message
from tracker.votes.models import Vote
from tracker.votes.roll_queries import roll_size


def contents(vote: Vote) -> list[Message]:
    """A table of contents to begin with: what this ledger knows of that is paper."""
    sheet = balance_queries.balance(vote)
    sheets = queries.sheets(vote.id)
    found = [
        M_(
            "表决票 %(printed)d 张：收回 %(returned)d，备用 %(spare)d，作废 %(spoilt)d",
            printed=sheet.printed - sheet.unreturned,
            returned=sheet.returned,
            spare=sheet.spare,
            spoilt=sheet.spoilt,
        ),
        M_("表决票存根和送达签收记录"),
        *(
            M_(
                "票箱 %(n)d，封条 %(seal)s（%(place)s）",
                n=box.number,
                seal=box.seal_number,
                place=box.place,
            )
            for box in _boxes(vote.id)
        ),
        M_("冻结的名册 %(n)d 人，指纹 %(code)s", n=roll_size(vote.id), code=vote.fingerprint),
        M_("计票统计表（三人签名）%(n)d 份", n=len(sheets)),
        M_("表决结果公告 %(n)d 份", n=sum(s.announced_at is not None for s in sheets)),
    ]
    received = queries.objection_counts(vote.id)[0]
    if received:
        found.append(M_("对结果的异议和裁定 %(n)d 份", n=received))
    if vote.attachments:
        found.append(M_("随表决公布的文件 %(n)d 份", n=len(vote.attachments)))
    return found


def _boxes(vote_id: int) -> list[Box]:
    return list(
        db.session.scalars(sa.select(Box).where(Box.vote_id == vote_id).order_by(Box.number))
    )
