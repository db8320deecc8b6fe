import msgspec
import pytest

from serinus.adapters.kubernetes import crd, explained
from tests.adapters.kubernetes import structs

KINDS = sorted(
    {
        kind
        for definition in crd.DEFINITIONS
        for root in (definition.spec, definition.status)
        if root is not None
        for kind in structs.within(root)
    },
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_that_people_see_has_its_words(kind: type[msgspec.Struct]) -> None:
    fields = [field.encode_name for field in msgspec.structs.fields(kind)]

    assert [] == [name for name in fields if not explained.field(kind.__name__, name)]


def test_there_are_no_words_for_what_is_not_there() -> None:
    known = {kind.__name__: kind for kind in KINDS}
    left_over = [
        f"{kind}.{name}"
        for table in (explained.WRITTEN, explained.KEPT)
        for kind, words in table.items()
        for name in words
        if kind in known
        and name not in {field.encode_name for field in msgspec.structs.fields(known[kind])}
    ]

    assert [] == left_over
    # What only stands where a schema cannot tell it apart is not shown, but is explained.
    assert {"Hours", "TemplateRef"} == {*explained.WRITTEN, *explained.KEPT} - known.keys()


def test_a_templates_body_has_the_words_of_a_delivery() -> None:
    assert explained.field("DeliverySpec", "warmup") == explained.field("TemplateSpec", "warmup")
    assert "" == explained.field("TemplateSpec", "colour")
