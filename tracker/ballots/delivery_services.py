"""Bringing the ballots: by whom, how, who took them, and what proves it; and reminder visits.

A visit holds a date and whether anybody was met. What people prefer has no field here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.accounts.models import User
from tracker.accounts.queries import staff
from tracker.accounts.rules import Permission, Role, roles_that_may
from tracker.ballots import delivery_queries
from tracker.ballots.collecting_services import locked_entry
from tracker.ballots.paper_models import BallotDelivery, Paper, Visit
from tracker.ballots.rules import (
    DeliveryOutcome,
    DeliveryWay,
    Recipient,
    VisitOutcome,
    delivery_fault,
)
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Reason, Refusal, require
from tracker.kernel.storage import storage
from tracker.kernel.words import M_, Message
from tracker.projects.services import require_running
from tracker.votes import queries as votes
from tracker.votes import roll_queries
from tracker.votes.models import RollEntry, Vote
from tracker.votes.services import tell
from tracker.votes.words import VoteState
from tracker.works.images import Cleaned


@dataclass(frozen=True)
class Brought:
    """What somebody says of one time that a ballot was brought.

    ``recipient`` where it was signed for; ``proof`` a posting number, a witness, or what was
    posted where; ``photo`` of it. ``server_id``: who brought it, None for who records it.
    """

    way: DeliveryWay
    outcome: DeliveryOutcome
    at: datetime
    recipient: Recipient | None = None
    proof: str = ""
    photo: Cleaned | None = None
    server_id: int | None = None


def deliver(
    actor: User, now: datetime, vote_id: int, *, serial: int, brought: Brought
) -> BallotDelivery:
    """Record that a ballot was brought to a voter, or that nobody was at home.

    ``serial`` is the voter's on the roll. Raises NotFound for a voter who is unknown or of
    another leader's building, Refusal when one is delivered already or no paper is numbered,
    FieldRefusal for what cannot stand, such as a tenant who receives an owner's ballot.
    """
    vote = _delivering(actor, vote_id)
    entry = _entry(actor, vote, serial)
    standing = delivery_queries.standing(entry.id)
    if standing is not None:
        raise Refusal(
            Reason(
                M_("这一户已经登记送达。登记有误的，请更正。"),
                "ballots.correct_delivery",
                (("delivery_id", standing.id),),
            )
        )
    made = _write(actor, now, vote, entry, brought, _paper(entry, brought.way))
    text = M_("登记送达：名册第 %(n)d 号，%(way)s，%(outcome)s", **_said(entry, made))
    tell(actor, now, vote, "ballot.delivered", text)
    return made


def correct(
    actor: User,
    now: datetime,
    delivery_id: int,
    *,
    reason: str,
    brought: Brought | None,
) -> BallotDelivery | None:
    """Replace what was recorded of a delivery; the old record stays and is superseded.

    ``brought`` None takes it back and puts nothing in its place. Raises as ``deliver``, and
    Refusal for a record that was corrected before.
    """
    old = delivery_queries.delivery(actor, delivery_id)
    vote = _delivering(actor, old.vote_id)
    entry = locked_entry(old.roll_entry_id)
    db.session.refresh(old)
    require(not old.superseded, M_("这条登记已经更正过，请更正最新的一条。"))
    _supersede(old, entry, reason)
    made = None
    if brought is not None:
        standing = delivery_queries.standing(entry.id)
        require(
            standing is None or brought.outcome is DeliveryOutcome.ABSENT,
            M_("这一户另有一次送达登记。"),
        )
        made = _write(actor, now, vote, entry, brought, _paper(entry, brought.way))
    text = M_("更正送达登记：名册第 %(n)d 号", n=entry.serial)
    tell(actor, now, vote, "delivery.corrected", text)
    return made


def remind(
    actor: User, now: datetime, vote_id: int, *, serial: int, outcome: VisitOutcome, at: datetime
) -> Visit:
    """Record a reminder at the door. Raises Refusal unless the vote is open and none is in."""
    vote = _delivering(actor, vote_id)
    require(vote.state is VoteState.OPEN, M_("投票开始之后才上门提醒。"))
    entry = _entry(actor, vote, serial)
    require(not delivery_queries.has_voted(entry.id), M_("这一户的表决票已经收回，不用再提醒。"))
    _check_time(vote, now, at, begin=vote.opened_at, early=M_("时间早于开始投票的时间。"))
    visit = Visit(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        roll_entry_id=entry.id,
        at=at,
        outcome=outcome,
        visited_by=actor.id,
    )
    db.session.add(visit)
    db.session.flush()
    text = M_("上门提醒：名册第 %(n)d 号，%(outcome)s", n=entry.serial, outcome=outcome)
    tell(actor, now, vote, "voter.reminded", text)
    return visit


# ---- for the papers ----


def require_reach(actor: User, entry: RollEntry) -> None:
    """Raise NotFound for a building leader and a voter of somebody else's building."""
    if not delivery_queries.reaches(actor, entry):
        raise NotFound


