"""The evidence pack: who may take it, what it holds, and what it never holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories import people, votes
from tracker.accounts.rules import Permission, Role, may
from tracker.audit.models import AuditEntry
from tracker.counts import evidence_queries, evidence_services
from tracker.counts.models import TallySheet
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal
from tracker.places.models import VotingPerson
from tracker.votes.models import RollUnit, Vote


def pack(of: votes.Scene, vote: Vote) -> dict[str, Any]:
    """The pack as it is handed out."""
    _vote, pieces = evidence_services.hand_out(of.director, votes.AFTER, vote.id)
    found: dict[str, Any] = json.loads(b"".join(pieces))
    return found


def rows(plain: dict[str, Any], section: str) -> list[dict[str, Any]]:
    """The rows of a section of the first count."""
    [found] = [one for one in plain["counts"][0]["sections"] if one["name"] == section]
    return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]


@pytest.mark.usefixtures("arrange")
class TestContent:
    """What stands in the file."""

    def test_it_holds_every_ballot_with_its_readings_and_choices(self):
        scene = votes.scene()
        plain = pack(scene, votes.announced(scene, approving=4, opposing=1))
        assert [row["state"] for row in rows(plain, "ballots")] == ["accepted"] * 5
        assert [row["marks"] for row in rows(plain, "choices")] == [["for", "for"]] * 4 + [
            ["against", "against"]
        ]
        assert [row["number"] for row in rows(plain, "readings")] == [1, 2] * 5
        assert len(rows(plain, "roll")) == len(rows(plain, "papers")) == 6

    def test_it_names_nobody(self):
        scene = votes.scene()
        text = json.dumps(pack(scene, votes.announced(scene)), ensure_ascii=False)
        people_ = [person.name for person in db.session.query(VotingPerson)]
        rooms = [unit.label for unit in db.session.query(RollUnit)]
        staff = [user.display_name for user in vars(scene).values() if hasattr(user, "login")]
        signers = ["唱票人", "计票人", "监票人"]
        assert people_
        assert rooms
        assert [word for word in (*people_, *rooms, *staff, *signers) if word in text] == []

    def test_its_digest_is_kept_with_the_tally_sheet_when_it_is_certified(self):
        scene = votes.scene()
        vote = votes.certified(scene)
        digest = db.session.query(TallySheet).one().evidence["digest"]
        votes.counts.announce(scene.director, votes.AFTER, vote.id)
        plain = pack(scene, vote)
        assert plain["counts"][0]["digest"] == digest
        assert evidence_queries.evidence_digest(vote) == digest

    def test_what_was_kept_is_what_the_ledger_says(self):
        scene = votes.scene()
        vote = votes.certified(scene)
        kept = pack(scene, vote)["counts"]
        sheet = db.session.query(TallySheet).one()
        sheet.evidence = sheet.evidence | {"file": "gone.evidence.gz"}
        assert pack(scene, vote)["counts"] == kept

    def test_nothing_is_handed_out_before_the_count_is_certified(self):
        scene = votes.scene()
        vote = votes.counting(scene, [1])
        with pytest.raises(Refusal, match="还没有确认"):
            evidence_services.hand_out(scene.director, votes.AFTER, vote.id)

    def test_the_history_says_who_took_it(self):
        scene = votes.scene()
        vote = votes.certified(scene)
        pack(scene, vote)
        entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert entry is not None
        assert (entry.action, entry.actor_id) == ("vote.evidence_taken", scene.director.id)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("certified", [True, False])
def test_who_may_take_the_pack(app, browse, role, certified):
    with app.app_context():
        scene = votes.scene()
        vote = votes.certified(scene) if certified else votes.counting(scene, [1])
        user = people.user(role, scene.director.committee)
        vote_id = vote.id
        db.session.commit()
        db.session.refresh(user)
        db.session.expunge(user)
    browser = browse(user)
    watches, takes = may(role, Permission.WATCH_VOTE), may(role, Permission.EXPORT_EVIDENCE)
    ready = 200 if certified else 409
    shown = browser.get(f"/votes/{vote_id}/evidence", expect=ready if watches else 403)
    assert ("下载证据包" in shown) is (certified and watches and takes)
    answer = browser.client.post(f"/votes/{vote_id}/evidence.json")
    assert answer.status_code == (ready if takes else 403)
    if takes and certified:
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.json is not None
        assert answer.json["format"] == "votes-evidence-1"
    answer.close()
    program = browser.client.get("/votes/verify.py")
    assert program.status_code == (200 if watches else 403)
    program.close()


def test_only_director_officer_and_scrutineer_take_packs():
    takers = {role for role in Role if may(role, Permission.EXPORT_EVIDENCE)}
    assert takers == {Role.DIRECTOR, Role.OFFICER, Role.SCRUTINEER}


def test_the_announcement_prints_the_digest(app, browse):
    with app.app_context():
        scene = votes.scene()
        vote = votes.announced(scene)
        vote_id, digest = vote.id, evidence_queries.evidence_digest(vote)
        user = scene.director
        db.session.commit()
        db.session.refresh(user)
        db.session.expunge(user)
    assert digest in browse(user).get(f"/votes/{vote_id}/announcement")
