"""Forms of reading ballots. What is typed for each motion is read here; its meaning is a rule's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import StringField

from tracker.kernel.forms import BaseForm, Required, at_most, strip

LONGEST = 40
"""Keys typed for one motion; twenty options in order are twenty."""


class EntryForm(BaseForm):
    """The paper in hand; the keys of its motions stand beside it (``typed_keys``)."""

    paper = StringField(_l("票号"), [Required(), at_most(60)], filters=[strip])


class BatchForm(BaseForm):
    """Nothing but the guard: the rows are read by ``typed_rows``."""


class SettleForm(BaseForm):
    """Why the third person reads the paper so."""

    reason = StringField(_l("理由"), [Required(), at_most(200)], filters=[strip])


class ReopenForm(BaseForm):
    """A paper that both read the same, and wrongly."""

    paper = StringField(_l("票号"), [Required(), at_most(60)], filters=[strip])
    reason = StringField(_l("原因"), [Required(), at_most(200)], filters=[strip])


def typed_keys(sent: MultiDict[str, str]) -> dict[int, str]:
    """The keys typed for each motion of one ballot, by the motion's id."""
    return {ids[0]: text for ids, text in _typed(sent, r"mark_([0-9]{1,9})")}


def typed_rows(sent: MultiDict[str, str]) -> dict[int, dict[int, str]]:
    """The same of several ballots, by ballot; one of which nothing was typed is left out."""
    rows: dict[int, dict[int, str]] = {}
    for (motion, ballot), text in _typed(sent, r"mark_([0-9]{1,9})_([0-9]{1,9})"):
        rows.setdefault(ballot, {})[motion] = text
    return {ballot: keys for ballot, keys in rows.items() if any(keys.values())}


def _typed(sent: MultiDict[str, str], pattern: str) -> Iterator[tuple[tuple[int, ...], str]]:
    for name, text in sent.items():
        found = re.fullmatch(pattern, name)
        if found:
            yield tuple(int(part) for part in found.groups()), (strip(text) or "")[:LONGEST]
