"""Pages of reading: by keyboard, one by one or a building in one go; nothing is given away."""

from __future__ import annotations

import pytest

from tests.ballots.desk import (
    COUNTER,
    SCRUTINEER,
    WORKER,
    counted,
    desk,
    enter,
    entries,
    keyed,
    motions,
    untold,
    value_of,
)
from tests.ballots.reading import enter as read
from tests.ballots.reading import readings
from tests.conftest import visible
from tests.factories import votes
from tests.factories.votes import AFTER, DURING
from tests.votes.walk import stage
from tests.web import growth
from tracker.accounts.rules import Permission, Role, roles_that_may
from tracker.kernel.database import db
from tracker.votes.models import Vote

__all__ = ["desk", "stage"]

# ---- one by one ----


def test_two_people_read_a_paper_and_it_is_counted(app, desk):
    page = enter(desk, COUNTER, 1, "12")
    assert "第 1 号已录入：1号楼101室" in page
    assert "您已录 1 张，还可以录 3 张" in page
    enter(desk, WORKER, 1, "12")
    assert counted(app, desk, 1) == ["for", "against"]


def test_the_next_page_is_empty_with_the_cursor_in_the_serial(desk):
    page = enter(desk, COUNTER, 1, "12")
    paper = value_of(page, "paper")
    assert "autofocus" in paper
    assert 'value=""' in paper
    for motion in motions(desk):
        assert 'value=""' in value_of(page, f"mark_{motion}")


def test_the_keys_stand_on_the_page_in_words(desk):
    words = visible(desk[COUNTER].get(desk.url("/ballots/enter")))
    assert "1同意2反对3弃权0无效" in words.replace(" ", "")
    assert "随多数" not in words


def test_a_ballot_that_offers_the_majority_has_a_key_for_it(app, stage, at):
    def offering(scene):
        vote = votes.counting(scene, [1])
        vote.choices = [*vote.choices, "follow"]  # its clause and file are the draft's affair
        return vote

    made = stage(offering)
    at(AFTER)
    assert "4随多数" in visible(made[COUNTER].get(made.url("/ballots/enter"))).replace(" ", "")
    for role in (COUNTER, WORKER):
        enter(made, role, 1, "41")
    assert counted(app, made, 1) == ["follow", "for"]


@pytest.mark.parametrize(
    ("rule_id", "keys", "mark"),
    [
        ("choose_one", "b", "B"),
        ("choose_one", "0", "invalid"),
        ("approval", "ca", "A,C"),
        ("approval", "3", "abstain"),
        ("ranked", "CAB", "C>A>B"),
    ],
)
def test_polls_are_read_by_the_letters_of_their_options(app, stage, at, rule_id, keys, mark):
    def poll(scene):
        [motion] = votes.motion_ids(scene.project)
        return votes.counting(
            scene, [1], rule_id=rule_id, options={motion: ["甲食堂", "乙食堂", "丙食堂"]}
        )

    made = stage(poll, motions=("助餐点由谁来办",))
    at(AFTER)
    words = visible(made[COUNTER].get(made.url("/ballots/enter"))).replace(" ", "")
    assert "A甲食堂B乙食堂C丙食堂3弃权0无效" in words
    for role in (COUNTER, WORKER):
        enter(made, role, 1, [keys])
    assert counted(app, made, 1) == [mark]


def test_wrong_keys_come_back_with_everything_that_was_typed(app, desk):
    page = enter(desk, COUNTER, 1, "19")
    first, second = motions(desk)
    assert 'value="1"' in value_of(page, "paper")
    assert 'value="1"' in value_of(page, f"mark_{first}")
    assert 'value="9"' in value_of(page, f"mark_{second}")
    assert "没有这个键" in page
    assert f'href="#mark_{second}"' in page
    assert entries(app) == 0


def test_all_that_is_wrong_is_told_at_once(desk):
    page = visible(enter(desk, COUNTER, 77, ["", "9"]))
    for told in ("没有这张票", "请录入票面所填的意见", "没有这个键"):
        assert told in page


def test_a_missing_serial_keeps_the_keys(desk):
    page = enter(desk, COUNTER, "", "12")
    assert "请填写这一项" in page
    assert 'value="2"' in value_of(page, f"mark_{motions(desk)[1]}")


def test_a_serial_alone_tells_whether_and_where_and_marks_nothing_wrong(desk):
    """What the scanner sends without a script: Enter after the serial."""
    page = enter(desk, COUNTER, 2, ["", ""])
    assert "1号楼102室" in page
    assert "还有几处要改" not in page
    assert 'value="2"' in value_of(page, "paper")
    enter(desk, COUNTER, 2, "12")
    assert "您已经录过" in enter(desk, COUNTER, 2, ["", ""])


def test_the_lookup_behind_the_serial_writes_nothing(app, desk):
    address = desk.url("/ballots/enter")
    assert "1号楼102室" in desk[COUNTER].get(f"{address}?paper=2")
    assert "没有这张票" in desk[COUNTER].get(f"{address}?paper=99")
    assert "还没有登记收回" in desk[COUNTER].get(f"{address}?paper=6")
    assert entries(app) == 0


def test_a_double_press_makes_one_reading(app, desk):
    for _ in range(2):
        page = enter(desk, COUNTER, 1, "12", submission="pressed twice")
        assert "录入表决票" in page
    assert entries(app) == 1


def test_the_same_person_is_refused_a_second_reading_at_the_serial(app, desk):
    enter(desk, COUNTER, 1, "12", submission="one")
    page = enter(desk, COUNTER, 1, "22", submission="two")
    assert "由另一个人来录" in page
    assert entries(app) == 1


