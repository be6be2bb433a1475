"""Fields that several capabilities need: days within reason, and the version of a row."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from wtforms import IntegerField
from wtforms.validators import InputRequired, StopValidation
from wtforms.widgets import HiddenInput

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
"""Outside of these a date is a slip; the clock's conversions hold well beyond them."""


class SensibleDay:
    """A day that can be meant; an empty field is left to other validators."""

    def __init__(self, *, not_after: Any = None, message: Any = None) -> None:
        """``not_after`` is a function giving the last day allowed, such as ``clock.today``."""
        self.not_after = not_after
        self.message = message or lazy_gettext("这一天还没有到，请核对日期。")

    def __call__(self, _form: Any, field: Any) -> None:
        if field.data is None:
            return
        if not FIRST_DAY <= field.data <= LAST_DAY:
            raise StopValidation(lazy_gettext("请核对年份。"))
        if self.not_after is not None and field.data > self.not_after():
            raise StopValidation(self.message)


def version_field() -> Any:
    """The hidden ``version`` of the row a form edits; services compare it (``Stale``)."""
    message = lazy_gettext("页面不完整，请刷新后重新填写。")
    return IntegerField(widget=HiddenInput(), validators=[InputRequired(message)])
