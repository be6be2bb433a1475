"""Finding imports of a roll, and what they are compared with."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import defer

from tracker.accounts.models import User
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.places.models import Building, Grid, RollImport, Unit, VotingPerson
from tracker.places.queries import own
from tracker.places.roll_plan import Known, KnownPerson, KnownUnit
from tracker.places.rules import ImportState


def roll_import(actor: User, import_id: int, *, lock: bool = False) -> RollImport:
    """An import with its compound; raises NotFound for a foreign one.

    ``lock`` holds the row until the transaction ends, so that it is applied only once.
    """
    query = sa.select(RollImport).where(RollImport.id == import_id, own(actor, RollImport))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def waiting_imports(compound_id: int) -> Sequence[RollImport]:
    """Imports that were read and wait for confirmation, without their rows."""
    query = sa.select(RollImport).options(defer(RollImport.rows))
    query = query.where(
        RollImport.compound_id == compound_id, RollImport.state == ImportState.PREVIEW
    )
    return db.session.scalars(query.order_by(RollImport.id.desc())).all()


def known(compound_id: int) -> Known:
    """All of a compound that an import is compared with."""
    of_units = sa.select(
        Building.number,
        Unit.entrance_number,
        Unit.room,
        Unit.id,
        Unit.area,
        Unit.area_source,
        Unit.co_owned,
        Unit.voting_person_id,
    ).join(Building, Building.id == Unit.building_id)
    of_persons = sa.select(
        VotingPerson.id,
        VotingPerson.code,
        VotingPerson.name,
        VotingPerson.kind,
        sa.func.coalesce(VotingPerson.phone, ""),
    ).where(VotingPerson.compound_id == compound_id)
    of_grids = sa.select(Building.number, Grid.name).join(Grid, Grid.id == Building.grid_id)
    return Known(
        {
            (row[0], row[1], row[2]): KnownUnit(*row[3:])
            for row in db.session.execute(of_units.where(Unit.compound_id == compound_id))
        },
        [KnownPerson(*p) for p in db.session.execute(of_persons.order_by(VotingPerson.id))],
        {
            row[0]: row[1]
            for row in db.session.execute(of_grids.where(Building.compound_id == compound_id))
        },
    )
