"""Evidence packs of votes in which everything happens that can; each is carried out once a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.factories import online, votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, CLOSES, DURING, OPENS, Scene
from tracker.accounts.models import User
from tracker.ballots import (
    box_services,
    checking_services,
    closing_services,
    collecting_services,
    delivery_services,
    entering_services,
    printing_services,
)
from tracker.ballots.delivery_services import Brought
from tracker.ballots.models import Ballot
from tracker.ballots.rules import DeliveryOutcome, DeliveryWay, Recipient, RejectReason
from tracker.counts import evidence_services, objection_services
from tracker.counts import services as counts
from tracker.kernel.database import db
from tracker.places.models import Unit
from tracker.votes import check_services, course_services, roll_queries, services
from tracker.votes.models import Vote
from tracker.votes.rules import Choice, NonResponsePolicy
from tracker.votes.words import AttachmentKind

SIGNED = Brought(DeliveryWay.HAND, DeliveryOutcome.SIGNED, DURING, Recipient.OWNER)
REFUSED = Brought(DeliveryWay.HAND, DeliveryOutcome.REFUSED, DURING, proof="楼组长在场")
NOBODY = Brought(DeliveryWay.HAND, DeliveryOutcome.ABSENT, DURING)
POSTED = Brought(DeliveryWay.NOTICE, DeliveryOutcome.SENT, DURING, proof="公告栏")


def pack_of(taker: User, vote: Vote) -> dict[str, Any]:
    """The pack as it is handed out, read from its text."""
    _vote, pieces = evidence_services.hand_out(taker, AFTER, vote.id)
    found: dict[str, Any] = json.loads(b"".join(pieces))
    return found


def certify_by(actor: User, vote: Vote, *, at: Any = AFTER, reason: str = "") -> Vote:
    """Certified, signed by the usual three."""
    return counts.certify(actor, at, vote.id, signers=votes.SIGNERS, reason=reason)


def plain() -> dict[str, Any]:
    """Five approve, one does not vote; announced."""
    scene = votes.scene()
    return pack_of(scene.director, votes.announced(scene))


def everything() -> dict[str, Any]:
    """Twelve flats of eleven persons; every paper goes another way; extended, announced."""
    scene = votes.scene(buildings=2, rooms=6)
    units = db.session.query(Unit).order_by(Unit.id).all()
    units[6].voting_person_id = units[0].voting_person_id
    units[1].area = 12_345
    db.session.flush()
    vote = votes.running(scene, extension_condition="参与不足三分之二", extension_days=2)
    _papers_on_their_way(scene, vote)
    _papers_coming_back(scene, vote)
    late_close = CLOSES + timedelta(days=2, minutes=1)
    closing_services.close(scene.director, late_close, vote.id)
    late = votes.received(scene, vote, 8, at=late_close)
    assert late.state.value == "late"
    _readings(scene, vote, late_close)
    certify_by(scene.scrutineer, vote, at=late_close)
    counts.announce(scene.director, late_close, vote.id)
    return pack_of(scene.director, vote)


def _papers_on_their_way(of: Scene, vote: Vote) -> None:
    for serial, brought in ((1, SIGNED), (2, REFUSED), (3, NOBODY), (9, POSTED)):
        delivery_services.deliver(of.worker, DURING, vote.id, serial=serial, brought=brought)
    box_services.seal(of.worker, DURING, vote.id, number=1, place="居委会", seal_number="A-01")
    printing_services.print_spares(of.worker, DURING, vote.id, 3)
    printing_services.spoil(of.worker, DURING, vote.id, paper="14", reason="印坏了")
    printing_services.reprint(of.worker, DURING, vote.id, paper="4", reason="被水泡了")
    printing_services.hand_out(
        of.worker,
        DURING,
        vote.id,
        spare="12",
        voter="5",
        recipient=Recipient.CO_OWNER,
        reason="共有人另填一张",
        second_owner=True,
    )


def _papers_coming_back(of: Scene, vote: Vote) -> None:
    votes.received(of, vote, 4)  # the paper that was replaced: void
    collecting_services.undo(of.counter, DURING, votes.received(of, vote, 10).id, reason="扫错")
    for serial in (1, 2, 3, 5, 12, 15):
        votes.accepted(of, vote, serial)
    tenant = votes.received(of, vote, 6)
    checking_services.check(of.counter, DURING, tenant.id, rejected=RejectReason.TENANT)
    taken_back = votes.accepted(of, vote, 7)
    collecting_services.withdraw(of.counter, DURING, taken_back.id, reason="书面申请")
    printing_services.hand_out(
        of.worker,
        DURING,
        vote.id,
        spare="13",
        voter="7",
        recipient=Recipient.OWNER,
        reason="撤回后重投",
    )
    votes.accepted(of, vote, 13)
    eve = CLOSES - timedelta(hours=1)
    course_services.propose_extension(of.worker, eve, vote.id, reason="参与不足")
    course_services.approve_extension(of.director, eve, vote.id)
    votes.accepted(of, vote, 10, at=CLOSES + timedelta(days=1))
    votes.accepted(of, vote, 11, at=CLOSES + timedelta(days=1))


def _readings(of: Scene, vote: Vote, at: Any) -> None:
    first, second = votes.motions_of(vote)
    said = {
        **dict.fromkeys((1, 2, 3, 13), (Choice.FOR, Choice.FOR)),
        **{15: (Choice.FOR, Choice.ABSTAIN), 10: (Choice.AGAINST, Choice.INVALID)},
        **{5: (Choice.FOR, Choice.AGAINST), 12: (Choice.FOR, Choice.FOR)},
    }
    for serial, (one, two) in said.items():
        for reader in (of.counter, of.worker):
            marks = {first: one.value, second: two.value}
            _enter(reader, at, vote, serial, marks)
    _enter(of.counter, at, vote, 11, {first: "for", second: "for"})
    _enter(of.worker, at, vote, 11, {first: "for", second: "against"})
    judge = votes.people.user(votes.Role.SCRUTINEER, of.director.committee)
    entering_services.settle(
        judge,
        at,
        vote.id,
        ballot_id=_ballot(vote, 11).id,
        marks={second: "against"},
        reason="第二栏打勾在反对",
    )
    entering_services.reopen(judge, at, vote.id, ballot_id=_ballot(vote, 3).id, reason="看错行")
    for reader in (of.worker, of.counter):
        _enter(reader, at, vote, 3, {first: "for", second: "abstain"})


def _ballot(vote: Vote, paper: int) -> Ballot:
    found = db.session.query(Ballot).join(Ballot.paper)
    return found.filter_by(vote_id=vote.id, serial=paper).order_by(Ballot.id.desc()).first()


def _enter(reader: Any, at: Any, vote: Vote, paper: int, marks: dict[int, str]) -> None:
    entering_services.enter(reader, at, vote.id, ballot_id=_ballot(vote, paper).id, marks=marks)


def silence() -> dict[str, Any]:
    """Two of six approve, and four delivered ballots follow the majority."""
    scene = votes.scene()
    vote = votes.draft(
        scene,
        confirmed=False,
        nonresponse_policy=NonResponsePolicy.FOLLOW_MAJORITY,
        policy_clause="议事规则第十二条：已送达而未表决的，计入多数票",
        motion_ids=votes.motion_ids(scene.project)[:1],
    )
    check_services.attach(
        scene.worker,
        NOW,
        vote.id,
        kind=AttachmentKind.CLAUSE,
        name="议事规则.pdf",
        data=b"%PDF-1.4 rules",
    )
    services.confirm_rule(scene.director, NOW, vote.id, version=vote.version)
    persons = roll_queries.roll_preview(vote).persons
    course_services.propose_freeze(
        scene.worker, NOW, vote.id, version=vote.version, persons=persons
    )
    course_services.approve_freeze(scene.director, NOW, vote.id)
    printing_services.number_papers(scene.worker, NOW, vote.id)
    counts.open_vote(scene.director, OPENS, vote.id)
    for serial, brought in enumerate((SIGNED, SIGNED, REFUSED, POSTED, SIGNED, NOBODY), start=1):
        delivery_services.deliver(scene.worker, DURING, vote.id, serial=serial, brought=brought)
    for serial in (1, 2):
        votes.accepted(scene, vote, serial)
    closing_services.close(scene.director, AFTER, vote.id)
    for serial in (1, 2):
        votes.read(scene, vote, serial)
    return pack_of(scene.director, certify_by(scene.scrutineer, vote))


def poll(rule: str, marks: list[str]) -> dict[str, Any]:
    """A certified poll among three; ``marks`` by serial."""
    scene = votes.scene()
    motion = votes.motion_ids(scene.project)[0]
    vote = votes.counting(
        scene,
        range(1, len(marks) + 1),
        rule_id=rule,
        motion_ids=[motion],
        options={motion: ("甲公司", "乙公司", "丙公司")},
    )
    for serial, mark in enumerate(marks, start=1):
        votes.read(scene, vote, serial, mark)
    return pack_of(scene.director, certify_by(scene.scrutineer, vote))


def by_link() -> dict[str, Any]:
    """Online: one stands, one recast, one beaten by paper, one beside a co-owner's paper."""
    scene = votes.scene()
    vote = votes.running(scene, **online.ONLINE)
    online.voted(scene, vote, 1)
    online.voted(scene, vote, 2, Choice.AGAINST)
    online.voted(scene, vote, 2, Choice.FOR)
    online.voted(scene, vote, 3)
    votes.accepted(scene, vote, 3)
    online.voted(scene, vote, 4)
    online.co_owners_paper(vote, 4)
    votes.accepted(scene, vote, 904)
    votes.accepted(scene, vote, 5)
    closing_services.close(scene.director, AFTER, vote.id)
    for paper, mark in ((3, "against"), (904, "for"), (5, "for")):
        for reader in (scene.counter, scene.worker):
            _enter(reader, AFTER, vote, paper, online.all_of(vote, mark))
    return pack_of(scene.director, certify_by(scene.scrutineer, vote))


