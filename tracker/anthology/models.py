"""The library: cases loaded from files, each whole and validated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.anthology.rules import Case
from tracker.kernel.database import Model, Row


class CaseTemplate(Row, Model):
    """One case. ``data`` is the validated file; ``digest`` tells whether it changed."""

    __tablename__ = "case_template"

    number: Mapped[int] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    data: Mapped[dict[str, Any]]
    loaded_at: Mapped[datetime]

    @property
    def case(self) -> Case:
        """The case as a value; the data was validated when it was loaded."""
        return Case.model_validate(self.data)
