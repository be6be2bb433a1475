"""What the tests of the pages of works and pictures share."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from tests.conftest import Browser
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db

KINDS = (StageKind.APPROVE, StageKind.IMPLEMENT)
MANAGERS = (Role.DIRECTOR, Role.WORKER)
REPORTERS = (*MANAGERS, Role.PARTNER)


@dataclass
class Site:
    """A project with a picture and an entry of money, and somebody at the browser."""

    browser: Browser
    project: int
    approval_stage: int
    entry: int
    picture: int
    user: int

    @property
    def url(self) -> str:
        return f"/projects/{self.project}/works"


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def the_only(app, model, *fields: str) -> tuple[object, ...]:
    with app.app_context():
        row = db.session.scalars(sa.select(model)).one()
        return tuple(getattr(row, f) for f in fields)
