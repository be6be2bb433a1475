"""One blueprint for all pages of this capability, and the frame they share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor
from tracker.accounts.rules import Permission
from tracker.kernel.errors import Reason
from tracker.projects.rules import ProjectState
from tracker.votes import figures, queries, roll_queries
from tracker.votes.models import Vote
from tracker.votes.rules import Choice

blueprint = Blueprint("votes", __name__)
Answer = str | Response


def page(template: str, vote: Vote, **values: Any) -> str:
    """A page of a vote in the frame of its project."""
    return render_template(
        f"votes/{template}.html",
        project=vote.project,
        vote=vote,
        rule=queries.rule_of(vote),
        scope=roll_queries.scope_text(vote),
        running=vote.project.state is ProjectState.ACTIVE,
        figures=figures,
        answers=[Choice(code) for code in vote.choices],
        **values,
    )


def may_open(reason: Reason) -> bool:
    """Whether the page on which something is mended opens to this person."""
    access = getattr(current_app.view_functions.get(reason.endpoint or ""), "access", None)
    return isinstance(access, Permission) and actor().may(access)
