"""The library: cases loaded from files, each whole and validated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.anthology.rules import Case
from tracker.kernel.database import Model, Row

_known: dict[str, Case] = {}
"""Cases by the digest of their files: as many as the library has, and cases never change."""


class CaseTemplate(Row, Model):
    """One case. ``data`` is the validated file; ``digest`` tells whether it changed."""

    __tablename__ = "case_template"

    number: Mapped[int] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    # Read only when the case is not known yet: it is long, and most pages want its title.
    data: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    loaded_at: Mapped[datetime]

    @property
    def is_known(self) -> bool:
        """Whether ``case`` is at hand without reading ``data``."""
        return self.digest in _known

    @property
    def case(self) -> Case:
        """The case as a value; the data was validated when it was loaded.

        Building it takes longer than most pages, and it is the same until its file changes.
        """
        known = _known.get(self.digest)
        if known is None:
            known = _known[self.digest] = Case.model_validate(self.data)
        return known
