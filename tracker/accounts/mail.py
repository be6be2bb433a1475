"""Letters about accounts; they go through the outbox like all others."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from tracker.accounts.models import User
from tracker.notifications import services as notifications


def tell_of_reset_link(user: User, maker: User, now: datetime) -> None:
    """Tell a person that somebody made a link to reset the password."""
    with force_locale("en" if user.language == "en" else "zh_Hans_CN"):
        item = notifications.Item(
            key=f"reset-link:{user.id}:{now.isoformat()}",
            recipient_id=user.id,
            subject=_("有人为您的账号生成了重设密码的链接"),
            body=_(
                "生成的人：%(who)s。如果不是您请他做的，请马上告诉街道。", who=maker.display_name
            ),
            link="/me",
        )
    notifications.put_in_inbox([item], now)


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
