"""Forms of the last stage."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField

from tracker.kernel.fields import version_field
from tracker.kernel.forms import BaseForm, Required, at_most, strip

COMMENT = 500
"""Characters of a resident's comment."""


class AnswerForm(BaseForm):
    """A score, and perhaps a sentence."""

    score = RadioField(_l("您对这件事办得满意吗？"), [Required(_l("请选一项。"))], choices=[])
    comment = TextAreaField(
        _l("还想说的话"), [at_most(COMMENT)], filters=[strip], render_kw={"rows": 3}
    )


class ReportForm(BaseForm):
    """What came of the project."""

    results = TextAreaField(
        _l("做成了什么"), [Required(), at_most(4000)], filters=[strip], render_kw={"rows": 7}
    )
    lessons = TextAreaField(
        _l("经验和教训"), [Required(), at_most(4000)], filters=[strip], render_kw={"rows": 7}
    )
    version = version_field()
