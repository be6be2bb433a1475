"""Writing a planned import in bulk: ten thousand rows in a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from tracker.kernel.database import db
from tracker.places.models import Building, Compound, Entrance, Grid, Unit, VotingPerson
from tracker.places.roll_plan import (
    AUTO_CODE,
    Change,
    Known,
    Plan,
    PlannedPerson,
    PlannedRow,
)
from tracker.places.rules import building_position


def write(plan: Plan, known: Known, compound: Compound) -> None:
    """Bring the ledger to what ``plan`` says, inside the transaction that is open.

    ``known`` is what the plan was made from. Voting persons left without a unit are
    forgotten: the ledger holds no names that it does not need.
    """
    db.session.flush()
    moving = [r for r in plan.rows if r.change is not Change.SAME]
    _Writer(compound, db.session.connection()).write(moving, known)
    db.session.expire_all()


def next_codes(codes: Iterable[str]) -> Iterable[str]:
    """Codes that the ledger gives itself: #0001, #0002 … after the highest in use."""
    used = [int(c[1:]) for c in codes if c.startswith(AUTO_CODE) and c[1:].isdigit()]
    number = max(used, default=0)
    while True:
        number += 1
        yield f"{AUTO_CODE}{number:04d}"


class _Writer:
    def __init__(self, compound: Compound, connection: sa.Connection) -> None:
        self.compound_id = compound.id
        self.base = {"committee_id": compound.committee_id}
        self.within = {**self.base, "compound_id": compound.id}
        self.connection = connection

    def write(self, rows: Sequence[PlannedRow], known: Known) -> None:
        grids = self._grids(rows)
        buildings = self._buildings(rows, known, grids)
        entrances = self._entrances(rows, buildings)
        persons = self._persons(rows, known)
        self._units(rows, known, buildings, entrances, persons)
        self._forget({r.left_id for r in rows if r.left_id is not None})

    def _ids(self, key: Any, owner: Any) -> dict[Any, int]:
        """Column value to id, of the rows of this compound."""
        query = sa.select(key, key.class_.id).where(owner == self.compound_id)
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def _insert(self, model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self.connection.execute(sa.insert(model), [dict(r) for r in rows])

    def _grids(self, rows: Sequence[PlannedRow]) -> dict[str, int]:
        there = self._ids(Grid.name, Grid.compound_id)
        new = dict.fromkeys(r.row.grid for r in rows if r.row.grid and r.row.grid not in there)
        self._insert(Grid, [{**self.within, "name": name} for name in new])
        return self._ids(Grid.name, Grid.compound_id) if new else there

    def _buildings(
        self, rows: Sequence[PlannedRow], known: Known, grids: Mapping[str, int]
    ) -> dict[str, int]:
        there = self._ids(Building.number, Building.compound_id)
        wanted: dict[str, str] = {}
        for r in rows:
            wanted[r.row.building] = r.row.grid or wanted.get(r.row.building, "")
        new = [
            {
                **self.within,
                "number": number,
                "position": building_position(number),
                "grid_id": grids.get(grid),
            }
            for number, grid in wanted.items()
            if number not in there
        ]
        moved = [
            {"key": there[number], "to": grids[grid]}
            for number, grid in wanted.items()
            if grid and number in there and known.grids.get(number) != grid
        ]
        self._insert(Building, new)
        if moved:
            change = sa.update(Building).where(Building.id == sa.bindparam("key"))
            change = change.values(grid_id=sa.bindparam("to"), version=Building.version + 1)
            self.connection.execute(change, moved)
        return self._ids(Building.number, Building.compound_id) if new else there

    def _entrances(
        self, rows: Sequence[PlannedRow], buildings: Mapping[str, int]
    ) -> dict[tuple[int, str], int]:
        query = (
            sa.select(Entrance.building_id, Entrance.number, Entrance.id)
            .join(Building, Building.id == Entrance.building_id)
            .where(Building.compound_id == self.compound_id)
        )
        there = {(b, n): i for b, n, i in self.connection.execute(query)}
        wanted = {(buildings[r.row.building], r.row.entrance): None for r in rows if r.row.entrance}
        new = [
            {**self.base, "building_id": building, "number": number}
            for building, number in wanted
            if (building, number) not in there
        ]
        self._insert(Entrance, new)
        if new:
            there = {(b, n): i for b, n, i in self.connection.execute(query)}
        return there

    def _persons(self, rows: Sequence[PlannedRow], known: Known) -> dict[int, int]:
        """Write the voting persons; returns ``id()`` of each planned one to the row's id."""
        planned = {id(r.person): r.person for r in rows}.values()
        before = {p.id: p for p in known.persons}
        changed = [
            _values(p) | {"key": p.id}
            for p in planned
            if p.id is not None
            and (p.code, p.name, p.kind, p.phone)
            != (before[p.id].code, before[p.id].name, before[p.id].kind, before[p.id].phone)
        ]
        if changed:
            names: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in _values_names}
            change = sa.update(VotingPerson).where(VotingPerson.id == sa.bindparam("key"))
            given = [{k if k == "key" else f"new_{k}": v for k, v in c.items()} for c in changed]
            # Before the inserts: a new person may take the code that is given up here.
            self.connection.execute(
                change.values(names | {"version": VotingPerson.version + 1}), given
            )
        codes = [*(p.code for p in planned), *(p.code for p in known.persons)]
        automatic = iter(next_codes(codes))
        new = [p for p in planned if p.id is None]
        for person in new:
            person.code = person.code or next(automatic)
        self._insert(VotingPerson, [{**self.within, **_values(p)} for p in new])
        ids = self._ids(VotingPerson.code, VotingPerson.compound_id) if new else {}
        return {id(p): p.id if p.id is not None else ids[p.code] for p in planned}

    def _units(
        self,
        rows: Sequence[PlannedRow],
        known: Known,
        buildings: Mapping[str, int],
        entrances: Mapping[tuple[int, str], int],
        persons: Mapping[int, int],
    ) -> None:
        new, changed = [], []
        for r in rows:
            person_id = persons[id(r.person)]
            if r.unit_id is None:
                building_id = buildings[r.row.building]
                new.append(
                    {
                        **self.within,
                        "building_id": building_id,
                        "entrance_id": entrances.get((building_id, r.row.entrance)),
                        "entrance_number": r.row.entrance,
                        "room": r.row.room,
                        "area": r.row.area,
                        "area_source": r.row.source,
                        "voting_person_id": person_id,
                        "co_owned": bool(r.row.co_owned),
                        "version": 1,
                    }
                )
                continue
            unit = known.units[r.row.key]
            changed.append(
                {
                    "key": unit.id,
                    "new_area": unit.area if r.row.area is None else r.row.area,
                    "new_source": r.row.source or unit.source,
                    "new_person": person_id,
                    "new_co_owned": unit.co_owned if r.row.co_owned is None else r.row.co_owned,
                }
            )
        self._insert(Unit, new)
        if changed:
            change = sa.update(Unit).where(Unit.id == sa.bindparam("key"))
            change = change.values(
                area=sa.bindparam("new_area"),
                area_source=sa.bindparam("new_source"),
                voting_person_id=sa.bindparam("new_person"),
                co_owned=sa.bindparam("new_co_owned"),
                version=Unit.version + 1,
            )
            self.connection.execute(change, changed)

    def _forget(self, person_ids: set[int]) -> None:
        voting = sa.select(Unit.id).where(Unit.voting_person_id == VotingPerson.id).exists()
        ordered = sorted(person_ids)
        for start in range(0, len(ordered), 1000):
            some = VotingPerson.id.in_(ordered[start : start + 1000])
            self.connection.execute(sa.delete(VotingPerson).where(some, ~voting))


_values_names = ("code", "name", "kind", "phone")


def _values(person: PlannedPerson) -> dict[str, Any]:
    return {
        "code": person.code,
        "name": person.name,
        "kind": person.kind,
        "phone": person.phone or None,
    }
