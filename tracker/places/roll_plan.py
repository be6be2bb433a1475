"""What an import would do: each row of a roll beside what the ledger holds.

Pure, and run twice: for the preview, and again when it is confirmed, on what is then true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tracker.kernel.words import M_, N_, Message, Term
from tracker.places.roll import RollRow
from tracker.places.roll_columns import Column
from tracker.places.rules import VoterKind

AUTO_CODE = "#"
"""Codes that the ledger gave itself begin so; a code in a file may take their place."""

Key = tuple[str, str, str]


class Change(Term):
    """What a row means for the ledger."""

    NEW = "new", N_("新增")
    CHANGED = "changed", N_("有变化")
    SAME = "same", N_("没有变化")


@dataclass(frozen=True)
class KnownUnit:
    """A unit as the ledger holds it; ``area`` in 0.01 m²."""

    id: int
    area: int | None
    source: str
    co_owned: bool
    person_id: int | None


@dataclass(frozen=True)
class KnownPerson:
    """A voting person as the ledger holds them."""

    id: int
    code: str
    name: str
    kind: VoterKind
    phone: str


@dataclass(frozen=True)
class Known:
    """All of a compound that an import may touch; ``grids`` by building number."""

    units: Mapping[Key, KnownUnit] = field(default_factory=dict)
    persons: Sequence[KnownPerson] = ()
    grids: Mapping[str, str] = field(default_factory=dict)


@dataclass
class PlannedPerson:
    """A voting person after the import; ``id`` None for a new one, ``code`` empty for any."""

    id: int | None
    code: str
    name: str
    kind: VoterKind
    phone: str


@dataclass(frozen=True)
class PlannedRow:
    """A row with its effect; ``fields`` names what changes."""

    row: RollRow
    person: PlannedPerson
    change: Change
    unit_id: int | None
    left_id: int | None
    """The voting person who loses this unit."""
    fields: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The effect of all sound rows. ``warnings`` by line; ``untouched`` units have no row."""

    rows: list[PlannedRow]
    warnings: list[tuple[int, Message]]
    untouched: int

    def count(self, change: Change) -> int:
        """How many rows have this effect."""
        return sum(r.change is change for r in self.rows)

    @property
    def changed(self) -> list[PlannedRow]:
        return [r for r in self.rows if r.change is Change.CHANGED]

    @property
    def without_area(self) -> int:
        """New units whose area nobody has given yet."""
        return sum(r.change is Change.NEW and r.row.area is None for r in self.rows)


def plan(rows: Sequence[RollRow], known: Known) -> Plan:
    """Compare the sound rows of a roll with the ledger; rows with problems are left out."""
    sound = [r for r in rows if not r.problems]
    people = _People(sound, known)
    by_id = {p.id: p for p in known.persons}
    planned = [_planned(r, people.of(r), known, by_id) for r in sound]
    touched = sum(r.unit_id is not None for r in planned)
    return Plan(planned, people.warnings(sound), len(known.units) - touched)


def _planned(
    row: RollRow, person: PlannedPerson, known: Known, by_id: Mapping[int, KnownPerson]
) -> PlannedRow:
    unit = known.units.get(row.key)
    if unit is None:
        return PlannedRow(row, person, Change.NEW, None, None)
    moved = person.id is None or person.id != unit.person_id
    before = by_id.get(unit.person_id) if unit.person_id is not None else None
    differs = {
        Column.PERSON: moved or (before is not None and before.name != person.name),
        Column.CODE: not moved and before is not None and before.code != person.code,
        Column.KIND: not moved and before is not None and before.kind is not person.kind,
        Column.PHONE: not moved and before is not None and before.phone != person.phone,
        Column.AREA: row.area is not None and row.area != unit.area,
        Column.SOURCE: bool(row.source) and row.source != unit.source,
        Column.CO_OWNED: row.co_owned is not None and row.co_owned != unit.co_owned,
        Column.GRID: bool(row.grid) and row.grid != known.grids.get(row.building, ""),
    }
    fields = tuple(column for column, different in differs.items() if different)
    change = Change.CHANGED if fields else Change.SAME
    return PlannedRow(row, person, change, unit.id, unit.person_id if moved else None, fields)