def counted_twice() -> dict[str, Any]:
    """Announced, objected to, and counted again with another result."""
    scene = votes.scene()
    vote = votes.announced(scene, approving=4)
    found = objection_services.record_objection(
        scene.worker, AFTER, vote.id, received_on=AFTER.date(), text="第 3 号票看错了"
    )
    objection_services.rule_on(
        scene.director,
        AFTER,
        vote.id,
        found.number,
        ruling=objection_services.Ruling.RECOUNT,
        text="重新计票",
    )
    again = AFTER + timedelta(hours=2)
    for serial, mark in ((1, "for"), (2, "for"), (3, "against"), (4, "abstain")):
        for reader in (scene.worker, scene.counter):
            _enter(reader, again, vote, serial, online.all_of(vote, mark))
    certify_by(scene.scrutineer, vote, at=again, reason="异议成立")
    counts.announce(scene.director, again, vote.id)
    return pack_of(scene.director, vote)


PACKS: dict[str, Callable[[], dict[str, Any]]] = {
    "plain": plain,
    "everything": everything,
    "silence": silence,
    "choose_one": lambda: poll("choose_one", ["A", "A", "B", "abstain", "C", "invalid"]),
    "approval": lambda: poll("approval", ["A,B", "B", "B,C", "A"]),
    "ranked": lambda: poll("ranked", ["A>B", "A>C", "B>A", "B>C", "C>B", "abstain"]),
    "online": by_link,
    "counted_twice": counted_twice,
}
