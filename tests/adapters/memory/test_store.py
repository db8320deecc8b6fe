"""What films need of the store in memory; the contract is in tests/conformance/test_stores.py."""

import pytest

from serinus.adapters.memory.store import Specs, Store
from serinus.ports.store import Asked
from tests import builders
from tests.builders import SHOP


def test_films_change_what_is_asked_for_as_people_change_files() -> None:
    specs = Specs()
    specs.want("shop", builders.wanted())

    assert Asked(wanted=builders.wanted()) == specs.asked("shop", "local")
    assert Asked() == specs.asked("shop", "prod")
    assert [True, False] == [specs.changed(), specs.changed()]

    specs.remove("shop")
    assert [] == specs.applications()
    assert specs.changed()


@pytest.mark.anyio
async def test_a_new_store_has_specs_of_its_own_and_takes_those_of_others() -> None:
    specs = Specs()
    specs.want("shop", builders.wanted())

    assert () == await Store().keys()
    assert (SHOP,) == await Store(specs).keys()
