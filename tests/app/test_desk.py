from serinus.app.desk import Desk
from serinus.app.watch import Watch
from serinus.core.state.counts import Scrape
from serinus.core.state.notice import Key
from serinus.ports.store import Asked
from tests.builders import SHOP


def test_a_new_desk_is_empty() -> None:
    desk = Desk()

    assert ({}, "", {}, {}, {}) == (
        desk.scrapes,
        desk.blind,
        desk.rejected,
        desk.watches,
        desk.asked,
    )


def test_one_application_is_forgotten_and_the_others_are_not() -> None:
    desk, blog = Desk(), Key("blog", "local")
    for key in (SHOP, blog):
        desk.scrapes[key] = Scrape(1.0, {})
        desk.rejected[key] = "no port is free"
        desk.watches[key] = Watch()
        desk.asked[key] = Asked()

    desk.forget(SHOP)
    desk.forget(SHOP)

    assert [blog] * 4 == [
        next(iter(memory))
        for memory in (desk.scrapes, desk.rejected, desk.watches, desk.asked)
        if len(memory) == 1
    ]
