"""What the form of a vote offers."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from tests.factories import notices, places, votes
from tests.factories.people import NOW
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.places.models import Building, Entrance
from tracker.votes import offers
from tracker.votes.services import Scope
from tracker.votes.shipped import SHIPPED_RULES
from tracker.workdays.rules import Calendar, DayKind

pytestmark = pytest.mark.usefixtures("arrange")


def test_rules_are_grouped_by_what_their_result_does_and_none_is_blank():
    scene = votes.scene()
    groups = offers.grouped(offers.rules(scene.project))
    assert [(group.heading, list(group.rules)) for group in groups] == [
        (
            "共同决定",
            [
                *("ord", "spec", "sh_part", "sh_part_major", "lift_building", "lift_compound"),
                *("rebuild_sign", "all"),
            ],
        ),
        ("意愿征询，仅供参考", ["gt23", "simple"]),
        ("在几个候选项中选", ["choose_one", "approval", "ranked"]),
    ]


def test_the_rule_usual_for_the_kind_of_project_comes_first():
    scene = votes.scene()
    scene.project.vote_rule = "spec"
    assert next(iter(offers.rules(scene.project))) == "spec"
    assert set(offers.rules(scene.project)) == set(SHIPPED_RULES) - {"rcm"}


@pytest.mark.parametrize("scope", [Scope(3), Scope(3, 12), Scope(3, 12, 7)])
def test_a_scope_is_read_as_it_is_written(scope):
    key = offers.scope_key(scope.compound_id, scope.building_id, scope.entrance_id)
    assert offers.scope_of(key) == scope


def test_all_compounds_of_the_committee_are_offered_the_project_s_own_first(app):
    scene = votes.scene(buildings=1)
    house = db.session.scalar(sa.select(Building))
    db.session.add(Entrance(committee_id=house.committee_id, building=house, number="2"))
    places.compound(scene.director.committee, name="南园", buildings=1)
    with app.test_request_context():
        groups = offers.scopes(scene.project)
    assert {heading: [label for _, label in group] for heading, group in groups.items()} == {
        "正文花园": ["正文花园（整个小区）", "正文花园 1号楼", "正文花园 1号楼2门洞"],
        "南园": ["南园（整个小区）", "南园 1号楼"],
    }


def test_notices_tell_how_long_they_have_hung(app, monkeypatch):
    scene = votes.scene()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    notices.notice(scene.project)
    notices.notice(scene.project, posted_on=date(2026, 2, 20), starts_on=date(2026, 2, 20))
    with app.test_request_context():
        labels = [choice.label for choice in offers.notices(scene.project)]
    assert labels == ["还没有公示", "关于停车管理规定的公示（已公示 11 天，至 2026-03-08）"]


CALENDAR = Calendar(
    {date(2026, 3, 23): DayKind.REST, date(2026, 3, 22): DayKind.REST}, frozenset({2026})
)


@pytest.mark.parametrize(
    ("ends_on", "today", "opens", "closes"),
    [
        # a day after the notice, two weeks later; on a rest day the next that is worked
        ("2026-03-08", "2026-03-02", "2026-03-09", "2026-03-24"),
        ("2026-03-09", "2026-03-02", "2026-03-10", "2026-03-24"),
        ("2026-03-12", "2026-03-02", "2026-03-13", "2026-03-27"),
        # a notice that is over: tomorrow
        ("2026-02-20", "2026-03-02", "2026-03-03", "2026-03-17"),
    ],
)
def test_the_voting_is_suggested_after_the_notice(ends_on, today, opens, closes):
    day = date.fromisoformat
    times = offers.voting_after(7, day(ends_on), day(today), CALENDAR)
    assert times.notice_id == 7
    local = [at.astimezone(clock.SHANGHAI) for at in (times.opens_at, times.closes_at)]
    assert [f"{at:%Y-%m-%d %H:%M}" for at in local] == [f"{opens} 09:00", f"{closes} 17:00"]


def test_without_a_notice_no_times_are_suggested():
    scene = votes.scene()
    assert offers.usual_times(scene.project, NOW) == offers.UsualTimes()
