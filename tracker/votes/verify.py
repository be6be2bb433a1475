#!/usr/bin/env python3
"""核验表决证据包 / Verify the evidence pack of a vote.

    python verify.py pack.json                 what holds and what does not, in both languages
    python verify.py --json pack.json          the same for machines
    python verify.py --digest 3F2A-91BC... pack.json   and whether it is the count announced

Exit code: 0 everything holds, 1 something does not, 2 the file is no evidence pack.

This one file is all it takes: Python 3.8 or later and its standard library, no network, no ledger,
no database. It trusts nothing that the pack says about itself. Every hash is computed anew, it is
found out anew which ballots count, and every figure is added up voter by voter, with fractions.
The format is described in docs/evidence-pack.md of the ledger. 软件只做计算，不构成法律意见。
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Callable, Iterable, Iterator, Sequence

FORMAT = "votes-evidence-1"

# The columns of every section: i whole number, s text, b yes or no, t instant, x anything; ? may
# be empty. A number n goes before them and the link to the row before after them.
COUNT_SECTIONS = {
    "frozen": "group:s key:s value:x",
    "course": "key:s value:x",
    "steps": "step:s at:t? who:s? role:s? details:x",
    "roll": "serial:i person:s area:i? building:s identity:s delivered:b",
    "deliveries": "serial:i paper:i? way:s outcome:s recipient:s? delivered:b proof:b at:t"
    " server:s superseded:b",
    "papers": "paper:i run:i kind:s serial:i? second_owner:b state:s spoilt_at:t?",
    "boxes": "box:i seal:s sealed_at:t opened_at:t? seal_whole:b? handovers:x",
    "ballots": "serial:i person:s paper:i? box:i? channel:s second_owner:b state:s reason:s?"
    " received_at:t recorded_at:t recorder:s? checked_at:t? checker:s? supersedes:i? receipt:s",
    "readings": "ballot:i number:i reader:s at:t superseded:b marks:x",
    "choices": "ballot:i marks:x",
    "sheet": "group:s key:s value:x",
    "results": "motion:i group:s key:s value:x",
}
AFTER_SECTIONS = {
    "announcements": "count:i at:t who:s? role:s?",
    "recounts": "count:i reason_given:b sheet:s",
    "objections": "number:i received_on:s ruling:s? ruled_at:t? who:s?",
    "archive": "archived_at:t who:s keep_until:s",
    "history": "sequence:i hash:s",
}
NAMES = {
    **{"frozen": "冻结的内容", "course": "经过", "steps": "步骤", "roll": "名册"},
    **{"deliveries": "送达", "papers": "表决票", "boxes": "票箱", "ballots": "收回的票"},
    **{"readings": "录入", "choices": "票面意见", "sheet": "计票统计表", "results": "结果"},
    **{"announcements": "公告", "recounts": "重新计票", "objections": "异议", "archive": "归档"},
    **{"history": "历史记录", "file": "文件"},
}
NAMED_BY = {"frozen": 3, "steps": 2, "course": 2, "sheet": 3, "results": 4}
"""How many values of a row, its number among them, say which it is; elsewhere two."""

COUNTED = ("accepted", "co_owner")
CURRENT = ("returned", *COUNTED, "rejected", "late", "withdrawn")
ANSWERED = ("rejected", "late", "withdrawn")
MEASURES = ("persons", "area")

Row = Any  # dict[str, Any]: its values by column, and "section"


class NoPack(Exception):  # noqa: N818
    """The file cannot be read as an evidence pack."""


# ---- what is reported ----


class Check:
    """One thing that holds, or does not: then ``problems`` say what, in both languages."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code, self.zh, self.en = code, zh, en
        self.problems: list[dict[str, Any]] = []

    def no(self, zh: str, en: str, row: Row = None) -> None:
        """Something does not hold, of a ``row`` or of the whole."""
        found: dict[str, Any] = {"section": None, "row": None}
        if row:
            found = {"section": row["section"], "row": row.get("n")}
            label = label_of(row)
            zh, en = f"{NAMES[row['section']]}{label}：{zh}", f"{row['section']}{label}: {en}"
        self.problems.append({**found, "zh": zh, "en": en})

    def equal(self, what: str, told: Any, found: Any, row: Row = None) -> None:
        """What the pack tells must be what was found, types included: 1 is not true."""
        if canonical(told) != canonical(found):
            told, found = short(told), short(found)
            zh, en = f"包内为 {told}，核算为 {found}", f"the pack says {told}, it is {found}"
            self.no(f"{what} {zh}", f"{what} {en}", row)


class Report:
    """All checks of a pack, and what its motions decided as found out anew."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.results: list[dict[str, Any]] = []
        self.digests: list[str] = []

    def check(self, code: str, zh: str, en: str) -> Check:
        """A new check."""
        self.checks.append(Check(code, zh, en))
        return self.checks[-1]

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return not any(check.problems for check in self.checks)


def label_of(row: Row) -> str:
    """What names a row: its number, and what it is about."""
    values = [str(value) for name, value in row.items() if name not in ("section", "link")]
    about = " ".join(filter(None, values[1 : NAMED_BY.get(row["section"], 2)]))
    return (f" #{values[0]}" + (f" ({about})" if about else "")) if values else ""


def short(value: Any) -> str:
    """A value as it is shown."""
    text = canonical(value)
    return text if len(text) <= 70 else text[:67] + "..."


# ---- hashes: sections of rows that hang on each other ----


ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(content: Any) -> str:
    """JSON with sorted keys and without spaces."""
    return ENCODER.encode(content)


def sha256(text: str) -> str:
    """SHA-256 in lowercase hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def digest(content: Any) -> str:
    """SHA-256 of canonical JSON."""
    return sha256(canonical(content))


