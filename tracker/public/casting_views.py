"""Voting online: a resident's ballot by a pass, without an account, and the receipt for it.

No page keeps a choice: between filling in, review and sending it travels with the form.
"""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import open_to_all
from tracker.ballots import online_queries, online_services, receipts
from tracker.ballots.online_services import NotNow
from tracker.ballots.paper_models import OnlinePass
from tracker.ballots.pass_codes import read_secret
from tracker.ballots.rules import PassState
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import NotFound, Refusal
from tracker.public import guessing
from tracker.public.blueprint import blueprint
from tracker.public.casting_forms import CastForm, CodeForm, casting_form, values_of
from tracker.votes import figures, roll_queries
from tracker.votes.models import Vote
from tracker.votes.queries import rule_of

Answer = str | Response | tuple[str, int]

GONE = (PassState.CLOSED, PassState.CANCELLED, PassState.ENDED)
"""Passes that will never work again."""


@blueprint.route("/v", methods=["GET", "POST"])
@open_to_all
def cast_code() -> Answer:
    """Type the code of a slip, where no camera reads it."""
    form = CodeForm()
    if form.validate_on_submit():
        if read_secret(form.code.data) is not None:
            return redirect(url_for("public.cast", secret=form.code.data.strip()), 303)
        form.code.errors = [_("投票码不完整，或有一位不对。请对照凭证再看一遍。")]
    return render_template("public/cast_code.html", form=form)


@blueprint.route("/v/<secret>", methods=["GET", "POST"])
@open_to_all
def cast(secret: str) -> Answer:
    """The ballot: read, fill in, look over, send."""
    try:
        vote, found = online_services.known_pass(secret)
    except NotFound:
        return _unknown(secret)
    state = online_services.state_of(vote, found, clock.now())
    if state is not PassState.USABLE:
        return _not_now(vote, state)
    form = casting_form(vote)
    step = request.form.get("step", "")
    if step in ("review", "send") and form.validate_on_submit():
        if step == "review":
            return _unkept(_page("cast_review", vote, form=form, values_of=values_of))
        try:
            ballot = online_services.cast(clock.now(), secret, form.marks)
            return done(url_for("public.cast_receipt", receipt=ballot.receipt))
        except NotNow as refusal:
            db.session.rollback()
            return _not_now(vote, refusal.state)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _ballot(vote, found, form)


def _ballot(vote: Vote, found: OnlinePass, form: CastForm) -> Response:
    return _unkept(
        _page(
            "cast",
            vote,
            form=form,
            serial=found.entry.serial,
            rule=rule_of(vote),
            scope=roll_queries.scope_text(vote),
            figures=figures,
            voted=online_queries.online_sent(found.roll_entry_id) > 0,
            paper_waits=online_queries.paper_waits(found.roll_entry_id),
        )
    )


def _page(template: str, vote: Vote, **values: object) -> str:
    return render_template(f"public/{template}.html", project=vote.project, vote=vote, **values)


def _unkept(page: str) -> Response:
    """A page that no cache on the way keeps; the browser's own back button still works."""
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _not_now(vote: Vote, state: PassState) -> tuple[str, int]:
    """Why the pass cannot be used, and what to do."""
    return _page("cast_closed", vote, state=state), 410 if state in GONE else 409


def _unknown(secret: str) -> tuple[str, int]:
    """No such pass. Guesses are counted, slips of the pen are not.

    A right secret is never refused for the wrong ones that others tried: it has 94 bits, and
    nobody shall be able to lock voters out by guessing.
    """
    too_many = guessing.reached(guessing.PASSES, guessing.here())
    if not too_many and read_secret(secret) is not None:
        guessing.count((guessing.PASSES, guessing.here()))
    status = 429 if too_many else 404
    return render_template("public/cast_unknown.html", too_many=too_many), status


@blueprint.get("/v/receipts/<receipt>")
@open_to_all
def cast_receipt(receipt: str) -> Response:
    """What a voter keeps: serial, short hash and that it was recorded; never the choice."""
    ballot = online_queries.ballot_of_receipt(receipt)
    vote = online_queries.public_vote(ballot.vote_id)
    return _unkept(
        _page(
            "cast_receipt",
            vote,
            serial=ballot.entry.serial,
            short=receipts.short(ballot.receipt),
            at=ballot.received_at,
        )
    )
