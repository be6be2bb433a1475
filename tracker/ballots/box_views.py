"""Pages of the ballot boxes: sealed, handed over, opened."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.ballots import box_services, paper_queries
from tracker.ballots.blueprint import blueprint
from tracker.ballots.paper_forms import BROKEN, WHOLE, HandoverForm, OpenBoxForm, SealForm
from tracker.ballots.paper_models import Box
from tracker.ballots.paper_views import PRINTING, Answer, page, vote_with_roll
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import NotFound, Refusal, require
from tracker.kernel.words import M_
from tracker.votes.models import Vote
from tracker.votes.words import VoteState

PASSING = (VoteState.OPEN, VoteState.COUNTING)
"""States in which boxes pass from hand to hand."""


@blueprint.get("/votes/<int:vote_id>/boxes")
@requires(Permission.WATCH_VOTE)
def boxes(vote_id: int) -> str:
    """All boxes: where they stand, through whose hands they went, how many papers they held."""
    vote = vote_with_roll(vote_id)
    return page(
        "boxes",
        vote,
        boxes=paper_queries.boxes(vote_id),
        papers=paper_queries.papers_in_boxes(vote_id),
        sealing=vote.state in PRINTING and clock.now() < vote.ends_at,
        passing=vote.state in PASSING,
        opening=vote.state is VoteState.COUNTING,
    )


@blueprint.route("/votes/<int:vote_id>/boxes/seal", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def seal_box(vote_id: int) -> Answer:
    """Close an empty box."""
    vote = vote_with_roll(vote_id)
    require(vote.state in PRINTING, M_("投票已经截止或还没有冻结名册，现在不封票箱。"))
    form = SealForm()
    if not form.is_submitted():
        form.number.data = max((box.number for box in paper_queries.boxes(vote_id)), default=0) + 1
    if form.validate_on_submit():
        try:
            box = box_services.seal(
                actor(),
                clock.now(),
                vote_id,
                number=form.number.data,
                seal_number=form.seal_number.data,
                place=form.place.data,
            )
            flash(_("第 %(n)d 号票箱已封。", n=box.number), "success")
            return done(url_for("ballots.boxes", vote_id=vote_id))
        except Refusal as refusal:
            _refuse(form, refusal)
    return page("boxes_seal", vote, form=form)


@blueprint.route("/votes/<int:vote_id>/boxes/<int:number>/hand-over", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def hand_over_box(vote_id: int, number: int) -> Answer:
    """A box passes from hand to hand."""
    vote, box = _box(vote_id, number)
    require(vote.state in PASSING, M_("表决%(state)s，现在不登记票箱交接。", state=vote.state))
    form = HandoverForm()
    form.seal.choices = _seals()
    if not form.is_submitted():
        form.at.process_data(clock.now())
        form.giver.data = box.handovers[-1].taker if box.handovers else ""
    if form.validate_on_submit():
        try:
            box_services.hand_over(
                actor(),
                clock.now(),
                vote_id,
                number=number,
                giver=form.giver.data,
                taker=form.taker.data,
                seal_whole=form.seal.data == WHOLE,
                at=form.at.instant,
            )
            flash(_("第 %(n)d 号票箱的交接已登记。", n=number), "success")
            return done(url_for("ballots.boxes", vote_id=vote_id))
        except Refusal as refusal:
            _refuse(form, refusal)
    return page("boxes_hand_over", vote, form=form, box=box)


@blueprint.route("/votes/<int:vote_id>/boxes/<int:number>/open", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def open_box(vote_id: int, number: int) -> Answer:
    """Open a box after the close."""
    vote, box = _box(vote_id, number)
    require(vote.state is VoteState.COUNTING, M_("截止投票之后才能开箱。"))
    form = OpenBoxForm()
    form.seal.choices = _seals()
    if form.validate_on_submit():
        try:
            box_services.open_box(
                actor(),
                clock.now(),
                vote_id,
                number=number,
                seal_whole=form.seal.data == WHOLE,
                note=form.note.data or "",
            )
            flash(_("第 %(n)d 号票箱已开箱，请逐张登记箱内的票。", n=number), "success")
            return done(url_for("ballots.receive", vote_id=vote_id, box=number))
        except Refusal as refusal:
            _refuse(form, refusal)
    return page("boxes_open", vote, form=form, box=box)


def _box(vote_id: int, number: int) -> tuple[Vote, Box]:
    vote = vote_with_roll(vote_id)
    box = paper_queries.box(vote_id, number)
    if box is None:
        raise NotFound
    return vote, box


def _seals() -> list[SelectChoice]:
    return [SelectChoice(WHOLE, _("完好，号码相符")), SelectChoice(BROKEN, _("破损或号码不符"))]


def _refuse(form: Any, refusal: Refusal) -> None:
    db.session.rollback()
    form.refuse(refusal)
