"""Areas supplied to a frozen roll, by two people."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.votes import AFTER, DURING
from tests.votes.steps import frozen_without_area, propose_areas
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal, Stale
from tracker.votes import course_services, queries
from tracker.votes.models import RollEntry
from tracker.votes.words import TwoPersonStep

pytestmark = pytest.mark.usefixtures("arrange")


# ---- areas missing when the roll was frozen ----


def test_missing_areas_are_supplied_by_two_people_and_the_roll_is_sealed_anew():
    scene = votes.scene()
    vote, missing = frozen_without_area(scene)
    before = vote.roll_hash
    propose_areas(scene, vote, {missing.id: (8_850, " 产证 ")})
    course_services.approve_areas(scene.director, DURING, vote.id)
    db.session.refresh(missing)
    assert (missing.area, missing.area_source) == (8_850, "产证")
    entry = db.session.scalar(sa.select(RollEntry).where(RollEntry.serial == 1))
    assert entry.area == 8_850 + 8_000
    assert vote.roll_hash != before
    assert course_services.roll_is_whole(vote)
    [done] = [a for a in queries.approvals_of(vote.id) if a.step is TwoPersonStep.AMEND]
    assert done.details["roll_hash_before"] == before
    assert (done.proposed_by, done.approved_by) == (scene.worker.id, scene.director.id)


@pytest.mark.parametrize(
    ("areas", "reason", "refused"),
    [
        (lambda _missing, known: {known: (9_000, "产证")}, "补", "只能补冻结时缺失的面积"),
        (lambda missing, known: {missing: (1, "产证"), known: (1, "x")}, "补", "只能补冻结"),
        (lambda _missing, _known: {}, "补", "只能补冻结时缺失的面积"),
        (lambda missing, _known: {missing: (0, "产证")}, "补", "面积要大于 0"),
        (lambda missing, _known: {missing: (9_000, " ")}, "补", "写明来源"),
        (lambda missing, _known: {missing: (9_000, "产证")}, " ", "请写明原因"),
    ],
)
def test_only_what_was_missing_is_supplied_with_source_and_reason(areas, reason, refused):
    scene = votes.scene()
    vote, missing = frozen_without_area(scene)
    known = next(u.id for e in db.session.scalars(sa.select(RollEntry)) for u in e.units if u.area)
    with pytest.raises(Refusal, match=refused):
        propose_areas(scene, vote, areas(missing.id, known), reason)


def test_areas_need_two_people_of_the_right_roles():
    scene = votes.scene()
    vote, missing = frozen_without_area(scene)
    areas = {missing.id: (8_850, "产证")}
    with pytest.raises(Refusal, match="由准备表决的社工或主任"):
        propose_areas(scene, vote, areas, by=scene.counter)
    with pytest.raises(Refusal, match="还没有人提请"):
        course_services.approve_areas(scene.director, DURING, vote.id)
    proposal = propose_areas(scene, vote, areas, by=scene.director)
    with pytest.raises(Refusal, match="您自己提请的"):
        course_services.approve_areas(scene.director, DURING, vote.id)
    with pytest.raises(Refusal, match="第二人同意"):
        course_services.approve_areas(scene.worker, DURING, vote.id)
    with pytest.raises(Stale):
        course_services.approve_areas(scene.officer, DURING, vote.id, proposal_id=proposal.id + 1)
    course_services.approve_areas(scene.officer, DURING, vote.id, proposal_id=proposal.id)
    with pytest.raises(Refusal, match="只能补冻结时缺失的面积"):
        propose_areas(scene, vote, areas)


@pytest.mark.parametrize("make", [votes.draft, votes.certified, votes.announced])
def test_areas_are_supplied_between_freezing_and_certifying_only(make):
    scene = votes.scene()
    vote = make(scene)
    with pytest.raises(Refusal, match="名册不能再补"):
        propose_areas(scene, vote, {1: (8_850, "产证")})
    with pytest.raises(Refusal, match="名册不能再补"):
        course_services.approve_areas(scene.director, AFTER, vote.id)


def test_a_roll_touched_meanwhile_is_not_sealed_anew():
    scene = votes.scene()
    vote, missing = frozen_without_area(scene)
    propose_areas(scene, vote, {missing.id: (8_850, "产证")})
    db.session.execute(sa.update(RollEntry).where(RollEntry.serial == 2).values(area=1))
    db.session.expire_all()
    with pytest.raises(Refusal, match="指纹不符"):
        course_services.approve_areas(scene.director, DURING, vote.id)
