from typing import Any

import pytest

from serinus.boot import catalogue
from serinus.core.spec import schema
from serinus.core.spec.template import DeliveryTemplate
from tests.core.spec import documents

PARAMETERS = {
    "count": {"type": "integer", "minimum": 1, "maximum": 9, "order": 3, "default": 2},
    "share": {"format": "percent", "maximum": "5%", "order": 1, "title": "First share"},
    "kind": {"enum": ["a", "b"], "default": "a", "order": 2},
}


def made() -> dict[str, Any]:
    ours = documents.library(documents.template({"parameters": PARAMETERS, "about": "About it."}))
    return schema.of_parameters(ours.templates["ours"][0])


def test_it_is_an_object_that_holds_nothing_else() -> None:
    found = made()

    assert "https://json-schema.org/draft/2020-12/schema" == found["$schema"]
    assert ("object", False) == (found["type"], found["additionalProperties"])
    assert ("ours", "About it.") == (found["title"], found["description"])
    assert ["share"] == found["required"]


def test_properties_stand_in_the_order_of_a_form() -> None:
    properties = made()["properties"]

    assert ["share", "kind", "count"] == list(properties)
    assert [1, 2, 3] == [p["x-order"] for p in properties.values()]


def test_bounds_of_numbers_are_json_schemas_and_bounds_of_texts_are_ours() -> None:
    properties = made()["properties"]

    assert (1, 9) == (properties["count"]["minimum"], properties["count"]["maximum"])
    assert "5%" == properties["share"]["x-maximum"]
    assert "maximum" not in properties["share"]
    assert r"^[0-9]+(\.[0-9]+)? ?%$" == properties["share"]["pattern"]


@pytest.mark.parametrize(
    "versions", catalogue.builtin().templates.values(), ids=lambda v: v[0].spec.template
)
def test_every_default_of_a_built_in_template_matches_its_own_schema(
    versions: tuple[DeliveryTemplate, ...],
) -> None:
    found = schema.of_parameters(versions[0])

    assert [] == found["required"]
    assert {p.title for p in versions[0].spec.parameters.values()} == {
        p["title"] for p in found["properties"].values()
    }
