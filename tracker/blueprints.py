"""All blueprints, in the order of the navigation."""

from __future__ import annotations

from tracker.accounts.views import blueprint as accounts
from tracker.anthology.views import blueprint as anthology
from tracker.ballots.views import blueprint as ballots
from tracker.counts.views import blueprint as counts
from tracker.dashboard.views import blueprint as dashboard
from tracker.feedback.views import blueprint as feedback
from tracker.meetings.views import blueprint as meetings
from tracker.notices.views import blueprint as notices
from tracker.notifications.views import blueprint as notifications
from tracker.opinions.views import blueprint as opinions
from tracker.places.views import blueprint as places
from tracker.projects.views import blueprint as projects
from tracker.public.views import blueprint as public
from tracker.reminders.views import blueprint as reminders
from tracker.votes.views import blueprint as votes
from tracker.web.views import blueprint as web
from tracker.workdays.views import blueprint as workdays
from tracker.workflow.views import blueprint as workflow
from tracker.works.picture_views import blueprint as works

ALL = (
    workflow,
    projects,
    dashboard,
    anthology,
    web,
    accounts,
    places,
    works,
    feedback,
    opinions,
    public,
    meetings,
    notices,
    notifications,
    reminders,
    workdays,
    votes,
    ballots,
    counts,
)
