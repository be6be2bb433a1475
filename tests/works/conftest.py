"""A project at work, and somebody at the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories import people, places, projects
from tests.factories.works import money, picture
from tests.works.pages import KINDS, Site
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.kernel.database import db


@pytest.fixture
def site(app, browse) -> Callable[..., Site]:
    """Make a site, seen by a person of ``role``."""

    def make(role: Role = Role.WORKER, *, foreign: bool = False, **fields: object) -> Site:
        with app.app_context():
            worker = people.user(of=people.committee("国年居委会" if foreign else "仁德居委会"))
            who: User = people.user(role, of=people.committee() if foreign else worker.committee)
            made = projects.project(
                worker, places.compound(worker.committee), **{"kinds": KINDS, **fields}
            )
            entry, shot = money(made, worker), picture(made, worker)
            db.session.commit()
            return Site(browse(who), made.id, made.stages[0].id, entry.id, shot.id, who.id)

    return make
