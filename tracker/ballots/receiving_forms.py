"""Forms about papers that come back, and about the roll with what came back."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField

from tracker.kernel.forms import BaseForm, Required, RowSelect, at_most, strip
from tracker.votes.forms import InstantField


class ReceiveForm(BaseForm):
    """One paper: a scanner types its code and Enter, or a person its serial."""

    paper = StringField(
        _l("扫码，或输入票号"),
        [Required(), at_most(40)],
        filters=[strip],
        render_kw={
            "autocomplete": "off",
            "spellcheck": "false",
            "data-scan": "",
            "autofocus": True,
        },
    )
    box = RowSelect(_l("票箱"))
    received_at = InstantField(_l("收到时间"), [Required()])


class UndoForm(BaseForm):
    """Why a receipt is taken back."""

    reason = StringField(_l("撤销的原因"), [Required(), at_most(200)], filters=[strip])


class WithdrawForm(BaseForm):
    """The written request of the voter."""

    reason = StringField(_l("书面申请"), [Required(), at_most(200)], filters=[strip])


class RollFilter(BaseForm):
    """Which part of the roll is listed; sent by GET."""

    class Meta:
        csrf = False

    submission = HiddenField(default="")
    building = RowSelect(_l("楼栋"))
    which = SelectField(_l("哪些"), choices=[], default="")