class Section:
    """A section as it was read; ``rows`` are those that are sound.

    Every row hangs on the one numbered before it, wherever that stands.
    """

    def __init__(self, plain: Any, columns: str, check: Check) -> None:
        self.name, self.check = str(plain["name"]), check
        self.spec = [column.split(":") for column in columns.split()]
        self.columns = ["n", *(name for name, _ in self.spec), "link"]
        self.rows: list[Row] = []
        rows = plain["rows"] if isinstance(plain["rows"], list) else []
        raw = [row for row in rows if isinstance(row, list) and row]
        if plain["columns"] != self.columns or raw != plain["rows"]:
            self._no("列或行不合格式", "columns or rows are malformed")
        self.first = digest([self.name, *self.columns])
        self._follow(raw, plain["count"])
        self.count, self.hash = len(raw), str(raw[-1][-1]) if raw else self.first
        if type(plain["count"]) is not int or plain["count"] != len(raw):
            self._no("行数 count 不符", "the number of rows (count) is not right")
        if plain["hash"] != self.hash:
            self._no("哈希 hash 不是末行的链接", "its hash is not the link of the last row")

    def _no(self, zh: str, en: str, raw: Sequence[Any] = ()) -> None:
        self.check.no(zh, en, {**dict(zip(self.columns, raw)), "section": self.name})

    def _follow(self, raw: list[list[Any]], count: Any) -> None:
        """Compute every link anew and name every row that does not fit."""
        numbered: dict[int, list[list[Any]]] = {}
        highest = 0
        for row in raw:
            if type(row[0]) is not int or row[0] < 1:
                self._no("这一行是添加的", "this row was added", row)
                continue
            if row[0] < highest:
                self._no("这一行不在原来的位置", "this row was moved", row)
            highest = max(highest, row[0])
            numbered.setdefault(row[0], []).append(row)
        last = count if type(count) is int and count < len(raw) + 1000 else len(raw)
        before = [self.first]
        for number in sorted({*numbered, *range(1, last + 1)}):
            rows = numbered.get(number, [])
            if not rows:
                self._no("这一行被删除", "this row was removed", [number])
            known = before if number == 1 or number - 1 in numbered else []
            before = self._links(rows, known, number > last)
            for row in rows:
                self._read(row)

    def _links(self, rows: list[list[Any]], before: list[str], beyond: bool) -> list[str]:
        """What the row after these, all of one number, may hang on."""
        after: list[str] = []
        known = [(not self._fits(row, before), row) for row in rows]
        for unfit, row in sorted(known, key=lambda pair: pair[0]):
            if after or beyond:
                self._no("这一行是添加的", "this row was added", row)
            elif before and unfit:
                zh = "这一行被改动（若有人连链接一起重算，则是它的前一行）"
                en = "this row was altered (or, had links been recomputed, the one before it)"
                self._no(zh, en, row)
            # If only the link of a row was altered, the next still hangs on the right one.
            right = [] if not unfit else [sha256(one + canonical(row[:-1])) for one in before[:1]]
            after = after or [str(row[-1]), *right]
        return after

    def _fits(self, row: list[Any], before: list[str]) -> bool:
        text = canonical(row[:-1])
        return any(sha256(one + text) == row[-1] for one in before)

    def _read(self, raw: list[Any]) -> None:
        row = {**dict(zip(self.columns, raw)), "section": self.name}
        if len(raw) == len(self.columns) and all(of_kind(row[n], k) for n, k in self.spec):
            self.rows.append(row)
        else:
            self._no("内容不合格式", "this row is malformed", raw)


def of_kind(value: Any, kind: str) -> bool:
    """Whether a value is what its column holds."""
    if kind[0] == "x" or (value is None and kind.endswith("?")):
        return True
    wanted = {"i": int, "s": str, "b": bool, "t": str}[kind[0]]
    return type(value) is wanted and (kind[0] != "t" or moment(value) is not None)


