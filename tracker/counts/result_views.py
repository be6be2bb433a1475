"""Results on the screen and on paper: for people, for signing, for posting."""

from __future__ import annotations

from datetime import timedelta

from flask import request

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.ballots import queries as ballots
from tracker.counts import balance_queries, course_queries, queries
from tracker.counts.balance import Balance
from tracker.counts.blueprint import blueprint
from tracker.counts.pages import may_open, page, version
from tracker.counts.rules import milestones, participation
from tracker.counts.wording import answers
from tracker.kernel import clock
from tracker.kernel.errors import NotFound
from tracker.votes import queries as votes
from tracker.votes.words import OBJECTION_DAYS, VoteState


def _number() -> int | None:
    """The version asked for; raises NotFound for what is no number."""
    given = request.args.get("number")
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= 4):
        raise NotFound
    return int(given)


@blueprint.get("/votes/<int:vote_id>/result")
@requires(Permission.VIEW_PROJECTS)
def result(vote_id: int) -> str:
    """The certified result, motion by motion."""
    vote = votes.vote(actor(), vote_id)
    shown, seen = version(vote, _number())
    rule, found = votes.rule_of(vote), queries.results(vote, shown.number)
    return page(
        "result",
        vote,
        shown=shown,
        seen=seen,
        results=found,
        buildings=participation(ballots.turnout(vote).buildings),
        milestones={r.motion.id: milestones(rule, r.counted) for r in found if rule.milestones},
        amendments=queries.amendments(vote.id),
        keep=[f"{r.motion.motion_id}-{key}" for r in found if r.poll for key in r.poll.finalists],
        may_send_back=vote.state is VoteState.CERTIFIED and may_open("counts.recount"),
    )


@blueprint.get("/votes/<int:vote_id>/sheet")
@requires(Permission.WATCH_VOTE)
def sheet(vote_id: int) -> str:
    """The tally sheet for signing; before it is certified, how the count stands."""
    vote = votes.vote(actor(), vote_id)
    number = _number()
    counting = vote.state is VoteState.COUNTING and number in (None, vote.count_number)
    if counting:
        return page(
            "sheet",
            vote,
            sheet=balance_queries.balance(vote),
            signed=None,
            number=vote.count_number,
            progress=course_queries.progress_of(vote),
            answers=answers,
        )
    shown, seen = version(vote, number)
    return page(
        "sheet",
        vote,
        sheet=Balance.from_dict(shown.figures),
        signed=shown,
        number=shown.number,
        progress=None,
        answers=answers,
        seen=seen,
    )


@blueprint.get("/votes/<int:vote_id>/announcement")
@requires(Permission.VIEW_PROJECTS)
def announcement(vote_id: int) -> str:
    """The result for printing and posting; before the announcement a preview."""
    vote = votes.vote(actor(), vote_id)
    shown, seen = version(vote, _number())
    before = [one.number for one in seen if one.announced_at and one.number < shown.number]
    announced = clock.local_date(shown.announced_at) if shown.announced_at else None
    return page(
        "announcement",
        vote,
        shown=shown,
        results=queries.results(vote, shown.number),
        announced=announced,
        replaces=before[-1] if before else None,
        amendments=queries.amendments(vote.id),
        objections_until=announced + timedelta(days=OBJECTION_DAYS) if announced else None,
        history=queries.history_hash(vote, shown),
    )
