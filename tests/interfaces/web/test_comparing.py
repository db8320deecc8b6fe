import pytest

from serinus.adapters.memory.store import Store
from serinus.app.office import Office
from serinus.core.state.release import Phase
from serinus.interfaces.web import comparing
from tests import builders
from tests.builders import NEW, OLD, SHOP
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio
FIRST = "c" * 64


async def place() -> Office:
    """Three releases, each with something else in its environment."""
    store, status = Store(), builders.status(release=None, releases=0)
    for number, (candidate, stable) in enumerate(((FIRST, None), (OLD, FIRST), (NEW, OLD)), 1):
        revision = builders.revision(candidate, f"v{number}", env={"MODE": f"mode-{number}"})
        release = builders.ended(
            Phase.SUCCEEDED, number, candidate=candidate, stable=stable, version=f"v{number}"
        )
        status = await store.record(
            builders.status(release=release, version=status.version), revisions=[revision]
        )
    return visitor.office(store)


async def test_a_release_is_compared_with_what_it_replaced_unless_another_is_chosen() -> None:
    office = await place()
    before = await comparing.compared(office, SHOP, 3, None)
    chosen = await comparing.compared(office, SHOP, 3, 1)

    assert before.change is not None
    assert chosen.change is not None
    assert any("mode-2" in line for line in before.change.lines)
    assert any("mode-1" in line for line in chosen.change.lines)
    assert ("v1 (cccccccccc)", 1) == (chosen.change.before, chosen.older)
    assert [2, 1] == [one.number for one in chosen.others]


async def test_an_older_release_is_compared_with_a_newer_one_as_well() -> None:
    found = await comparing.compared(await place(), SHOP, 1, 3)

    assert found.change is not None
    assert "v3" in found.change.before


async def test_why_nothing_can_be_compared_is_said_and_others_are_offered() -> None:
    first = await comparing.compared(await place(), SHOP, 1, None)
    gone = await comparing.compared(await place(), SHOP, 3, 9)

    assert first.change is None
    assert "is the first" in first.why
    assert gone.change is None
    assert "9" in gone.why
    assert [3, 2] == [one.number for one in first.others]


@pytest.mark.parametrize(
    ("text", "number"), [("", None), ("6", 6), ("six", None), ("-1", None), ("9" * 12, None)]
)
def test_a_release_is_named_by_its_number(text: str, number: int | None) -> None:
    assert number == comparing.asked(text)
