import msgspec

from serinus.core.spec import template


def test_every_key_of_the_body_is_a_field_of_the_template() -> None:
    names = {f.encode_name for f in msgspec.structs.fields(template.TemplateSpec)}

    assert set(template.BODY) <= names
    assert {"strategy", "plan", "checks", "onFail", "startTimeout"} <= set(template.BODY)


def test_a_parameter_is_a_text_unless_it_says_so() -> None:
    assert "string" == msgspec.convert({}, template.Parameter).type
