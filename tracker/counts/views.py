"""The votes of a project, and the page of each. Its steps and its result stand in neighbours."""

from __future__ import annotations

from flask import render_template

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.anthology.rules import StageKind
from tracker.counts import archive_views as archive_views
from tracker.counts import course, course_queries, queries
from tracker.counts import evidence_views as evidence_views
from tracker.counts import objection_views as objection_views
from tracker.counts import result_views as result_views
from tracker.counts import step_views as step_views
from tracker.counts.blueprint import blueprint
from tracker.counts.pages import may_open, page, seen
from tracker.kernel import clock
from tracker.projects import queries as projects
from tracker.projects.rules import ProjectState
from tracker.votes import figures, roll_queries
from tracker.votes import queries as votes
from tracker.votes.figures import Turnout
from tracker.votes.models import Vote
from tracker.votes.words import CERTIFIED_STATES, PUBLIC_STATES, VoteState

__all__ = ["blueprint"]


@blueprint.get("/projects/<int:project_id>/votes")
@requires(Permission.VIEW_PROJECTS)
def index(project_id: int) -> str:
    """The votes of a project, round by round, each below the one it waits for."""
    me, project = actor(), projects.project(actor(), project_id)
    found = votes.votes_of(project_id)
    shown = CERTIFIED_STATES if me.may(Permission.WATCH_VOTE) else PUBLIC_STATES
    stage = projects.stage_for(project, StageKind.VOTE)
    running = project.state is ProjectState.ACTIVE
    return render_template(
        "counts/index.html",
        project=project,
        rounds=queries.by_round(found),
        outcomes=queries.outcomes([vote for vote in found if vote.state in shown]),
        results_of=shown,
        scope_of=roll_queries.scope_text,
        stage=stage,
        may_prepare=running
        and stage is not None
        and stage.is_open
        and me.may(Permission.PREPARE_VOTE)
        and may_open("votes.prepare"),
        has_motions=bool(votes.worded_motions(project)),
    )


@blueprint.get("/votes/<int:vote_id>")
@requires(Permission.VIEW_PROJECTS)
def show(vote_id: int) -> str:
    """One vote: what comes next, where it stands, what it asks and by which rule."""
    me, vote, now = actor(), votes.vote(actor(), vote_id), clock.now()
    turnout = course_queries.turnout_of(vote) if me.may(Permission.WATCH_VOTE) else None
    running = vote.project.state is ProjectState.ACTIVE or vote.state in PUBLIC_STATES
    shown = seen(queries.sheets(vote.id))
    facts = course_queries.facts(me, vote, now, turnout)
    return page(
        "show",
        vote,
        next=course.next_step(facts, me.may) if running else None,
        lines=course_queries.lines(vote, turnout),
        turnout=turnout,
        bars=_bars(vote, turnout),
        results=queries.results(vote, shown[-1].number) if shown else [],
        may_cancel=_may_cancel(vote),
    )


def _bars(vote: Vote, turnout: Turnout | None) -> list[figures.Bar]:
    if turnout is None:
        return []
    rule = votes.rule_of(vote)
    return [figures.bar_of(check, rule) for check in (turnout.persons, turnout.area)]


_VOIDED_BY = {
    VoteState.DRAFT: Permission.PREPARE_VOTE,
    VoteState.FROZEN: Permission.CLOSE_VOTE,
    VoteState.OPEN: Permission.CLOSE_VOTE,
    VoteState.COUNTING: Permission.OVERRIDE_GATE,
}
"""Who may void a vote; nobody once there is a result."""


def _may_cancel(vote: Vote) -> bool:
    needed = _VOIDED_BY.get(vote.state)
    return needed is not None and actor().may(needed) and may_open("votes.cancel")
