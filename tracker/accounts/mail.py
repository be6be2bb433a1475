"""Letters about accounts; they go through the outbox like all others."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _

from tracker.accounts.models import User
from tracker.notifications import services as notifications


def send_reset(user: User, path: str, now: datetime) -> None:
    """Queue the letter with a reset link; ``path`` begins with a slash."""
    link = current_app.config["BASE_URL"] + path
    notifications.queue_email(
        key=f"reset:{user.id}:{secrets.token_hex(8)}",
        recipient_id=user.id,
        address=user.email or "",
        subject=_("重设密码"),
        body=_("请打开下面的链接设置新密码，三天内有效：\n%(link)s", link=link),
        now=now,
    )
