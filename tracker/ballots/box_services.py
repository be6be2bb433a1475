"""Ballot boxes: sealed empty, passed from hand to hand, opened once after the close."""

from __future__ import annotations

from datetime import datetime

from tracker.accounts.models import User
from tracker.ballots import paper_queries
from tracker.ballots.collecting_services import taking
from tracker.ballots.paper_models import Box, Handover
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, require
from tracker.kernel.words import M_
from tracker.votes.models import Vote
from tracker.votes.services import tell, writable
from tracker.votes.words import VoteState

MOST_BOXES = 200


def seal(
    actor: User, now: datetime, vote_id: int, *, number: int, seal_number: str, place: str
) -> Box:
    """Record that an empty box was closed with a numbered seal, and where it stands.

    Raises Refusal once the voting is over, FieldRefusal for a number or a seal used before.
    """
    # Held alone: two who seal at once must not use the same number.
    vote = writable(actor, vote_id)
    require(
        vote.state in (VoteState.FROZEN, VoteState.OPEN) and now < vote.ends_at,
        M_("投票已经截止或还没有冻结名册，现在不封票箱。"),
    )
    boxes = paper_queries.boxes(vote.id)
    if not 1 <= number <= MOST_BOXES:
        raise FieldRefusal("number", M_("票箱编号请用 1 到 %(most)d。", most=MOST_BOXES))
    if number in {box.number for box in boxes}:
        raise FieldRefusal("number", M_("第 %(n)d 号票箱已经登记过。", n=number))
    if not seal_number.strip():
        raise FieldRefusal("seal_number", M_("请填写封条号。"))
    if seal_number.strip() in {box.seal_number for box in boxes}:
        raise FieldRefusal("seal_number", M_("这个封条号已经用在另一个票箱上。"))
    if not place.strip():
        raise FieldRefusal("place", M_("请填写放在哪里。"))
    made = Box(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        number=number,
        place=place.strip(),
        seal_number=seal_number.strip(),
        sealed_at=now,
        sealed_by=actor.id,
    )
    db.session.add(made)
    db.session.flush()
    tell(actor, now, vote, "box.sealed", M_("封票箱第 %(n)d 号", n=number))
    return made


def hand_over(
    actor: User,
    now: datetime,
    vote_id: int,
    *,
    number: int,
    giver: str,
    taker: str,
    seal_whole: bool,
    at: datetime,
) -> Handover:
    """Record that a closed box passed from one person to another, who looked at its seal.

    Raises NotFound for an unknown box, Refusal for an opened one, FieldRefusal for names that
    are missing or the same, or a time before the last record of the box.
    """
    vote, box = _box(actor, vote_id, number)
    require(box.opened_at is None, M_("第 %(n)d 号票箱已经开箱，不再交接。", n=number))
    if not giver.strip():
        raise FieldRefusal("giver", M_("请填写交出人。"))
    if not taker.strip():
        raise FieldRefusal("taker", M_("请填写接收人。"))
    if giver.strip() == taker.strip():
        raise FieldRefusal("taker", M_("交出人和接收人不能是同一个人。"))
    before = box.handovers[-1].at if box.handovers else box.sealed_at
    if at < before.replace(second=0, microsecond=0):
        raise FieldRefusal("at", M_("时间早于这个票箱上一次的登记。"))
    if at > now:
        raise FieldRefusal("at", M_("时间还没有到。"))
    made = Handover(
        committee_id=vote.committee_id,
        box_id=box.id,
        at=at,
        giver=giver.strip(),
        taker=taker.strip(),
        seal_whole=seal_whole,
        recorded_by=actor.id,
    )
    box.handovers.append(made)
    db.session.flush()
    text = M_("交接票箱第 %(n)d 号，封条完好", n=number)
    if not seal_whole:
        text = M_("交接票箱第 %(n)d 号，封条已破损", n=number)
    tell(actor, now, vote, "box.handed_over", text)
    return made


def open_box(
    actor: User, now: datetime, vote_id: int, *, number: int, seal_whole: bool, note: str
) -> Box:
    """Open a box after the close; ``note`` says who was present and how the seal looked.

    Raises Refusal before the close and for a box that is open, FieldRefusal for a broken seal
    without a word about it.
    """
    vote, box = _box(actor, vote_id, number)
    require(vote.state is VoteState.COUNTING, M_("截止投票之后才能开箱。"))
    require(box.opened_at is None, M_("第 %(n)d 号票箱已经开箱。", n=number))
    if not seal_whole and not note.strip():
        raise FieldRefusal("note", M_("封条不完好的，请写明情况和在场的人。"))
    box.opened_at, box.opened_by = now, actor.id
    box.seal_whole, box.opening_note = seal_whole, note.strip()
    db.session.flush()
    text = M_("打开票箱第 %(n)d 号，封条完好", n=number)
    if not seal_whole:
        text = M_("打开票箱第 %(n)d 号，封条已破损", n=number)
    tell(actor, now, vote, "box.opened", text)
    return box


def _box(actor: User, vote_id: int, number: int) -> tuple[Vote, Box]:
    vote = taking(actor, vote_id)
    found = paper_queries.box(vote.id, number, lock=True)
    if found is None:
        raise NotFound
    return vote, found
