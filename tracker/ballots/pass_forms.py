"""Forms about passes to vote online."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from tracker.kernel.forms import BaseForm, Required, at_most, strip


class PassForm(BaseForm):
    """To whom a pass is given, and what the identity was checked by."""

    voter = StringField(
        _l("票号或房号"),
        [Required(), at_most(60)],
        filters=[strip],
        render_kw={"autocomplete": "off"},
    )
    told = TextAreaField(
        _l("怎样核对的身份"), [Required(), at_most(200)], filters=[strip], render_kw={"rows": 2}
    )
