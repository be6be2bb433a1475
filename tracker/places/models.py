"""Compounds, grids, buildings, entrances, units, and who votes for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.kernel.database import BigId, JSONData, Model, Tenant, term_type
from tracker.places.rules import ImportState, VoterKind


class Compound(Tenant, Model):
    """小区."""

    __tablename__ = "compound"
    __table_args__ = (sa.UniqueConstraint("committee_id", "name"),)

    name: Mapped[str] = mapped_column(sa.String(80))
    address: Mapped[str] = mapped_column(sa.String(160), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Grid(Tenant, Model):
    """微网格: some buildings of a compound with one leader."""

    __tablename__ = "grid"
    __table_args__ = (sa.UniqueConstraint("compound_id", "name"),)

    compound_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("compound.id"))
    name: Mapped[str] = mapped_column(sa.String(60))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    compound: Mapped[Compound] = relationship()


class Building(Tenant, Model):
    """楼栋. ``number`` is written without 号楼/栋/幢; ``position`` sorts 2 before 10."""

    __tablename__ = "building"
    __table_args__ = (sa.UniqueConstraint("compound_id", "number"),)

    compound_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("compound.id"))
    grid_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("grid.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(20))
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    compound: Mapped[Compound] = relationship()
    grid: Mapped[Grid | None] = relationship()


class Entrance(Tenant, Model):
    """门洞 of a building."""

    __tablename__ = "entrance"
    __table_args__ = (sa.UniqueConstraint("building_id", "number"),)

    building_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("building.id"))
    number: Mapped[str] = mapped_column(sa.String(20))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    building: Mapped[Building] = relationship()


class VotingPerson(Tenant, Model):
    """表决权人: one vote, however many units (Judicial Interpretation on 建筑物区分所有权, 9)."""

    __tablename__ = "voting_person"
    __table_args__ = (sa.UniqueConstraint("compound_id", "code"),)

    compound_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("compound.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[VoterKind] = mapped_column(term_type(VoterKind), default=VoterKind.PERSON)
    phone: Mapped[str | None] = mapped_column(sa.String(30))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    compound: Mapped[Compound] = relationship()


class Unit(Tenant, Model):
    """室/户. ``area`` counts in 0.01 m²; None when nobody has proved it yet."""

    __tablename__ = "unit"
    __table_args__ = (
        # NULL entrances must not escape uniqueness, hence the entrance number as text.
        sa.UniqueConstraint("building_id", "entrance_number", "room"),
        sa.CheckConstraint("area IS NULL OR area > 0", name="area_positive"),
    )

    compound_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("compound.id"), index=True)
    building_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("building.id"))
    entrance_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("entrance.id"), index=True)
    entrance_number: Mapped[str] = mapped_column(sa.String(20), default="")
    room: Mapped[str] = mapped_column(sa.String(20))
    area: Mapped[int | None]
    area_source: Mapped[str] = mapped_column(sa.String(80), default="")
    voting_person_id: Mapped[int | None] = mapped_column(
        BigId, sa.ForeignKey("voting_person.id"), index=True
    )
    co_owned: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    building: Mapped[Building] = relationship()
    entrance: Mapped[Entrance | None] = relationship()
    voting_person: Mapped[VotingPerson | None] = relationship()


class LeaderScope(Tenant, Model):
    """Which buildings a building leader records for."""

    __tablename__ = "leader_scope"
    __table_args__ = (sa.UniqueConstraint("user_id", "building_id"),)

    user_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    building_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("building.id"))
    building: Mapped[Building] = relationship()


class RollImport(Tenant, Model):
    """A file that was read and waits for one confirmation; nothing is written before.

    ``rows`` are those of ``roll.to_json``. Once applied or discarded only the places of the
    rows that were not taken stay, without names and numbers; ``result`` keeps the counts.
    """

    __tablename__ = "roll_import"

    compound_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("compound.id"))
    file_name: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[ImportState] = mapped_column(term_type(ImportState), default=ImportState.PREVIEW)
    rows: Mapped[list[Any]] = mapped_column(JSONData)
    ignored: Mapped[list[Any]] = mapped_column(JSONData, default=list)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[int] = mapped_column(BigId, sa.ForeignKey("account.id"))
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    compound: Mapped[Compound] = relationship()