def test_text_that_is_no_key_is_cut_and_refused(app, desk):
    page = enter(desk, COUNTER, "1", ["9" * 500, "<script>"])
    assert "没有这个键" in page
    assert "<script>" not in page.split("</head>")[1].replace('<script type="module"', "")
    assert entries(app) == 0


# ---- nothing is given away ----


def told_after(app, desk, first, second):
    """The whole answer to the second reading, without what differs between any two requests."""
    desk[COUNTER].post(desk.url("/ballots/enter"), **keyed(desk, first[0], first[1]))
    return untold(desk[WORKER].post(desk.url("/ballots/enter"), **keyed(desk, *second)))


def test_the_second_reader_cannot_tell_whether_the_readings_agree(app, desk):
    agreeing = told_after(app, desk, (1, "12"), (1, "12"))
    differing = told_after(app, desk, (2, "12"), (2, "21"))
    assert agreeing == differing


def test_the_second_reader_sees_nothing_of_the_first_reading_beforehand(desk):
    def shown(paper):
        return untold(desk[WORKER].get(desk.url(f"/ballots/enter?paper={paper}")))

    unread = shown(1)
    enter(desk, COUNTER, 1, "12")
    assert shown(1) == unread
    enter(desk, COUNTER, 2, "00")
    assert shown(2) == unread


def test_the_batch_page_shows_no_reading_either(desk):
    def shown():
        return untold(desk[WORKER].get(desk.url("/ballots/batch")))

    unread = shown()
    enter(desk, COUNTER, 1, "12")
    enter(desk, COUNTER, 2, "03")
    assert shown() == unread


# ---- what it costs ----


def test_reading_a_paper_takes_few_statements(app, desk):
    """Fifty clerks wait for each other on SQLite; every statement is part of that wait."""
    for role, most in ((COUNTER, 15), (WORKER, 17)):
        enter(desk, role, 2, "12")
        with growth.statements(app) as seen:
            answer = desk[role].client.post(
                desk.url("/ballots/enter"), data=keyed(desk, 1, "12", submission=role)
            )
        assert answer.status_code == 303
        assert sum(seen.values()) <= most, seen


OF_MANY_PAPERS = {
    "/ballots/enter": COUNTER,
    "/ballots/batch": COUNTER,
    "/ballots/check": COUNTER,
    "/ballots/check?shown=done": COUNTER,
    "/ballots/mismatches": SCRUTINEER,
}


@pytest.mark.parametrize("path", OF_MANY_PAPERS)
def test_a_page_takes_no_more_statements_for_more_papers(app, stage, at, path):
    def make(papers):
        def arrive(scene):
            vote = votes.counting(scene, range(1, papers + 1))
            for serial in range(1, papers + 1):
                read(scene.director, vote, serial)
                if path == "/ballots/mismatches":
                    read(scene.officer, vote, serial, "against")
                other = papers + serial
                votes.received(scene, vote, other, at=AFTER, received_at=DURING)
            return vote

        return stage(arrive, buildings=1, rooms=2 * papers, committee=f"{papers}居委会")

    seen, sizes = [], []
    for papers in (2, 9):
        made = make(papers)
        at(AFTER)
        browser = made[OF_MANY_PAPERS[path]]
        browser.get(made.url(path))
        with growth.statements(app) as statements:
            sizes.append(len(browser.get(made.url(path))))
        seen.append(statements)
    few, many = seen
    assert many - few == {}
    assert path == "/ballots/enter" or sizes[1] > sizes[0]


# ---- who, and when ----

MAY_ENTER = roles_that_may(Permission.RECORD_BALLOT)


@pytest.mark.parametrize("path", ["/ballots/enter", "/ballots/batch"])
@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_record_ballots_read_them(desk, role, path):
    desk[role].get(desk.url(path), expect=200 if role in MAY_ENTER else 403)
    desk[role].post(desk.url(path), expect=200 if role in MAY_ENTER else 403)


def test_directors_who_certify_and_scrutineers_who_settle_enter_nothing():
    assert {Role.WORKER, Role.COUNTER} == MAY_ENTER


@pytest.mark.parametrize("path", ["/ballots/enter", "/ballots/batch"])
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (votes.draft, "截止之前谁也不能读"),
        (votes.frozen, "截止之前谁也不能读"),
        (votes.running, "截止之前谁也不能读"),
        (votes.counting, None),
        (votes.certified, "结果已确认"),
        (votes.announced, "已公告"),
    ],
)
def test_ballots_are_read_only_while_they_are_counted(stage, at, path, make, told):
    made = stage(make)
    at(AFTER)
    expect = 409 if told else 200
    assert (told or "") in made[COUNTER].get(made.url(path), expect=expect)
    if told:
        made[COUNTER].post(made.url("/ballots/enter"), expect=409, **keyed(made, 1, "11"))


def test_a_stranger_finds_nothing(app, stage, at, browse):
    made = stage(lambda scene: votes.counting(scene, [1]))
    at(AFTER)
    with app.app_context():
        home = votes.people.committee("国年居委会")
        foreign = votes.people.user(Role.COUNTER, home)
        db.session.commit()
        browser = browse(foreign)
    for path in ("/ballots/enter", "/ballots/batch"):
        browser.get(made.url(path), expect=404)
    browser.post(made.url("/ballots/enter"), expect=404, **keyed(made, 1, "11"))


def test_a_paper_whose_identity_is_not_checked_is_told_so(app, stage, at):
    def arrive(scene):
        vote = votes.counting(scene, [1])
        votes.received(scene, vote, 2, at=AFTER, received_at=DURING)
        return vote

    made = stage(arrive)
    at(AFTER)
    assert "先核对再录入" in enter(made, COUNTER, 2, "11")
    assert entries(app) == 0
    with app.app_context():
        assert readings(db.session.get_one(Vote, made.vote_id), 2) == []
