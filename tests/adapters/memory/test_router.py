from serinus.adapters.memory.router import Router
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Feature
from tests.builders import SHOP, route


def test_what_is_rendered_is_read_back() -> None:
    router = Router()

    documents = router.render(SHOP, route(250), {})
    found = {ref: document for ref, document in documents.items() if document is not None}

    assert route(250) == router.read(SHOP, found)
    assert router.refs(SHOP) == tuple(documents)
    assert router.read(Key("blog", "local"), found) is None


def test_no_route_removes_the_document() -> None:
    assert [None] == list(Router().render(SHOP, None, {}).values())


def test_it_can_do_everything_because_it_translates_nothing() -> None:
    assert ~Feature.NONE is Router.features
