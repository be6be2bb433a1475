"""Forms of the process."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField

from tracker.kernel.fields import NearDay, reason_field, version_field
from tracker.kernel.forms import BaseForm, Required


class ReasonForm(BaseForm):
    """Why; it stays in the history."""

    reason = reason_field(_l("原因"))


class MoveForm(BaseForm):
    """A new last day."""

    version = version_field()
    end = DateField(_l("新的结束日期"), [Required(), NearDay()])
    follow = BooleanField(_l("后面的阶段跟着顺延"), default=True)
    confirm = BooleanField()
