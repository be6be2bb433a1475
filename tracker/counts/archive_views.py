"""Where the papers of a vote lie."""

from __future__ import annotations

from datetime import date

from flask import flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts import queries as accounts
from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.counts import archive_queries, archive_services, queries
from tracker.counts.archive_services import Deposit
from tracker.counts.blueprint import blueprint
from tracker.counts.forms import ArchiveForm
from tracker.counts.pages import page
from tracker.counts.rules import kept_at_least_until
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal, require
from tracker.kernel.forms import translate
from tracker.kernel.words import M_
from tracker.votes import queries as votes
from tracker.votes.models import Vote
from tracker.votes.words import PUBLIC_STATES

Answer = str | Response


@blueprint.route("/votes/<int:vote_id>/archive", methods=["GET", "POST"])
@requires(Permission.WATCH_VOTE)
def archive(vote_id: int) -> Answer:
    """Put the papers away, or see where they lie."""
    vote = votes.vote(actor(), vote_id)
    found = queries.archive_of(vote.id)
    if found is not None:
        names = accounts.names({found.archived_by})
        return page("archive", vote, archive=found, form=None, names=names)
    require(vote.state in PUBLIC_STATES, M_("只有已公告的表决可以归档。"))
    require(actor().may(Permission.CLOSE_VOTE), M_("归档由居委会主任办理。"))
    form = ArchiveForm()
    if not form.is_submitted():
        form.contents.data = "\n".join(map(translate, archive_queries.contents(vote)))
        form.keep_until.data = _at_least(vote)
    if form.validate_on_submit():
        try:
            deposit = Deposit(
                custodian=form.custodian.data,
                place=form.place.data,
                contents=form.contents.data,
                keep_until=form.keep_until.data,
            )
            archive_services.archive(actor(), clock.now(), vote_id, deposit)
            flash(_("已归档。"), "success")
            return done(url_for("counts.archive", vote_id=vote_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page(
        "archive",
        vote,
        archive=None,
        form=form,
        at_least=_at_least(vote),
        until=queries.objections_until(vote),
        waiting=queries.open_objections(vote.id),
    )


def _at_least(vote: Vote) -> date:
    assert vote.announced_at is not None
    return kept_at_least_until(clock.local_date(vote.announced_at))
