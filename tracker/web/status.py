"""The few facts that stand in the frame of every page."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.accounts.models import User


@dataclass(frozen=True)
class Banner:
    """A line above the page; ``url`` leads to where it is mended."""

    kind: str
    text: str
    url: str | None = None
    link_text: str | None = None


def unread(user_id: int) -> int:
    """Unread messages in the inbox."""
    return 0


def banners(user: User) -> list[Banner]:
    """What everybody should know now."""
    return []
