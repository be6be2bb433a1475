"""Forms about the calendar."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, StringField, TextAreaField

from tracker.kernel.forms import BaseForm, Required, at_most, strip
from tracker.workdays.rules import NOTE_LENGTH, DayKind


class DayForm(BaseForm):
    """One day that differs from Monday to Friday."""

    day = DateField(_l("日期"), [Required()])
    kind = RadioField(_l("这一天"), [Required()], default=DayKind.REST.value)
    note = StringField(_l("说明"), [at_most(NOTE_LENGTH)], filters=[strip])


class ImportForm(BaseForm):
    """A whole arrangement, pasted."""

    lines = TextAreaField(_l("放假安排"), [Required(), at_most(20_000)], render_kw={"rows": 12})
