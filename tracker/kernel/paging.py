"""Lists page by page: whatever the address asks for, there is a page to show."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import request
from flask_sqlalchemy.pagination import Pagination

from tracker.kernel.database import db

PER_PAGE = 50
FURTHEST = 1_000_000
"""Beyond it the databases cannot count the rows to leave out; no list is so long."""


def paginate(query: sa.Select[Any], per_page: int = PER_PAGE) -> Pagination:
    """The page of ``query`` that ``?page=`` names: the first for nonsense, the last beyond it."""
    asked = min(max(request.args.get("page", 1, type=int), 1), FURTHEST)
    found = _page(query, asked, per_page)
    return found if found.items or asked == 1 else _page(query, max(found.pages, 1), per_page)


def _page(query: sa.Select[Any], number: int, per_page: int) -> Pagination:
    return db.paginate(query, page=number, per_page=per_page, error_out=False)
