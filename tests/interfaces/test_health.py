from collections.abc import Iterator

import httpx2
import pytest

from serinus.interfaces import health
from serinus.interfaces.health import Condition, Health, Server
from serinus.ports import failures


class World:
    """A controller that says what a test wants."""

    def __init__(self) -> None:
        self.alive = Condition(well=True, sentence="all is well")
        self.ready = Condition(well=True, sentence="leading")

    def health(self) -> Health:
        return Health(lambda: self.alive, lambda: self.ready, lambda: b"serinus_up 1\n")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def address(world: World) -> Iterator[str]:
    with Server("127.0.0.1", 0, world.health()) as server:
        yield f"http://127.0.0.1:{server.port}"


def ask(address: str, path: str) -> httpx2.Response:
    return httpx2.get(f"{address}{path}", trust_env=False)


def test_a_controller_that_is_well_says_so(address: str) -> None:
    found = ask(address, "/healthz")

    assert 200 == found.status_code
    assert "all is well\n" == found.text


def test_a_loop_that_stands_still_is_told_with_its_reason(address: str, world: World) -> None:
    world.alive = Condition(well=False, sentence="the loop stands still for 40 s")

    found = ask(address, "/healthz")

    assert 503 == found.status_code
    assert "the loop stands still for 40 s\n" == found.text
    assert 200 == ask(address, "/readyz").status_code


def test_one_that_is_not_ready_is_alive(address: str, world: World) -> None:
    world.ready = Condition(well=False, sentence="the API server does not answer")

    found = ask(address, "/readyz?verbose")

    assert (503, "the API server does not answer\n") == (found.status_code, found.text)
    assert 200 == ask(address, "/healthz").status_code


def test_metrics_are_in_the_text_format(address: str) -> None:
    found = ask(address, "/metrics")

    assert "serinus_up 1\n" == found.text
    assert health.EXPOSITION == found.headers["content-type"]


def test_another_path_lists_the_known_ones(address: str) -> None:
    found = ask(address, "/")

    assert (404, "known: /healthz, /readyz, /metrics\n") == (found.status_code, found.text)


def test_a_taken_port_is_told_with_what_to_do(address: str, world: World) -> None:
    port = int(address.rpartition(":")[2])

    with pytest.raises(failures.Rejected, match="health cannot be answered at") as told:
        Server("127.0.0.1", port, world.health())

    assert "--health" in told.value.hint
