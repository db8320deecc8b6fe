from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.routers import replicas
from serinus.adapters.routers.kubernetes_parts import services
from serinus.core.spec.limits import Limits
from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Document, Endpoint, Ref, Route

KEY = Key("team/shop", "prod")
OLD = Ref("Service", "team/shop-" + "0" * 10)
NEW = Ref("Service", "team/shop-" + "1" * 10)


def route(weights: tuple[int, ...], pods: tuple[int, ...]) -> Route:
    backends = (
        Backend(
            f"{n}" * 64,
            weight,
            tuple(Endpoint(f"{n}" * 10 + f"-{i}", f"10.0.{n}.{i}:80") for i in range(count)),
        )
        for n, (weight, count) in enumerate(zip(weights, pods, strict=True))
    )
    return Route("team/shop", "prod", "shop.example.org", tuple(backends))


def rendered(route: Route) -> dict[Ref, Document]:
    found = replicas.Router().render(KEY, route, {})
    return {ref: document for ref, document in found.items() if document is not None}


def told(document: Any) -> services.Backing:
    found = services.backing(document)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("weights", "pods", "expected"),
    [
        ((1000, 0), (10, 0), (10, 0)),
        ((900, 100), (10, 1), (9, 1)),  # exact, and as many as before
        ((990, 10), (10, 1), (10, 1)),  # 9.1 % is nearest to 1 %
        ((500, 500), (10, 5), (5, 5)),
        ((500, 500), (10, 1), (9, 1)),  # four of five died: the rest keeps its capacity
        ((667, 333), (3, 1), (2, 1)),
        ((500, 500), (1, 1), (1, 1)),
        ((0, 1000), (10, 10), (0, 10)),
        ((500, 500), (10, 10), (10, 10)),  # of two that are exact, the larger
        ((500, 500), (3, 0), (3, 0)),  # nobody there
        ((0, 1000), (3, 0), (0, 0)),
        ((500, 300, 200), (5, 3, 2), (5, 3, 2)),
    ],
)
def test_the_pods_that_serve_are_the_nearest_to_the_weights(
    weights: tuple[int, ...], pods: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert expected == replicas.chosen(weights, pods)


@given(share=st.integers(0, 1000), pods=st.tuples(st.integers(0, 30), st.integers(0, 30)))
def test_no_fewer_serve_than_the_largest_revision_with_a_weight_has(
    share: int, pods: tuple[int, int]
) -> None:
    weights = (1000 - share, share)

    serving = replicas.chosen(weights, pods)

    having = [n for w, n in zip(weights, pods, strict=True) if w]
    assert max(having, default=0) <= sum(serving)
    assert all(0 <= k <= n for k, n in zip(serving, pods, strict=True))
    assert [bool(w and n) for w, n in zip(weights, pods, strict=True)] == [k > 0 for k in serving]


@given(replicas_=st.integers(1, 40), data=st.data())
def test_a_share_that_the_limits_let_through_is_carried_out_exactly(
    replicas_: int, data: st.DataObject
) -> None:
    taken = data.draw(st.integers(1, replicas_))
    share = round(1000 * taken / replicas_)

    serving = replicas.chosen((1000 - share, share), (replicas_, taken))

    assert Limits(finest=replicas.finest(replicas_)).fits(Fraction(taken, replicas_))
    if share < 1000:
        assert (replicas_ - taken, taken) == serving


def test_the_finest_share_is_that_of_one_replica_and_half_beside_a_single_one() -> None:
    assert [500, 500, 500, 100] == [replicas.finest(n) for n in (0, 1, 2, 10)]
    assert (1, 1) == replicas.chosen((500, 500), (1, 1))


def test_what_a_share_is_in_truth_is_said() -> None:
    documents = rendered(route((990, 10), (3, 1)))

    assert [750, 250] == [told(documents[ref]).share for ref in (OLD, NEW)]


def test_a_share_that_is_what_was_wanted_is_not_said_again() -> None:
    documents = rendered(route((900, 100), (10, 1)))

    assert [None, None] == [told(documents[ref]).share for ref in (OLD, NEW)]


def test_the_nearest_that_is_possible_is_what_was_wanted() -> None:
    wanted = route((990, 10), (3, 1))

    assert wanted == replicas.Router().read(KEY, rendered(wanted))


def test_pods_that_serve_otherwise_show_as_their_share() -> None:
    documents = rendered(route((900, 100), (10, 1)))
    stood = told(documents[NEW])
    text = f'{{"revision": "{stood.revision}", "serving": []}}'
    documents[NEW] = services.marked(documents[NEW], {labels.ENDPOINTS: text})

    seen = replicas.Router().read(KEY, documents)

    assert seen is not None
    assert (1000, 0) == tuple(b.weight for b in seen.backends)


def test_a_service_that_names_no_pods_lets_all_of_them_serve() -> None:
    documents = rendered(route((500, 500), (2, 1)))
    plain = '{{"revision":"{}","endpoints":[{{"replica":"{}-0","address":"10.0.0.0:80"}}]}}'
    for digit, ref in enumerate((OLD, NEW)):
        text = plain.format(f"{digit}" * 64, f"{digit}" * 10)
        documents[ref] = services.marked(documents[ref], {labels.ENDPOINTS: text})

    seen = replicas.Router().read(KEY, documents)

    assert seen is not None
    assert (500, 500) == tuple(b.weight for b in seen.backends)


def test_the_root_selects_whoever_serves() -> None:
    root: Any = rendered(route((900, 100), (10, 1)))[Ref("Service", "team/shop")]

    assert {
        "serinus.dev/application": "shop",
        "serinus.dev/serving": "true",
    } == root["spec"]["selector"]


def test_there_is_no_route_before_one_is_made() -> None:
    assert replicas.Router().read(KEY, {}) is None
