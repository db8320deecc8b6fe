from typing import Any

import pytest

from serinus.adapters.memory.store import Store
from serinus.app import views
from serinus.app.office import Office
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase, Wait
from serinus.interfaces.api.people import Person, Right
from serinus.interfaces.web import releases
from serinus.interfaces.web.releases import Board
from tests import builders
from tests.builders import SHOP
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio


async def filled() -> Store:
    store = Store()
    for name, phase in (("checkout", Phase.WAITING), ("mail", Phase.ROLLING)):
        release = builders.release(application=name, phase=phase)
        await store.record(builders.status(Key(name, "local"), release=release))
    ended = builders.ended(Phase.ROLLED_BACK, 7, ended_at=builders.at(3))
    await store.record(builders.status(release=ended))
    return store


async def board(office: Office, **given: Any) -> Board:
    return await releases.board(office, await views.applications(office.store), **given)


async def test_bands_say_what_needs_me_what_moves_and_what_just_happened() -> None:
    found = await board(visitor.office(await filled()))

    assert ["checkout"] == [one.row.application for one in found.needs]
    assert ["mail"] == [one.row.application for one in found.moving]
    assert ["shop"] == [one.application for one in found.recent]
    assert {"needs": 1, "moving": 1, "recent": 1} == found.counts


async def test_what_failed_waits_for_a_person_with_its_reason_and_a_way_to_try_again() -> None:
    store = Store()
    store.specs.want("shop", builders.wanted())  # type: ignore[attr-defined]  # the specs of films
    ended = builders.ended(Phase.ROLLED_BACK, 7, ended_at=builders.at(3))
    await store.record(builders.status(release=ended, quarantine=(builders.NEW,)))
    found = await board(visitor.office(store))
    async with visitor.visit(store) as visit:
        page = (await visit.get("/")).text

    assert ["shop"] == [one.row.application for one in found.needs]
    needs = page.partition('id="b-needs"')[2].partition("</section>")[0]
    assert "Rolled back: errors 4.8 %" in needs
    assert "v2 failed and is not tried again" in needs
    assert "ask=retry" in needs


async def test_what_is_paused_needs_a_person_once_it_may_be_forgotten() -> None:
    store = Store()
    release = builders.release(phase=Phase.PAUSED, paused="ada", since=builders.at(0))
    await store.record(builders.status(release=release))
    office = visitor.office(store)
    before = await board(office)
    office.clock.move(3_600)  # type: ignore[attr-defined]  # the clock of tests
    after = await board(office)

    assert (0, 1) == (before.counts["needs"], before.counts["moving"])
    assert (1, 0) == (after.counts["needs"], after.counts["moving"])


async def test_what_ended_more_than_a_day_ago_is_not_just_happened() -> None:
    store = await filled()
    office = visitor.office(store)
    office.clock.move(90_000)  # type: ignore[attr-defined]  # the clock of tests

    assert () == (await board(office)).recent


async def test_a_filter_finds_by_every_word_wherever_it_stands() -> None:
    office = visitor.office(await filled())

    assert ["mail"] == [
        one.row.application for one in (await board(office, q="MAIL rolling")).moving
    ]
    assert {"needs": 0, "moving": 0, "recent": 0} == (await board(office, q="mail rolled")).counts


async def test_a_filter_asks_for_labels_and_for_what_is_not_wanted() -> None:
    office = visitor.office(await filled())
    waiting = await board(office, q="state:waiting")
    others = await board(office, q="!application:mail")

    assert {"needs": 1, "moving": 0, "recent": 0} == waiting.counts
    assert {"needs": 1, "moving": 0, "recent": 1} == others.counts


async def test_who_has_waited_longest_comes_first() -> None:
    store = Store()
    for name, since in (("a", 3), ("b", 1), ("c", 2)):
        release = builders.release(application=name, phase=Phase.WAITING, since=builders.at(since))
        await store.record(builders.status(Key(name, "local"), release=release))
    found = await board(visitor.office(store))

    assert ["b", "c", "a"] == [one.row.application for one in found.needs]


