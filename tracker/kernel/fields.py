"""Fields that several capabilities need: days within reason, and the version of a row."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import HiddenInput

from tracker.kernel import clock
from tracker.kernel.forms import Required, at_most, strip

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


FURTHEST = timedelta(days=5 * 365 + 2)
"""Five years with their leap days: nothing in a committee's ledger is planned further off."""


class NearDay(SensibleDay):
    """A day at most five years from today, before or after it."""

    def __call__(self, form: Any, field: Any) -> None:
        super().__call__(form, field)
        if field.data is not None and abs(field.data - clock.today()) > FURTHEST:
            raise StopValidation(lazy_gettext("这一天离今天超过 5 年，请核对年份。"))


def reason_field(label: Any) -> Any:
    """A field that asks why; the answer stays in the history, so it must say something."""
    short = lazy_gettext("请写清楚原因，至少 5 个字。")
    return TextAreaField(
        label, [Required(), Length(min=5, message=short), at_most(500)], filters=[strip]
    )


_INCOMPLETE = lazy_gettext("页面不完整，请刷新后重新填写。")


class _VersionField(IntegerField):  # type: ignore[misc]
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_INCOMPLETE) from error


def version_field() -> Any:
    """The hidden ``version`` of the row a form edits; services compare it (``Stale``)."""
    return _VersionField(widget=HiddenInput(), validators=[InputRequired(_INCOMPLETE)])
