"""
Browsers, and people who use them.

A browser lasts for one file: Playwright's event loop runs as long, and no other test may need one.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright import sync_api

from tests.browser import chromium, stage
from tests.browser.chromium import Person
from tests.browser.theatre import Theatre, playing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tests out where there is no Chromium, and say so; in CI they fail instead."""
    if chromium.program() is not None or chromium.must_be_here():
        return
    for item in items:
        if item.get_closest_marker("browser") is not None:
            item.add_marker(pytest.mark.skip(reason=chromium.MISSING))


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    """A browser for the tests of one file."""
    sync_api.expect.set_options(timeout=chromium.WAIT_MS)
    with chromium.running() as found:
        yield found


@pytest.fixture(scope="module")
def patient(browser: sync_api.Browser) -> Iterator[None]:
    """Wait longer for what pages are to show: for a file of tests with real replicas."""
    sync_api.expect.set_options(timeout=chromium.PATIENCE_MS)
    yield
    sync_api.expect.set_options(timeout=chromium.WAIT_MS)


@pytest.fixture(scope="session")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """The usual play, served: for tests that look, and leave it as it is."""
    with playing(tmp_path_factory.mktemp("theatre"), stage.usual) as found:
        yield found


@pytest.fixture
def meet(browser: sync_api.Browser) -> Iterator[Callable[..., Person]]:
    """People, each with a browser of their own; complaints of their pages fail the test."""
    met: list[Person] = []

    def one(origin: str, **wishes: object) -> Person:
        met.append(Person(browser, origin, **wishes))  # type: ignore[arg-type]  # Person checks
        return met[-1]

    yield one
    for person in met:
        person.close()


@pytest.fixture
def ada(meet: Callable[..., Person], house: Theatre) -> Person:
    """Somebody who has come in to the house of the file."""
    person = meet(house.origin)
    house.enter(person)
    return person
