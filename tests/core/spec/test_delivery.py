import msgspec
from hypothesis import given

from serinus.core.spec import canonical
from serinus.core.spec.delivery import Delivery
from tests.core.spec import strategies


@given(strategies.DELIVERIES)
def test_a_delivery_is_read_back_from_json(delivery: Delivery) -> None:
    assert delivery == msgspec.json.decode(msgspec.json.encode(delivery), type=Delivery)


@given(strategies.DELIVERIES)
def test_equal_deliveries_have_one_hash(delivery: Delivery) -> None:
    again = msgspec.json.decode(canonical.text(delivery), type=Delivery)

    assert canonical.digest(delivery) == canonical.digest(again)
