"""How an evidence pack is written: sections of rows, each row linked to the one before; pure.

The format is described in docs/evidence-pack.md; ``tracker/votes/verify.py`` reads it without
this program. Written row by row: memory does not depend on the number of ballots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.votes.sealing import canonical, digest

FORMAT = "votes-evidence-1"

Row = Sequence[Any]
"""Plain JSON values in the order of the columns."""


@dataclass(frozen=True)
class Section:
    """One table of the pack. Rows are numbered from 1 in the column ``n`` that goes before."""

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Row]


def first_link(name: str, columns: Sequence[str]) -> str:
    """What the first row of a section is linked to."""
    return digest([name, *columns])


def next_link(previous: str, row: str) -> str:
    """The link of a row given as canonical JSON: SHA-256 over the link before and the row."""
    return hashlib.sha256(f"{previous}{row}".encode()).hexdigest()


class Writer:
    """Writes sections as JSON text, one row a line, and remembers their hashes."""

    def __init__(self) -> None:
        self.hashes: dict[str, list[Any]] = {}

    def sections(self, sections: Iterable[Section]) -> Iterator[str]:
        """The JSON array of the sections, piece by piece."""
        yield "[\n"
        for place, section in enumerate(sections):
            yield ",\n" if place else ""
            yield from self._section(section)
        yield "\n]"

    def _section(self, section: Section) -> Iterator[str]:
        columns = ["n", *section.columns, "link"]
        yield f'{{"name":{canonical(section.name)},"columns":{canonical(columns)},"rows":['
        link, number = first_link(section.name, columns), 0
        for number, values in enumerate(section.rows, start=1):
            row = canonical([number, *values])
            link = next_link(link, row)
            yield f'{"," if number > 1 else ""}\n{row[:-1]},"{link}"]'
        self.hashes[section.name] = [number, link]
        yield f'\n],"count":{number},"hash":"{link}"}}'


def count_text(number: int, sections: Iterable[Section], sealed: dict[str, str]) -> Iterator[str]:
    """One certified count as JSON text; its digest is left in ``sealed["digest"]``."""
    writer = Writer()
    yield f'{{"number":{number},"sections":'
    yield from writer.sections(sections)
    sealed["digest"] = count_digest(number, writer.hashes)
    yield f',"digest":"{sealed["digest"]}"}}'


def count_digest(number: int, hashes: Mapping[str, Sequence[Any]]) -> str:
    """The digest of a count, as it is printed on the announcement.

    ``hashes``: by section its number of rows and the link of its last row.
    """
    return digest({"format": FORMAT, "number": number, "sections": dict(hashes)})


def pack_text(
    made_at: str, counts: Iterable[tuple[dict[str, str], Iterable[str]]], after: Iterable[Section]
) -> Iterator[str]:
    """A whole pack: counts as (where its digest is, its text), and what happened afterwards."""
    yield f'{{"format":"{FORMAT}","made_at":"{made_at}","counts":[\n'
    digests = []
    for place, (sealed, pieces) in enumerate(counts):
        yield ",\n" if place else ""
        yield from pieces
        digests.append(sealed["digest"])
    writer = Writer()
    yield '\n],"after":'
    yield from writer.sections(after)
    yield f',"digest":"{pack_digest(made_at, digests, writer.hashes)}"}}\n'


def pack_digest(made_at: str, counts: Sequence[str], after: Mapping[str, Sequence[Any]]) -> str:
    """The digest of a whole pack, over those of its counts and the sections after them."""
    content = {"format": FORMAT, "made_at": made_at, "counts": list(counts), "after": dict(after)}
    return digest(content)


def flat(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Rows (group, key, value) of a nested object, so that an altered field can be named.

    One level deep: members of an object by their name, items of a list by their place from 1, a
    single value (and an empty group) with an empty key.
    """
    for group, value in sorted(content.items()):
        if isinstance(value, Mapping) and value:
            yield from ((group, key, value[key]) for key in sorted(value))
        elif isinstance(value, list) and value:
            yield from ((group, str(place), item) for place, item in enumerate(value, start=1))
        else:
            yield group, "", value
