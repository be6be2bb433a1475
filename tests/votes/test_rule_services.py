"""The rule book: entered by one, confirmed by another, in versions that reach no existing vote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
import sqlalchemy as sa

from tests.factories import people, votes
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal
from tracker.votes import lint, lint_queries, queries, rule_queries, rule_services, services
from tracker.votes.rule_services import RuleDraft
from tracker.votes.rules import Base, Basis, Method, Threshold
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.words import Confidence

pytestmark = pytest.mark.usefixtures("arrange")

MAJORITY = Threshold(Fraction(1, 2), strict=True)
THREE_FIFTHS = Threshold(Fraction(3, 5), strict=False)
TODAY = date(2026, 3, 2)

MEETING = RuleDraft(
    key="rcm",
    title="居民会议",
    roll="年满十八周岁的居民",
    source="《城市居民委员会组织法》",
    confidence=Confidence.TEXT,
    reason="条文已公布",
    in_force_from=date(2026, 1, 1),
    quorum_persons=MAJORITY,
    approval_persons=MAJORITY,
)


@pytest.fixture
def scene(arrange):
    return votes.scene()


def entered(scene, draft=MEETING, by=None, confirmed_by=None):
    made = rule_services.enter_rule(by or scene.director, NOW, draft)
    if confirmed_by is not None:
        rule_services.confirm_rule(confirmed_by, NOW, made.id)
    return made


def offered(scene, day=TODAY):
    return rule_queries.offered(scene.officer.subdistrict_id, day)


# ---- entering and confirming ----


def test_a_blank_rule_is_offered_once_it_was_entered_and_confirmed(scene):
    assert "rcm" not in offered(scene)
    made = entered(scene)
    assert "rcm" not in offered(scene)
    rule_services.confirm_rule(scene.officer, NOW, made.id)
    rule = offered(scene)["rcm"]
    assert (rule.id, rule.blank, rule.title) == ("rcm", False, "居民会议")
    assert (rule.quorum_persons, rule.approval_persons) == (MAJORITY, MAJORITY)
    assert votes.draft(scene, rule_id="rcm").rule_id == "rcm"


def test_nobody_confirms_the_own_entry_and_it_is_confirmed_once(scene):
    made = entered(scene)
    with pytest.raises(Refusal, match="由您录入"):
        rule_services.confirm_rule(scene.director, NOW, made.id)
    rule_services.confirm_rule(scene.officer, NOW, made.id)
    assert (made.entered_by, made.confirmed_by) == (scene.director.id, scene.officer.id)
    with pytest.raises(Refusal, match="已经确认过"):
        rule_services.confirm_rule(scene.officer, NOW, made.id)


@pytest.mark.parametrize("role", list(Role))
def test_rules_are_kept_by_directors_and_officers(scene, role):
    somebody = people.user(role, scene.director.committee)
    made = entered(scene)
    acts = (
        lambda: rule_services.enter_rule(somebody, NOW, MEETING),
        lambda: rule_services.confirm_rule(somebody, NOW, made.id),
        lambda: rule_services.withdraw_rule(somebody, NOW, made.id),
    )
    for act in acts:
        if role in (Role.DIRECTOR, Role.OFFICER):
            act()
        else:
            with pytest.raises(Refusal, match="由居委会主任或街道"):
                act()


def test_another_subdistrict_sees_and_confirms_nothing_of_it(scene):
    made = entered(scene, confirmed_by=scene.officer)
    far = people.user(Role.OFFICER, people.committee("远处居委会", "别的街道"))
    assert "rcm" not in rule_queries.offered(far.subdistrict_id, TODAY)
    for act in (rule_services.confirm_rule, rule_services.withdraw_rule):
        with pytest.raises(NotFound):
            act(far, NOW, made.id)


def test_a_director_of_a_neighbouring_committee_may_confirm(scene):
    neighbour = people.user(Role.DIRECTOR, people.committee("国年居委会"))
    entered(scene, confirmed_by=neighbour)
    assert "rcm" in offered(scene)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"roll": ""}, "roll"),
        ({"source": " "}, "source"),
        ({"reason": ""}, "reason"),
        ({"key": "nonsense"}, "key"),
        ({"approval_persons": None}, "approval_persons_share"),
        ({"in_force_from": None}, "in_force_from"),
        ({"in_force_to": date(2025, 12, 31)}, "in_force_to"),
        ({"notice_days": -1}, "notice_days"),
        ({"notice_days": 91}, "notice_days"),
        ({"key": "choose_one"}, "approval_persons_share"),
    ],
)
def test_a_rule_that_cannot_stand_is_refused_at_the_field(scene, fields, field):
    with pytest.raises(FieldRefusal) as refused:
        entered(scene, replace(MEETING, **fields))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "fields",
    [
        {"in_force_to": date(2026, 1, 1)},
        {"notice_days": 0},
        {"notice_days": 90},
        {"approval_persons": None, "approval_area": THREE_FIFTHS},
    ],
)
def test_a_rule_at_the_edge_stands(scene, fields):
    assert entered(scene, replace(MEETING, **fields)).number == 1


def test_signs_of_markup_and_of_formats_are_written_wide(scene):
    made = entered(scene, replace(MEETING, title="<b>50%</b> & more", roll="100% 居民"))
    assert made.rule["title"] == "＜b＞50％＜/b＞ ＆ more"
    assert made.rule["roll"] == "100％ 居民"


def test_rules_of_one_s_own_get_a_key_each(scene):
    own = replace(MEETING, key=None, title="本街道的办法")
    assert [entered(scene, own).key for _ in range(2)] == ["own1", "own2"]
    assert entered(scene, replace(own, key="own1")).number == 2


def test_a_new_version_keeps_how_the_question_is_answered(scene):
    poll = entered(scene, replace(MEETING, key="ranked", approval_persons=None))
    assert (poll.rule["method"], poll.rule["advisory"]) == (Method.RANKED, True)
    sign = entered(scene, replace(MEETING, key="rebuild_sign", base=Base.ROLL))
    assert sign.rule["milestones"] == [90, 95, 100]


# ---- versions ----


def test_a_later_version_changes_no_existing_vote(scene):
    drafted = votes.draft(scene)
    before = dict(drafted.rule)
    stricter = replace(MEETING, key="ord", title="一般事项（新）", approval_persons=THREE_FIFTHS)
    entered(scene, stricter, confirmed_by=scene.officer)
    db.session.expire_all()
    assert drafted.rule == before
    assert queries.rule_of(drafted) == SHIPPED_RULES["ord"]
    found = lint.findings(lint_queries.facts(drafted, NOW))
    assert "rule_superseded" in [finding.code for finding in found]
    services.edit(scene.worker, NOW, drafted.id, votes.draft_of(scene), version=drafted.version)
    assert queries.rule_of(drafted).approval_persons == THREE_FIFTHS


def test_a_frozen_vote_keeps_its_rule_and_its_hash(scene):
    vote = votes.frozen(scene)
    entered(scene, replace(MEETING, key="ord"), confirmed_by=scene.officer)
    found = lint.findings(lint_queries.facts(vote, NOW))
    assert not [f.code for f in found if f.code in ("rule_superseded", "rule_withdrawn")]
    assert votes.course_services.roll_is_whole(vote)


def test_a_version_that_begins_later_leaves_the_one_before_in_force_until_then(scene):
    begins = date(2027, 1, 1)
    draft = replace(MEETING, key="ord", title="一般事项（新）", in_force_from=begins)
    entered(scene, draft, confirmed_by=scene.officer)
    titles = [offered(scene, day)["ord"].title for day in (TODAY, date(2026, 12, 31), begins)]
    assert titles == [SHIPPED_RULES["ord"].title, SHIPPED_RULES["ord"].title, "一般事项（新）"]


def test_a_rule_that_has_ended_is_not_offered(scene):
    last = date(2026, 6, 30)
    own = replace(MEETING, key=None, in_force_to=last)
    made = entered(scene, own, confirmed_by=scene.officer)
    subdistrict = scene.officer.subdistrict_id
    for day, there in ((last, True), (date(2026, 7, 1), False)):
        assert (made.key in offered(scene, day)) is there
        assert (made.key in rule_queries.choosable(subdistrict, day)) is there
    assert made.key in rule_queries.book(subdistrict, date(2026, 7, 1))


def test_a_rule_not_yet_in_force_may_be_chosen_for_a_close_after_it_begins(scene):
    own = replace(MEETING, key=None, in_force_from=date(2026, 3, 4))
    made = entered(scene, own, confirmed_by=scene.officer)
    assert made.key in rule_queries.choosable(scene.officer.subdistrict_id, TODAY)
    assert votes.draft(scene, rule_id=made.key).rule_id == made.key
    too_early = replace(own, in_force_from=date(2026, 3, 6))
    later = entered(scene, too_early, confirmed_by=scene.officer)
    with pytest.raises(FieldRefusal) as refused:
        votes.draft(votes.scene(committee="国年居委会"), rule_id=later.key)
    assert refused.value.field == "rule_id"


def test_of_several_versions_the_latest_confirmed_stands(scene):
    first = entered(scene, confirmed_by=scene.officer)
    second = entered(scene, replace(MEETING, title="第二版"), confirmed_by=scene.officer)
    entered(scene, replace(MEETING, title="第三版"))
    assert (first.number, second.number) == (1, 2)
    assert offered(scene)["rcm"].title == "第二版"
    rule_services.withdraw_rule(scene.director, NOW, second.id)
    assert offered(scene)["rcm"].title == "居民会议"
    rule_services.withdraw_rule(scene.director, NOW, first.id)
    assert "rcm" not in offered(scene)


def test_what_was_withdrawn_is_neither_confirmed_nor_withdrawn_again(scene):
    made = entered(scene)
    rule_services.withdraw_rule(scene.director, NOW, made.id)
    for act in (rule_services.confirm_rule, rule_services.withdraw_rule):
        with pytest.raises(Refusal, match="已经撤回"):
            act(scene.officer, NOW, made.id)


def test_a_draft_whose_rule_was_withdrawn_is_not_frozen(scene):
    made = entered(scene, confirmed_by=scene.officer)
    drafted = votes.draft(scene, rule_id="rcm")
    rule_services.withdraw_rule(scene.officer, NOW, made.id)
    found = lint.musts(lint.findings(lint_queries.facts(drafted, NOW)))
    assert "所选规则已经撤回，请重新选择。" in [str(reason.message) for reason in found]


def test_a_rule_by_households_makes_a_roll_of_households(scene):
    entered(scene, replace(MEETING, basis=Basis.HOUSEHOLDS), confirmed_by=scene.officer)
    assert votes.draft(scene, rule_id="rcm").basis is Basis.HOUSEHOLDS


def test_the_history_of_the_subdistrict_tells_every_step(scene):
    made = entered(scene, confirmed_by=scene.officer)
    rule_services.withdraw_rule(scene.officer, NOW, made.id)
    rows = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action.like("rule.%")).order_by(AuditEntry.id)
    ).all()
    assert [(row.action, row.actor_id, row.committee_id) for row in rows] == [
        ("rule.entered", scene.director.id, None),
        ("rule.confirmed", scene.officer.id, None),
        ("rule.withdrawn", scene.officer.id, None),
    ]