async def test_an_environment_is_chosen_and_let_go_by_its_chip() -> None:
    store = Store()
    for place in ("prod", "staging"):
        release = builders.release(environment=place)
        await store.record(builders.status(Key("shop", place), release=release))
    office = visitor.office(store)
    found = await board(office, q="environment:prod")

    assert [("prod", True, ""), ("staging", False, "environment:prod environment:staging")] == [
        (place.name, place.chosen, place.q) for place in found.places
    ]
    assert ["prod"] == [one.row.environment for one in found.moving]


async def test_a_row_in_flight_has_its_checks_its_steps_and_how_long_it_takes_at_least() -> None:
    store = Store()
    wait = Wait("the time of this step", builders.at(5), "step 4 begins")
    release = builders.release(held_s=20, wait=wait)
    await store.record(builders.status(release=release))
    await store.put_reading(SHOP, builders.reading(), (), builders.route(), at=builders.at(3))
    (one,) = (await board(visitor.office(store))).moving

    assert ["error-rate", "latency"] == [check.name for check in one.checks]
    assert (100.0, wait) == (one.fastest, one.wait)


async def test_many_rows_come_page_by_page() -> None:
    store = Store()
    for number in range(120):
        key = Key(f"app-{number:03d}", "local")
        await store.record(
            builders.status(key, release=builders.release(application=key.application))
        )
    office = visitor.office(store)
    last = await board(office, band="moving", page=9)

    assert (3, 3, 20) == (last.pages, last.page, len(last.moving))
    assert 20 == len((await board(office)).moving)


async def test_the_page_without_applications_says_how_to_begin() -> None:
    async with visitor.visit() as visit:
        page = await visit.get("/")

    assert "No applications yet" in page.text
    assert 'href="/new"' in page.text


async def test_the_page_with_nothing_in_flight_is_calm() -> None:
    store = Store()
    await store.record(builders.idle())
    async with visitor.visit(store) as visit:
        page = await visit.get("/")

    assert "Nothing is rolling out" in page.text


async def test_a_filter_that_fits_nothing_in_flight_says_so() -> None:
    async with visitor.visit(await filled()) as visit:
        page = await visit.get("/?q=no-such-name")

    assert "Nothing in flight fits “no-such-name”" in page.text


async def test_names_and_sentences_with_scripts_in_them_are_text() -> None:
    store = Store()
    bad = "<script>alert(1)</script>"
    release = builders.release(version=bad, sentence=bad)
    await store.record(builders.status(release=release))
    async with visitor.visit(store) as visit:
        page = await visit.get("/", params={"q": ""})
        looked = await visit.get("/", params={"q": bad})

    assert "<script>alert" not in page.text + looked.text
    assert "&lt;script&gt;alert" in page.text


async def test_a_part_that_is_known_already_is_not_sent_again() -> None:
    async with visitor.visit(await filled()) as visit:
        part = await visit.get("/_part/releases")
        again = await visit.get("/_part/releases", headers={"If-None-Match": part.headers["etag"]})

    assert (200, 304) == (part.status_code, again.status_code)
    assert "<html" not in part.text


@pytest.mark.parametrize("query", ["page=x", "page=-1", "page=99999999", "band=none", "page=²"])
async def test_an_odd_address_shows_what_it_can(query: str) -> None:
    async with visitor.visit(await filled()) as visit:
        assert 200 == (await visit.get(f"/?{query}")).status_code


async def test_who_may_not_act_sees_grey_buttons_and_what_they_lack() -> None:
    eve = Person("eve", frozenset({Right.VIEW}), bearer=True)
    async with visitor.visit(await filled(), who=eve) as visit:
        page = await visit.get("/")

    assert "Roll back needs the role operate on mail/local" in page.text
    assert "ask=rollback" not in page.text
