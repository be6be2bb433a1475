"""Pages on which a vote is looked over before it is frozen: findings, roll, objections, files."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.forms import row_choices
from tracker.kernel.paging import paginate
from tracker.places.queries import unit_label
from tracker.places.rules import building_label
from tracker.votes import lint, lint_queries, queries, roll_queries
from tracker.votes.blueprint import blueprint, may_open, page
from tracker.votes.forms import BuildingFilter
from tracker.votes.words import TwoPersonStep, VoteState


@blueprint.get("/votes/<int:vote_id>/check")
@requires(Permission.WATCH_VOTE)
def check(vote_id: int) -> str:
    """Everything that was found, and what it was found in."""
    vote = queries.vote(actor(), vote_id)
    found = lint.findings(lint_queries.facts(vote, clock.now()))
    form = BuildingFilter(request.args)
    form.building.choices = row_choices(
        roll_queries.scope_buildings(vote), lambda b: building_label(b.number), empty=_("全部")
    )
    chosen = form.building.data if form.validate() else None
    drafting = vote.state is VoteState.DRAFT
    units = paginate(roll_queries.unit_rows(vote, chosen)) if drafting else None
    voters = {u.voting_person_id for u in units or () if u.voting_person_id is not None}
    return page(
        "check",
        vote,
        findings=found,
        musts=lint.musts(found),
        may_open=may_open,
        drafting=drafting,
        preview=roll_queries.roll_preview(vote) if drafting else None,
        units=units,
        filter=form,
        filtered=chosen is not None,
        owned=roll_queries.units_of_voters(vote, voters),
        unit_label=unit_label,
        objections=queries.roll_objections(vote_id),
        proposal=queries.open_proposal(vote_id, TwoPersonStep.FREEZE),
    )
