"""What the pages of a vote share: their frame, and which of its pages somebody may open."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template

from tracker.accounts.guards import actor
from tracker.accounts.rules import Permission
from tracker.kernel.errors import require
from tracker.kernel.words import M_
from tracker.projects.rules import ProjectState
from tracker.votes import figures, queries, roll_queries
from tracker.votes.models import Vote
from tracker.votes.words import OBJECTION_DAYS, PUBLIC_STATES


def page(template: str, vote: Vote, **values: Any) -> str:
    """A page of a vote in the frame of its project."""
    return render_template(
        f"counts/{template}.html",
        project=vote.project,
        vote=vote,
        rule=queries.rule_of(vote),
        scope=roll_queries.scope_text(vote),
        running=vote.project.state is ProjectState.ACTIVE,
        figures=figures,
        may_open=may_open,
        objection_days=OBJECTION_DAYS,
        **values,
    )


def may_open(endpoint: str) -> bool:
    """Whether whoever looks may open the pages of an endpoint."""
    access = getattr(current_app.view_functions.get(endpoint), "access", None)
    return isinstance(access, Permission) and actor().may(access)


def watches(vote: Vote) -> bool:
    """Whether whoever looks sees more of a vote than is public."""
    return actor().may(Permission.WATCH_VOTE)


def require_result(vote: Vote) -> None:
    """Refuse before there is a result, or before it is announced to those who do not watch."""
    require(
        vote.certified_at is not None,
        M_("表决%(state)s，还没有结果。截止之前谁也看不到票上的意见。", state=vote.state),
    )
    require(
        vote.state in PUBLIC_STATES or actor().may(Permission.WATCH_VOTE),
        M_("结果还没有公告。"),
    )