def require_taker(recipient: Recipient) -> None:
    """Raise FieldRefusal for somebody who may not take an owner's ballot."""
    fault = delivery_fault(
        DeliveryWay.HAND, DeliveryOutcome.SIGNED, recipient, proof="", photo=False
    )
    if fault is not None:
        raise FieldRefusal(*fault)


def delivered_at_once(
    actor: User, now: datetime, vote: Vote, entry: RollEntry, paper: Paper, recipient: Recipient
) -> None:
    """Record that a paper was handed over and signed for, unless a delivery stands."""
    if delivery_queries.standing(entry.id) is None:
        brought = Brought(DeliveryWay.HAND, DeliveryOutcome.SIGNED, now, recipient)
        _write(actor, now, vote, entry, brought, paper)


def take_back(actor: User, now: datetime, vote: Vote, paper: Paper) -> None:
    """A void paper was not delivered: what takes its place is yet to be brought."""
    if paper.roll_entry_id is None:
        return
    standing = delivery_queries.standing(paper.roll_entry_id)
    if standing is not None and standing.paper_id == paper.id:
        _supersede(standing, locked_entry(paper.roll_entry_id), paper.spoilt_reason)
        text = M_("第 %(n)d 号作废，原送达登记不再算数", n=paper.serial)
        tell(actor, now, vote, "delivery.void", text)


# ---- inside ----


def _delivering(actor: User, vote_id: int) -> Vote:
    vote = votes.locked_vote(actor, vote_id, shared=True)
    require_running(vote.project)
    require(
        vote.state in (VoteState.FROZEN, VoteState.OPEN),
        M_("表决%(state)s，现在不登记送达和提醒。", state=vote.state),
    )
    return vote


def _entry(actor: User, vote: Vote, serial: int) -> RollEntry:
    found = roll_queries.entry_numbered(vote.id, serial, lock=True)
    if found is None:
        raise NotFound
    require_reach(actor, found)
    return found


def _paper(entry: RollEntry, way: DeliveryWay) -> Paper | None:
    """The paper that was brought; none for a link."""
    if way is DeliveryWay.ONLINE:
        return None
    live = delivery_queries.live_paper(entry.id)
    require(live is not None, M_("这一户没有可以送的表决票，请先编号印票，或发备用票。"))
    return live


def _write(
    actor: User, now: datetime, vote: Vote, entry: RollEntry, brought: Brought, paper: Paper | None
) -> BallotDelivery:
    fault = delivery_fault(
        brought.way,
        brought.outcome,
        brought.recipient,
        proof=brought.proof,
        photo=brought.photo is not None,
    )
    if fault is not None:
        raise FieldRefusal(*fault)
    _check_time(vote, now, brought.at, begin=vote.frozen_at, early=M_("时间早于冻结名册的时间。"))
    signed = brought.outcome is DeliveryOutcome.SIGNED
    made = BallotDelivery(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        roll_entry_id=entry.id,
        paper_id=paper.id if paper else None,
        way=brought.way,
        outcome=brought.outcome,
        recipient=brought.recipient if signed else None,
        delivered=brought.outcome is not DeliveryOutcome.ABSENT,
        proof=brought.proof.strip(),
        proof_path=storage().put(brought.photo.data, ".jpg") if brought.photo else "",
        at=brought.at,
        served_by=_server(actor, brought.server_id),
        recorded_at=now,
    )
    entry.delivered = entry.delivered or made.delivered
    db.session.add(made)
    db.session.flush()
    return made


def _server(actor: User, server_id: int | None) -> int:
    """Who brought it: oneself, or a colleague for whom somebody of the office records it."""
    if server_id is None or server_id == actor.id:
        return actor.id
    colleagues = staff(actor.committee_id or 0, roles_that_may(Permission.DELIVER_BALLOT))
    if actor.role is Role.BUILDING_LEADER or server_id not in {user.id for user in colleagues}:
        raise FieldRefusal("server_id", M_("请选择本居委会的送达人。"))
    return server_id


def _check_time(
    vote: Vote, now: datetime, at: datetime, *, begin: datetime | None, early: Message
) -> None:
    # Times are entered by the minute; what they begin with may lie within that minute.
    if begin is not None and at < begin.replace(second=0, microsecond=0):
        raise FieldRefusal("at", early)
    if at > now:
        raise FieldRefusal("at", M_("时间还没有到。"))
    if at > vote.ends_at:
        raise FieldRefusal("at", M_("时间晚于投票截止时间。"))


def _supersede(old: BallotDelivery, entry: RollEntry, reason: str) -> None:
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明更正的原因。"))
    old.superseded, old.correction_reason = True, reason.strip()
    if old.delivered:
        entry.delivered = False
    db.session.flush()


def _said(entry: RollEntry, made: BallotDelivery) -> dict[str, object]:
    return {"n": entry.serial, "way": made.way, "outcome": made.outcome}
