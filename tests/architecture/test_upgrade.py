"""What the first release recorded is kept, and goes on, after the upgrade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import flask_migrate
import pytest
from flask import Flask

from tests.architecture.databases import Rows, empty_database, everything, load
from tests.conftest import build
from tests.factories.votes import AFTER, DURING, OPENS, SIGNERS
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.audit import services as audit
from tracker.ballots import (
    checking_services,
    closing_services,
    collecting_services,
    entering_services,
    entry_queries,
    queries,
)
from tracker.ballots.codes import read_code
from tracker.ballots.models import Ballot, BallotEntry
from tracker.ballots.paper_models import Paper, PrintRun
from tracker.ballots.receipts import paper_receipt
from tracker.ballots.rules import BallotState, PaperState, RunKind
from tracker.counts import balance_queries, counting
from tracker.counts import queries as count_queries
from tracker.counts import services as counts
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal
from tracker.votes import course_services, roll_queries, services
from tracker.votes.figures import Counted
from tracker.votes.models import RollEntry, Vote
from tracker.votes.queries import rule_of
from tracker.votes.rules import Outcome
from tracker.votes.sealing import digest
from tracker.votes.verdict import decide, invalid_policy_matters
from tracker.votes.words import VoteState

STATES = {
    "准备中": VoteState.DRAFT,
    "已冻结": VoteState.FROZEN,
    "一人冻结": VoteState.FROZEN,
    "投票中": VoteState.OPEN,
    "缺面积": VoteState.COUNTING,
    "已截止": VoteState.CERTIFIED,
    "同一人公告": VoteState.ANNOUNCED,
    "另一人公告": VoteState.ANNOUNCED,
    "一栋楼": VoteState.ANNOUNCED,
    "作废": VoteState.CANCELLED,
}
"""Every vote of the release by its title, and the state it is in after the upgrade."""

FROZEN = [title for title in STATES if title != "准备中"]
STANDING = ["已截止", "同一人公告", "另一人公告", "一栋楼"]
"""Their results were certified by whoever closed them."""

MOVED = {"vote": {"state"}, "ballot_choice": {"choice"}}
"""What the upgrade words anew; all other columns that existed keep what they held."""


@dataclass(frozen=True)
class Upgraded:
    """The application on the upgraded database, and all rows as they were before."""

    app: Flask
    before: Rows


@pytest.fixture(scope="module")
def upgraded(
    server_url: str | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upgraded]:
    """A database as the first release left it, brought up to date."""
    folder = tmp_path_factory.mktemp("upgraded")
    app = build(empty_database(server_url, folder, "upgraded"), folder)
    with app.app_context():
        flask_migrate.upgrade(revision="0001")
        load(db.engine)
        before = everything(db.engine)
        db.engine.dispose()
        flask_migrate.upgrade()
        db.session.remove()
    yield Upgraded(app, before)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def after(upgraded: Upgraded) -> Iterator[Rows]:
    """All rows after the upgrade, in an application context that keeps nothing it changes."""
    with upgraded.app.app_context():
        yield everything(db.engine)
        db.session.rollback()
        db.session.remove()


pytestmark = pytest.mark.usefixtures("after")


def vote(title: str) -> Vote:
    """A vote of the release."""
    return db.session.query(Vote).filter_by(title=title).one()


def person(role: Role, place: int = 0) -> User:
    """The first or a later account of a role."""
    return db.session.query(User).filter_by(role=role).order_by(User.id).offset(place).first()


# ---- nothing is lost ----


def test_every_row_keeps_what_it_held(upgraded, after):
    for table, rows in upgraded.before.items():
        if table == "ballot_choice":
            continue
        now = {row["id"]: row for row in after[table]} if rows and "id" in rows[0] else {}
        assert len(after[table]) == len(rows), table
        for row in rows if now else ():
            kept = {name: now[row["id"]][name] for name in row if name not in MOVED.get(table, ())}
            assert kept == {name: row[name] for name in kept}, table
        if not now:
            assert after[table] == rows, table


def test_every_choice_is_kept_as_a_reading_and_counted_where_the_result_stands(upgraded, after):
    readings = {row["id"]: row["ballot_id"] for row in after["ballot_entry"]}
    before = Counter(
        (row["ballot_id"], row["vote_motion_id"], row["choice"])
        for row in upgraded.before["ballot_choice"]
    )
    read = Counter(
        (readings[row["entry_id"]], row["vote_motion_id"], row["mark"])
        for row in after["entry_mark"]
    )
    unsettled = {vote(title).id for title in ("投票中", "缺面积")}
    votes_of = {row["id"]: row["vote_id"] for row in after["ballot"]}
    counted = Counter(
        (row["ballot_id"], row["vote_motion_id"], row["mark"]) for row in after["ballot_choice"]
    )
    assert read == before
    assert counted == Counter(key for key in before if votes_of[key[0]] not in unsettled)


def test_the_history_is_whole_and_readable():
    assert audit.first_broken("committee:1") is None


# ---- votes ----


@pytest.mark.parametrize(("title", "state"), STATES.items())
def test_each_state_has_its_place_in_the_new_course(title, state):
    held = vote(title)
    assert held.state is state
    assert held.compound_id == held.project.compound_id
    assert held.choices == ["for", "against", "abstain"]
    assert rule_of(held).id == "ord"


@pytest.mark.parametrize("title", FROZEN)
def test_the_hash_of_every_frozen_roll_still_holds_and_still_shows_alterations(title):
    held = vote(title)
    assert held.seal_format == 1
    assert course_services.roll_is_whole(held)
    entry = db.session.query(RollEntry).filter_by(vote_id=held.id).first()
    entry.area += 1
    db.session.flush()
    assert not course_services.roll_is_whole(held)


def test_a_vote_is_of_its_compound_or_of_its_building():
    assert vote("已截止").scope == f"compound:{vote('已截止').compound_id}"
    assert vote("一栋楼").scope == f"building:{vote('一栋楼').building_id}"


def test_who_closed_certified_and_who_announced_is_named_if_it_was_another():
    director, other = person(Role.DIRECTOR), person(Role.DIRECTOR, 1)
    for title in STANDING:
        held = vote(title)
        assert (held.certified_by, held.certified_at) == (held.closed_by, held.closed_at)
        assert held.opened_by == director.id
    assert vote("同一人公告").announced_by is None
    assert vote("另一人公告").announced_by == other.id


def test_a_rule_is_confirmed_where_another_person_froze_the_roll():
    assert vote("已冻结").rule_confirmed_by == vote("已冻结").frozen_by
    assert vote("已冻结").rule_confirmed_at == vote("已冻结").frozen_at
    assert vote("一人冻结").rule_confirmed_by is None
    assert vote("准备中").rule_confirmed_by is None


@pytest.mark.parametrize("title", STANDING)
def test_results_are_what_a_new_count_of_the_same_ballots_gives(title):
    held = vote(title)
    policies = held.invalid_policy, held.nonresponse_policy
    rule, found = rule_of(held), counting.count(held)
    assert len(count_queries.results(held)) == 2
    for result in count_queries.results(held):
        number = found[result.motion.id]
        matters = invalid_policy_matters(rule, number, held.nonresponse_policy)
        assert result.counted == Counted(number, decide(rule, number, *policies), matters)


# ---- papers ----


@pytest.mark.parametrize("title", FROZEN)
def test_every_voter_of_a_frozen_roll_has_a_paper_of_the_same_serial(title):
    held = vote(title)
    roll = db.session.query(RollEntry).filter_by(vote_id=held.id)
    papers = db.session.query(Paper).filter_by(vote_id=held.id, state=PaperState.LIVE)
    assert {(p.roll_entry_id, p.serial) for p in papers} == {(e.id, e.serial) for e in roll}
    run = db.session.query(PrintRun).filter_by(vote_id=held.id, kind=RunKind.ROLL).one()
    assert (run.number, run.first, run.last, run.made_by) == (1, 1, roll.count(), held.frozen_by)


def test_a_draft_has_no_papers():
    assert db.session.query(Paper).filter_by(vote_id=vote("准备中").id).count() == 0


def test_codes_of_papers_are_sound_and_all_different():
    codes = [code for (code,) in db.session.query(Paper.code)]
    assert [code for code in codes if read_code(code) != code] == []
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("title", STANDING)
def test_the_equations_of_a_certified_count_hold(title):
    assert balance_queries.balance(vote(title)).faults == []


@pytest.mark.parametrize("title", STANDING)
def test_a_certified_count_has_a_sheet_of_its_papers_and_marks_without_signatures(title):
    held = vote(title)
    [sheet] = count_queries.sheets(held.id)
    figures = balance_queries.balance(held).to_dict()
    assert (sheet.figures, sheet.digest) == (figures, digest(figures))
    assert {sheet.reader, sheet.counter, sheet.scrutineer} == {"未记录"}
    for name in ("certified_by", "certified_at", "announced_by", "announced_at"):
        assert getattr(sheet, name) == getattr(held, name)


@pytest.mark.parametrize("title", sorted(set(STATES) - set(STANDING)))
def test_no_other_vote_has_a_sheet(title):
    assert count_queries.sheets(vote(title).id) == []


def test_two_papers_of_one_voter_are_two_papers_and_their_corrections_follow_them():
    """Serial 3: a tenant's, then the owner's. Serial 5: a copy, corrected, then a late one."""
    held = vote("投票中")
    recorded = (
        db.session.query(Ballot, RollEntry.serial, Paper)
        .join(Ballot.entry)
        .join(Ballot.paper)
        .filter(Ballot.vote_id == held.id)
        .order_by(Ballot.id)
    )
    found = [(voter, b.state.value, p.serial, p.state.value) for b, voter, p in recorded]
    assert found == [
        (1, "accepted", 1, "live"),
        (2, "superseded", 2, "live"),
        (2, "accepted", 2, "live"),
        (3, "rejected", 6, "spoilt"),
        (3, "accepted", 3, "live"),
        (4, "superseded", 4, "live"),
        (4, "voided", 4, "live"),
        (5, "superseded", 5, "live"),
        (5, "rejected", 5, "live"),
        (5, "late", 7, "spoilt"),
    ]
    run = db.session.query(PrintRun).filter_by(vote_id=held.id, kind=RunKind.REPRINT).one()
    assert (run.number, run.first, run.last) == (2, 6, 7)


def test_standing_records_have_the_receipt_that_receiving_gives():
    for ballot in db.session.query(Ballot):
        standing = ballot.state not in (BallotState.SUPERSEDED, BallotState.VOIDED)
        key = db.session.get(Vote, ballot.vote_id).seal_key
        expected = paper_receipt(key, ballot.vote_id, ballot.serial, ballot.recorded_at)
        assert ballot.receipt == (expected if standing else "")


# ---- readings ----


def test_whoever_recorded_a_ballot_has_read_it_once():
    for entry in db.session.query(BallotEntry):
        ballot = db.session.get(Ballot, entry.ballot_id)
        assert (entry.entered_by, entry.entered_at) == (ballot.recorded_by, ballot.recorded_at)
        assert entry.number == 1


def test_no_choice_of_an_open_vote_is_settled():
    held = vote("投票中")
    assert counting.marks(held) == {motion.id: {} for motion in held.motions}


def test_a_refused_paper_was_checked_by_whoever_recorded_it_and_a_late_one_by_nobody():
    for ballot in db.session.query(Ballot):
        checked = ballot.state not in (BallotState.LATE, BallotState.VOIDED)
        assert ballot.checked_by == (ballot.recorded_by if checked else None)


# ---- the votes go on ----


def read_again(held: Vote) -> None:
    """Another counter reads every ballot that counts, and finds what the first one found."""
    for ballot in db.session.query(Ballot).filter_by(vote_id=held.id, state=BallotState.ACCEPTED):
        [first] = entry_queries.readings([ballot.id], held.count_number)[ballot.id]
        readers = person(Role.COUNTER), person(Role.COUNTER, 1)
        [other] = [reader for reader in readers if reader.id != first.entered_by]
        entering_services.enter(other, AFTER, held.id, ballot_id=ballot.id, marks=first.marks)


def test_an_open_vote_takes_papers_is_read_a_second_time_and_announced():
    held, counter, director = vote("投票中"), person(Role.COUNTER), person(Role.DIRECTOR)
    assert queries.turnout(held).persons.numerator == 3
    paper = collecting_services.receive(counter, AFTER, held.id, paper="4", received_at=DURING)
    checking_services.check(counter, AFTER, paper.id)
    closing_services.close(director, AFTER, held.id)
    marks = {motion.id: "for" for motion in held.motions}
    entering_services.enter(counter, AFTER, held.id, ballot_id=paper.id, marks=marks)
    with pytest.raises(Refusal):
        counts.certify(person(Role.SCRUTINEER), AFTER, held.id, signers=SIGNERS)
    read_again(held)
    counts.certify(person(Role.SCRUTINEER), AFTER, held.id, signers=SIGNERS)
    counts.announce(director, AFTER, held.id)
    # 1 for, 2 changed to against, 3 abstains, 4 for; of five persons of the roll.
    assert [r.counted.counts.favour.persons for r in count_queries.results(held)] == [2, 3]


def test_a_result_held_for_a_missing_area_is_counted_again_once_the_area_is_known():
    held, worker, director = vote("缺面积"), person(Role.WORKER), person(Role.DIRECTOR)
    assert held.count_number == 2
    assert {r.outcome for r in count_queries.results(held)} == {Outcome.HOLD}
    [unit] = roll_queries.units_without_area(held.id)
    areas = {unit.id: (7_360, "产证")}
    course_services.propose_areas(worker, AFTER, held.id, areas=areas, reason="产证已补")
    course_services.approve_areas(director, AFTER, held.id)
    read_again(held)
    scrutineer = person(Role.SCRUTINEER)
    counts.certify(scrutineer, AFTER, held.id, signers=SIGNERS, reason="面积已补齐")
    assert {r.outcome for r in count_queries.results(held)} <= {
        Outcome.CARRIED,
        Outcome.NOT_FORMED,
    }


def test_a_certified_result_can_be_announced_by_another_person_only():
    held = vote("已截止")
    with pytest.raises(Refusal):
        counts.announce(person(Role.DIRECTOR), AFTER, held.id)
    assert counts.announce(person(Role.DIRECTOR, 1), AFTER, held.id).state is VoteState.ANNOUNCED


def test_a_frozen_vote_opens():
    opened = counts.open_vote(person(Role.DIRECTOR), OPENS, vote("已冻结").id)
    assert opened.state is VoteState.OPEN


def test_a_roll_that_one_person_froze_alone_waits_for_another_to_confirm_the_rule():
    held, author, other = vote("一人冻结"), person(Role.DIRECTOR), person(Role.DIRECTOR, 1)
    with pytest.raises(Refusal):
        counts.open_vote(other, OPENS, held.id)
    with pytest.raises(Refusal):
        services.confirm_rule(author, OPENS, held.id, version=held.version)
    services.confirm_rule(other, OPENS, held.id, version=held.version)
    assert counts.open_vote(other, OPENS, held.id).state is VoteState.OPEN
