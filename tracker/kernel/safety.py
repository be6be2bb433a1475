"""Addresses that may be followed."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def local_url(target: str | None, default: str = "/") -> str:
    """``target`` if it stays on this site, as path and query; else ``default``."""
    if not target:
        return default
    # Browsers read a backslash as a slash, and drop control characters.
    if "\\" in target or any(ord(c) < 32 for c in target):
        return default
    parts = urlsplit(target)
    if parts.netloc and parts.netloc != request.host:
        return default
    if not parts.path.startswith("/") or parts.path.startswith("//"):
        return default
    return parts.path + (f"?{parts.query}" if parts.query else "")