def moment(text: Any) -> datetime | None:
    """An instant as the pack writes it; None for anything else."""
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00"
    if not isinstance(text, str) or not re.fullmatch(pattern, text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def sections_of(plain: Any, specs: dict[str, str], check: Check) -> dict[str, Section]:
    """Every section that should be there, and no other."""
    found: dict[str, Section] = {}
    for one in plain if isinstance(plain, list) else []:
        if not isinstance(one, dict) or set(one) != {"name", "columns", "rows", "count", "hash"}:
            check.no("有一段不合格式", "a section is malformed")
        elif str(one["name"]) not in specs or one["name"] in found:
            check.no(f"多出一段 {short(one['name'])}", f"a section was added: {one['name']}")
        else:
            found[one["name"]] = Section(one, specs[one["name"]], check)
    for name in specs:
        if name not in found:
            check.no(f"缺少一段：{NAMES[name]}", f"a section is missing: {name}")
    if list(found) != [name for name in specs if name in found]:
        check.no("各段的次序被改动", "the sections are out of order")
    return found


# ---- one certified count ----


class Count:
    """One certified count, its rows by what they are about."""

    def __init__(self, number: int, sections: dict[str, Section]) -> None:
        self.number, self.sections = number, sections
        self.frozen = grouped(self.rows("frozen"), ("motions", "attachments"))
        self.vote, self.rule = self.frozen["vote"], self.frozen["rule"]
        self.motions, self.policies = self.frozen["motions"], self.frozen["policies"]
        self.method = self.rule.get("method", "yes_no")
        self.course = {row["key"]: row["value"] for row in self.rows("course")}
        self.roll = {row["serial"]: row for row in self.rows("roll")}
        self.papers = {row["paper"]: row for row in self.rows("papers")}
        self.ballots = {row["n"]: row for row in self.rows("ballots")}
        self.choices = {row["ballot"]: row["marks"] for row in self.rows("choices")}
        self.sheet = grouped(self.rows("sheet"))
        # The first release of the ledger froze by one person and read ballots once, as they came.
        self.old_roll = self.frozen["format"] == 1
        # Certified by it, too: it kept no head of the history.
        self.first_release = self.old_roll and self.course["history"] is None
        ends, closed = self.at("ends_at"), self.at("closed_at")
        self.limit = min(ends, closed) if ends and closed else ends or closed
        self.accepted: dict[int, int] = {}
        """Rows of the ballots that count, by the voter's serial; found out by check_ballots."""

    def rows(self, name: str) -> list[Row]:
        """The sound rows of a section."""
        return self.sections[name].rows

    def at(self, key: str) -> datetime | None:
        """An instant of the course."""
        return moment(self.course.get(key))


def grouped(rows: Iterable[Row], lists: Sequence[str] = ()) -> dict[str, Any]:
    """Rows (group, key, value) as the object they were made of; ``lists`` are groups in order."""
    found: dict[str, Any] = {}
    for row in rows:
        group, key, value = row["group"], row["key"], row["value"]
        if key == "":
            found[group] = value
        elif group in lists:
            found.setdefault(group, []).append(value)
        else:
            found.setdefault(group, {})[key] = value
    return found


def check_roll(of: Count, report: Report) -> None:
    """The hash that was published when the roll was frozen, and what makes a roll."""
    zh = "名册、事项、规则和计票办法与冻结时的指纹一致"
    en = "roll, motions, rule and policies give the hash they were frozen with"
    check = report.check("roll_hash", zh, en)
    fields = ("serial", "person", "area", "building", "identity")
    ordered = sorted(of.rows("roll"), key=lambda row: int(row["serial"]))
    roll = [{field: row[field] for field in fields} for row in ordered]
    told = of.course.get("roll_hash")
    check.equal("roll_hash", told, digest({**of.frozen, "roll": roll}))
    check = report.check("roll", "名册上一人一号，面积为正数", "one entry for each, with an area")
    persons: set[str] = set()
    for place, row in enumerate(of.rows("roll"), 1):
        if row["serial"] != place or row["person"] in persons:
            check.no("重复或跳号", "it is there twice or out of line", row)
        if row["area"] is not None and row["area"] < 1:
            check.no("面积不是正数", "its area is not above zero", row)
        persons.add(row["person"])


def check_papers(of: Count, report: Report) -> None:
    """Papers by serial, and deliveries that prove what the roll says."""
    zh, en = "每张票一个编号，各有去处", "papers have one serial each and belong somewhere"
    check = report.check("papers", zh, en)
    if len(of.papers) != len(of.rows("papers")):
        check.no("有重复的票号", "a serial is there twice")
    for row in of.papers.values():
        state, serial = row["state"], row["serial"]
        owned = serial in of.roll if serial is not None else state != "live"
        dated = of.old_roll or (state == "spoilt") == (row["spoilt_at"] is not None)
        known = state in ("live", "spare", "spoilt") and (state != "spare" or serial is None)
        if not (owned and dated and known):
            check.no("状态自相矛盾", "it contradicts itself", row)
    zh, en = "记为送达的都有送达凭据", "every delivery that counts is proven"
    check = report.check("delivery", zh, en)
    proven = set()
    for row in of.rows("deliveries"):
        if row["recipient"] == "tenant" or row["delivered"] == (row["outcome"] == "absent"):
            check.no("这次送达不成立", "this delivery cannot stand", row)
        signed = row["outcome"] == "signed" and row["recipient"] is not None
        if row["delivered"] and not row["superseded"] and (signed or row["proof"]):
            proven.add(row["serial"])
    for row in of.rows("roll"):
        if row["delivered"] and row["serial"] not in proven:
            check.no("记为送达而没有凭据", "it counts as delivered without proof", row)


# ---- which ballots count ----


def check_ballots(of: Count, report: Report) -> None:
    """Find out anew which ballots count, from times, papers and the identity check."""
    zh, en = "计票的正是应当计的票", "the ballots that count are those that should"
    check = report.check("ballots", zh, en)
    voters: dict[int, list[Row]] = {}
    receipts: dict[str, int] = {}
    papers: set[int] = set()
    for row in of.rows("ballots"):
        voter = of.roll.get(row["serial"])
        if voter is None or voter["person"] != row["person"]:
            check.no("不是名册上的这个人", "it is of nobody on the roll", row)
            continue
        voters.setdefault(row["serial"], []).append(row)
        if row["receipt"] and receipts.setdefault(row["receipt"], row["serial"]) != row["serial"]:
            check.no("回执与别人的相同", "its receipt is somebody else's", row)
        for zh, en in faults(of, row):
            check.no(zh, en, row)
        if row["paper"] is not None and row["state"] in CURRENT:
            if row["paper"] in papers:
                check.no("同一张票登记了两次", "its paper was received twice", row)
            papers.add(row["paper"])
    for serial, ballots in voters.items():
        for number, wanted in standing(ballots).items():
            row = of.ballots[number]
            if wanted != row["state"]:
                zh, en = f"应为 {wanted}", f"it should be {wanted}"
                check.no(f"{zh}，记为 {row['state']}", f"{en} and is {row['state']}", row)
            if wanted == "accepted":
                of.accepted[serial] = number


def faults(of: Count, row: Row) -> Iterator[tuple[str, str]]:
    """What is wrong with one ballot by itself."""
    state, reason, received = row["state"], row["reason"], moment(row["received_at"])
    opened = of.at("opened_at")
    late = received is not None and of.limit is not None and received > of.limit
    if state not in (*CURRENT, "superseded", "voided"):
        yield "状态不明", "its state is unknown"
    if (state == "rejected") != (reason is not None) and state not in ("superseded", "voided"):
        yield "不计票的理由与状态不符", "its state and the reason to reject it do not agree"
    if late and state in (*COUNTED, "withdrawn"):
        yield "逾期收到，不应计票", "it came late and must not count"
    if state == "late" and not late:
        yield "没有逾期，却记为逾期", "it was in time and is called late"
    if opened and received and received < opened.replace(second=0, microsecond=0):
        yield "早于开始投票", "it came before the voting opened"
    if row["channel"] == "online":
        if row["paper"] is not None or row["second_owner"] or not of.vote.get("online"):
            yield "不可能是线上票", "it cannot be an online ballot"
        return
    paper = of.papers.get(row["paper"])
    if row["channel"] != "paper" or paper is None:
        yield "没有这张纸质票", "there is no such paper"
        return
    if state == "returned" or (state in COUNTED and not (row["checked_at"] and row["checker"])):
        yield "没有核对身份", "its identity was never checked"
    if (paper["serial"], paper["second_owner"]) != (row["serial"], row["second_owner"]):
        yield "票号属于另一个人", "its paper belongs to somebody else"
    if paper["state"] != "live" and state in COUNTED:
        yield "票已作废，不应计票", "its paper is void and must not count"
    if reason == "void_paper" and paper["state"] != "spoilt":
        yield "票没有作废", "its paper is not void"


def standing(ballots: Sequence[Row]) -> dict[int, str]:
    """Which of a voter's ballots should stand, by row: paper over online, then the last online.

    A co-owner's paper stands beside the named voter's ballot, or alone without one.
    """
    states: dict[int, str] = {}
    named = beside = None
    for row in reversed(ballots):
        if row["channel"] == "paper" and row["state"] in COUNTED:
            states[row["n"]] = "rejected"
            named, beside = (named, row) if row["second_owner"] else (row, beside)
    online = [row for row in ballots if row["channel"] == "online"]
    states.update({row["n"]: "superseded" for row in online if row["state"] == "accepted"})
    if named is None and online and online[-1]["state"] in ("accepted", "superseded"):
        named = online[-1]
    if named is not None:
        states[named["n"]] = "accepted"
    if beside is not None:
        states[beside["n"]] = "co_owner" if named else "accepted"
    return states


# ---- readings and what ballots say ----


def is_mark(of: Count, mark: Any, motion: dict[str, Any]) -> bool:
    """Whether a ballot of this vote can say so."""
    if not isinstance(mark, str):
        return False
    if of.method == "yes_no":
        return mark in ("invalid", *of.vote.get("choices", ("for", "against", "abstain")))
    keys, named = [option["key"] for option in motion["options"]], named_in(of.method, mark)
    chosen = len(set(named)) == len(named) and set(named) <= set(keys)
    return chosen or mark in ("abstain", "invalid")


def named_in(method: str, mark: str) -> list[str]:
    """The options that a mark of a poll names, in order."""
    separator = {"approval": ",", "ranked": ">"}.get(method)
    return mark.split(separator) if separator else [mark]


def are_marks(of: Count, marks: Any) -> bool:
    """Whether there is one mark for each motion, each of them possible."""
    whole = isinstance(marks, list) and len(marks) == len(of.motions)
    return whole and all(is_mark(of, mark, one) for mark, one in zip(marks, of.motions))


def check_readings(of: Count, report: Report) -> None:
    """Two independent readings of every paper that counts, and choices that are what they say."""
    zh = "每张有效的纸质票由两个人各读一遍，不一致的由第三人裁定；票面意见与录入相符"
    en = "two people read every paper that counts, a third settled what differed; choices agree"
    check = report.check("readings", zh, en)
    readings: dict[int, list[Row]] = {}
    for row in of.rows("readings"):
        ballot = of.ballots.get(row["ballot"])
        if not are_marks(of, row["marks"]):
            check.no("录入了票面不能有的意见", "it says what no ballot can", row)
        if ballot is None or ballot["channel"] != "paper":
            check.no("没有这张纸质票", "there is no such paper", row)
            continue
        if ballot["checked_at"] and row["at"] < ballot["checked_at"]:
            check.no("早于核对身份", "it was made before the identity check", row)
        if row["at"] < str(of.course.get("closed_at")) and not of.old_roll:
            check.no("早于截止", "it was made before the close", row)
        if not row["superseded"]:
            readings.setdefault(row["ballot"], []).append(row)
    settled = {}
    for number, ballot in of.ballots.items():
        if ballot["state"] in COUNTED and ballot["channel"] == "paper" and not of.first_release:
            settled[number] = settle(ballot, readings.get(number, []), check)
    compare_choices(of, settled, check)


def settle(ballot: Row, rows: list[Row], check: Check) -> list[str] | None:
    """What two readings, or a third, make of a ballot; None when that is not certain."""
    times = sorted(row["number"] for row in rows)
    marks = {row["number"]: row["marks"] for row in rows}
    if times not in ([1, 2], [1, 2, 3]):
        check.no("没有录满两遍", "it was not read twice", ballot)
    elif len({row["reader"] for row in rows}) < len(rows):
        check.no("两遍由同一个人录入", "one person read it twice", ballot)
    elif marks[1] != marks[2] and 3 not in marks:
        check.no("两遍不一致，没有裁定", "it was read differently, nobody settled it", ballot)
    else:
        return list(marks[max(marks)])
    return None


def compare_choices(of: Count, settled: dict[int, list[str] | None], check: Check) -> None:
    """The choices that are counted against the readings, those of two co-owners made one."""
    beside = {row["serial"]: n for n, row in of.ballots.items() if row["state"] == "co_owner"}
    if len(of.choices) != len(of.rows("choices")):
        check.no("一张票有两行票面意见", "a ballot has two rows of choices")
    for row in of.rows("choices"):
        ballot = of.ballots.get(row["ballot"])
        if ballot is None or ballot["state"] not in COUNTED:
            check.no("不计票的票有了意见", "a ballot that does not count has choices", row)
    for number, ballot in of.ballots.items():
        marks, wanted = of.choices.get(number), settled.get(number)
        if ballot["state"] not in COUNTED:
            continue
        if not are_marks(of, marks):
            check.no("没有完整的票面意见", "its choices are missing", ballot)
            continue
        other = settled.get(beside.get(ballot["serial"], 0))
        if ballot["state"] == "accepted" and other is not None:
            # Of an online ballot only what was counted is known: the other's choice, or invalid.
            both = zip(wanted or marks or [], other)
            wanted = [mark if mark == its else "invalid" for mark, its in both]
        if wanted is not None and wanted != marks:
            check.no("票面意见与录入不符", "its choices are not what was read", ballot)


# ---- adding up: motions ----

LETTERS = ("for", "against", "abstain", "invalid", "follow", "silent", "unreached", "void")


def letters(of: Count, place: int) -> Iterator[tuple[str, int | None]]:
    """What each voter did on a motion, with their area."""
    answered = {row["serial"] for row in of.rows("ballots") if row["state"] in ANSWERED}
    for serial, voter in of.roll.items():
        if serial in of.accepted:
            yield of.choices[of.accepted[serial]][place], voter["area"]
        elif serial in answered:
            yield "void", voter["area"]
        else:
            yield ("silent" if voter["delivered"] else "unreached"), voter["area"]


Pile = Any  # dict[str, int]: persons, their known area in 0.01 m², and how many lack an area


def pile(areas: Iterable[int | None]) -> Pile:
    """The pile of voters with these areas."""
    known = list(areas)
    missing = sum(1 for area in known if area is None)
    return {"persons": len(known), "area": sum(a or 0 for a in known), "missing": missing}


def add(*piles: Pile) -> Pile:
    """Piles together."""
    return {key: sum(one[key] for one in piles) for key in ("persons", "area", "missing")}


def reached(part: int, whole: int, threshold: Any) -> bool:
    """Whether a share meets a threshold such as >=2/3; a share of nothing meets none."""
    if threshold is None:
        return True
    wanted = Fraction(threshold.lstrip(">="))
    if whole == 0:
        return False
    share = Fraction(part, whole)
    return share >= wanted if threshold.startswith(">=") else share > wanted


class Judged:
    """A motion judged by its rule and the policies on invalid ballots and on silence."""

    def __init__(self, rule: dict[str, Any], counts: Pile, invalid: str, silence: str) -> None:
        self.rule, self.counts, self.policies = rule, counts, (invalid, silence)
        self.yes, self.part, self.away = sides(counts, invalid, silence)
        stages = ("quorum", "approval")
        self.tests = [self.test(stage, measure) for stage in stages for measure in MEASURES]
        self.roll = add(self.yes, self.part, self.away)
        areas = rule["quorum_area"] is not None or rule["approval_area"] is not None
        self.held = areas and self.roll["missing"] > 0
        self.carried = all(test["met"] for test in self.tests)
        self.outcome = "carried" if self.carried else "not_formed"

    def test(self, stage: str, measure: str) -> dict[str, Any]:
        """One of the four tests as the pack writes it."""
        taking, roll = add(self.yes, self.part), add(self.yes, self.part, self.away)
        base = roll if stage == "quorum" or self.rule["base"] == "roll" else taking
        numerator = (taking if stage == "quorum" else self.yes)[measure]
        missing = roll["missing"] if measure == "area" else 0
        threshold = self.rule[f"{stage}_{measure}"]
        met = not missing and reached(numerator, base[measure], threshold)
        found = {"stage": stage, "measure": measure, "threshold": threshold, "missing": missing}
        met = met or threshold is None
        return {**found, "numerator": numerator, "denominator": base[measure], "met": met}

    def holds(self, stage: str, measure: str, yes: int, part: int, away: int) -> bool:
        """Whether a test would hold with other sizes of the three sides."""
        threshold = self.rule[f"{stage}_{measure}"]
        if stage == "quorum":
            return reached(yes + part, yes + part + away, threshold)
        return reached(yes, yes + part + (away if self.rule["base"] == "roll" else 0), threshold)

    def margin(self) -> dict[str, Any] | None:
        """How far from flipping, by trying."""
        if self.held or self.roll["persons"] == 0:
            return None
        if not self.carried:
            return {"carried": False, **{of: self._lacking(of) for of in MEASURES}}
        persons = area = None
        if self.rule["approval_persons"] is not None:
            persons = least(self.counts["for"]["persons"], self._fails)
        if self.rule["approval_area"] is not None:
            area = least(self.yes["area"], lambda less: not self._with_less(less))
        return {"carried": True, "persons": persons, "area": area}

    def _fails(self, turned: int) -> bool:
        """Whether so many persons turning from for to against would change the approval."""
        counts = {name: dict(one) for name, one in self.counts.items()}
        counts["for"]["persons"] -= turned
        counts["against"]["persons"] += turned
        return not Judged(self.rule, counts, *self.policies).tests[2]["met"]

    def _with_less(self, less: int) -> bool:
        yes, part, away = (one["area"] for one in (self.yes, self.part, self.away))
        return self.holds("approval", "area", yes - less, part + less, away)

    def _lacking(self, of: str) -> int:
        """First the absent, as far as the quorum lacks, then those who took part otherwise."""
        yes, part, away = (one[of] for one in (self.yes, self.part, self.away))
        joined = least(away, lambda more: self.holds("quorum", of, yes + more, part, away - more))
        yes, away = yes + joined, away - joined

        def approved(more: int) -> bool:
            return self.holds("approval", of, yes + more, max(part - more, 0), away)

        # On a base of the whole roll the absent may have to approve as well; where nobody took
        # part at all, one more would do.
        most = part + away if self.rule["base"] == "roll" else max(part, 0 if yes else 1)
        if self.rule["base"] == "roll":
            return joined + least(most, lambda more: self._of_roll(of, yes + more))
        return joined + least(most, approved)

    def _of_roll(self, of: str, yes: int) -> bool:
        return reached(yes, self.roll[of], self.rule[f"approval_{of}"])


def least(most: int, enough: Callable[[int], bool]) -> int:
    """The least number up to ``most`` that is enough; more of it is enough as well."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def sides(counts: Pile, invalid: str, silence: str) -> tuple[Pile, Pile, Pile]:
    """The roll in three: approving, taking part otherwise, absent."""
    said = [counts[name]["persons"] for name in ("for", "against", "abstain")]
    yes, part = [counts["for"]], [counts["against"], counts["abstain"]]
    away = [counts["unreached"], counts["void"]]
    followers = yes if said[0] > max(said[1:]) else part
    followers.append(counts["follow"])
    {"part": part, "excl": away}[invalid].append(counts["invalid"])
    {"none": away, "deliv": part, "follow": followers}[silence].append(counts["silent"])
    return add(*yes), add(*part), add(*away)


def motion_figures(of: Count, place: int) -> dict[str, Any]:
    """The figures of one motion, as the ledger should have stored them."""
    areas: dict[str, list[int | None]] = {name: [] for name in LETTERS}
    for letter, area in letters(of, place):
        areas[letter].append(area)
    counts = {name: pile(mine) for name, mine in areas.items()}
    invalid, silence = of.policies["invalid"], of.policies["nonresponse"]
    judged = Judged(of.rule, counts, invalid, silence)
    both = {Judged(of.rule, counts, policy, silence).outcome for policy in ("part", "excl")}
    other = judgement(Judged(of.rule, counts, invalid, "none")) if silence != "none" else None
    return {
        **{"decided": judged.outcome, "format": 1},
        "counts": {("favour" if name == "for" else name): one for name, one in counts.items()},
        **judgement(judged),
        **{"invalid_policy_matters": len(both) > 1, "without_silence": other},
    }


def judgement(judged: Judged) -> dict[str, Any]:
    """Tests, outcome and margin as the pack writes them."""
    outcome = "hold" if judged.held else judged.outcome
    found = {"outcome": outcome, "best": outcome, "worst": outcome}
    return {"tests": judged.tests, **found, "margin": judged.margin()}


# ---- adding up: polls of preferences ----

Ballots = Any  # list[list[str]]: the options that each valid ballot names


def poll_figures(of: Count, place: int) -> dict[str, Any]:
    """The figures of one question of a poll, as the ledger should have stored them."""
    options = of.motions[place]["options"]
    areas: dict[str, list[int | None]] = {"valid": [], "abstain": [], "invalid": [], "absent": []}
    ballots = []
    for serial, voter in of.roll.items():
        mark = "absent"
        if serial in of.accepted:
            mark = of.choices[of.accepted[serial]][place]
        areas[mark if mark in areas else "valid"].append(voter["area"])
        if mark not in areas:
            ballots.append(named_in(of.method, mark))
    counts = {name: pile(mine) for name, mine in areas.items()}
    quorum = [quorum_test(of, measure, counts) for measure in MEASURES]
    ways = {"choose_one": chosen, "approval": approved, "ranked": ranked}
    found: dict[str, Any] = {"rounds": [], "tied": [], "over_half": []}
    found.update(ways[of.method]([option["key"] for option in options], ballots))
    if not ballots or not all(test["met"] for test in quorum):
        nobody: dict[str, Any] = {"winner": None, "finalists": [], "tied": [], "over_half": []}
        found.update({**nobody, "numerator": 0, "denominator": 0, "deadlocked": False})
    head = {"decided": None, "format": 1, "kind": "poll", "method": of.method}
    return {**head, "options": options, "counts": counts, "quorum": quorum, **found}


def quorum_test(of: Count, measure: str, counts: Pile) -> dict[str, Any]:
    """Whether enough took part in a poll."""
    piles = {**{name: pile([]) for name in LETTERS}, "abstain": counts["abstain"]}
    piles.update(against=counts["valid"], invalid=counts["invalid"], void=counts["absent"])
    return Judged(of.rule, piles, of.policies["invalid"], "none").test("quorum", measure)


def in_order(votes: dict[str, int]) -> list[str]:
    """Options, most votes first, equal ones by their key."""
    return sorted(votes, key=lambda key: (-votes[key], key))


def chosen(keys: list[str], ballots: Ballots) -> dict[str, Any]:
    """Most votes; without more than half, the first two (and who ties with them) go on."""
    votes = {key: sum(1 for named in ballots if named == [key]) for key in keys}
    order = in_order(votes)
    top, second = votes[order[0]], votes[order[min(1, len(order) - 1)]]
    won = Fraction(top, max(len(ballots), 1)) > Fraction(1, 2)
    going = [] if won else [key for key in order if votes[key] >= second]
    found = {"votes": votes, "winner": order[0] if won else None, "finalists": going}
    part = {"numerator": top, "denominator": len(ballots)}
    return {**found, **part, "deadlocked": len(going) == len(keys)}


def approved(keys: list[str], ballots: Ballots) -> dict[str, Any]:
    """Most approvals; several on a tie."""
    votes = {key: sum(1 for named in ballots if key in named) for key in keys}
    order = in_order(votes)
    top = votes[order[0]]
    first = [key for key in order if votes[key] == top]
    tied = first if len(first) > 1 else []
    half = [key for key in order if 2 * votes[key] > len(ballots)]
    found = {"votes": votes, "winner": None if tied else first[0], "finalists": tied, "tied": tied}
    part = {"over_half": half, "numerator": top, "denominator": len(ballots)}
    return {**found, **part, "deadlocked": len(tied) == len(keys)}


def ranked(keys: list[str], ballots: Ballots) -> dict[str, Any]:
    """Round by round the last one drops out, until one has more than half of those standing."""
    left, rounds, winner = list(keys), [], None
    tied: list[str] = []
    while winner is None and not tied:
        first = [next((key for key in named if key in left), None) for named in ballots]
        votes = {key: first.count(key) for key in left}
        rounds.append({key: votes[key] for key in in_order(votes)})
        leader = next(iter(rounds[-1]))
        if 2 * votes[leader] > sum(votes.values()):
            winner = leader
            continue
        fewest = min(votes.values())
        last = [key for key in rounds[-1] if votes[key] == fewest]
        if fewest:
            # Options without a ballot drop together; others by who had fewer in the round before.
            for earlier in reversed(rounds):
                last = [key for key in last if earlier[key] == min(earlier[k] for k in last)]
        tied = last if len(last) == len(left) or (fewest and len(last) > 1) else []
        left = [key for key in left if key not in last]
    end = rounds[-1]
    going = [] if winner else list(end)
    found = {"votes": {key: rounds[0].get(key, 0) for key in keys}, "winner": winner}
    part = {"numerator": next(iter(end.values())), "denominator": sum(end.values())}
    told = [[[key, votes] for key, votes in row.items()] for row in rounds]
    gone = {"finalists": going, "tied": tied, "deadlocked": len(going) == len(keys)}
    return {**found, "rounds": told, **part, **gone}


# ---- results and the tally sheet ----


def flat(content: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Rows (group, key, value) of an object, as the pack writes them."""
    for group, value in content.items():
        if isinstance(value, dict) and value:
            yield from ((group, key, value[key]) for key in value)
        elif isinstance(value, list) and value:
            yield from ((group, str(place), item) for place, item in enumerate(value, 1))
        else:
            yield group, "", value


def check_results(of: Count, report: Report) -> None:
    """Every figure and verdict of every motion."""
    zh = "每一项的数字和结论与重新计算一致"
    check = report.check("results", zh, "every figure and verdict is what it should be")
    told = {(row["motion"], row["group"], row["key"]): row for row in of.rows("results")}
    wanted: dict[Any, Any] = {}
    for place, motion in enumerate(of.motions, 1):
        figures = (motion_figures if of.method == "yes_no" else poll_figures)(of, place - 1)
        wanted.update({(place, group, key): value for group, key, value in flat(figures)})
        said = {"count": of.number, "motion": place, "title": motion["title"]}
        keys = ("outcome", "tests", "winner", "votes")
        report.results.append({**said, **{key: figures[key] for key in keys if key in figures}})
        if figures.get("outcome") == "hold":
            check.no(f"事项 {place} 面积缺失，不能认定", f"motion {place}: areas are missing")
    if of.first_release:
        # The first release did not tell what the result is without the silent: they never counted.
        wanted = {at: value for at, value in wanted.items() if at[1] != "without_silence"}
    for at in {**wanted, **told}:
        if at not in told:
            check.no(f"缺少 {at}", f"{at} is missing")
        elif at not in wanted:
            check.no("多出这一行", "there is no such figure", told[at])
        else:
            check.equal("", told[at]["value"], wanted[at], told[at])


def check_sheet(of: Count, report: Report) -> None:
    """The two equations, from the papers and ballots themselves."""
    zh = "印制 = 收回 + 未收回 + 备用 + 作废；收回 = 有效 + 不计票；各项票数之和 = 有效票"
    en = "printed = returned + unreturned + spare + spoilt; returned = accepted + rejected;"
    check = report.check("equations", zh, f"{en} every motion adds up to the accepted ballots")
    back = {row["paper"] for row in of.rows("ballots") if row["state"] in CURRENT}
    out = [row["state"] for row in of.rows("papers") if row["paper"] not in back]
    papers = [row for row in of.rows("ballots") if row["channel"] == "paper"]
    states = [row["state"] for row in papers if row["state"] in CURRENT]
    accepted = [of.ballots[number]["channel"] for number in of.accepted.values()]
    found: dict[str, Any] = {
        **{"printed": len(of.papers), "returned": len(states)},
        **{"unreturned": out.count("live"), "spare": out.count("spare")},
        **{"spoilt": out.count("spoilt"), "accepted": accepted.count("paper")},
        **{"merged": states.count("co_owner"), "online": accepted.count("online")},
        "rejected": len([s for s in states if s in (*ANSWERED, "co_owner")]),
    }
    parts = [found[name] for name in ("returned", "unreturned", "spare", "spoilt")]
    if found["printed"] != sum(parts) or found["returned"] != (
        found["accepted"] + found["rejected"]
    ):
        check.no(f"票数不平：{canonical(found)}", f"papers do not balance: {canonical(found)}")
    for place in range(len(of.motions)):
        said = [of.choices[number][place] for number in of.accepted.values()]
        found.setdefault("motions", {})[str(place + 1)] = {m: said.count(m) for m in set(said)}
    told = {key: value for key, value in of.sheet.items() if key not in ("signers", "digest")}
    for key, value in found.items():
        check.equal(key, told.get(key), value)
    check.equal("digest", of.sheet.get("digest"), digest(told))


# ---- people and times ----


def check_people(of: Count, report: Report, readers: frozenset[str]) -> None:
    """Nobody did alone what two should."""
    zh = "该两个人做的由两个人做：选定与确认规则、提请与同意、录入与确认结果；三人签字"
    en = "two people did what two should: rule, freezing, extending, reading and certifying"
    check = report.check("people", zh, f"{en}; three signed")
    steps: dict[str, list[Row]] = {}
    for row in of.rows("steps"):
        steps.setdefault(row["step"], []).append(row)
    pairs = [("rule_chosen", "rule_confirmed")]
    pairs += [(f"{name}_proposed", f"{name}_approved") for name in ("freeze", "extend", "amend")]
    for first, second in pairs:
        for one, two in zip(steps.get(first, []), steps.get(second, [])):
            if one["who"] is not None and one["who"] == two["who"]:
                check.no(f"与 {first} 是同一个人", f"the same person as {first}", two)
    if of.course.get("certifier") in readers and not of.first_release:
        check.no("确认结果的人录入过票", "whoever certified had read ballots")
    if of.first_release:
        return
    needed = [] if of.old_roll else ["rule_confirmed", "freeze_proposed", "freeze_approved"]
    if of.course["history"] is None:
        check.no("没有确认时的历史记录", "the head of the history was not kept")
    for name in (*needed, "opened", "closed", "certified"):
        if not steps.get(name) or steps[name][0]["who"] is None:
            check.no(f"没有这一步：{name}", f"this step is missing: {name}")
    if len(set(of.sheet.get("signers", {}).values())) != 3:
        check.no("签字的不是三个人", "three different people did not sign")
    check_times(of, report, steps)


def check_times(of: Count, report: Report, steps: dict[str, list[Row]]) -> None:
    """Published times were kept; an extension rests on what was published before."""
    zh, en = "各步有先后，按公布的时间开始和截止", "steps are in order, times as published"
    check = report.check("times", zh, en)
    for name in ("opened", "closed", "certified"):
        row = (steps.get(name) or [{"at": None, "who": None}])[0]
        check.equal(name, of.course.get(f"{name}_at"), row["at"])
        if name == "certified":
            check.equal("certifier", of.course.get("certifier"), row["who"])
    frozen = [moment(row["at"]) for row in steps.get("freeze_approved", [])][-1:]
    order = [*frozen, of.at("opened_at"), of.at("closed_at"), of.at("certified_at")]
    known = [at for at in order if at is not None]
    if len(known) < len(order) or known != sorted(known):
        check.no("各步没有先后", "the steps are not in order")
    opens, closes = moment(of.vote["opens_at"]), moment(of.vote["closes_at"])
    opened, closed, ends = of.at("opened_at"), of.at("closed_at"), of.at("ends_at")
    if not (opens and closes and opened and closed and ends):
        check.no("时间不完整", "times are missing")
        return
    if opened < opens:
        check.no("早于公布的开始时间", "it opened before the published time")
    days = of.vote.get("extension", {}).get("days", 0)
    extended = bool(days and steps.get("extend_approved")) and ends == closes + timedelta(days)
    if ends != closes and not extended:
        check.no("截止时间不是公布的", "it ended neither as published nor by an extension")
    came = {row["serial"] for row in of.rows("ballots") if row["state"] != "voided"}
    if closed < ends and came != set(of.roll):
        check.no("还有票没有收回就截止", "it closed early while ballots were out")


def check_silence(of: Count, report: Report) -> None:
    """Silence counts only on a written clause, and never in a poll or a sign-up."""
    zh, en = "沉默只按公布的条款计算", "silence counts only by a published clause"
    check = report.check("silence", zh, en)
    if of.policies["nonresponse"] == "none":
        return
    if not str(of.policies.get("clause", "")).strip() or not of.frozen.get("attachments"):
        check.no("没有条款或条款原文", "the clause or its file is missing")
    if of.method != "yes_no" or of.rule.get("milestones"):
        check.no("签约和征询中沉默不能计算", "silence counted in a poll or a sign-up")


# ---- the whole pack ----


def verify(plain: Any, announced: str = "") -> Report:
    """Check a pack that was read from JSON; raises NoPack when it is none."""
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise NoPack("不是本程序能核验的证据包 / no evidence pack that this program knows")
    report = Report()
    zh = "每一行都与前一行相连，没有改动、增删、调换"
    chain = report.check("chain", zh, "no row was altered, added, removed or moved")
    zh, en = "各次计票和全包的指纹一致", "the digests of counts and pack are right"
    totals = report.check("digests", zh, en)
    if set(plain) != {"format", "made_at", "counts", "after", "digest"}:
        totals.no("文件最外层的项目被改动", "the outermost fields were altered")
    counts = plain.get("counts")
    if not isinstance(counts, list) or not counts:
        counts = []
        totals.no("包内没有计票", "there is no count in it")
    read_ = [read_count(one, chain, totals, report) for one in counts]
    after = sections_of(plain.get("after"), AFTER_SECTIONS, chain)
    content = {"format": FORMAT, "made_at": plain.get("made_at"), "counts": report.digests}
    content["after"] = hashes(after)
    if digest(content) != plain.get("digest"):
        zh = "全包的指纹不符：制作时间 made_at、计票、公告以后的内容或 digest 本身被改动"
        totals.no(zh, "the digest of the pack is wrong: made_at, counts, after or digest itself")
    if announced:
        compare_announced(report, announced)
    judged: list[Count] = []
    for one in filter(None, read_):
        guarded(report, lambda one=one: judged.append(Count(*one)))  # type: ignore[misc]
    readers: set[str] = set()
    for of in judged:
        if of.course.get("count") != of.number:
            totals.no("计票次数前后不一", "the number of a count is not that of its course")
        readers |= {row["reader"] for row in of.rows("readings")}
        examine(of, report, frozenset(readers))
    guarded(report, lambda: check_after(after, judged, report))
    return report


def examine(of: Count, report: Report, readers: frozenset[str]) -> None:
    """Find out anew everything that one count says; ``readers`` read ballots until then."""
    guarded(report, lambda: check_roll(of, report))
    guarded(report, lambda: check_papers(of, report))
    guarded(report, lambda: check_ballots(of, report))
    guarded(report, lambda: check_readings(of, report))
    guarded(report, lambda: check_results(of, report))
    guarded(report, lambda: check_sheet(of, report))
    guarded(report, lambda: check_people(of, report, readers))
    guarded(report, lambda: check_silence(of, report))


def hashes(sections: dict[str, Section]) -> dict[str, list[Any]]:
    """Number of rows and hash by section."""
    return {name: [section.count, section.hash] for name, section in sections.items()}


def read_count(
    plain: Any, chain: Check, totals: Check, report: Report
) -> tuple[Any, dict[str, Section]] | None:
    """The number and sections of a count, its digest computed anew."""
    if not isinstance(plain, dict) or set(plain) != {"number", "sections", "digest"}:
        totals.no("有一次计票不合格式", "a count is malformed")
        report.digests.append("")
        return None
    sections = sections_of(plain["sections"], COUNT_SECTIONS, chain)
    content = {"format": FORMAT, "number": plain["number"], "sections": hashes(sections)}
    found = digest(content)
    report.digests.append(found)
    if found != plain["digest"]:
        en = f"the digest of count {plain['number']} is not {plain['digest']} but {found}"
        zh = f"第 {plain['number']} 次计票的指纹不符：包内 {plain['digest']}，核算 {found}"
        totals.no(zh, en)
    return (plain["number"], sections) if len(sections) == len(COUNT_SECTIONS) else None


def guarded(report: Report, step: Callable[[], Any]) -> None:
    """Run a step; what is too much altered to be examined is a thing that does not hold."""
    try:
        step()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        en = f"too much is altered to go on here ({type(error).__name__}: {error})"
        report.checks[-1].no("内容缺损，这一项无法继续核验", en)


def check_after(after: dict[str, Section], counts: list[Count], report: Report) -> None:
    """Announced by another person, recounted for a reason."""
    zh, en = "公告人不是确认人，重新计票写明原因", "another announced, recounts have a reason"
    check = report.check("after", zh, en)
    numbered = {of.number: of for of in counts}
    for row in after["announcements"].rows:
        course = numbered[row["count"]].course if row["count"] in numbered else {}
        if row["who"] is not None and row["who"] == course.get("certifier"):
            check.no("公告人就是确认人", "whoever certified announced", row)
        if row["at"] < str(course.get("certified_at", "")):
            check.no("公告早于确认", "announced before it was certified", row)
    recounts = {row["count"]: row for row in after["recounts"].rows}
    for row in recounts.values():
        if not row["reason_given"]:
            check.no("没有写明原因", "no reason is given", row)
        if row["count"] in numbered:
            check.equal("sheet", row["sheet"], numbered[row["count"]].sheet.get("digest"), row)
    for number, of in numbered.items():
        if number != 1 and number not in recounts and not of.first_release:
            check.no(f"第 {number} 次计票没有说明", f"nothing says why there is a count {number}")


def compare_announced(report: Report, announced: str) -> None:
    """Whether this is the count whose digest was announced."""
    zh, en = "与公告上的指纹一致", "it is the count that was announced"
    check = report.check("announced", zh, en)
    wanted = re.sub(r"[^0-9a-f]", "", announced.lower())
    if len(wanted) < 8 or not any(found.startswith(wanted) for found in report.digests):
        check.no(f"包内没有指纹为 {announced} 的计票", f"no count has the digest {announced}")


# ---- the command line ----


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; one that names a field twice could be read in two ways."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NoPack("同一项出现两次 / a field is there twice")
    return found


def no_float(text: str) -> Any:
    """Packs hold whole numbers alone."""
    raise NoPack(f"包内有不是整数的数 / not a whole number: {text}")


def read(path: str) -> Any:
    """A pack from its file; raises NoPack."""
    kinds: Any = {"parse_float": no_float, "parse_constant": no_float}
    try:
        with open(path, encoding="utf-8-sig") as file:
            return json.load(file, object_pairs_hook=unique, **kinds)
    except (OSError, ValueError, RecursionError) as error:
        raise NoPack(f"读不了这个文件 / cannot read the file: {error}") from error


OUTCOMES = {
    "carried": "通过 / carried",
    "not_formed": "未形成决定 / no decision was formed",
    "hold": "不能认定 / cannot be certified",
}


def spoken(report: Report) -> Iterator[str]:
    """The report for people."""
    for check in report.checks:
        yield f"[{'!!' if check.problems else 'OK'}] {check.zh} / {check.en}"
        for problem in check.problems[:50]:
            yield f"     - {problem['zh']} / {problem['en']}"
        if len(check.problems) > 50:
            yield f"     ... {len(check.problems)}"
    for result in report.results:
        said = OUTCOMES.get(result.get("outcome", ""))
        said = said or f"{canonical(result['votes'])} -> {result['winner'] or '-'}"
        yield f"\n{result['count']}.{result['motion']} {result['title']}: {said}"
        for test in result.get("tests", []):
            if test["threshold"] is not None:
                share = f"{test['numerator']} / {test['denominator']}"
                yield f"     {test['stage']} {test['measure']}: {share}  {test['threshold']}"
    yield ""
    for found in report.digests:
        yield f"指纹 / digest: {found}"
    yes = "核验通过，以上各项全部成立。 / Everything holds."
    no = "核验不通过，见标有 !! 的各项。 / Not everything holds: see the lines marked !!."
    yield yes if report.ok else no


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the pack that the command line names and say what was found."""
    parser = argparse.ArgumentParser(description="核验表决证据包 / Verify an evidence pack")
    parser.add_argument("pack", help="证据包文件 / the file")
    parser.add_argument("--json", action="store_true", help="给程序读的结果 / for machines")
    parser.add_argument("--digest", default="", help="公告上的指纹 / the digest announced")
    given = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # Not every console can show every character.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        report = verify(read(given.pack), given.digest)
    except NoPack as error:
        print(json.dumps({"ok": False, "error": str(error)}) if given.json else error)
        return 2
    if given.json:
        found = {"ok": report.ok, "digests": report.digests, "results": report.results}
        checks = [{**vars(check), "ok": not check.problems} for check in report.checks]
        print(json.dumps({**found, "checks": checks}, indent=1))
    else:
        print("\n".join(spoken(report)))
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
