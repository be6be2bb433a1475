"""Numbering the papers: one for each voter of the frozen roll, spares, and replacements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.ballots import paper_queries
from tracker.ballots.codes import new_code
from tracker.ballots.paper_models import Paper, PrintRun
from tracker.ballots.rules import PaperState, RunKind
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, require
from tracker.kernel.words import M_
from tracker.votes.models import RollEntry, Vote
from tracker.votes.services import tell, writable
from tracker.votes.words import VoteState

MOST_SPARES = 500


def number_papers(actor: User, now: datetime, vote_id: int) -> PrintRun:
    """Number one paper for each voter of the roll; its serial is the voter's place on the roll.

    Raises Refusal unless the roll is frozen and has no papers yet.
    """
    vote = _printable(actor, vote_id)
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
    vote = _printable(actor, vote_id)
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


def _printable(actor: User, vote_id: int) -> Vote:
    vote = writable(actor, vote_id)
    require(
        vote.state in (VoteState.FROZEN, VoteState.OPEN),
        M_("表决%(state)s，现在不印票。", state=vote.state),
    )
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
