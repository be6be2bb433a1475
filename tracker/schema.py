"""All tables, imported in one place, so that migrations and tests see the whole schema."""

from __future__ import annotations

from tracker.accounts import models as accounts
from tracker.anthology import models as anthology
from tracker.audit import models as audit
from tracker.ballots import models as ballots
from tracker.ballots import paper_models as papers
from tracker.counts import models as counts
from tracker.feedback import models as feedback
from tracker.kernel import attempts, submissions
from tracker.meetings import models as meetings
from tracker.notices import models as notices
from tracker.notifications import models as notifications
from tracker.opinions import models as opinions
from tracker.places import models as places
from tracker.projects import models as projects
from tracker.reminders import models as reminders
from tracker.votes import models as votes
from tracker.workdays import models as workdays
from tracker.works import models as works

__all__ = [
    "accounts",
    "anthology",
    "attempts",
    "audit",
    "ballots",
    "counts",
    "feedback",
    "meetings",
    "notices",
    "notifications",
    "opinions",
    "papers",
    "places",
    "projects",
    "reminders",
    "submissions",
    "votes",
    "workdays",
    "works",
]
