"""Numbers in addresses: what no database row can have is not found, not a failure."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.routing import IntegerConverter

LARGEST = 2**63 - 1


class RowId(IntegerConverter):
    """``<int:…>`` in a route: at most what a BIGINT holds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max", LARGEST)
        super().__init__(*args, **kwargs)


def row_id(name: str) -> int | None:
    """A row's id from the query string, or None for anything that cannot be one."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number <= LARGEST else None
