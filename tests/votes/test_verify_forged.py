"""Packs altered and sealed anew, every link and digest: what is not true still shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.votes.forging import Pack, drop, problems, put, reseal, rows, section
from tracker.votes import verify

Forgery = Callable[[Pack], Any]


def who(plain: Pack, step: str) -> str:
    """The code of whoever took a step."""
    [row] = rows(plain, "steps", step=step)
    return str(row[3])


def stuff(plain: Pack) -> None:
    """Let the six of a paper that came back void count, with choices and readings."""
    ballot = rows(plain, "ballots", paper=4)[0]
    put(plain, "ballots", {"paper": 4}, state="accepted", reason=None)
    section(plain, "choices")["rows"].append([99, ballot[0], ["for", "for"], ""])


def vanish(plain: Pack) -> None:
    """Take a ballot against out altogether: row, readings and choices."""
    [ballot] = rows(plain, "ballots", serial=10, state="accepted")
    drop(plain, "readings", ballot=ballot[0])
    drop(plain, "choices", ballot=ballot[0])
    drop(plain, "ballots", n=ballot[0])
    gap = {row[0]: place for place, row in enumerate(section(plain, "ballots")["rows"], start=1)}
    for name in ("readings", "choices"):
        for row in section(plain, name)["rows"]:
            row[1] = gap[row[1]]


def turn(plain: Pack, *names: str) -> None:
    """Turn a ballot from against to for, in these sections."""
    [ballot] = rows(plain, "ballots", serial=10, state="accepted")
    for name in names:
        for row in rows(plain, name, ballot=ballot[0]):
            row[-2] = ["for", "for"]


FORGERIES: dict[str, tuple[str, str, Forgery]] = {
    # name: (pack, check that finds it, what is done)
    "verdict": (
        *("everything", "results"),
        lambda p: put(p, "results", {"motion": 2, "group": "decided"}, value="carried"),
    ),
    "numerator": (
        *("everything", "results"),
        lambda p: rows(p, "results", motion=1, group="tests", key="3")[0][4].update(numerator=8),
    ),
    "count": (
        *("everything", "results"),
        lambda p: rows(p, "results", motion=1, group="counts", key="favour")[0][4].update(
            persons=8
        ),
    ),
    "margin": (
        *("everything", "results"),
        lambda p: put(p, "results", {"motion": 1, "group": "margin", "key": "persons"}, value=1),
    ),
    "true written as 1": (
        *("everything", "results"),
        lambda p: put(p, "results", {"motion": 1, "group": "margin", "key": "carried"}, value=1),
    ),
    "figure left out": (
        *("everything", "results"),
        lambda p: drop(p, "results", motion=1, group="outcome"),
    ),
    "figure made up": (
        *("everything", "results"),
        lambda p: section(p, "results")["rows"].append([0, 3, "outcome", "", "carried", ""]),
    ),
    "winner of a poll": (
        *("choose_one", "results"),
        lambda p: put(p, "results", {"group": "winner"}, value="A"),
    ),
    "approvals of a poll": (
        *("approval", "results"),
        lambda p: put(p, "results", {"group": "votes", "key": "A"}, value=4),
    ),
    "round of a ranking": (
        *("ranked", "results"),
        lambda p: put(p, "results", {"group": "rounds", "key": "1"}, value=[["B", 5], ["A", 0]]),
    ),
    "choice": ("everything", "readings", lambda p: turn(p, "choices")),
    "choice and readings": ("everything", "results", lambda p: turn(p, "choices", "readings")),
    "choice, readings and results": (
        *("everything", "equations"),
        lambda p: turn(p, "choices", "readings"),
    ),
    "a mark that is none": (
        *("everything", "readings"),
        lambda p: put(p, "readings", {"n": 1}, marks=["for", "maybe"]),
    ),
    "a tenant's ballot": (
        *("everything", "readings"),
        lambda p: put(p, "ballots", {"reason": "tenant"}, state="accepted", reason=None),
    ),
    "a late ballot": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"state": "late"}, state="accepted"),
    ),
    "a ballot called late": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"serial": 11}, state="late"),
    ),
    "a time that makes a ballot late": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"serial": 11}, received_at="2026-03-08T00:00:00.000000+00:00"),
    ),
    "a time before the opening": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"serial": 11}, received_at="2026-03-01T00:00:00.000000+00:00"),
    ),
    "a void paper": ("everything", "ballots", stuff),
    "a second ballot of a person": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"state": "withdrawn"}, state="accepted"),
    ),
    "a co-owner counted beside": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"state": "co_owner"}, state="accepted"),
    ),
    "a ballot put to somebody else": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"serial": 11}, serial=9),
    ),
    "a ballot kept out": (
        *("everything", "readings"),
        lambda p: put(p, "ballots", {"serial": 11}, state="rejected", reason="unsigned"),
    ),
    "a rejection without reason": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"reason": "tenant"}, reason=None),
    ),
    "a ballot that was never checked": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"serial": 11}, checked_at=None, checker=None),
    ),
    "a receipt used twice": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"serial": 11}, receipt=rows(p, "ballots", serial=1)[0][-2]),
    ),
    "an online ballot in a vote on paper": (
        *("everything", "ballots"),
        lambda p: put(p, "ballots", {"serial": 11}, channel="online", paper=None),
    ),
    "an online ballot that paper had replaced": (
        *("online", "ballots"),
        lambda p: put(p, "ballots", {"serial": 3, "channel": "online"}, state="accepted"),
    ),
    "an online ballot that was recast": (
        *("online", "ballots"),
        lambda p: [
            put(p, "ballots", {"serial": 2, "state": old}, state=new)
            for old, new in (("accepted", "x"), ("superseded", "accepted"), ("x", "superseded"))
        ],
    ),
    "an online ballot beside a co-owner's": (
        *("online", "readings"),
        lambda p: put(
            p,
            "choices",
            {"ballot": rows(p, "ballots", serial=4, state="accepted")[0][0]},
            marks=["against", "against"],
        ),
    ),
    "a ballot that vanished": ("everything", "equations", vanish),
    "a paper more": (
        *("everything", "equations"),
        lambda p: section(p, "papers")["rows"].append(
            [0, 16, 2, "spare", None, False, "spare", None, ""]
        ),
    ),
    "a live paper of nobody": (
        *("everything", "papers"),
        lambda p: put(p, "papers", {"paper": 9}, serial=None),
    ),
    "a figure of the sheet": (
        *("everything", "equations"),
        lambda p: put(p, "sheet", {"group": "unreturned"}, value=0),
    ),
    "the hash of the sheet": (
        *("everything", "equations"),
        lambda p: put(p, "sheet", {"group": "digest"}, value="0" * 64),
    ),
    "an area": (
        *("everything", "roll_hash"),
        lambda p: put(p, "roll", {"serial": 2}, area=99_999),
    ),
    "a person taken off the roll": (
        *("everything", "roll_hash"),
        lambda p: drop(p, "roll", serial=9),
    ),
    "two entries of one person": (
        *("everything", "roll"),
        lambda p: put(p, "roll", {"serial": 9}, person=rows(p, "roll", serial=8)[0][2]),
    ),
    "the threshold of the rule": (
        *("everything", "roll_hash"),
        lambda p: put(p, "frozen", {"group": "rule", "key": "quorum_area"}, value=">=1/2"),
    ),
    "a motion's text": (
        *("everything", "roll_hash"),
        lambda p: rows(p, "frozen", group="motions", key="1")[0][3].update(text="另一件事"),
    ),
    "the policy on invalid ballots": (
        *("everything", "roll_hash"),
        lambda p: put(p, "frozen", {"group": "policies", "key": "invalid"}, value="excl"),
    ),
    "the roll hash": (
        *("everything", "roll_hash"),
        lambda p: put(p, "course", {"key": "roll_hash"}, value="0" * 64),
    ),
    "delivered without proof": (
        *("silence", "delivery"),
        lambda p: put(p, "deliveries", {"serial": 4}, proof=False),
    ),
    "delivered though nobody was at home": (
        *("silence", "delivery"),
        lambda p: put(p, "roll", {"serial": 6}, delivered=True),
    ),
    "taken by a tenant": (
        *("silence", "delivery"),
        lambda p: put(p, "deliveries", {"serial": 5}, recipient="tenant"),
    ),
    "the clause taken away": (
        *("silence", "silence"),
        lambda p: put(p, "frozen", {"group": "policies", "key": "clause"}, value=""),
    ),
    "the other tally": (
        *("silence", "results"),
        lambda p: put(
            p, "results", {"group": "without_silence", "key": "outcome"}, value="carried"
        ),
    ),
    "both readings by one person": (
        *("everything", "readings"),
        lambda p: put(p, "readings", {"n": 2}, reader=rows(p, "readings", n=1)[0][3]),
    ),
    "one reading": ("everything", "readings", lambda p: drop(p, "readings", n=2)),
    "a difference that nobody settled": (
        *("everything", "readings"),
        lambda p: drop(p, "readings", number=3),
    ),
    "a reading before the close": (
        *("everything", "readings"),
        lambda p: put(p, "readings", {"n": 1}, at="2026-03-06T00:00:00.000000+00:00"),
    ),
    "a reading before the identity check": (
        *("everything", "readings"),
        lambda p: put(p, "ballots", {"serial": 1}, checked_at="2026-03-09T00:00:00.000000+00:00"),
    ),
    "a freeze by one person": (
        *("everything", "people"),
        lambda p: put(p, "steps", {"step": "freeze_approved"}, who=who(p, "freeze_proposed")),
    ),
    "a rule confirmed by whoever chose it": (
        *("everything", "people"),
        lambda p: put(p, "steps", {"step": "rule_confirmed"}, who=who(p, "rule_chosen")),
    ),
    "a rule that nobody confirmed": (
        *("everything", "people"),
        lambda p: drop(p, "steps", step="rule_confirmed"),
    ),
    "certified by a reader": (
        *("everything", "people"),
        lambda p: put(p, "course", {"key": "certifier"}, value=rows(p, "readings", n=1)[0][3]),
    ),
    "certified by somebody else": (
        *("everything", "times"),
        lambda p: put(p, "course", {"key": "certifier"}, value="0" * 16),
    ),
    "one person who signed twice": (
        *("everything", "people"),
        lambda p: put(
            p,
            "sheet",
            {"group": "signers", "key": "reader"},
            value=rows(p, "sheet", group="signers", key="counter")[0][3],
        ),
    ),
    "the head of the history": (
        *("everything", "people"),
        lambda p: put(p, "course", {"key": "history"}, value=None),
    ),
    "an extension that nobody approved": (
        *("everything", "times"),
        lambda p: drop(p, "steps", step="extend_approved"),
    ),
    "a longer extension": (
        *("everything", "times"),
        lambda p: put(p, "course", {"key": "ends_at"}, value="2026-03-09T01:00:00.000000+00:00"),
    ),
    "opened too early": (
        *("everything", "times"),
        lambda p: put(p, "course", {"key": "opened_at"}, value="2026-03-02T01:30:00.000000+00:00"),
    ),
    "announced by the certifier": (
        *("everything", "after"),
        lambda p: put(p, "announcements", {"n": 1}, who=who(p, "certified")),
    ),
    "announced before it was certified": (
        *("everything", "after"),
        lambda p: put(p, "announcements", {"n": 1}, at="2026-03-03T00:00:00.000000+00:00"),
    ),
    "a recount without a reason": (
        *("counted_twice", "after"),
        lambda p: put(p, "recounts", {"count": 2}, reason_given=False),
    ),
    "a recount that is not told": ("counted_twice", "after", lambda p: drop(p, "recounts")),
    "the sheet of a recount": (
        *("counted_twice", "after"),
        lambda p: put(p, "recounts", {"count": 2}, sheet="0" * 64),
    ),
    "a reading of the second count": (
        *("counted_twice", "readings"),
        lambda p: put(p, "readings", {"n": 1}, marks=["against", "for"]),
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgery_shows(packs, name):
    pack, check, forge = FORGERIES[name]
    plain = packs(pack)
    forge(plain)
    assert check in {code for code, *_ in problems(reseal(plain))}


@pytest.mark.parametrize("pack", ["everything", "counted_twice", "ranked"])
def test_sealing_anew_alters_nothing_by_itself(packs, pack):
    plain = packs(pack)
    assert reseal(packs(pack)) == plain
    assert problems(plain) == []


def test_only_the_digest_announced_shows_a_forgery_that_agrees_with_itself(packs, monkeypatch):
    """Somebody rewrites both readings, the choice, every figure and every hash."""
    monkeypatch.setattr(verify, "short", verify.canonical)
    plain = packs("plain")
    announced = plain["counts"][0]["digest"]
    for name in ("readings", "choices"):
        for row in section(plain, name)["rows"]:
            row[-2] = ["for", "abstain"]
    told = problems(reseal(plain))
    for _ in range(3):
        _agree(plain, told)
        told = problems(reseal(plain))
    assert told == []
    assert {code for code, *_ in problems(plain, announced)} == {"announced"}


def _agree(plain: Pack, told: list[tuple[str, str | None, Any, str]]) -> None:
    """Write into the results and the sheet what the program says they should be."""
    for code, name, number, sentence in told:
        if code == "results" and name == "results":
            value = json.loads(sentence.rsplit(", it is ", 1)[1])
            put(plain, "results", {"n": number}, value=value)
        elif code == "equations" and sentence.startswith("motions"):
            for key, value in json.loads(sentence.rsplit(", it is ", 1)[1]).items():
                put(plain, "sheet", {"group": "motions", "key": key}, value=value)
        elif code == "equations" and sentence.startswith("digest"):
            value = json.loads(sentence.rsplit(", it is ", 1)[1])
            put(plain, "sheet", {"group": "digest"}, value=value)
