"""The rules that may be chosen: those shipped, and those a subdistrict entered and confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


def entry(actor: User, entry_id: int, *, lock: bool = False) -> RuleEntry:
    """An entered rule of the actor's subdistrict; raises NotFound for any other.

    ``lock``: held until the transaction ends.
    """
    query = sa.select(RuleEntry).where(
        RuleEntry.id == entry_id, RuleEntry.subdistrict_id == actor.subdistrict_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    else:
        query = query.options(joinedload(RuleEntry.author), joinedload(RuleEntry.confirmer))
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def last_number(subdistrict_id: int, key: str) -> int:
    """The number of the latest version entered for a rule, 0 for none."""
    query = sa.select(sa.func.max(RuleEntry.number)).where(
        RuleEntry.subdistrict_id == subdistrict_id, RuleEntry.key == key
    )
    return db.session.scalar(query) or 0


def own_key(subdistrict_id: int) -> str:
    """A key for the next rule of a subdistrict's own: own1, own2 …"""
    query = sa.select(sa.func.count(sa.distinct(RuleEntry.key))).where(
        RuleEntry.subdistrict_id == subdistrict_id, RuleEntry.key.not_in(SHIPPED_RULES)
    )
    return f"own{(db.session.scalar(query) or 0) + 1}"


@dataclass(frozen=True)
class Version:
    """A rule as it stands; ``entry`` says who entered and confirmed it, None for one shipped."""

    rule: Rule
    entry: RuleEntry | None = None


def versions(subdistrict_id: int) -> dict[str, list[Version]]:
    """Every rule by key with its standing versions, the latest first and the one shipped last."""
    entered: dict[str, list[Version]] = {}
    for row in entries(subdistrict_id):
        if row.confirmed_by is not None and row.withdrawn_at is None:
            entered.setdefault(row.key, []).append(Version(Rule.from_dict(row.rule), row))
    shipped = {key: [*entered.pop(key, ()), Version(rule)] for key, rule in SHIPPED_RULES.items()}
    return shipped | entered


def standing(subdistrict_id: int, day: date) -> dict[str, Version]:
    """The version of each rule that a vote closing on ``day`` may be held by.

    Not blank, and in force: one that begins later leaves the one before it until then.
    """
    found = {}
    for key, known in versions(subdistrict_id).items():
        usable = [v for v in known if not v.rule.blank and v.rule.in_force(day)]
        if usable:
            found[key] = usable[0]
    return found


def offered(subdistrict_id: int, day: date) -> dict[str, Rule]:
    """The rules that a vote closing on ``day`` may be held by."""
    return {key: version.rule for key, version in standing(subdistrict_id, day).items()}


def choosable(subdistrict_id: int, today: date) -> dict[str, Rule]:
    """The rules that a vote closing today or later may be held by, as they stand soonest."""
    found = {}
    for key, known in versions(subdistrict_id).items():
        lasting = [
            version.rule
            for version in known
            if not version.rule.blank
            and (version.rule.in_force_to is None or version.rule.in_force_to >= today)
        ]
        now = [rule for rule in lasting if rule.in_force(today)]
        if lasting:
            found[key] = (now or lasting)[0]
    return found


def book(subdistrict_id: int, today: date) -> dict[str, Version]:
    """Every rule as it stands today; one that is not in force, or blank, as it stood last."""
    latest = {key: known[0] for key, known in versions(subdistrict_id).items()}
    return latest | standing(subdistrict_id, today)


def to_start_from(subdistrict_id: int, key: str) -> Rule | None:
    """What a new version of a rule begins with: what stands, else what was entered last."""
    known = versions(subdistrict_id).get(key)
    if known:
        return known[0].rule
    written = [row for row in entries(subdistrict_id) if row.key == key]
    return Rule.from_dict(written[0].rule) if written else None


def shipped(key: str) -> Rule | None:
    """The rule of this key that came with the program."""
    return SHIPPED_RULES.get(key)
