"""The reminders of a project: to come, and sent."""

from __future__ import annotations

from flask import Blueprint, render_template

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.paging import paginate
from tracker.kernel.words import Message
from tracker.notifications import queries as notifications
from tracker.notifications.rules import number
from tracker.projects import queries as projects
from tracker.reminders import outlook, queries, wording
from tracker.reminders.rules import KINDS

blueprint = Blueprint("reminders", __name__)

PER_PAGE = 50


@blueprint.get("/projects/<int:project_id>/reminders")
@requires(Permission.VIEW_PROJECTS)
def of_project(project_id: int) -> str:
    """Every reminder to come, and every one sent with its outcome."""
    project = projects.project(actor(), project_id)
    now = clock.now()
    page = paginate(queries.sent_of_project(project.id), per_page=PER_PAGE)
    return render_template(
        "reminders/of_project.html",
        project=project,
        coming=outlook.coming(project, now),
        page=page,
        fates=queries.fates([row.key for row in page.items]),
        matter=_matter,
        line=lambda fate: wording.without_project(fate.subject, project.title),
        path_to=wording.path_to,
        mail=notifications.mail_is_configured(),
        number=number,
    )


def _matter(target: queries.Target) -> Message:
    return Message(KINDS[target.kind].matter, {"title": target.title, "n": target.count})
