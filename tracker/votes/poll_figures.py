"""The result of a poll of preferences as it is stored, drawn and said; pure.

A poll advises and decides nothing: its figures have no outcome. Ballots that abstain or cannot be
read take part (the unreadable as the policy says), but name nobody and are no valid ballots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tracker.kernel.words import M_, Message
from tracker.votes.figures import Bar, bars, check_from_plain, pile_to_plain, test_to_plain
from tracker.votes.preferences import approval_poll, choose_one, instant_runoff
from tracker.votes.rules import Choice, InvalidPolicy, Method, Rule
from tracker.votes.tally import Pile
from tracker.votes.verdict import Check, percent, quorum_checks

FORMAT = 1

_NOBODY = Pile()
_EMPTY = (Choice.ABSTAIN.value, Choice.INVALID.value)


@dataclass(frozen=True)
class PollCounts:
    """Everybody on the roll by what they did in one question of a poll.

    ``marks``: accepted ballots by mark (see ``ballots.marks``), those without an opinion and the
    unreadable included. The piles tell how much of the roll that is.
    """

    marks: Mapping[str, int]
    valid: Pile = _NOBODY
    abstain: Pile = _NOBODY
    invalid: Pile = _NOBODY
    absent: Pile = _NOBODY

    @property
    def roll(self) -> Pile:
        """Everybody entitled to take part."""
        return self.valid + self.abstain + self.invalid + self.absent


@dataclass(frozen=True)
class Poll:
    """The counted result of one question of a poll.

    ``votes`` by key: ballots that name the option, that approve it, or that rank it first.
    ``rounds`` of a ranked poll: ballots of each option still in. ``winner`` None: nobody has won;
    then ``finalists`` may go to another round, or ``tied`` to a lot drawn in the open.
    ``numerator`` of ``denominator`` ballots stand with the leading option at the end.
    ``deadlocked``: another round would be held among everybody who was in this one.
    """

    method: Method
    options: tuple[tuple[str, str], ...]
    counts: PollCounts
    quorum: tuple[Check, Check]
    votes: Mapping[str, int]
    rounds: tuple[Mapping[str, int], ...] = ()
    winner: str | None = None
    finalists: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    over_half: tuple[str, ...] = ()
    numerator: int = 0
    denominator: int = 0
    deadlocked: bool = False

    @property
    def valid(self) -> int:
        """Ballots that name somebody."""
        return self.counts.valid.persons

    @property
    def quorum_met(self) -> bool:
        """Whether enough took part, where the rule asks for it."""
        return all(check.met for check in self.quorum)

    @property
    def waits_for_areas(self) -> bool:
        """Whether the quorum cannot be judged because areas are missing."""
        return any(check.threshold is not None and check.missing for check in self.quorum)

    def label(self, key: str) -> str:
        """What an option is called on the ballot."""
        return dict(self.options)[key]

    def names(self, keys: Sequence[str]) -> str:
        """Several options as they are called."""
        return " / ".join(self.label(key) for key in keys)


def judge(
    rule: Rule,
    options: Sequence[tuple[str, str]],
    counts: PollCounts,
    invalid_policy: InvalidPolicy = InvalidPolicy.TAKES_PART,
) -> Poll:
    """Judge one question of a poll; ``options`` are (key, label) in the order of the ballot.

    Raises ValueError for a rule that asks for no preferences or a mark that names no option.
    """
    part = counts.valid + counts.abstain
    if invalid_policy is InvalidPolicy.TAKES_PART:
        part += counts.invalid
    keys = [key for key, _ in options]
    marks = {mark: n for mark, n in counts.marks.items() if n and mark not in _EMPTY}
    found = _METHODS[_asked(rule)](keys, _named(rule.method, marks, keys))
    poll = Poll(
        method=rule.method,
        options=tuple(options),
        counts=counts,
        quorum=quorum_checks(rule, part, counts.roll),
        **found,
    )
    if counts.valid.persons and poll.quorum_met:
        return poll
    # Without enough taking part nothing has won and nothing goes on.
    return Poll(poll.method, poll.options, counts, poll.quorum, poll.votes, poll.rounds)


def _asked(rule: Rule) -> Method:
    if not rule.is_poll:
        raise ValueError(f"rule {rule.id} asks for no preferences")
    return rule.method


def _named(
    method: Method, marks: Mapping[str, int], keys: Sequence[str]
) -> dict[tuple[str, ...], int]:
    separator = {Method.APPROVAL: ",", Method.RANKED: ">"}.get(method)
    found = {tuple(m.split(separator)) if separator else (m,): n for m, n in marks.items()}
    if strange := {key for named in found for key in named} - set(keys):
        raise ValueError(f"no options of this poll: {sorted(strange)}")
    return found


def _support(keys: Sequence[str], ballots: Mapping[tuple[str, ...], int]) -> dict[str, int]:
    return {key: sum(n for named, n in ballots.items() if key in named) for key in keys}


def _chosen(keys: Sequence[str], ballots: Mapping[tuple[str, ...], int]) -> dict[str, Any]:
    votes = _support(keys, ballots)
    result = choose_one(votes)
    return {
        "votes": votes,
        "winner": result.winner,
        "finalists": result.finalists,
        "numerator": result.numerator,
        "denominator": result.denominator,
        "deadlocked": result.deadlocked,
    }


def _approved(keys: Sequence[str], ballots: Mapping[tuple[str, ...], int]) -> dict[str, Any]:
    votes, valid = _support(keys, ballots), sum(ballots.values())
    result = approval_poll(votes, valid)
    single = len(result.leading) == 1
    return {
        "votes": votes,
        "winner": result.leading[0] if single else None,
        "finalists": () if single else result.leading,
        "tied": () if single else result.leading,
        "over_half": result.over_half,
        "numerator": votes[result.leading[0]],
        "denominator": valid,
        "deadlocked": not single and len(result.leading) == len(votes),
    }


def _ranked(keys: Sequence[str], ballots: Mapping[tuple[str, ...], int]) -> dict[str, Any]:
    result = instant_runoff(ballots, keys)
    last = result.rounds[-1]
    leader = next(iter(last))
    return {
        "votes": {key: result.rounds[0].get(key, 0) for key in keys},
        "rounds": result.rounds,
        "winner": result.winner,
        "finalists": () if result.winner else tuple(last),
        "tied": result.tied,
        "numerator": last[leader],
        "denominator": sum(last.values()),
        "deadlocked": result.winner is None and len(last) == len(keys),
    }


_METHODS = {
    Method.CHOOSE_ONE: _chosen,
    Method.APPROVAL: _approved,
    Method.RANKED: _ranked,
}


# ---- as it is stored ----


def is_poll(plain: Mapping[str, Any]) -> bool:
    """Whether stored figures are those of a poll."""
    return plain.get("kind") == "poll"


def to_figures(poll: Poll) -> dict[str, Any]:
    """The result as plain JSON values, every number whole.

    Marks of ranked ballots are not among them: a ranking that nobody else gave would be a
    signature.
    """
    counts = poll.counts
    return {
        "format": FORMAT,
        "kind": "poll",
        "method": poll.method.value,
        "options": [{"key": key, "label": label} for key, label in poll.options],
        "counts": {
            name: pile_to_plain(getattr(counts, name))
            for name in ("valid", "abstain", "invalid", "absent")
        },
        "quorum": [test_to_plain(check) for check in poll.quorum],
        "votes": dict(poll.votes),
        # Lists, so that an order of keys survives the database.
        "rounds": [[[key, votes] for key, votes in row.items()] for row in poll.rounds],
        "winner": poll.winner,
        "finalists": list(poll.finalists),
        "tied": list(poll.tied),
        "over_half": list(poll.over_half),
        "numerator": poll.numerator,
        "denominator": poll.denominator,
        "deadlocked": poll.deadlocked,
    }


def from_figures(plain: Mapping[str, Any]) -> Poll:
    """Read what ``to_figures`` wrote (its counts without the marks).

    Raises KeyError or ValueError for anything else.
    """
    if not is_poll(plain) or plain["format"] != FORMAT:
        raise ValueError("not the figures of a poll")
    first, second = (check_from_plain(test) for test in plain["quorum"])
    options = tuple((option["key"], option["label"]) for option in plain["options"])
    return Poll(
        method=next(member for member in Method if member.value == plain["method"]),
        options=options,
        counts=PollCounts({}, **{name: Pile(**pile) for name, pile in plain["counts"].items()}),
        quorum=(first, second),
        votes={key: plain["votes"][key] for key, _ in options},
        rounds=tuple(dict(row) for row in plain["rounds"]),
        winner=plain["winner"],
        finalists=tuple(plain["finalists"]),
        tied=tuple(plain["tied"]),
        over_half=tuple(plain["over_half"]),
        numerator=plain["numerator"],
        denominator=plain["denominator"],
        deadlocked=plain["deadlocked"],
    )


# ---- words and tables ----

ADVISES = M_("这是意向征询，结果仅供参考，由表决事项决定。")


class Row(NamedTuple):
    """One option in the table, most votes first; ``rounds`` None where it had dropped out."""

    key: str
    label: str
    votes: int
    share: str
    fraction: float
    goes_on: bool
    rounds: tuple[int | None, ...]


def rows(poll: Poll) -> list[Row]:
    """Every option with its ballots; shares are of the valid ballots."""
    ahead = {poll.winner, *poll.finalists}
    by_votes = sorted(poll.options, key=lambda option: -poll.votes[option[0]])
    return [
        Row(
            key=key,
            label=label,
            votes=poll.votes[key],
            share=percent(poll.votes[key], poll.valid),
            fraction=poll.votes[key] / poll.valid if poll.valid else 0.0,
            goes_on=key in ahead,
            rounds=tuple(row.get(key) for row in poll.rounds),
        )
        for key, label in by_votes
    ]


def sentence(title: str, poll: Poll) -> Message:
    """What came of the poll in one sentence."""
    if not poll.valid:
        return M_("「%(title)s」没有有效票", title=title)
    if not poll.quorum_met:
        return M_("「%(title)s」参与未达到要求，没有征询结果", title=title)
    if poll.winner is not None:
        option = poll.label(poll.winner)
        return M_("「%(title)s」得票最多的是：%(option)s", title=title, option=option)
    if poll.method is Method.CHOOSE_ONE:
        return M_("「%(title)s」没有一项过半数", title=title)
    return M_("「%(title)s」得票并列，没有分出先后", title=title)


def reasons(poll: Poll) -> list[Message]:
    """Why, and what happens next."""
    if not poll.valid or not poll.quorum_met:
        return []
    share = {
        "part": poll.numerator,
        "whole": poll.denominator,
        "percent": percent(poll.numerator, poll.denominator),
    }
    found = []
    if poll.winner is not None and poll.method is Method.RANKED:
        text = M_(
            "第 %(round)d 轮得 %(part)s / %(whole)s 票（%(percent)s%%），过半数。",
            round=len(poll.rounds),
            **share,
        )
        found.append(text)
    elif poll.winner is not None:
        found.append(M_("得 %(part)s / %(whole)s 张有效票（%(percent)s%%）。", **share))
    if poll.tied and poll.method is Method.RANKED:
        names = poll.names(poll.tied)
        found.append(M_("第 %(n)d 轮最后一名并列：%(names)s。", n=len(poll.rounds), names=names))
    if poll.finalists:
        names = poll.names(poll.finalists)
        found.append(M_("进入下一轮的是：%(names)s。", names=names))
    if poll.deadlocked:
        found.append(M_("没有一项退出，再投一轮可能仍然如此；可以改为当众抽签。"))
    return found


def quorum_bars(rule: Rule, poll: Poll) -> list[Bar]:
    """The tests of participation that the rule makes."""
    return bars(rule, poll.quorum)
