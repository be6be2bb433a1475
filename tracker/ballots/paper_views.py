"""Pages of the papers: how many of each kind, numbering, spares, replacements, void papers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.ballots import paper_queries, printing_services
from tracker.ballots.blueprint import blueprint
from tracker.ballots.paper_forms import HandOutForm, SparesForm, VoidForm
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import Recipient, manner
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done, refused
from tracker.kernel.errors import Refusal, require
from tracker.kernel.forms import BaseForm, term_choices
from tracker.kernel.paging import paginate
from tracker.kernel.words import M_
from tracker.projects.rules import ProjectState
from tracker.votes import queries as votes
from tracker.votes.models import RollEntry, Vote
from tracker.votes.words import VoteState

Answer = str | Response

PRINTING = (VoteState.FROZEN, VoteState.OPEN)
"""States in which papers are printed and exchanged."""


def rooms(entry: RollEntry | None) -> str:
    """The rooms of a voter: 3号楼101室、5号楼202室; empty for a spare."""
    return "、".join(unit.label for unit in entry.units) if entry else ""


def vote_with_roll(vote_id: int) -> Vote:
    """A vote whose roll is frozen; raises NotFound for a foreign one, Refusal for a draft."""
    vote = votes.vote(actor(), vote_id)
    require(bool(vote.roll_hash), M_("名册还没有冻结。"))
    return vote


def page(template: str, vote: Vote, **values: Any) -> str:
    """A page about the papers of a vote, in the frame of its project."""
    return render_template(
        f"ballots/{template}.html",
        project=vote.project,
        vote=vote,
        rooms=rooms,
        manner=manner,
        running=vote.project.state is ProjectState.ACTIVE,
        **values,
    )


@blueprint.get("/votes/<int:vote_id>/papers")
@requires(Permission.WATCH_VOTE)
def papers(vote_id: int) -> str:
    """How many papers there are of each kind, the print runs, and each paper."""
    vote = vote_with_roll(vote_id)
    asked = request.args.get("pile", "")
    pile = asked if asked in paper_queries.PILES else "printed"
    listed = paginate(paper_queries.listed(vote_id, pile))
    return page(
        "papers",
        vote,
        counts=paper_queries.counts(vote_id),
        runs=paper_queries.print_runs(vote_id),
        pile=pile,
        papers=listed,
        returned=paper_queries.returned_among(listed.items),
        printing=vote.state in PRINTING and clock.now() < vote.ends_at,
    )


@blueprint.post("/votes/<int:vote_id>/papers/number")
@requires(Permission.PREPARE_VOTE)
def number_papers(vote_id: int) -> Response:
    """Number one paper for each voter of the roll."""
    try:
        run = printing_services.number_papers(actor(), clock.now(), vote_id)
    except Refusal as refusal:
        return refused(refusal, url_for("ballots.papers", vote_id=vote_id))
    flash(_("已编号：第 %(first)d 号至第 %(last)d 号。", first=run.first, last=run.last), "success")
    return done(url_for("ballots.papers", vote_id=vote_id))


@blueprint.route("/votes/<int:vote_id>/papers/spares", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def print_spares(vote_id: int) -> Answer:
    """Number spare papers."""

    def act(form: Any) -> str:
        run = printing_services.print_spares(actor(), clock.now(), vote_id, form.count.data)
        flash(
            _("备用票已编号：第 %(first)d 号至第 %(last)d 号。", first=run.first, last=run.last),
            "success",
        )
        return url_for("ballots.sheets", vote_id=vote_id, run=run.id)

    return _form_page(vote_id, "papers_spares", SparesForm(), act)


@blueprint.route("/votes/<int:vote_id>/papers/spoil", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def spoil(vote_id: int) -> Answer:
    """Void a paper."""

    def act(form: Any) -> str:
        found = printing_services.spoil(
            actor(), clock.now(), vote_id, paper=form.paper.data, reason=form.reason.data
        )
        flash(_("第 %(n)d 号已作废。", n=found.serial), "success")
        return url_for("ballots.papers", vote_id=vote_id, pile="spoilt")

    return _form_page(vote_id, "papers_void", VoidForm(), act, reprints=False)


@blueprint.route("/votes/<int:vote_id>/papers/reprint", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def reprint(vote_id: int) -> Answer:
    """Void a voter's paper and number another in its place."""

    def act(form: Any) -> str:
        new = printing_services.reprint(
            actor(), clock.now(), vote_id, paper=form.paper.data, reason=form.reason.data
        )
        flash(_("已补印第 %(n)d 号，原来的号作废。", n=new.serial), "success")
        return url_for("ballots.sheets", vote_id=vote_id, run=new.run_id)

    return _form_page(vote_id, "papers_void", VoidForm(), act, reprints=True)


@blueprint.route("/votes/<int:vote_id>/papers/hand-out", methods=["GET", "POST"])
@requires(Permission.DELIVER_BALLOT)
def hand_out(vote_id: int) -> Answer:
    """Give a spare to a voter."""
    form = HandOutForm(data={"voter": request.args.get("voter", ""), "recipient": "owner"})
    form.recipient.choices = term_choices(Recipient)

    def act(form: Any) -> str:
        found = printing_services.hand_out(
            actor(),
            clock.now(),
            vote_id,
            spare=form.spare.data,
            voter=form.voter.data,
            recipient=Recipient(form.recipient.data),
            reason=form.reason.data,
            second_owner=form.second_owner.data,
        )
        _tell_handed_out(found)
        return url_for("ballots.hand_out", vote_id=vote_id)

    return _form_page(vote_id, "papers_hand_out", form, act)


def _tell_handed_out(found: Paper) -> None:
    where = rooms(found.entry)
    if found.second_owner:
        flash(_("第 %(n)d 号已发给 %(rooms)s 的共有人。", n=found.serial, rooms=where), "success")
    else:
        flash(_("第 %(n)d 号已发给 %(rooms)s。", n=found.serial, rooms=where), "success")


def _form_page(
    vote_id: int, template: str, form: BaseForm, act: Callable[[Any], str], **values: Any
) -> Answer:
    """Show a form about papers, or do what it asks for and go where ``act`` says."""
    vote = vote_with_roll(vote_id)
    require(
        vote.state in PRINTING,
        M_("表决%(state)s，现在不印票。", state=vote.state),
    )
    if form.validate_on_submit():
        try:
            return done(act(form))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page(template, vote, form=form, **values)
