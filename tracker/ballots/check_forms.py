"""Forms of the identity check."""

from __future__ import annotations

import re

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice

from tracker.ballots.rules import RejectReason
from tracker.kernel.forms import BaseForm, Required, at_most, strip, term_choices

ACCEPTED = "accepted"
"""The answer to the identity check besides the reasons for rejecting a paper."""

REASONS = (RejectReason.TENANT, RejectReason.UNSIGNED, RejectReason.NO_PROXY, RejectReason.COPY)
"""What a person sees; void papers and second ones are found by the program."""


class CheckForm(BaseForm):
    """Nothing but the guard: the decisions are read by ``decisions``."""


class CorrectForm(BaseForm):
    """What a paper that was checked really is."""

    verdict = RadioField(_l("核对结果"), [Required()], choices=[])
    reason = StringField(_l("更正的原因"), [Required(), at_most(200)], filters=[strip])

    def offer(self) -> None:
        """The answers, in the language of the request."""
        self.verdict.choices = [
            SelectChoice(ACCEPTED, gettext("核对通过")),
            *term_choices(REASONS),
        ]

    @property
    def rejected(self) -> RejectReason | None:
        """Why the paper does not count, if it does not."""
        return None if self.verdict.data == ACCEPTED else RejectReason(self.verdict.data)


def decisions(sent: MultiDict[str, str]) -> tuple[dict[int, RejectReason | None], set[int]]:
    """Decisions by ballot, None for accepted; and ballots both accepted and given a reason."""
    accepted = {int(text) for text in sent.getlist("accept") if re.fullmatch("[0-9]{1,9}", text)}
    known = {reason.value: reason for reason in REASONS}
    rejected: dict[int, RejectReason | None] = {
        int(name.removeprefix("reason_")): known[text]
        for name, text in sent.items()
        if re.fullmatch("reason_[0-9]{1,9}", name) and text in known
    }
    both = accepted & set(rejected)
    decided = dict.fromkeys(sorted(accepted - both)) | rejected
    return {ballot: reason for ballot, reason in decided.items() if ballot not in both}, both
