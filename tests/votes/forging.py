"""Reading evidence packs, altering them, and sealing them anew as a forger would."""

from __future__ import annotations

import json
from typing import Any

from tracker.counts import packing
from tracker.votes import verify
from tracker.votes.sealing import canonical

Pack = dict[str, Any]


def problems(plain: Pack, announced: str = "") -> list[tuple[str, str | None, Any, str]]:
    """What does not hold: check, section, row, sentence."""
    report = verify.verify(json.loads(json.dumps(plain)), announced)
    return [
        (check.code, problem["section"], problem["row"], problem["en"])
        for check in report.checks
        for problem in check.problems
    ]


def section(plain: Pack, name: str) -> dict[str, Any]:
    """A section of the last count, or of what came after."""
    for one in (*plain["counts"][-1]["sections"], *plain["after"]):
        if one["name"] == name:
            return one
    raise KeyError(name)


def reseal(plain: Pack) -> Pack:
    """Compute every link, hash and digest anew, as somebody would who forges a pack."""

    def hashes(sections: list[dict[str, Any]]) -> dict[str, list[Any]]:
        for one in sections:
            link = packing.first_link(one["name"], one["columns"])
            for number, row in enumerate(one["rows"], start=1):
                row[0] = number
                link = row[-1] = packing.next_link(link, canonical(row[:-1]))
            one["count"], one["hash"] = len(one["rows"]), link
        return {one["name"]: [one["count"], one["hash"]] for one in sections}

    for one in plain["counts"]:
        one["digest"] = packing.count_digest(one["number"], hashes(one["sections"]))
    digests = [one["digest"] for one in plain["counts"]]
    plain["digest"] = packing.pack_digest(plain["made_at"], digests, hashes(plain["after"]))
    return plain


def rows(plain: Pack, name: str, **where: Any) -> list[list[Any]]:
    """The rows of a section in which these columns have these values."""
    found = section(plain, name)
    wanted = {found["columns"].index(column): value for column, value in where.items()}
    return [row for row in found["rows"] if all(row[at] == v for at, v in wanted.items())]


def put(plain: Pack, name: str, where: dict[str, Any], **values: Any) -> None:
    """Set columns of the one row that ``where`` finds."""
    [row] = rows(plain, name, **where)
    columns = section(plain, name)["columns"]
    for column, value in values.items():
        row[columns.index(column)] = value


def drop(plain: Pack, name: str, **where: Any) -> None:
    """Take out rows."""
    found = section(plain, name)
    gone = rows(plain, name, **where)
    assert gone
    found["rows"] = [row for row in found["rows"] if row not in gone]
