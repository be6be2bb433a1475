"""Forms that residents fill without an account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField

from tracker.feedback.forms import AnswerForm
from tracker.kernel.forms import BaseForm, Required, RowSelect, at_most, strip
from tracker.opinions.forms import household_is_whole

LONGEST = 1000
"""Characters of an opinion written on a phone."""


class Trap:
    """A field that people do not see; whoever fills it is a robot."""

    website = StringField(
        _l("请不要填写这一格"), render_kw={"autocomplete": "off", "tabindex": "-1"}
    )

    def sprung(self) -> bool:
        """Whether a robot filled the form."""
        return bool(self.website.data)


class ResidentAnswerForm(Trap, AnswerForm):
    """A resident's satisfaction."""


class ResidentOpinionForm(Trap, BaseForm):
    """A resident's opinion."""

    topic = SelectField(_l("关于什么"), [Required(_l("请选一项。"))], choices=[])
    stance = RadioField(_l("您的态度"), [Required(_l("请选一项。"))], choices=[])
    text = TextAreaField(
        _l("您的意见"), [Required(), at_most(LONGEST)], filters=[strip], render_kw={"rows": 5}
    )
    building = RowSelect(_l("楼栋"))
    room = StringField(_l("室号"), [at_most(20)], filters=[strip])

    def validate(self, extra_validators: object = None) -> bool:
        """Building and room belong together: both, or neither."""
        sound: bool = super().validate(extra_validators)
        return household_is_whole(self) and sound
