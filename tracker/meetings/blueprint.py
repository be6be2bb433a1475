"""One blueprint for the pages about meetings and the pages about options and motions."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("meetings", __name__)
