"""Entering paper ballots; part of the blueprint of ``views``. No page here shows a choice."""

from __future__ import annotations

from datetime import datetime

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import FieldRefusal, Reason, Refusal, require
from tracker.kernel.forms import row_choices
from tracker.kernel.paging import paginate
from tracker.kernel.words import M_
from tracker.places.rules import building_label
from tracker.votes import queries, roll_queries, services
from tracker.votes.forms import VOID, CorrectForm, RecordForm, RollFilter, ballot_form
from tracker.votes.models import Ballot, RollEntry, Vote
from tracker.votes.views import Answer, blueprint, page
from tracker.votes.words import CURRENT_STATES, BallotState, VoteState

__all__ = ["blueprint"]

PAGE = 50


def rooms(entry: RollEntry) -> str:
    """The rooms of a roll entry: 3号楼101室、5号楼202室."""
    return "、".join(unit.label for unit in entry.units)


@blueprint.route("/votes/<int:vote_id>/ballots/new", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def record(vote_id: int) -> Answer:
    """Enter one paper after the other."""
    vote = queries.vote(actor(), vote_id)
    require(
        vote.state is VoteState.OPEN,
        M_("表决%(state)s，现在不登记表决票。", state=vote.state),
    )
    form = ballot_form(RecordForm, vote.motions)
    reasons: tuple[Reason, ...] = ()
    if not form.is_submitted():
        form.received_at.process_data(_received(vote))
    if form.validate_on_submit():
        try:
            ballot = services.record_ballot(
                actor(),
                clock.now(),
                vote_id,
                serial=_serial(vote, form.serial.data),
                choices=form.choices,
                received_at=form.received_at.instant,
                rejected=form.rejected,
            )
            _tell_recorded(ballot)
            return done(_next(vote, form.received_at.instant))
        except FieldRefusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        except Refusal as refusal:
            db.session.rollback()
            reasons = refusal.reasons
    recent = queries.recent_ballots(vote_id)
    return page("record", vote, form=form, reasons=reasons, recent=recent, rooms=rooms)


def _serial(vote: Vote, text: str) -> int:
    entry = roll_queries.find_entry(vote.id, text)
    if entry is None:
        raise FieldRefusal(
            "serial", M_("名册上没有这个票号或房号。房号请写成 3-101 或 3号楼101室。")
        )
    return entry.serial


def _tell_recorded(ballot: Ballot) -> None:
    number, where = queries.papers(ballot.vote_id), rooms(ballot.entry)
    if ballot.state is BallotState.ACCEPTED:
        flash(_("第 %(n)d 票已登记：%(rooms)s", n=number, rooms=where), "success")
    else:
        state = _(ballot.state.label)
        text = _(
            "第 %(n)d 票已登记：%(rooms)s（%(state)s，不计票）", n=number, rooms=where, state=state
        )
        flash(text, "warning")


def _received(vote: Vote) -> datetime | None:
    """When the next paper came: as the one before; else now; after the close nobody knows."""
    now = clock.now()
    try:
        before = datetime.fromisoformat(request.args.get("received_at", ""))
    except ValueError:
        before = None
    if before is not None and before.tzinfo and vote.opens_at <= before <= now:
        return before
    return now if now <= vote.closes_at else None


def _next(vote: Vote, received_at: datetime) -> str:
    """The next empty paper; papers entered after the close came out of one box."""
    if clock.now() <= vote.closes_at:
        return url_for("votes.record", vote_id=vote.id)
    return url_for("votes.record", vote_id=vote.id, received_at=received_at.isoformat())


@blueprint.route("/ballots/<int:ballot_id>/correct", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def correct(ballot_id: int) -> Answer:
    """Enter a paper anew; what was recorded is not shown."""
    ballot = queries.ballot(actor(), ballot_id)
    vote = queries.vote(actor(), ballot.vote_id)
    require(vote.state is VoteState.OPEN, M_("表决%(state)s，登记不能再更正。", state=vote.state))
    require(ballot.state in CURRENT_STATES, M_("这条登记已经更正过，请更正最新的一条。"))
    form = ballot_form(CorrectForm, vote.motions)
    if not form.is_submitted():
        form.received_at.process_data(ballot.received_at)
    if form.validate_on_submit():
        try:
            services.correct_ballot(
                actor(),
                clock.now(),
                ballot_id,
                reason=form.reason.data,
                choices=form.choices,
                received_at=form.received_at.instant,
                rejected=form.rejected,
                void=form.check.data == VOID,
            )
            flash(_("第 %(n)d 号的登记已更正。", n=ballot.entry.serial), "success")
            return done(url_for("votes.record", vote_id=vote.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page("correct", vote, form=form, ballot=ballot, rooms=rooms)


@blueprint.get("/votes/<int:vote_id>/roll")
@requires(Permission.WATCH_VOTE)
def roll(vote_id: int) -> str:
    """The frozen roll by serial: which papers are back, never what they say."""
    vote = queries.vote(actor(), vote_id)
    require(bool(vote.roll_hash), M_("名册还没有冻结。"))
    form = RollFilter(request.args)
    form.building.choices = row_choices(
        queries.buildings_of(vote.project.compound_id),
        lambda b: building_label(b.number),
        empty=_("全部楼栋"),
    )
    form.returned.choices = [
        SelectChoice("", _("全部")),
        SelectChoice("no", _("还没有有效票")),
    ]
    valid = form.validate()
    building = form.building.data if valid else None
    unreturned = valid and form.returned.data == "no"
    entries = paginate(
        roll_queries.roll_page(vote_id, building, unreturned=unreturned), per_page=PAGE
    )
    return render_template(
        "votes/roll.html",
        project=vote.project,
        vote=vote,
        form=form,
        filtered=bool(building or unreturned),
        entries=entries,
        ballots=queries.current_ballots([entry.id for entry in entries]),
        rooms=rooms,
        may_correct=vote.state is VoteState.OPEN and actor().may(Permission.RECORD_BALLOT),
    )
