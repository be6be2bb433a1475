"""Forms about bringing the ballots. A reminder visit has no field for words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from tracker.accounts.models import User
from tracker.ballots.delivery_services import Brought
from tracker.ballots.rules import (
    OUTCOMES,
    DeliveryOutcome,
    DeliveryWay,
    Recipient,
    VisitOutcome,
    manner,
)
from tracker.kernel.forms import (
    BaseForm,
    Required,
    RowSelect,
    at_most,
    row_choices,
    strip,
    term_choices,
    translate,
)
from tracker.votes.forms import InstantField
from tracker.works.images import Cleaned

BY_HAND = (DeliveryWay.HAND, DeliveryWay.POST, DeliveryWay.NOTICE)
"""Ways that people record; a link records itself when it is handed over."""


class DeliveryForm(BaseForm):
    """One time a ballot was brought: how, what became of it, and what proves it."""

    outcome = RadioField(_l("怎样送的，结果怎样"), [Required(_l("请选择一项。"))], choices=[])
    recipient = RadioField(_l("由谁签收"), [Optional()], choices=[])
    proof = StringField(_l("凭据"), [at_most(200)], filters=[strip])
    photo = FileField(_l("照片"), render_kw={"accept": "image/jpeg,image/png,image/webp"})
    at = InstantField(_l("时间"), [Required()])
    server_id = RowSelect(_l("送达人"))

    def offer(self, me: User, colleagues: Sequence[User]) -> None:
        """Fill in what may be chosen; ``colleagues`` is empty for who records only for oneself."""
        self.outcome.choices = [
            SelectChoice(f"{way.value}:{outcome.value}", translate(manner(way, outcome)))
            for way in BY_HAND
            for outcome in OUTCOMES[way]
        ]
        self.recipient.choices = term_choices(Recipient)
        others = [user for user in colleagues if user.id != me.id]
        self.server_id.choices = row_choices(
            others, lambda user: user.display_name, empty=gettext("我自己")
        )

    def show(self, brought: Any, me: User) -> None:
        """Begin with what was recorded."""
        self.outcome.data = f"{brought.way.value}:{brought.outcome.value}"
        self.recipient.data = brought.recipient.value if brought.recipient else None
        self.proof.data = brought.proof
        self.at.process_data(brought.at)
        self.server_id.data = brought.served_by if brought.served_by != me.id else None

    def brought(self, photo: Cleaned | None) -> Brought:
        """What was filled in; only after the form was found valid."""
        way, outcome = self.outcome.data.split(":")
        return Brought(
            way=DeliveryWay(way),
            outcome=DeliveryOutcome(outcome),
            at=self.instant,
            recipient=Recipient(self.recipient.data) if self.recipient.data else None,
            proof=self.proof.data or "",
            photo=photo,
            server_id=self.server_id.data,
        )

    @property
    def instant(self) -> datetime:
        """When it was."""
        return self.at.instant


class CorrectionForm(DeliveryForm):
    """What really became of it; or that it was recorded for the wrong voter."""

    reason = StringField(_l("更正的原因"), [Required(), at_most(200)], filters=[strip])
    void = BooleanField(_l("登记错了户：只撤销，不另登记"))


class VisitForm(BaseForm):
    """A reminder at the door: when, and whether anybody was met."""

    outcome = RadioField(_l("结果"), [Required(_l("请选择一项。"))], choices=[])
    at = InstantField(_l("时间"), [Required()])

    def offer(self) -> None:
        """Fill in what may be chosen."""
        self.outcome.choices = term_choices(VisitOutcome)
