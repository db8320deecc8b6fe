from serinus.app import asides
from serinus.core.spec.delivery import Delivery, Strategy
from serinus.core.spec.requests import Edits, Goal


def test_what_is_beside_the_steps_is_told_a_line_each() -> None:
    delivery = Delivery(
        Strategy.AB_TEST,
        (),
        sticky_s=2_592_000.0,
        edits=Edits(set=(("x-long", "v" * 99), ("x-version", "v2")), remove=("x-debug",)),
        goals=(Goal("paid", "/thanks"), Goal("order", "/orders/*", ("POST", "PUT"))),
    )

    assert (
        "users stay on their side for 30d, by a cookie",
        f"requests to the candidate get the header x-long: {'v' * 39}…",
        "requests to the candidate get the header x-version: v2",
        "requests to the candidate lose the header x-debug",
        "goal paid: /thanks",
        "goal order: POST or PUT /orders/ and what begins so",
    ) == asides.lines(delivery)


def test_what_was_left_as_it_is_is_not_told() -> None:
    assert () == asides.lines(Delivery(Strategy.CANARY, ()))
