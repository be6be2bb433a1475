"""Numbering the papers: one for each voter of the frozen roll, spares, and replacements.

A number is used once. Whatever happens to a paper, it is never printed a second time under the
same number: a replacement has a number and a code of its own, and the old one is void.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.ballots import delivery_services, paper_queries, queries
from tracker.ballots.codes import new_code
from tracker.ballots.collecting_services import locked_entry
from tracker.ballots.paper_models import Paper, PrintRun
from tracker.ballots.rules import BallotState, PaperState, Recipient, RunKind
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Reason, Refusal, require
from tracker.kernel.words import M_
from tracker.votes.models import RollEntry, Vote
from tracker.votes.services import tell, writable
from tracker.votes.words import VoteState

MOST_SPARES = 500


def number_papers(actor: User, now: datetime, vote_id: int) -> PrintRun:
    """Number one paper for each voter of the roll; its serial is the voter's place on the roll.

    Raises Refusal unless the roll is frozen and has no papers yet.
    """
    vote = _printable(actor, now, vote_id)
    require(paper_queries.last_serial(vote.id) == 0, M_("表决票已经编过号了。"))
    entries = db.session.execute(
        sa.select(RollEntry.id, RollEntry.serial)
        .where(RollEntry.vote_id == vote.id)
        .order_by(RollEntry.serial)
    ).all()
    run = _run(actor, now, vote, RunKind.ROLL, entries[0].serial, entries[-1].serial)
    _write(vote, run, [(row.serial, row.id) for row in entries], PaperState.LIVE)
    text = M_("表决票编号：第 1 号至第 %(last)d 号", last=run.last)
    tell(actor, now, vote, "papers.numbered", text)
    return run


def print_spares(actor: User, now: datetime, vote_id: int, count: int) -> PrintRun:
    """Number spare papers that belong to nobody yet; FieldRefusal for a count out of range."""
    vote = _printable(actor, now, vote_id)
    if not 1 <= count <= MOST_SPARES:
        raise FieldRefusal("count", M_("备用票请印 1 到 %(most)d 张。", most=MOST_SPARES))
    last = paper_queries.last_serial(vote.id)
    require(last > 0, M_("请先按名册编号。"))
    run = _run(actor, now, vote, RunKind.SPARE, last + 1, last + count)
    _write(
        vote, run, [(serial, None) for serial in range(run.first, run.last + 1)], PaperState.SPARE
    )
    text = M_("印备用票：第 %(first)d 号至第 %(last)d 号", first=run.first, last=run.last)
    tell(actor, now, vote, "papers.spares", text)
    return run


def spoil(actor: User, now: datetime, vote_id: int, *, paper: str, reason: str) -> Paper:
    """Void a paper that will not be used; ``paper`` is its serial or code.

    Raises FieldRefusal for an unknown paper, one that came back or is void already, or without a
    reason.
    """
    vote = _printable(actor, now, vote_id)
    found = _unreturned(vote, paper)
    _void(actor, now, vote, found, reason)
    return found


def reprint(actor: User, now: datetime, vote_id: int, *, paper: str, reason: str) -> Paper:
    """Void a voter's paper and number another for them. Raises as ``spoil``, and for a spare."""
    vote = _printable(actor, now, vote_id)
    old = _unreturned(vote, paper)
    if old.roll_entry_id is None:
        raise FieldRefusal("paper", M_("第 %(n)d 号是备用票，请直接另印备用票。", n=old.serial))
    _void(actor, now, vote, old, reason)
    serial = paper_queries.last_serial(vote.id) + 1
    run = _run(actor, now, vote, RunKind.REPRINT, serial, serial)
    new = Paper(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        run=run,
        serial=serial,
        code=new_code(),
        roll_entry_id=old.roll_entry_id,
        second_owner=old.second_owner,
        state=PaperState.LIVE,
    )
    db.session.add(new)
    db.session.flush()
    text = M_("补印第 %(new)d 号，代替第 %(old)d 号", new=serial, old=old.serial)
    tell(actor, now, vote, "paper.reprinted", text)
    return new


