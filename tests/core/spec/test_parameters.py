from typing import Any

import pytest

from serinus.core.spec import formats, parameters
from serinus.core.spec.template import Parameter

SHARE = Parameter(format="percent", minimum="0.1%", maximum="5%")
COUNT = Parameter(type="integer", minimum=0, maximum=10)


@pytest.mark.parametrize(
    ("parameter", "value", "wrong"),
    [
        (SHARE, "5%", ""),
        (SHARE, "5.0 %", ""),
        (SHARE, "10%", "10% is above the maximum of 5%"),
        (SHARE, "0.05%", "0.05% is below the minimum of 0.1%"),
        (SHARE, 5, "'5' is not a percentage; wanted a number with %, such as 5% or 0.1%"),
        (SHARE, True, 'true is not a text; put it in quotes: "true"'),
        (COUNT, 10, ""),
        (COUNT, 11, "11 is above the maximum of 10"),
        (COUNT, -1, "-1 is below the minimum of 0"),
        (COUNT, True, "true is not a whole number"),
        (COUNT, 1.0, "1.0 is not a whole number"),
        (Parameter(type="number"), 1, ""),
        (Parameter(type="number"), float("nan"), "nan is not a number to reckon with"),
        (Parameter(type="boolean"), False, ""),
        (Parameter(type="integer", enum=[1, 2]), True, "true is not a whole number"),
        (Parameter(enum=["a", "b\n"]), "c", "'c' is not one of a, 'b\\n'"),
        (Parameter(format="duration", minimum="90s"), "1m", "1m is below the minimum of 90s"),
        (Parameter(format="duration", minimum="90s"), "2m", ""),
    ],
)
def test_a_value_is_of_its_type_and_format_and_in_its_range(
    parameter: Parameter, value: Any, wrong: str
) -> None:
    assert wrong == parameters.wrong(parameter, value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "500", 500),
        ("integer", "many", "many"),
        ("number", "1.5", 1.5),
        ("number", "1e9", "1e9"),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("boolean", "yes", "yes"),
        ("string", "500", "500"),
    ],
)
def test_a_text_is_read_by_the_type(kind: str, text: str, value: Any) -> None:
    read = parameters.read(Parameter(type=kind), text)

    assert (type(value), value) == (type(read), read)


@pytest.mark.parametrize(
    "parameter",
    [
        *(Parameter(format=form) for form in (None, *formats.FORMATS)),
        *(Parameter(type=kind) for kind in parameters.TYPES),
        Parameter(enum=["x"]),
        Parameter(type="integer", minimum=7),
        Parameter(format="percent", maximum="0.5%"),
    ],
)
def test_there_is_an_example_of_every_parameter(parameter: Parameter) -> None:
    assert "" == parameters.wrong(parameter, parameters.example(parameter))


def test_a_right_declaration_has_no_problems() -> None:
    assert () == parameters.review({"share": SHARE, "count": COUNT}, "spec.parameters")
