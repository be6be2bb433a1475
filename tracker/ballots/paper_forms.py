"""Forms about papers: spares, replacements, what is printed; and about boxes."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from tracker.ballots.box_services import MOST_BOXES
from tracker.ballots.printing_services import MOST_SPARES
from tracker.kernel.forms import BaseForm, Required, RowSelect, at_most, strip
from tracker.votes.forms import InstantField


def _paper(label: Any) -> Any:
    """A field into which a scanner types a code, or a person a serial."""
    return StringField(
        label,
        [Required(), at_most(40)],
        filters=[strip],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class SparesForm(BaseForm):
    """How many spares are numbered."""

    count = IntegerField(
        _l("印多少张备用票"),
        [
            InputRequired(_l("请填写这一项。")),
            NumberRange(1, MOST_SPARES, _l("备用票请印 1 到 %(most)d 张。", most=MOST_SPARES)),
        ],
    )


class VoidForm(BaseForm):
    """Which paper is void, and why."""

    paper = _paper(_l("票号，或扫码"))
    reason = StringField(_l("原因"), [Required(), at_most(200)], filters=[strip])


class HandOutForm(BaseForm):
    """Which spare goes to whom."""

    spare = _paper(_l("备用票的票号，或扫码"))
    voter = StringField(_l("给谁"), [Required(), at_most(60)], filters=[strip])
    recipient = RadioField(_l("由谁签收"), choices=[], default="owner")
    second_owner = BooleanField(_l("共有人另填一张，表决权人原来的票保留"))
    reason = StringField(_l("原因"), [Required(), at_most(200)], filters=[strip])


class _Filter(BaseForm):
    """Sent by GET: it changes nothing and needs no key."""

    class Meta:
        csrf = False

    submission = HiddenField(default="")


class SheetsFilter(_Filter):
    """Which papers are printed, and how."""

    building = RowSelect(_l("楼栋"))
    run = RowSelect(_l("印制批次"))
    first = IntegerField(_l("从第几号"), [Optional()])
    last = IntegerField(_l("到第几号"), [Optional()])
    layout = SelectField(_l("一张 A4 印几张票"), choices=[], default="")


class SealForm(BaseForm):
    """An empty box is closed with a seal."""

    number = IntegerField(
        _l("票箱编号"),
        [
            InputRequired(_l("请填写这一项。")),
            NumberRange(1, MOST_BOXES, _l("票箱编号请用 1 到 %(most)d。", most=MOST_BOXES)),
        ],
    )
    seal_number = StringField(_l("封条号"), [Required(), at_most(40)], filters=[strip])
    place = StringField(_l("放在哪里"), [Required(), at_most(80)], filters=[strip])


WHOLE, BROKEN = "whole", "broken"


class HandoverForm(BaseForm):
    """A box passes from hand to hand."""

    giver = StringField(_l("交出人（身份）"), [Required(), at_most(60)], filters=[strip])
    taker = StringField(_l("接收人（身份）"), [Required(), at_most(60)], filters=[strip])
    seal = RadioField(_l("封条"), [Required(_l("请看一下封条再选。"))], choices=[])
    at = InstantField(_l("时间"), [Required()])


class OpenBoxForm(BaseForm):
    """A box is opened."""

    seal = RadioField(_l("封条"), [Required(_l("请看一下封条再选。"))], choices=[])
    note = StringField(_l("在场的人和情况"), [at_most(200)], filters=[strip])