def hand_out(
    actor: User,
    now: datetime,
    vote_id: int,
    *,
    spare: str,
    voter: str,
    recipient: Recipient,
    reason: str,
    second_owner: bool = False,
) -> Paper:
    """Give a spare paper to a voter, who signs for it on its stub.

    ``spare`` is its serial or code, ``voter`` a serial, a code or a room. What the voter still
    has out is void from now on; ``second_owner`` gives it to a co-owner beside the voter, whose
    own paper stays. Raises FieldRefusal for an unknown or used spare, an unknown voter, a tenant
    or no reason, Refusal for a voter whose ballot is in, NotFound for another leader's building.
    """
    vote = _printable(actor, now, vote_id)
    found = paper_queries.find(vote.id, spare)
    if found is None or found.state is not PaperState.SPARE:
        raise FieldRefusal("spare", M_("这不是还没有发出的备用票，请核对编号。"))
    entry = paper_queries.find_voter(vote.id, voter)
    if entry is None:
        raise FieldRefusal(
            "voter", M_("名册上没有这个票号或房号。房号请写成 3-101 或 3号楼101室。")
        )
    delivery_services.require_reach(actor, entry)
    delivery_services.require_taker(recipient)
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明原因。"))
    entry = locked_entry(entry.id)
    _require_none_in(entry, second_owner=second_owner)
    for old in paper_queries.papers_out(entry, second_owner=second_owner):
        if second_owner:
            raise FieldRefusal("voter", M_("共有人已经领过第 %(n)d 号。", n=old.serial))
        _void(actor, now, vote, old, reason)
    found.state, found.entry, found.second_owner = PaperState.LIVE, entry, second_owner
    db.session.flush()
    text = M_("发出备用票第 %(n)d 号，给名册第 %(voter)d 号", n=found.serial, voter=entry.serial)
    tell(actor, now, vote, "paper.handed_out", text)
    if not second_owner:
        delivery_services.delivered_at_once(actor, now, vote, entry, found, recipient)
    return found


def _require_none_in(entry: RollEntry, *, second_owner: bool) -> None:
    """Raise Refusal when the voter's own paper, or the co-owner's, is in and not taken back."""
    for ballot in queries.current_ballots([entry.id]).get(entry.id, ()):
        stands = ballot.state not in (BallotState.WITHDRAWN, BallotState.REJECTED)
        if ballot.paper is not None and stands and ballot.second_owner == second_owner:
            text = M_(
                "第 %(n)d 号已经收回。要重新投票的，先凭本人书面申请登记撤回。",
                n=ballot.paper.serial,
            )
            raise Refusal(Reason(text, "ballots.withdraw", (("ballot_id", ballot.id),)))


def _unreturned(vote: Vote, text: str) -> Paper:
    """A paper that is not void and has not come back."""
    found = paper_queries.find(vote.id, text)
    if found is None:
        raise FieldRefusal("paper", M_("没有这张票，请核对编号或重新扫码。"))
    if found.state is PaperState.SPOILT:
        raise FieldRefusal("paper", M_("第 %(n)d 号已经作废。", n=found.serial))
    if queries.current_of_paper(found.id) is not None:
        raise FieldRefusal("paper", M_("第 %(n)d 号已经收回，不能作废或补印。", n=found.serial))
    return found


def _void(actor: User, now: datetime, vote: Vote, paper: Paper, reason: str) -> None:
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明原因。"))
    paper.state, paper.spoilt_reason = PaperState.SPOILT, reason.strip()
    paper.spoilt_at, paper.spoilt_by = now, actor.id
    db.session.flush()
    tell(actor, now, vote, "paper.spoilt", M_("作废表决票第 %(n)d 号", n=paper.serial))
    delivery_services.take_back(actor, now, vote, paper)


def _printable(actor: User, now: datetime, vote_id: int) -> Vote:
    vote = writable(actor, vote_id)
    require(
        vote.state in (VoteState.FROZEN, VoteState.OPEN),
        M_("表决%(state)s，现在不印票。", state=vote.state),
    )
    require(now < vote.ends_at, M_("截止时间已过，不再印票、换票。"))
    return vote


def _run(actor: User, now: datetime, vote: Vote, kind: RunKind, first: int, last: int) -> PrintRun:
    run = PrintRun(
        committee_id=vote.committee_id,
        vote_id=vote.id,
        number=paper_queries.runs(vote.id) + 1,
        kind=kind,
        first=first,
        last=last,
        made_by=actor.id,
        made_at=now,
    )
    db.session.add(run)
    db.session.flush()
    return run


def _write(
    vote: Vote, run: PrintRun, papers: Sequence[tuple[int, int | None]], state: PaperState
) -> None:
    rows = [
        {
            "committee_id": vote.committee_id,
            "vote_id": vote.id,
            "run_id": run.id,
            "serial": serial,
            "code": new_code(),
            "roll_entry_id": entry_id,
            "second_owner": False,
            "state": state,
            "spoilt_reason": "",
        }
        for serial, entry_id in papers
    ]
    db.session.execute(sa.insert(Paper), rows)
