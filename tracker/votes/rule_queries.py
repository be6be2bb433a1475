"""The rules that may be chosen: those shipped, and those a subdistrict entered and confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accounts.models import User
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.votes.models import RuleEntry
from tracker.votes.rules import Rule
from tracker.votes.shipped import SHIPPED_RULES


def entries(subdistrict_id: int) -> Sequence[RuleEntry]:
    """All entered rules of a subdistrict, latest version of a key first."""
    return db.session.scalars(
        sa.select(RuleEntry)
        .where(RuleEntry.subdistrict_id == subdistrict_id)
        .options(joinedload(RuleEntry.author), joinedload(RuleEntry.confirmer))
        .order_by(RuleEntry.key, RuleEntry.number.desc())
    ).all()


def entry(actor: User, entry_id: int) -> RuleEntry:
    """An entered rule of the actor's subdistrict; raises NotFound for any other."""
    found = db.session.scalar(
        sa.select(RuleEntry)
        .where(RuleEntry.id == entry_id, RuleEntry.subdistrict_id == actor.subdistrict_id)
        .options(joinedload(RuleEntry.author), joinedload(RuleEntry.confirmer))
    )
    if found is None:
        raise NotFound
    return found


def confirmed(subdistrict_id: int) -> dict[str, Rule]:
    """The confirmed rules by key, the latest version of each."""
    found: dict[str, Rule] = {}
    for row in entries(subdistrict_id):
        if row.confirmed_by is not None and row.withdrawn_at is None:
            found.setdefault(row.key, Rule.from_dict(row.rule))
    return found


def rule_book(subdistrict_id: int) -> dict[str, Rule]:
    """Every rule by key, blank ones included; what a subdistrict confirmed goes first."""
    return SHIPPED_RULES | confirmed(subdistrict_id)


def offered(subdistrict_id: int, day: date) -> dict[str, Rule]:
    """The rules a vote that closes on ``day`` may be held by: not blank, and in force."""
    book = rule_book(subdistrict_id)
    return {key: rule for key, rule in book.items() if not rule.blank and rule.in_force(day)}
