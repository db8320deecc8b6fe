"""Templates as people write them, for the tests of pages."""

from typing import Any

from serinus.core.spec import review
from serinus.core.spec.template import DeliveryTemplate


def template(name: str = "own", version: str = "1.0.0", **given: Any) -> DeliveryTemplate:
    """A template with one step, and what a test is about."""
    steps = {"parameters": {"bake": {"format": "duration", "default": "5m"}}, **given}
    data = {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "DeliveryTemplate",
        "metadata": {"name": f"{name}-{version}"},
        "spec": {
            "template": name,
            "version": version,
            "strategy": "canary",
            "plan": [{"traffic": {"candidate": "5%"}, "hold": {"for": "${bake}"}}],
            **steps,
        },
    }
    found, told = review.document(data)
    assert isinstance(found, DeliveryTemplate), told
    return found
