"""Pages on which papers come back: fast, one after the other, at the box or at the door.

What is shown meanwhile is who came back, never what anybody said.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, flash, request, url_for
from flask_babel import gettext as _

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.ballots import collecting_services, paper_queries, queries, receipts
from tracker.ballots.blueprint import blueprint
from tracker.ballots.models import Ballot
from tracker.ballots.paper_views import Answer, page, vote_with_roll
from tracker.ballots.receiving_forms import ReceiveForm, UndoForm, WithdrawForm
from tracker.ballots.rules import BallotState
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal, require
from tracker.kernel.forms import row_choices
from tracker.kernel.qr import qr_code
from tracker.kernel.words import M_
from tracker.votes import figures
from tracker.votes import queries as votes
from tracker.votes.models import Vote
from tracker.votes.words import VoteState

TAKING = (VoteState.OPEN, VoteState.COUNTING)


@blueprint.route("/votes/<int:vote_id>/receive", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def receive(vote_id: int) -> Answer:
    """Record one paper after the other as it comes back."""
    form = ReceiveForm()
    # Recording a paper reads nothing that only the page shows; a box is looked up when named.
    form.box.choices = _choices(_boxes(vote_id) if request.form.get("box") else [])
    if form.validate_on_submit():
        try:
            ballot = collecting_services.receive(
                actor(),
                clock.now(),
                vote_id,
                paper=form.paper.data,
                received_at=form.received_at.instant,
                box_number=form.box.data,
            )
            _tell(ballot)
            return done(_next(vote_id, form))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    vote = vote_with_roll(vote_id)
    require(
        vote.state in TAKING,
        M_("表决%(state)s，不能登记收回的表决票。", state=vote.state),
    )
    boxes = _boxes(vote_id)
    form.box.choices = _choices(boxes)
    if not form.is_submitted():
        form.box.data = _known_box(boxes)
        form.received_at.process_data(_received_at(vote))
    turnout = queries.turnout(vote)
    rule = votes.rule_of(vote)
    return page(
        "receive",
        vote,
        form=form,
        recent=queries.recent_ballots(vote_id),
        turnout=turnout,
        bars=[figures.bar_of(check, rule) for check in (turnout.persons, turnout.area)],
        withdrawing=vote.state is VoteState.OPEN and clock.now() < vote.ends_at,
    )


class _Numbered:
    """A box as a choice: known by its number, not by its row."""

    def __init__(self, number: int, place: str) -> None:
        self.id, self.number, self.place = number, number, place


def _boxes(vote_id: int) -> list[_Numbered]:
    return [_Numbered(box.number, box.place) for box in paper_queries.boxes(vote_id)]


def _choices(boxes: list[_Numbered]) -> list[tuple[Any, Any]]:
    return row_choices(
        boxes,
        lambda box: _("第 %(n)d 号，%(place)s", n=box.number, place=box.place),
        empty=_("没有经过票箱"),
    )


def _known_box(boxes: list[_Numbered]) -> int | None:
    """The box the last paper came from."""
    asked = request.args.get("box", type=int)
    return asked if asked in {box.id for box in boxes} else None


def _received_at(vote: Vote) -> datetime | None:
    """When the next paper came: now; after the close as the one before, else nobody knows."""
    now = clock.now()
    if now <= vote.ends_at and vote.closed_at is None:
        return now
    try:
        before = datetime.fromisoformat(request.args.get("received_at", ""))
    except ValueError:
        return None
    return before if before.tzinfo and vote.opens_at <= before <= now else None


def _next(vote_id: int, form: ReceiveForm) -> str:
    """The next empty form; papers entered after the close came out of one box at one time."""
    kept: dict[str, Any] = {"box": form.box.data} if form.box.data is not None else {}
    # Before the close the page asks for the present time, whatever the last one was.
    kept["received_at"] = form.received_at.instant.isoformat()
    return url_for("ballots.receive", vote_id=vote_id, **kept)


def _tell(ballot: Ballot) -> None:
    where = queries.rooms_of(ballot.roll_entry_id)
    if ballot.state is BallotState.RETURNED:
        flash(_("已收回第 %(n)d 号：%(rooms)s", n=ballot.serial, rooms=where), "success")
    else:
        state = _(ballot.state.label)
        reason = _(ballot.reject_reason.label) if ballot.reject_reason else state
        text = _(
            "已登记第 %(n)d 号：%(rooms)s（%(why)s，不计票）",
            n=ballot.serial,
            rooms=where,
            why=reason,
        )
        flash(text, "warning")


@blueprint.route("/ballots/<int:ballot_id>/undo", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def undo(ballot_id: int) -> Answer:
    """Take back a receipt that was recorded by mistake."""
    ballot = queries.ballot(actor(), ballot_id)
    form = UndoForm()
    if form.validate_on_submit():
        try:
            collecting_services.undo(actor(), clock.now(), ballot_id, reason=form.reason.data)
            flash(_("第 %(n)d 号的收回登记已撤销。", n=ballot.serial), "success")
            return done(url_for("ballots.receive", vote_id=ballot.vote_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page("receive_undo", vote_with_roll(ballot.vote_id), form=form, ballot=ballot)


@blueprint.route("/ballots/<int:ballot_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def withdraw(ballot_id: int) -> Answer:
    """A voter takes the ballot back before the close."""
    ballot = queries.ballot(actor(), ballot_id)
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            collecting_services.withdraw(actor(), clock.now(), ballot_id, reason=form.reason.data)
            flash(_("第 %(n)d 号已撤回。可以发一张备用票重投。", n=ballot.serial), "success")
            return done(
                url_for("ballots.hand_out", vote_id=ballot.vote_id, voter=ballot.entry.serial)
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page("receive_withdraw", vote_with_roll(ballot.vote_id), form=form, ballot=ballot)


@blueprint.get("/ballots/<int:ballot_id>/receipt")
@requires(Permission.RECORD_BALLOT)
def receipt(ballot_id: int) -> str:
    """A slip for the voter: serial, short hash, "recorded"; never the choice."""
    ballot = queries.ballot(actor(), ballot_id)
    vote = vote_with_roll(ballot.vote_id)
    board = url_for("public.bulletin", token=vote.project.public_token, vote_id=vote.id)
    return page(
        "receive_slip",
        vote,
        ballot=ballot,
        code=receipts.short(ballot.receipt),
        board=qr_code(current_app.config["BASE_URL"] + board),
    )
