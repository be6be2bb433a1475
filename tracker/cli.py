"""Commands of the ledger: ``flask …``."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Attach the commands."""
