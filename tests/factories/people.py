"""Organisations and accounts."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import sqlalchemy as sa

from tracker.accounts.models import Committee, Subdistrict, User
from tracker.accounts.rules import Role
from tracker.kernel.database import db

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday morning in Shanghai."""

_numbers = itertools.count(1)


def committee(name: str = "仁德居委会", subdistrict: str = "五角场街道") -> Committee:
    """A committee; subdistricts of the same name are the same."""
    area = db.session.scalar(sa.select(Subdistrict).where(Subdistrict.name == subdistrict))
    made = Committee(subdistrict=area or Subdistrict(name=subdistrict), name=name)
    db.session.add(made)
    db.session.flush()
    return made


def user(role: Role = Role.WORKER, of: Committee | None = None, **fields: object) -> User:
    """An account whose password matches nothing."""
    home = of or committee()
    number = next(_numbers)
    made = User(
        **{
            "subdistrict_id": home.subdistrict_id,
            "committee_id": None if role is Role.OFFICER else home.id,
            "role": role,
            "login": f"{role.value}{number}",
            "display_name": f"{role.label}{number}",
            "password_hash": "none",
            "session_key": f"key{number}",
            "created_at": NOW,
            **fields,
        }
    )
    db.session.add(made)
    db.session.flush()
    return made
