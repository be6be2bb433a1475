"""Why something cannot be done, said so that a person can act on it."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.kernel.words import M_, Message


@dataclass(frozen=True)
class Reason:
    """One thing in the way; ``endpoint`` and ``params`` lead to where it is mended."""

    message: Message
    endpoint: str | None = None
    params: tuple[tuple[str, int | str], ...] = ()
    anchor: str | None = None


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a failure
    """The organisation's rules say no; all reasons at once."""

    def __init__(self, *reasons: Reason | Message) -> None:
        self.reasons = tuple(r if isinstance(r, Reason) else Reason(r) for r in reasons)
        super().__init__("; ".join(str(r.message) for r in self.reasons))


class FieldRefusal(Refusal):
    """A refusal that belongs to one field of the form that was sent."""

    def __init__(self, field: str, message: Message) -> None:
        self.field = field
        super().__init__(message)


class NotFound(Exception):  # noqa: N818
    """No such row, or none that this person may know of: both are 404."""


class Stale(Exception):  # noqa: N818
    """The form was filled while somebody else changed the same thing."""

    message = M_("您打开这一页之后，别人已经改动了它。请核对后重新提交。")


def require_version(present: int, shown: int) -> None:
    """Raise Stale unless the row's ``present`` version is the one that the form has ``shown``."""
    if present != shown:
        raise Stale


def require(condition: bool, message: Message) -> None:
    """Refuse with ``message`` unless ``condition`` holds."""
    if not condition:
        raise Refusal(message)
