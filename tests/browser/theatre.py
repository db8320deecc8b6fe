"""A stage with a house around it: its pages, served to browsers, while a test moves its time."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

import anyio
from anyio import from_thread

from serinus.adapters.local import authoring
from serinus.app.office import Office
from serinus.boot.drafting import Drafting
from serinus.interfaces.api import server
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.people import Mode
from serinus.interfaces.api.seals import Seals
from serinus.interfaces.api.sessions import Local
from serinus.interfaces.web import errors, site
from tests.browser.chromium import Person
from tests.browser.stage import Hands, Stage

HEARD_S = 30.0

P = ParamSpec("P")
T = TypeVar("T")


class Theatre:
    """A played stage that is served. What people do comes by pages, what time does by the test."""

    def __init__(self, stage: Stage, portal: from_thread.BlockingPortal) -> None:
        self.stage = stage
        self.origin = ""
        self.mode = Local(Seals(b"0" * 32), stage.clock, "ada")
        self.listeners: Callable[[], int] = lambda: 0
        self._portal = portal

    def enter(self, person: Person) -> None:
        """Let somebody in, and set their watch by the clock of the stage."""
        person.context.clock.set_fixed_time(self.stage.clock.now())
        person.goto(self.link())

    def link(self) -> str:
        """Return a link that lets one more browser in."""
        return self.mode.link(self.origin)

    def listened(self, listeners: int) -> None:
        """Wait until so many streams are listened to: one that was left ends a moment later."""
        self.wait(self._listened, listeners)

    async def _listened(self, listeners: int) -> None:
        with anyio.fail_after(HEARD_S):
            while self.listeners() != listeners:  # noqa: ASYNC110 - no event tells of it
                await anyio.sleep(0.02)

    def wait(self, act: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something on the stage, and wait until it is done."""
        return self._portal.call(partial(act, *args, **kwargs))


@contextlib.contextmanager
def playing(
    path: Path, play: Callable[[Stage], Awaitable[None]], mode: Mode | None = None
) -> Iterator[Theatre]:
    """Play, and serve what came of it; ``mode``: how people are known, if not by a link."""
    with from_thread.start_blocking_portal() as portal:
        stage = portal.call(Stage, path)
        portal.call(play, stage)
        attending = portal.start_task_soon(stage.attend)
        try:
            theatre = Theatre(stage, portal)
            doors = Doors(mode or theatre.mode, theatre.mode.seals)
            app = server.make(_office(stage), doors, site.routes(), errors.page)
            theatre.listeners = lambda: app.state.broadcaster.listeners
            with portal.wrap_async_context_manager(server.serve(app, "127.0.0.1", 0)) as origin:
                theatre.origin = origin
                yield theatre
        finally:
            attending.cancel()
            portal.call(stage.close)


def _office(stage: Stage) -> Office:
    specs = stage.specs_again()
    return Office(
        store=stage.store,
        documents=authoring.Documents(specs, stage.store.note_change),
        logs=stage.lines,
        clock=Hands(stage.clock),
        alive=lambda: True,
        where="this machine",
        port=8080,
        render=Drafting(specs, stage.store).render,
    )
