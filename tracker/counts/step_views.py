"""The steps that cannot be undone: open, close, certify, announce."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.ballots import closing_services, entry_queries
from tracker.ballots import queries as ballots
from tracker.counts import balance_queries, course_queries, services
from tracker.counts.blueprint import blueprint
from tracker.counts.forms import CertifyAgainForm, CertifyForm, StepForm
from tracker.counts.pages import page
from tracker.counts.services import Signers
from tracker.counts.wording import answers
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal, require
from tracker.kernel.words import M_
from tracker.votes import queries as votes
from tracker.votes.models import Vote
from tracker.votes.words import VoteState

Answer = str | Response


@blueprint.route("/votes/<int:vote_id>/open", methods=["GET", "POST"])
@requires(Permission.CLOSE_VOTE)
def open_vote(vote_id: int) -> Answer:
    """Begin taking ballots."""
    vote = _at(vote_id, VoteState.FROZEN)
    form = StepForm()
    form.words = (_("开始").upper(), "开始", "OPEN")

    def act() -> None:
        services.open_vote(actor(), clock.now(), vote_id)
        flash(_("已开始投票，可以登记收回的表决票。"), "success")

    return _step(vote, form, act, "open", turnout=ballots.turnout(vote))


@blueprint.route("/votes/<int:vote_id>/close", methods=["GET", "POST"])
@requires(Permission.CLOSE_VOTE)
def close(vote_id: int) -> Answer:
    """End the voting; from now on ballots are read."""
    vote = _at(vote_id, VoteState.OPEN)
    form = StepForm()
    form.words = (_("截止").upper(), "截止", "CLOSE")

    def act() -> None:
        closing_services.close(actor(), clock.now(), vote_id)
        flash(_("已截止。接下来核对身份，再由两个人各录一遍。"), "success")

    return _step(vote, form, act, "close", turnout=ballots.turnout(vote))


@blueprint.route("/votes/<int:vote_id>/announce", methods=["GET", "POST"])
@requires(Permission.ANNOUNCE_RESULT)
def announce(vote_id: int) -> Answer:
    """Publish the result."""
    vote = _at(vote_id, VoteState.CERTIFIED)
    require(vote.certified_by != actor().id, M_("结果由您确认，公告要由另一个人发布。"))
    form = StepForm()
    form.words = (_("公告").upper(), "公告", "ANNOUNCE")

    def act() -> None:
        services.announce(actor(), clock.now(), vote_id)
        flash(_("结果已公告。请打印张贴。"), "success")

    return _step(vote, form, act, "announce", turnout=ballots.turnout(vote))


@blueprint.route("/votes/<int:vote_id>/certify", methods=["GET", "POST"])
@requires(Permission.CERTIFY_COUNT)
def certify(vote_id: int) -> Answer:
    """Lock the count: both equations, everything still open, and three names."""
    vote = _at(vote_id, VoteState.COUNTING)
    again = vote.count_number > 1
    form = CertifyAgainForm() if again else CertifyForm()
    form.words = (_("确认").upper(), "确认", "CERTIFY")

    def act() -> None:
        signers = Signers(form.reader.data, form.counter.data, form.scrutineer.data)
        reason = form.reason.data if again else ""
        services.certify(actor(), clock.now(), vote_id, signers=signers, reason=reason)
        flash(_("计票结果已确认。请打印统计表，由三人签名；公告由另一个人发布。"), "success")

    def shown() -> dict[str, Any]:
        sheet = balance_queries.balance(vote)
        return {
            "sheet": sheet,
            "answers": answers,
            "obstacles": services.certify_obstacles(vote, sheet),
            "progress": course_queries.progress_of(vote),
            "entered": entry_queries.has_entered(vote.id, actor().id),
        }

    return _step(vote, form, act, "certify", shown)


def _at(vote_id: int, state: VoteState) -> Vote:
    vote = votes.vote(actor(), vote_id)
    require(
        vote.state is state, M_("表决%(state)s，这一步已经过去或还没有轮到。", state=vote.state)
    )
    return vote


def _step(
    vote: Vote,
    form: StepForm,
    act: Callable[[], None],
    step: str,
    shown: Callable[[], dict[str, Any]] | None = None,
    **values: Any,
) -> Answer:
    """The page that names the consequence and asks for a typed word; and the step itself."""
    if form.validate_on_submit():
        try:
            act()
            return done(url_for("counts.show", vote_id=vote.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    template = "certify" if step == "certify" else "confirm"
    return page(template, vote, form=form, step=step, **(shown() if shown else {}), **values)
