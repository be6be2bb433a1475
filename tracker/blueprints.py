"""All blueprints, in the order of the navigation."""

from __future__ import annotations

from tracker.accounts.views import blueprint as accounts
from tracker.web.views import blueprint as web

ALL = (web, accounts)
