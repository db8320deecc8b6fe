"""
A template's parameters as JSON Schema 2020-12, for forms, editors and other programs.

What JSON Schema has no word for stands under ``x-``: the order in a form, and the least and the
most of a text with a size (``x-maximum: 5%``).
"""

from typing import Any

from serinus.core.spec import formats
from serinus.core.spec.template import DeliveryTemplate, Parameter

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def of_parameters(template: DeliveryTemplate) -> dict[str, Any]:
    """Return the schema of an object that holds the parameters of a template."""
    declared = template.spec.parameters
    ordered = sorted(declared.items(), key=lambda item: item[1].order)
    return {
        "$schema": DIALECT,
        "title": template.spec.title or template.spec.template,
        "description": template.spec.about,
        "type": "object",
        "properties": {name: _property(parameter) for name, parameter in ordered},
        "required": [name for name, parameter in ordered if parameter.default is None],
        "additionalProperties": False,
    }


def _property(parameter: Parameter) -> dict[str, Any]:
    # A text such as 5% is no number to JSON Schema, whose own bounds would never hold.
    prefix = "" if parameter.type in {"integer", "number"} else "x-"
    found = {
        "type": parameter.type,
        "format": parameter.format,
        "pattern": formats.PATTERNS.get(parameter.format or ""),
        "enum": parameter.enum,
        f"{prefix}minimum": parameter.minimum,
        f"{prefix}maximum": parameter.maximum,
        "default": parameter.default,
        "title": parameter.title or None,
        "x-order": parameter.order,
    }
    return {key: value for key, value in found.items() if value is not None}
