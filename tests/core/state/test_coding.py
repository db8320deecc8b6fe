"""What is written down is read back: every type of state, whatever is in it."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies


@pytest.mark.parametrize("kind", strategies.TYPES, ids=lambda kind: kind.__name__)
@settings(max_examples=25)
@given(data=st.data())
def test_every_value_comes_back_from_json_and_from_msgpack(
    kind: type[msgspec.Struct], data: st.DataObject
) -> None:
    value = data.draw(strategies.values(kind))

    assert value == msgspec.json.decode(msgspec.json.encode(value), type=kind)
    assert value == msgspec.msgpack.decode(msgspec.msgpack.encode(value), type=kind)


@pytest.mark.parametrize("kind", strategies.TYPES, ids=lambda kind: kind.__name__)
def test_every_value_is_frozen(kind: type[msgspec.Struct]) -> None:
    assert kind.__struct_config__.frozen
