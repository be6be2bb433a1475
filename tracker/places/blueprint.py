"""The blueprint of all pages about places, and how its templates write names and numbers."""

from __future__ import annotations

from flask import Blueprint

from tracker.places import queries, rules

blueprint = Blueprint("places", __name__, url_prefix="/places")

blueprint.add_app_template_filter(queries.unit_label, "unit_label")
blueprint.add_app_template_filter(rules.building_label, "building_label")
blueprint.add_app_template_filter(rules.entrance_label, "entrance_label")
blueprint.add_app_template_filter(rules.masked_name, "masked_name")
blueprint.add_app_template_filter(rules.masked_phone, "masked_phone")
