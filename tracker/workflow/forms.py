"""Forms of the process."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, TextAreaField
from wtforms.validators import Length

from tracker.kernel.forms import BaseForm, Required, at_most, strip


class ReasonForm(BaseForm):
    """Why; it stays in the history."""

    reason = TextAreaField(
        _l("原因"),
        [
            Required(),
            Length(min=5, message=_l("请写清楚原因，至少 5 个字。")),
            at_most(500),
        ],
        filters=[strip],
    )


class MoveForm(BaseForm):
    """A new last day."""

    version = HiddenField()
    end = DateField(_l("新的结束日期"), [Required()])
    follow = BooleanField(_l("后面的阶段跟着顺延"), default=True)
    confirm = BooleanField()
