"""The close: from now on no ballot counts that came later, and choices may be read."""

from __future__ import annotations

from datetime import datetime

from tracker.accounts.models import User
from tracker.ballots import opening_services, queries
from tracker.kernel.database import db
from tracker.kernel.errors import require
from tracker.kernel.words import M_
from tracker.votes.course_services import roll_is_whole
from tracker.votes.models import Vote
from tracker.votes.services import tell, writable
from tracker.votes.words import VoteState


def close(actor: User, now: datetime, vote_id: int) -> Vote:
    """End the voting, and open the online ballots; counting begins.

    Raises Refusal before the planned close while a ballot is still out, when the roll no longer
    matches its hash, and when the online ballots were sealed under another SECRET_KEY.
    """
    vote = writable(actor, vote_id)
    require(vote.state is VoteState.OPEN, M_("只有投票中的表决才能截止。"))
    require(
        now >= vote.ends_at or queries.turnout(vote).all_in,
        M_("还没有到截止时间，也还有票没有收回。"),
    )
    require(roll_is_whole(vote), M_("名册、事项或规则与冻结时的指纹不符，不能计票。"))
    vote.state, vote.closed_at, vote.closed_by = VoteState.COUNTING, now, actor.id
    db.session.flush()
    tell(actor, now, vote, "vote.closed", M_("截止投票，开始计票"))
    if vote.online:
        opening_services.open_online(actor, now, vote)
    return vote
