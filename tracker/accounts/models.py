"""Organisations and the people who sign in."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.accounts.rules import Permission, Role, may
from tracker.kernel.database import BigId, Model, Row, term_type


class Subdistrict(Row, Model):
    """街道: oversees its committees."""

    __tablename__ = "subdistrict"

    name: Mapped[str] = mapped_column(sa.String(80), unique=True)


class Committee(Row, Model):
    """居委会: logs projects and carries them through."""

    __tablename__ = "committee"
    __table_args__ = (sa.UniqueConstraint("subdistrict_id", "name"),)

    subdistrict_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("subdistrict.id"))
    name: Mapped[str] = mapped_column(sa.String(80))
    subdistrict: Mapped[Subdistrict] = relationship()


class User(UserMixin, Row, Model):  # type: ignore[misc]
    """A person with an account; officers belong to no committee, all others to one."""

    __tablename__ = "account"
    __table_args__ = (
        sa.CheckConstraint(
            "(role = 'officer') = (committee_id IS NULL)", name="officers_have_no_committee"
        ),
    )

    subdistrict_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("subdistrict.id"), index=True)
    committee_id: Mapped[int | None] = mapped_column(
        BigId, sa.ForeignKey("committee.id"), index=True
    )
    login: Mapped[str] = mapped_column(sa.String(60), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(60))
    role: Mapped[Role] = mapped_column(term_type(Role))
    email: Mapped[str | None] = mapped_column(sa.String(200))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    session_key: Mapped[str] = mapped_column(sa.String(40))
    language: Mapped[str] = mapped_column(sa.String(12), default="zh")
    large_text: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    # Counted by the service that edits name and address: choosing a language must not
    # make the form stale that somebody else has open.
    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}

    subdistrict: Mapped[Subdistrict] = relationship()
    committee: Mapped[Committee | None] = relationship()

    def get_id(self) -> str:
        """What the session remembers: changing ``session_key`` signs out everywhere."""
        return f"{self.id}:{self.session_key}"

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def may(self, permission: Permission) -> bool:
        """Whether this person's role includes ``permission``."""
        return may(self.role, permission)