class _People:
    """Who is who: one voting person for rows that mean the same one.

    The same code is one person; without a code the same name and phone are, and an
    organisation is one by its name (a developer's unsold units together are one person,
    Judicial Interpretation, 9). A unit whose person keeps the name keeps the person.
    """

    def __init__(self, rows: Sequence[RollRow], known: Known) -> None:
        self.units = known.units
        self.by_id = {p.id: p for p in known.persons}
        self.by_code = {p.code: p for p in known.persons}
        self.by_phone = {(p.name, p.phone): p for p in reversed(known.persons) if p.phone}
        self.by_firm = {
            p.name: p for p in reversed(known.persons) if p.kind is not VoterKind.PERSON
        }
        self.by_line: dict[int, PlannedPerson] = {}
        members: dict[tuple[str, ...], list[RollRow]] = {}
        for row in rows:
            members.setdefault(_group(row), []).append(row)
        taken: dict[int, PlannedPerson] = {}
        for group in sorted(members, key=self._certainty):
            found = self._known_for(members[group])
            person = taken.get(found.id) if found is not None else None
            # Rows without a code may join whom others lead to; a code is a person of its own.
            if person is None or group[0] == "code" or person.name != members[group][0].person:
                free = found if person is None else None
                person = _person(free, members[group][0])
                if free is not None:
                    taken[free.id] = person
            for row in members[group]:
                _update(person, row)
                self.by_line[row.line] = person

    def _certainty(self, group: tuple[str, ...]) -> int:
        """Known codes first, then new codes, then what must be guessed; else as in the file."""
        if group[0] != "code":
            return 2
        return 0 if group[1] in self.by_code else 1

    def of(self, row: RollRow) -> PlannedPerson:
        """The voting person of a row."""
        return self.by_line[row.line]

    def _known_for(self, rows: Sequence[RollRow]) -> KnownPerson | None:
        first = rows[0]
        if first.code and first.code in self.by_code:
            return self.by_code[first.code]
        holders = [
            holder
            for row in rows
            if (unit := self.units.get(row.key)) is not None
            and unit.person_id is not None
            and (holder := self.by_id[unit.person_id]).name == row.person
            and (not row.code or holder.code.startswith(AUTO_CODE))
        ]
        if holders:
            return min(holders, key=lambda p: p.id)
        if first.code:
            return None
        if _is_firm(first):
            return self.by_firm.get(first.person)
        return self.by_phone.get((first.person, first.phone))

    def warnings(self, rows: Sequence[RollRow]) -> list[tuple[int, Message]]:
        """What the person at the screen should look at before confirming, by line."""
        final = {id(p): p for p in self.by_line.values()}.values()
        touched = {p.id for p in final}
        names = Counter(p.name for p in final)
        names.update(p.name for p in self.by_id.values() if p.id not in touched)
        found: list[tuple[int, Message]] = []
        seen: set[int] = set()
        for row in rows:
            person = self.of(row)
            if id(person) in seen:
                continue
            seen.add(id(person))
            if person.id is None and not row.code and names[person.name] > 1:
                text = M_("与另一位表决权人同名，按两人计；如是一人，请填相同编号。")
                found.append((row.line, text))
            before = self.by_id.get(person.id) if person.id is not None else None
            if before is not None and before.name != person.name:
                text = M_("这个编号在台账里是另一个姓名，导入后会改名，名下各户一起改。")
                found.append((row.line, text))
        return found


def _is_firm(row: RollRow) -> bool:
    return row.kind in (VoterKind.ORGANISATION, VoterKind.DEVELOPER)


def _group(row: RollRow) -> tuple[str, ...]:
    if row.code:
        return "code", row.code
    if _is_firm(row):
        return "firm", row.person
    if row.phone:
        return "phone", row.person, row.phone
    return "line", str(row.line)


def _person(found: KnownPerson | None, row: RollRow) -> PlannedPerson:
    if found is not None:
        return PlannedPerson(found.id, found.code, found.name, found.kind, found.phone)
    return PlannedPerson(None, row.code, row.person, VoterKind.PERSON, "")


def _update(person: PlannedPerson, row: RollRow) -> None:
    """Take from a row what it says of its person; blank cells say nothing."""
    person.code = row.code or person.code
    person.name = row.person
    person.kind = row.kind or person.kind
    person.phone = row.phone or person.phone
