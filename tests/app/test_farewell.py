import pytest

from serinus.adapters.memory.store import Store
from serinus.app import farewell
from serinus.app.farewell import Removal
from serinus.app.office import Office
from serinus.core.spec.effective import Effective
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.ports import failures
from serinus.ports.documents import Written
from tests import builders
from tests.interfaces.api.test_acts import Answering
from tests.interfaces.offices import Papers
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio

SHOP = Written(application="shop", text="name: shop ", version="1", place="delivery/shop.yaml")
TEAM = Written(application="team/shop", text="", version="1", place="Application team/shop")


def office(store: Store | None = None, *, alive: bool = True, port: int | None = 8080) -> Office:
    papers = Papers()
    papers.written |= {one.application: one for one in (SHOP, TEAM)}
    return visitor.office(store, documents=papers, alive=lambda: alive, port=port)


async def test_a_machine_ends_what_serves_by_a_wish_that_bears_name_and_reason() -> None:
    store = Answering()
    await store.record(builders.idle())
    place = office(store)

    said = await farewell.end(place, Removal(SHOP, "ada", "sold"))

    (wish,) = store.asked_for
    assert (Verb.DELETE, "ada", "sold", "shop") == (
        wish.verb,
        wish.actor,
        wish.reason,
        wish.application,
    )
    assert said.startswith("shop is deleted: ")
    with pytest.raises(failures.Missing):
        await place.documents.read("shop")


async def test_nothing_is_deleted_while_nobody_would_end_what_serves() -> None:
    place = office(alive=False)

    with pytest.raises(failures.Unavailable, match="nothing was deleted"):
        await farewell.end(place, Removal(SHOP, "ada"))
    assert SHOP == await place.documents.read("shop")


async def test_nothing_is_asked_for_where_nothing_runs() -> None:
    assert "shop is deleted: nothing of it ran." == (
        await farewell.end(office(), Removal(SHOP, "ada"))
    )


async def test_a_wish_that_nobody_answers_in_time_is_told_with_the_document_gone() -> None:
    store = Store()
    await store.record(builders.idle())

    said = await farewell.end(office(store), Removal(SHOP, "ada"))

    assert "its document is gone, but the controller has not answered" in said


async def test_in_a_cluster_the_object_is_the_wish() -> None:
    store = Answering()
    await store.record(builders.idle(Key("team/shop", "prod")))
    place = office(store, port=None)

    said = await farewell.end(place, Removal(TEAM, "ada", "sold"))

    assert said.startswith("Application team/shop is deleted")
    assert [] == store.asked_for
    assert isinstance(place.documents, Papers)
    assert [("ada", "sold")] == place.documents.authors


async def test_a_machine_says_what_ends() -> None:
    store = Store()
    await store.record(builders.status())
    told = await farewell.consequences(office(store), SHOP, None)
    none = await farewell.consequences(office(), SHOP, None)

    assert "Its document is taken out of delivery/shop.yaml." == told[0]
    assert any("nobody is served at shop.localhost any more" in one for one in told)
    assert "Release 7 of v2 ends at once." in told
    assert "Nothing of it runs." in none


async def test_a_cluster_says_what_goes_back_and_what_goes() -> None:
    store = Store()
    await store.record(builders.idle(Key("team/shop", "prod")))
    place = office(store, port=None)
    adopted = Effective("shop", "prod", (), workload_ref="web", route_ref=("HTTPRoute", "front"))
    given = " ".join(await farewell.consequences(place, TEAM, adopted))
    own = " ".join(await farewell.consequences(place, TEAM, Effective("shop", "prod", ())))

    assert "Deployment web is yours and stays: it goes on with v1" in given
    assert "HTTPRoute front is yours and stays as it was before." in given
    assert "nobody is served" not in given
    assert "Its Deployments and Services go with it: nobody is served any more." in own
