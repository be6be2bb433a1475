"""The rule of a vote: chosen by one, confirmed by another."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.people import NOW
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal, Stale
from tracker.places.models import Unit
from tracker.votes import course_services, services

pytestmark = pytest.mark.usefixtures("arrange")


def told() -> list[str]:
    """What the history says was done to votes and rolls, in order."""
    actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id))
    return [action for action in actions if action.startswith(("vote.", "roll."))]


# ---- the rule, chosen by one and confirmed by another ----


def test_the_rule_is_confirmed_by_another_than_who_chose_it():
    scene = votes.scene()
    vote = votes.draft(scene, confirmed=False)
    assert vote.rule_chosen_by == scene.worker.id
    with pytest.raises(Refusal, match="由您选定"):
        services.confirm_rule(scene.worker, NOW, vote.id, version=vote.version)
    services.confirm_rule(scene.director, NOW, vote.id, version=vote.version)
    assert (vote.rule_confirmed_by, vote.rule_confirmed_at) == (scene.director.id, NOW)
    with pytest.raises(Refusal, match="已经确认过"):
        services.confirm_rule(scene.officer, NOW, vote.id, version=vote.version)


def test_what_has_changed_since_it_was_shown_is_not_confirmed():
    scene = votes.scene()
    vote = votes.draft(scene, confirmed=False)
    shown = vote.version
    draft = votes.draft_of(scene, rule_id="spec")
    services.edit(scene.worker, NOW, vote.id, draft, version=shown)
    with pytest.raises(Stale):
        services.confirm_rule(scene.director, NOW, vote.id, version=shown)


def test_any_change_of_the_draft_asks_for_the_confirmation_anew():
    scene = votes.scene()
    vote = votes.draft(scene)
    draft = votes.draft_of(scene, title="另一个名称")
    services.edit(scene.worker, NOW, vote.id, draft, version=vote.version)
    assert vote.rule_confirmed_by is None


@pytest.mark.parametrize(
    ("fields", "chooser"),
    [({"title": "另一个名称"}, "worker"), ({"rule_id": "spec"}, "director")],
    ids=["something else", "the rule"],
)
def test_whoever_chose_the_rule_stays_its_chooser_until_another_rule_is_chosen(fields, chooser):
    scene = votes.scene()
    vote = votes.draft(scene)
    draft = votes.draft_of(scene, **fields)
    services.edit(scene.director, NOW, vote.id, draft, version=vote.version)
    assert vote.rule_chosen_by == getattr(scene, chooser).id


def test_every_step_of_drafting_is_in_the_history_without_a_name():
    scene = votes.scene()
    vote = votes.draft(scene)
    services.edit(scene.worker, NOW, vote.id, votes.draft_of(scene), version=vote.version)
    db.session.scalar(sa.select(Unit).limit(1)).area = 9_000
    course_services.cancel(scene.worker, NOW, vote.id, reason="重来")
    assert told() == ["vote.prepared", "vote.rule_confirmed", "vote.edited", "vote.cancelled"]
    entries = db.session.scalars(sa.select(AuditEntry)).all()
    assert "业主1" not in " ".join(f"{entry.text} {entry.values}" for entry in entries)
    assert all(entry.project_id == vote.project_id for entry in entries)
