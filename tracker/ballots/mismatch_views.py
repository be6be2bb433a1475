"""Pages of the third person: what two readings differ on, and papers to be read anew.

They say which motions differ, never what either reader entered.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, request, url_for
from flask_babel import gettext as _

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.ballots import entering_services, entry_queries, queries
from tracker.ballots.blueprint import blueprint
from tracker.ballots.entry_forms import ReopenForm, SettleForm, typed_keys
from tracker.ballots.entry_views import Answer, page, questions
from tracker.ballots.models import Ballot
from tracker.ballots.reading_services import Unreadable, require_counting
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import NotFound, Refusal, require
from tracker.kernel.words import M_, Message
from tracker.votes import queries as votes
from tracker.votes.models import Vote


@blueprint.get("/votes/<int:vote_id>/ballots/mismatches")
@requires(Permission.SETTLE_ENTRY)
def mismatches(vote_id: int) -> str:
    """The ballots whose two readings differ, and how far the count is."""
    vote = votes.vote(actor(), vote_id)
    require_counting(vote)
    return _mismatches(vote, ReopenForm())


@blueprint.post("/votes/<int:vote_id>/ballots/reopen")
@requires(Permission.SETTLE_ENTRY)
def reopen(vote_id: int) -> Answer:
    """Have a ballot read anew on which both readers made the same mistake."""
    form = ReopenForm()
    if form.validate_on_submit():
        try:
            ballot = entering_services.reopen_paper(
                actor(), clock.now(), vote_id, paper=form.paper.data, reason=form.reason.data
            )
            flash(_("第 %(n)d 号已退回，要重新录入两遍。", n=ballot.serial), "success")
            return done(url_for("ballots.mismatches", vote_id=vote_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    vote = votes.vote(actor(), vote_id)
    require_counting(vote)
    return _mismatches(vote, form)


def _mismatches(vote: Vote, form: ReopenForm) -> str:
    found = entry_queries.mismatches(vote.id, vote.count_number)
    return page(
        "mismatches",
        vote,
        form=form,
        found=found,
        ballots=entry_queries.with_rooms(list(found)),
        readers=entry_queries.readers(list(found), vote.count_number),
        motions={motion.id: motion for motion in vote.motions},
        progress=entry_queries.progress(vote.id, vote.count_number),
    )


@blueprint.route("/votes/<int:vote_id>/ballots/<int:ballot_id>/settle", methods=["GET", "POST"])
@requires(Permission.SETTLE_ENTRY)
def settle(vote_id: int, ballot_id: int) -> Answer:
    """Read, as a third person, the motions on which two readings differ."""
    form = SettleForm()
    typed = typed_keys(request.form)
    wrong: Mapping[str, Message] = {}
    if form.validate_on_submit():
        try:
            ballot = entering_services.settle_keys(
                actor(),
                clock.now(),
                vote_id,
                ballot_id=ballot_id,
                typed=typed,
                reason=form.reason.data,
            )
            flash(_("第 %(n)d 号已裁定。", n=ballot.serial), "success")
            return done(url_for("ballots.mismatches", vote_id=vote_id))
        except Unreadable as refusal:
            db.session.rollback()
            wrong = refusal.fields
    vote = votes.vote(actor(), vote_id)
    require_counting(vote)
    ballot = _of(vote, ballot_id)
    differing = entry_queries.mismatches(vote.id, vote.count_number).get(ballot.id, [])
    require(bool(differing), M_("这张票没有两遍不一致的录入。"))
    readers = entry_queries.readers([ballot.id], vote.count_number)[ballot.id]
    require(actor().id not in readers, M_("您录过这张票，要由第三个人对照原票处理。"))
    asked = [motion for motion in vote.motions if motion.id in differing]
    return page(
        "settle",
        vote,
        form=form,
        ballot=ballot,
        wrong=wrong,
        questions=questions(asked, vote, typed, wrong),
        method=votes.rule_of(vote).method,
    )


def _of(vote: Vote, ballot_id: int) -> Ballot:
    ballot = queries.ballot(actor(), ballot_id)
    if ballot.vote_id != vote.id:
        raise NotFound
    return ballot
