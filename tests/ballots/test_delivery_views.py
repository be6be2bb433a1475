"""Delivery on a phone: own buildings, two taps, proof, corrections, reminders."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from PIL import Image

from tests.ballots.delivering import AT_HOME_NOBODY, deliver
from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import AFTER, CLOSES, DURING
from tests.votes.walk import wall
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.ballots.delivery_forms import VisitForm
from tracker.ballots.paper_models import BallotDelivery, Visit
from tracker.ballots.rules import DeliveryOutcome, DeliveryWay, Recipient, VisitOutcome
from tracker.kernel.database import db
from tracker.places.models import Building, LeaderScope
from tracker.votes.models import RollEntry


@pytest.fixture
def delivering(app, stage, at):
    """An open vote; the building leader of the stage looks after the first building."""

    def make(to=votes.running, buildings=1, moment=DURING):
        s = stage(to)
        at(moment)
        with app.app_context():
            houses = db.session.scalars(sa.select(Building).order_by(Building.id)).all()
            leader = db.session.scalar(sa.select(User).where(User.role == Role.BUILDING_LEADER))
            for house in houses[:buildings]:
                db.session.add(
                    LeaderScope(
                        committee_id=house.committee_id, user_id=leader.id, building_id=house.id
                    )
                )
            db.session.commit()
            s.buildings = [house.id for house in houses]
        return s

    return make


def recorded(app):
    with app.app_context():
        return [
            (row.way, row.outcome, row.recipient, row.superseded)
            for row in db.session.query(BallotDelivery).order_by(BallotDelivery.id)
        ]


def delivered(app, serial):
    with app.app_context():
        return db.session.scalar(sa.select(RollEntry.delivered).where(RollEntry.serial == serial))


def filled(**fields):
    return {
        "outcome": "hand:signed",
        "recipient": "owner",
        "proof": "",
        "at": wall(DURING),
        **fields,
    }


def photo():
    out = io.BytesIO()
    picture = Image.new("RGB", (3000, 40), "red")
    exif = picture.getexif()
    exif[0x010E] = "taken at somebody's door"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


# ---- whose buildings ----


def test_a_leader_sees_the_own_buildings_and_no_others(delivering):
    s = delivering(buildings=1)
    leader = s[Role.BUILDING_LEADER]
    own, foreign = s.buildings
    # The only building opens at once.
    page = visible(leader.get(s.url("/delivery")))
    assert "1号楼101室" in page
    assert "2号楼" not in page
    leader.get(s.url(f"/delivery/{own}"))
    leader.get(s.url(f"/delivery/{foreign}"), expect=404)
    for tail in ("", "/visit"):
        leader.get(s.url(f"/delivery/voters/4{tail}"), expect=404)
    for tail in ("/quick", "/reminded", "", "/visit"):
        leader.post(s.url(f"/delivery/voters/4{tail}"), expect=404, what="owner", **filled())


def test_a_leader_of_two_buildings_sees_both(delivering):
    s = delivering(buildings=2)
    page = visible(s[Role.BUILDING_LEADER].get(s.url("/delivery")))
    assert "1号楼 0 / 3 3 0 0" in page
    assert "2号楼 0 / 3 3 0 0" in page


def test_a_leader_of_no_building_is_told_who_gives_them(delivering):
    s = delivering(buildings=0)
    page = visible(s[Role.BUILDING_LEADER].get(s.url("/delivery")))
    assert "没有由您送票的楼栋" in page


def test_a_leader_corrects_and_sees_photos_of_own_buildings_only(app, delivering):
    s = delivering()
    s[Role.WORKER].post(s.url("/delivery/voters/4"), **filled())
    with app.app_context():
        number = db.session.scalar(sa.select(BallotDelivery.id))
    for tail in ("correct", "photo"):
        s[Role.BUILDING_LEADER].get(f"/ballots/deliveries/{number}/{tail}", expect=404)
    s[Role.WORKER].get(f"/ballots/deliveries/{number}/correct")
    s[Role.WORKER].get(f"/ballots/deliveries/{number}/photo", expect=404)


def test_a_building_where_nobody_votes_is_not_found(app, delivering):
    s = delivering()
    with app.app_context():
        first = db.session.get_one(Building, s.buildings[0])
        empty = Building(committee_id=first.committee_id, compound_id=first.compound_id, number="9")
        db.session.add(empty)
        db.session.commit()
        number = empty.id
    s[Role.WORKER].get(s.url(f"/delivery/{number}"), expect=404)


# ---- the ordinary case ----


def test_two_taps_open_the_row_and_record_the_owner_s_signature(app, delivering):
    s = delivering()
    leader = s[Role.BUILDING_LEADER]
    page = leader.get(s.url(f"/delivery/{s.buildings[0]}"))
    row = page[page.index('<details class="door"') :].split("</details>")[0]
    assert "第 1 号" in row
    action = re.search(r'action="([^"]+/quick)"', row).group(1)
    assert re.search(r'name="what" value="owner"', row)
    answer = leader.client.post(action, data={"what": "owner"})
    assert answer.status_code == 303
    assert answer.location.endswith("done=1#done")
    page = leader.get(answer.location)
    assert "1号楼101室 已登记：上门，已签收（业主本人）" in visible(page)
    assert recorded(app) == [
        (DeliveryWay.HAND, DeliveryOutcome.SIGNED, Recipient.OWNER, False),
    ]
    assert delivered(app, 1)
    assert "1 / 3 户" in visible(page)


def test_what_was_just_recorded_stands_where_the_list_goes_on(delivering):
    s = delivering()
    s[Role.WORKER].post(s.url("/delivery/voters/2/quick"), what="owner")
    page = visible(s[Role.WORKER].get(s.url(f"/delivery/{s.buildings[0]}?done=2")))
    before, after = page.split("1号楼102室 已登记")
    assert "1号楼101室" in before
    assert "1号楼103室" in after
    # Another leader's voter, or nobody, is not shown.
    for number in (4, 99):
        page = s[Role.BUILDING_LEADER].get(s.url(f"/delivery/{s.buildings[0]}?done={number}"))
        assert "door-done" not in page


def test_nobody_at_home_is_one_press_too_and_is_counted(app, delivering):
    s = delivering()
    for _time in range(2):
        page = s[Role.WORKER].post(s.url("/delivery/voters/1/quick"), what="absent")
    assert "去过 2 次" in visible(page)
    assert not delivered(app, 1)


def test_a_double_press_records_one_delivery(app, delivering):
    s = delivering()
    for _press in range(2):
        s[Role.WORKER].post(
            s.url("/delivery/voters/1/quick"), what="absent", submission="one-press"
        )
    assert len(recorded(app)) == 1


def test_two_who_record_one_delivery_are_told(app, delivering):
    s = delivering()
    s[Role.WORKER].post(s.url("/delivery/voters/1/quick"), what="owner")
    page = s[Role.BUILDING_LEADER].post(s.url("/delivery/voters/1/quick"), what="co_owner")
    assert "已经登记送达" in page
    assert len(recorded(app)) == 1


def test_entrance_by_entrance(app, delivering):
    s = delivering()
    with app.app_context():
        db.session.execute(sa.text("UPDATE unit SET entrance_number = '2' WHERE room = '103'"))
        db.session.execute(sa.text("UPDATE unit SET entrance_number = '1' WHERE room <> '103'"))
        db.session.commit()
    page = visible(s[Role.WORKER].get(s.url(f"/delivery/{s.buildings[0]}")))
    assert re.search(r"1门洞 1号楼101室.*1号楼102室.*2门洞 1号楼103室", page)


# ---- other ways ----


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"recipient": "tenant"}, "承租人没有表决权，不能代收业主的表决票"),
        ({"recipient": ""}, "请选择由谁签收"),
        ({"outcome": "hand:refused"}, "请写明在场的见证人"),
        ({"outcome": "post:sent"}, "请填写邮件号码"),
        ({"outcome": "notice:sent"}, "请写明张贴的地点"),
        ({"outcome": ""}, "请选择一项"),
        ({"outcome": "online:sent"}, "field-error"),
        ({"at": wall(AFTER)}, "时间还没有到"),
        ({"at": ""}, "请填写这一项"),
        ({"at": "0001-01-01T00:00"}, "请核对年份"),
        ({"server_id": "999"}, "field-error"),
    ],
)
def test_what_cannot_stand_is_said_at_its_field(app, delivering, fields, said):
    s = delivering()
    page = s[Role.WORKER].post(s.url("/delivery/voters/1"), **filled(**{"proof": "", **fields}))
    assert said in page
    assert "error-summary" in page
    assert recorded(app) == []


@pytest.mark.parametrize(
    ("outcome", "proof"),
    [("hand:refused", "物业在场"), ("post:sent", "EX1"), ("notice:sent", "1号楼门厅")],
)
def test_with_its_proof_it_stands(app, delivering, outcome, proof):
    s = delivering()
    s[Role.WORKER].post(s.url("/delivery/voters/1"), **filled(outcome=outcome, proof=proof))
    [(way, result, recipient, _old)] = recorded(app)
    assert (f"{way.value}:{result.value}", recipient) == (outcome, None)
    page = visible(s[Role.WORKER].get(s.url("/delivery/voters/1")))
    assert f"凭据：{proof}" in page


def test_a_photo_is_proof_and_is_kept_small_and_anonymous(app, delivering):
    s = delivering()
    given = filled(outcome="notice:sent", photo=(io.BytesIO(photo()), "公告.jpg"))
    s[Role.WORKER].post(s.url("/delivery/voters/1"), **given)
    with app.app_context():
        number = db.session.scalar(sa.select(BallotDelivery.id))
    answer = s[Role.BUILDING_LEADER].client.get(f"/ballots/deliveries/{number}/photo")
    kept = Image.open(io.BytesIO(answer.data))
    assert answer.mimetype == "image/jpeg"
    assert (kept.width, dict(kept.getexif())) == (2048, {})
    assert "看照片" in s[Role.WORKER].get(s.url("/delivery/voters/1"))


def test_what_is_no_photo_is_refused_at_its_field(app, delivering):
    s = delivering()
    given = filled(outcome="notice:sent", photo=(io.BytesIO(b"%PDF-1.4"), "公告.jpg"))
    page = s[Role.WORKER].post(s.url("/delivery/voters/1"), **given)
    assert "不是 JPEG" in page
    assert recorded(app) == []


def test_the_office_records_for_a_leader_and_a_leader_for_nobody_else(app, delivering):
    s = delivering()
    with app.app_context():
        leader = db.session.scalar(sa.select(User.id).where(User.role == Role.BUILDING_LEADER))
    assert str(leader) in s.offered(s[Role.WORKER].get(s.url("/delivery/voters/1")), "server_id")
    assert "server_id" not in s[Role.BUILDING_LEADER].get(s.url("/delivery/voters/1"))
    s[Role.WORKER].post(s.url("/delivery/voters/1"), **filled(server_id=str(leader)))
    with app.app_context():
        assert db.session.scalar(sa.select(BallotDelivery.served_by)) == leader


def test_the_name_is_masked(delivering):
    s = delivering()
    for url in (s.url("/delivery/voters/1"), s.url(f"/delivery/{s.buildings[0]}")):
        assert "业主1-101" not in s[Role.WORKER].get(url)


# ---- corrections ----


def test_a_delivery_is_corrected_with_a_reason_and_both_stand_on_the_page(app, delivering):
    s = delivering()
    s[Role.WORKER].post(s.url("/delivery/voters/1/quick"), what="owner")
    with app.app_context():
        number = db.session.scalar(sa.select(BallotDelivery.id))
    url = f"/ballots/deliveries/{number}/correct"
    assert re.search(r'value="hand:signed"[^>]*checked', s[Role.WORKER].get(url))
    assert "field-error" in s[Role.WORKER].post(url, **filled(recipient="proxy"))
    page = visible(s[Role.WORKER].post(url, **filled(recipient="proxy", reason="受托人签的")))
    assert "送达登记已更正" in page
    assert "上门，已签收（业主本人） 已更正" in page
    assert "更正的原因：受托人签的" in page
    assert "上门，已签收（受托人（有委托书））" in page
    assert "请更正最新的一条" in s[Role.WORKER].post(url, **filled(reason="再改"))


def test_a_delivery_of_the_wrong_voter_is_taken_back(app, delivering):
    s = delivering()
    s[Role.WORKER].post(s.url("/delivery/voters/1/quick"), what="owner")
    with app.app_context():
        number = db.session.scalar(sa.select(BallotDelivery.id))
    s[Role.WORKER].post(
        f"/ballots/deliveries/{number}/correct", **filled(reason="送的是隔壁"), void="y"
    )
    assert not delivered(app, 1)
    assert len(recorded(app)) == 1


# ---- reminders ----


def test_a_visit_has_a_time_and_an_outcome_and_no_room_for_words(app, delivering):
    with app.test_request_context():
        form = VisitForm()
    assert {field.name for field in form} == {"submission", "csrf_token", "outcome", "at"} - (
        set() if "csrf_token" in form else {"csrf_token"}
    )
    s = delivering()
    page = s[Role.WORKER].get(s.url("/delivery/voters/1/visit"))
    inputs = re.findall(r"<(?:input|textarea|select)[^>]*>", page[page.index('class="form"') :])
    kinds = {re.search(r'type="([\w-]+)"', tag).group(1) for tag in inputs if "type=" in tag}
    assert kinds == {"hidden", "radio", "datetime-local"}
    assert "<textarea" not in page


def test_reminders_are_two_taps_for_those_who_have_a_ballot_and_sent_none(app, delivering):
    def one_has_it(scene):
        vote = votes.running(scene)
        deliver(scene, vote, 1)
        deliver(scene, vote, 2)
        deliver(scene, vote, 3, AT_HOME_NOBODY)
        votes.received(scene, vote, 2)
        return vote

    s = delivering(one_has_it)
    leader = s[Role.BUILDING_LEADER]
    page = leader.get(s.url(f"/delivery/{s.buildings[0]}?which=reminding"))
    assert re.findall(r"voters/(\d+)/reminded", page) == ["1"] * len(VisitOutcome)
    page = visible(leader.post(s.url("/delivery/voters/1/reminded"), outcome="later"))
    assert "约了下次再来" in page
    assert "不用再提醒" in leader.post(s.url("/delivery/voters/2/reminded"), outcome="met")
    with app.app_context():
        assert [v.outcome for v in db.session.query(Visit)] == [VisitOutcome.LATER]


def test_an_earlier_visit_is_recorded_with_its_time(app, delivering):
    s = delivering()
    assert "请选择一项" in s[Role.WORKER].post(s.url("/delivery/voters/1/visit"), at=wall(DURING))
    s[Role.WORKER].post(s.url("/delivery/voters/1/visit"), at=wall(DURING), outcome="met")
    page = visible(s[Role.WORKER].get(s.url("/delivery/voters/1")))
    assert "上门提醒：见到了，已提醒" in page


# ---- when it is over ----


@pytest.mark.parametrize("moment", [DURING, CLOSES, AFTER])
def test_after_the_close_the_lists_stay_and_record_nothing(delivering, moment):
    s = delivering(lambda scene: votes.counting(scene, [1]), moment=moment)
    page = s[Role.WORKER].get(s.url(f"/delivery/{s.buildings[0]}"))
    assert "现在不登记送达和提醒" in page
    assert "/quick" not in page
    page = s[Role.WORKER].get(s.url("/delivery/voters/2"))
    assert 'name="outcome"' not in page
    page = s[Role.WORKER].post(s.url("/delivery/voters/2/quick"), what="owner")
    assert "计票中，现在不登记送达和提醒" in page
