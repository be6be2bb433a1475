"""Pages of the identity check: building by building, or paper by paper. No choice is read."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.ballots import check_queries, checking_services, entry_queries, queries
from tracker.ballots.blueprint import blueprint
from tracker.ballots.check_forms import ACCEPTED, REASONS, CheckForm, CorrectForm, decisions
from tracker.ballots.check_queries import BuildingChecks
from tracker.ballots.checking_services import Checked
from tracker.ballots.entry_views import Answer, page
from tracker.ballots.models import Ballot
from tracker.ballots.rules import COUNTABLE_STATES, BallotState
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import NotFound, Refusal, require
from tracker.kernel.forms import new_submission, translate
from tracker.kernel.paging import paginate
from tracker.kernel.words import M_
from tracker.votes import queries as votes
from tracker.votes.models import Vote
from tracker.votes.words import VoteState

ROWS = 40
"""Papers on one page: each is a decision of its own."""


@blueprint.route("/votes/<int:vote_id>/ballots/check", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def check(vote_id: int) -> Answer:
    """Papers that came back; ``?paper=`` shows one, ``?shown=done`` those decided on."""
    form = CheckForm()
    decided, both = decisions(request.form)
    if form.validate_on_submit() and decided:
        checked = checking_services.check_all(actor(), clock.now(), vote_id, decisions=decided)
        _tell(checked)
        # What was decided stands, whatever becomes of the others.
        answer = done(_next(vote_id))
        if not both:
            return answer
        form.submission.data = new_submission()
    elif form.is_submitted() and not both:
        form.form_errors.append(_("请勾选核对通过的票，或选择不通过的原因。"))
    vote = _checkable(vote_id)
    buildings = check_queries.by_building(vote.id)
    chosen = _building(buildings)
    one = _asked_for(vote)
    shown_done = request.args.get("shown") == "done"
    listed = check_queries.checked if shown_done else check_queries.to_check
    query = listed(vote.id, chosen.building_id if chosen else None)
    pager = None if one or both else paginate(query, per_page=ROWS)
    return page(
        "check",
        vote,
        form=form,
        buildings=buildings,
        chosen=chosen,
        one=one,
        shown_done=shown_done,
        pager=pager,
        rows=pager.items if pager else entry_queries.with_rooms([one.id] if one else list(both)),
        both=both,
        reasons=REASONS,
        countable=COUNTABLE_STATES,
    )


def _checkable(vote_id: int) -> Vote:
    vote = votes.vote(actor(), vote_id)
    require(
        vote.state in (VoteState.OPEN, VoteState.COUNTING),
        M_("表决%(state)s，不能核对身份。", state=vote.state),
    )
    return vote


def _building(buildings: Sequence[BuildingChecks]) -> BuildingChecks | None:
    """The building asked for; else the first in which something is left."""
    asked = request.args.get("building", type=int)
    by_id = {checks.building_id: checks for checks in buildings}
    left = [checks for checks in buildings if checks.left] or buildings
    return by_id.get(asked or 0) or (left[0] if left else None)


def _asked_for(vote: Vote) -> Ballot | None:
    """The returned paper whose serial or code was scanned; says why when there is none."""
    text = request.args.get("paper", "").strip()[:60]
    if not text or request.method == "POST":
        return None
    paper = entry_queries.find_paper(vote.id, text)
    ballot = queries.current_of_paper(paper.id) if paper else None
    if paper is None:
        flash(_("没有这张票，请核对编号或重新扫码。"), "error")
    elif ballot is None:
        flash(_("第 %(n)d 号还没有登记收回。", n=paper.serial), "error")
    elif ballot.state is not BallotState.RETURNED:
        text = _(ballot.state.label)
        flash(_("第 %(n)d 号：%(state)s，不用再核对。", n=paper.serial, state=text), "warning")
    else:
        return ballot
    return None


def _next(vote_id: int) -> str:
    """The same building again; after a single paper, the next one to be scanned."""
    return url_for(
        "ballots.check", vote_id=vote_id, building=request.args.get("building", type=int)
    )


def _tell(checked: Checked) -> None:
    counted = [ballot for ballot in checked.ballots if ballot.state in COUNTABLE_STATES]
    flash(
        _(
            "已核对 %(n)d 张：通过 %(yes)d 张，不通过 %(no)d 张。",
            n=len(checked.ballots),
            yes=len(counted),
            no=len(checked.ballots) - len(counted),
        ),
        "success",
    )
    for ballot in checked.ballots:
        if ballot.reject_reason is not None and ballot.reject_reason not in REASONS:
            why = _(ballot.reject_reason.label)
            flash(_("第 %(n)d 号不计票：%(why)s。", n=ballot.serial, why=why), "warning")
    for refusal in checked.refused.values():
        flash(translate(refusal.reasons[0].message), "warning")


@blueprint.route("/votes/<int:vote_id>/ballots/<int:ballot_id>/check", methods=["GET", "POST"])
@requires(Permission.RECORD_BALLOT)
def correct_check(vote_id: int, ballot_id: int) -> Response | str:
    """Decide anew on a paper that was checked; what it says is not shown."""
    vote = _checkable(vote_id)
    ballot = queries.ballot(actor(), ballot_id)
    if ballot.vote_id != vote.id or ballot.paper_id is None:
        raise NotFound
    form = CorrectForm()
    form.offer()
    if not form.is_submitted():
        form.verdict.data = ballot.reject_reason.value if ballot.reject_reason else ACCEPTED
    if form.validate_on_submit():
        try:
            new = checking_services.correct(
                actor(),
                clock.now(),
                ballot_id,
                rejected=form.rejected,
                reason=form.reason.data,
            )
            flash(_("第 %(n)d 号的核对结果已更正。", n=new.serial), "success")
            building = new.entry.building_id
            return done(url_for("ballots.check", vote_id=vote_id, building=building, shown="done"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    read = bool(entry_queries.readings([ballot_id], vote.count_number)[ballot_id])
    return page("check_correct", vote, form=form, ballot=ballot, read=read)
