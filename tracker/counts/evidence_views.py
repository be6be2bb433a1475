"""The evidence pack of a vote: what it is, the file, and the program that verifies it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Response, send_file

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.counts import evidence_queries, evidence_services
from tracker.counts.blueprint import blueprint
from tracker.counts.pages import page
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import require
from tracker.kernel.words import M_
from tracker.votes import queries as votes
from tracker.votes import verify

PROGRAM = Path(verify.__file__)
IN_MEMORY = 1 << 23
"""Bytes of a pack that are held in memory; more of it waits in a temporary file."""


@blueprint.get("/votes/<int:vote_id>/evidence")
@requires(Permission.WATCH_VOTE)
def evidence(vote_id: int) -> str:
    """What the pack holds, its digests, and how anybody verifies it."""
    vote = votes.vote(actor(), vote_id)
    counts = evidence_queries.counts_of(vote)
    require(
        bool(counts),
        M_("表决%(state)s，结果还没有确认，没有证据包。", state=vote.state),
    )
    return page("evidence", vote, counts=counts, may_take=actor().may(Permission.EXPORT_EVIDENCE))


@blueprint.post("/votes/<int:vote_id>/evidence.json")
@requires(Permission.EXPORT_EVIDENCE)
def evidence_pack(vote_id: int) -> Response:
    """The pack as one file. A POST, because the history records who took it."""
    vote, pieces = evidence_services.hand_out(actor(), clock.now(), vote_id)
    # Written out before anything is sent: nobody receives half a pack.
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the response closes it
    for piece in pieces:
        file.write(piece)
    file.seek(0)
    db.session.commit()
    return send_file(
        file,
        mimetype="application/json",
        as_attachment=True,
        download_name=f"evidence-{vote.id}.json",
    )


@blueprint.get("/votes/verify.py")
@requires(Permission.WATCH_VOTE)
def verify_program() -> Response:
    """The program that verifies a pack; it runs on any computer with Python."""
    return send_file(
        PROGRAM, mimetype="text/x-python", as_attachment=True, download_name="verify.py"
    )
