from datetime import datetime
from typing import Any

import msgspec
import pytest

from serinus.adapters.kubernetes import schema
from serinus.core.spec.application import EnvironmentSpec, Health, Workload
from serinus.core.spec.formats import Duration
from serinus.core.state.intent import Verb


class Thing(msgspec.Struct, frozen=True, rename="camel"):
    """
    One thing, ``whole`` and round.

    What nobody needs to read.
    """

    first_part: str
    others: list[int] = []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer", "format": "int64"}),
        (bool, {"type": "boolean"}),
        (datetime, {"type": "string", "format": "date-time"}),
        (str | None, {"type": "string", "nullable": True}),
        (Any, schema.FREE),
        (str | list[str], schema.FREE),
        (str | list[str] | None, schema.FREE),
        (list[str], {"type": "array", "items": {"type": "string"}}),
        (dict[str, int], {"type": "object", "additionalProperties": schema.of(int)}),
        (dict[str, Any], {"type": "object", "additionalProperties": schema.FREE}),
    ],
)
def test_a_type_has_its_schema(kind: Any, expected: dict[str, Any]) -> None:
    assert expected == schema.of(kind)


def test_a_struct_is_an_object_whose_docstring_is_its_description() -> None:
    found = schema.of(Thing)

    assert ("object", ["firstPart"]) == (found["type"], found["required"])
    assert "One thing, whole and round." == found["description"]
    assert {"firstPart", "others"} == found["properties"].keys()


def test_a_text_with_a_meaning_has_the_pattern_of_its_format() -> None:
    found = schema.of(Duration)

    assert ("string", 32) == (found["type"], found["maxLength"])
    assert found["pattern"].startswith("^([0-9]+")


def test_a_choice_is_one_of_its_words() -> None:
    assert {"type": "string", "enum": [verb.value for verb in Verb]} == schema.of(Verb)


def test_what_types_do_not_say_is_said_of_single_fields() -> None:
    workload = schema.of(Workload)["properties"]

    assert (1, 65535) == (workload["port"]["minimum"], workload["port"]["maximum"])
    assert 1 == workload["replicas"]["minimum"]
    window = schema.of(EnvironmentSpec)["properties"]["windows"]["items"]["properties"]
    assert ["allow", "blackout"] == window["type"]["enum"]


def test_null_is_kept_where_it_means_something() -> None:
    assert schema.of(Health)["properties"]["path"]["nullable"]
    assert "nullable" not in schema.of(Health)["properties"]["every"]


def test_what_nobody_can_describe_is_refused() -> None:
    with pytest.raises(TypeError, match="no schema can be made of"):
        schema.of(bytes)
