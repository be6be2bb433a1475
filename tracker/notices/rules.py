"""Public notices."""

from __future__ import annotations

from tracker.kernel.words import N_, Term


class NoticeState(Term):
    """A notice is drafted, posted, or taken back."""

    DRAFT = "draft", N_("草稿")
    POSTED = "posted", N_("公示中")
    WITHDRAWN = "withdrawn", N_("已撤回")
