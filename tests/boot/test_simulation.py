from serinus.boot.simulation import Film, ended
from serinus.core.state.intent import Verb
from serinus.core.state.observed import Status
from tests import builders
from tests.films import scenes


async def test_a_film_is_a_line_for_each_event() -> None:
    film = Film(scenes.good, scenes.canary(hold_s=60))
    film.deploy("v1")
    await film.finish()

    first, last = film.text().splitlines()

    assert first.startswith("0:00:00  release  Started           100 %  First release of shop")
    assert last.startswith("0:00:05  result   Succeeded         100 %  v1 serves everybody")


async def test_a_film_that_is_cut_begins_anew() -> None:
    film = Film(scenes.good, scenes.canary(hold_s=60))
    await scenes.served(film)
    film.cut()

    revision = film.deploy("v2")
    await film.turn()

    assert film.text().startswith("0:00:00  release  Started")
    release = (await film.status()).release
    assert release is not None
    assert revision == release.candidate


async def test_the_same_film_twice_is_the_same_text() -> None:
    texts = []
    for _ in range(2):
        film = Film(scenes.failing(0.05), scenes.canary(hold_s=60), seed=7)
        await scenes.changed(film)
        texts.append(film.text())

    assert texts[0] == texts[1]


async def test_another_seed_is_other_traffic() -> None:
    counted = set()
    for seed in (1, 2):
        film = Film(scenes.good, scenes.canary(hold_s=60), seed=seed)
        await scenes.changed(film)
        counted.add(exposed(await film.status()))

    assert 2 == len(counted)


def exposed(status: Status) -> int:
    assert status.release is not None
    return status.release.progress.exposed


async def test_a_question_is_answered_within_the_film() -> None:
    film = Film(scenes.good, scenes.canary(hold_s=60))

    assert "shop/local has had no release yet." == await film.ask(Verb.PAUSE)


async def test_a_film_runs_until_something_is_so_or_its_time_is_over() -> None:
    film = Film(scenes.good, scenes.canary(hold_s=60))
    began = film.clock.now()
    await film.run(60)
    assert 60 == round((film.clock.now() - began).total_seconds())

    film.deploy("v1")
    await film.run(600, until=ended)

    assert (film.clock.now() - began).total_seconds() < 120
    assert ended(await film.status())


async def test_nothing_in_flight_is_not_an_end() -> None:
    assert not ended(builders.idle())
    assert not ended(builders.status())
    assert ended(builders.status(release=builders.ended()))
