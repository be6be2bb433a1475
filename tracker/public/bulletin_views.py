"""The bulletin of a vote: how many took part, and the receipts of their ballots. No choice."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import open_to_all
from tracker.ballots import queries as ballots
from tracker.ballots import receipt_queries, receipts
from tracker.ballots.receipts import Fate, read_short
from tracker.kernel.paging import paginate
from tracker.projects import queries as projects
from tracker.public import guessing, queries
from tracker.public.blueprint import blueprint
from tracker.public.casting_forms import LookUpForm
from tracker.votes import figures
from tracker.votes.models import Vote
from tracker.votes.queries import rule_of
from tracker.votes.verdict import percent
from tracker.votes.words import VoteState

Answer = str | Response | tuple[str, int]

PER_PAGE = 1_000
"""Receipts on one page: a compound fits, and one finds one's own by the browser's search."""


@blueprint.route("/p/<token>/votes/<int:vote_id>", methods=["GET", "POST"])
@open_to_all
def bulletin(token: str, vote_id: int) -> Answer:
    """Turnout and receipts, and what became of a receipt."""
    vote = queries.public_vote(projects.by_token(token), vote_id)
    form = LookUpForm()
    fate, status = None, 200
    if form.validate_on_submit():
        fate, status = _look_up(vote, form)
    turnout = ballots.turnout(vote)
    page = render_template(
        "public/bulletin.html",
        project=vote.project,
        vote=vote,
        form=form,
        fate=fate,
        turnout=turnout,
        bar=figures.bar_of(turnout.persons, rule_of(vote)),
        area=percent(turnout.area.numerator, turnout.area.denominator),
        closed=_closed(vote),
        page=paginate(receipt_queries.listed(vote.id), PER_PAGE),
        short=receipts.short,
        left_out=receipt_queries.left_out(vote.id),
    )
    return page, status


def _closed(vote: Vote) -> bool:
    return vote.state not in (VoteState.FROZEN, VoteState.OPEN)


def _look_up(vote: Vote, form: LookUpForm) -> tuple[Fate | None, int]:
    """What became of the ballot of a receipt; None, with the reason at the form, for no such one.

    The list of receipts is public and serials are few: without a limit one could find out which
    voter's ballot is which.
    """
    own, all_ = guessing.here("receipts"), guessing.everywhere(str(vote.id))
    if guessing.reached(guessing.RECEIPTS, own) or guessing.reached(guessing.ALL_RECEIPTS, all_):
        form.form_errors.append(_("查错的次数太多，请过十分钟再试。"))
        return None, 429
    short = read_short(form.code.data)
    ballot = receipt_queries.found(vote.id, form.serial.data, short) if short else None
    if ballot is not None:
        return receipts.fate(ballot.state, closed=_closed(vote)), 200
    form.code.errors = [_("没有这张回执，请核对票号和回执码。")]
    guessing.count((guessing.RECEIPTS, own), (guessing.ALL_RECEIPTS, all_))
    return None, 404
