"""What the pages of a vote share: their frame, and which of its pages somebody may open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app, render_template

from tracker.accounts.guards import actor
from tracker.accounts.rules import Permission
from tracker.counts import queries
from tracker.counts.models import TallySheet
from tracker.kernel.errors import NotFound, require
from tracker.kernel.words import M_
from tracker.projects.rules import ProjectState
from tracker.votes import figures, poll_figures, roll_queries
from tracker.votes.models import Vote
from tracker.votes.queries import rule_of
from tracker.votes.words import OBJECTION_DAYS


def page(template: str, vote: Vote, **values: Any) -> str:
    """A page of a vote in the frame of its project."""
    return render_template(
        f"counts/{template}.html",
        project=vote.project,
        vote=vote,
        rule=rule_of(vote),
        scope=roll_queries.scope_text(vote),
        running=vote.project.state is ProjectState.ACTIVE,
        figures=figures,
        polls=poll_figures,
        may_open=may_open,
        objection_days=OBJECTION_DAYS,
        **values,
    )


def may_open(endpoint: str) -> bool:
    """Whether whoever looks may open the pages of an endpoint."""
    access = getattr(current_app.view_functions.get(endpoint), "access", None)
    return isinstance(access, Permission) and actor().may(access)


def seen(certified: Iterable[TallySheet]) -> list[TallySheet]:
    """The versions of a result that whoever looks may see: others than watchers the announced."""
    watches = actor().may(Permission.WATCH_VOTE)
    return [sheet for sheet in certified if watches or sheet.announced_at is not None]


def version(vote: Vote, number: int | None = None) -> tuple[TallySheet, list[TallySheet]]:
    """The version of a result that is asked for, or the latest; and all that may be seen.

    Before the announcement only those who watch the vote see a result. Raises Refusal when there
    is none to see, NotFound for an unknown number.
    """
    certified = queries.sheets(vote.id)
    require(
        bool(certified),
        M_("表决%(state)s，还没有结果。截止之前谁也看不到票上的意见。", state=vote.state),
    )
    found = seen(certified)
    require(bool(found), M_("结果还没有公告。"))
    if number is None:
        return found[-1], found
    for one in found:
        if one.number == number:
            return one, found
    raise NotFound
