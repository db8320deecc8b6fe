"""
A film: a whole release on a manual clock, with the same loop that runs in production.

Only the ports differ: the platform, the store and the clock are in memory. What a film prints is
what ``serinus simulate`` will print.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from serinus.adapters.memory import clock as memory_clock
from serinus.adapters.memory import platform as memory_platform
from serinus.adapters.memory import router as memory_router
from serinus.adapters.memory import store as memory_store
from serinus.app import listen
from serinus.app.desk import Desk
from serinus.app.reconcile import reconcile
from serinus.core.planner import words
from serinus.core.spec.calendar import Window
from serinus.core.spec.delivery import Delivery
from serinus.core.state.intent import Intent, Verb
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Freeze, Status, Wanted
from serinus.core.state.workload import Revision, Workload
from serinus.ports import Ports, failures

SETTLE_TURNS = 40


@dataclass
class Film:
    """
    One application under simulation.

    ``tick_s`` is how often counters are scraped; ``restart`` forgets everything but the store
    before every turn of a release, as a controller that is killed and started again all the time.
    (At rest a restart costs the counts since the last scrape, as ``app/desk`` says. What gates and
    sources were let say stays on the desk: nobody is there who would ask them again. So does what
    is listened for: the platform is not restarted.)
    """

    behave: memory_platform.Behave
    delivery: Delivery
    replicas: int = 3
    rate: float = 100.0
    seed: int = 1
    tick_s: float = 5.0
    restart: bool = False
    start_s: float = 1.0
    bounds_ms: tuple[int, ...] = ()
    windows: tuple[Window, ...] = ()
    freeze: Freeze | None = None
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key: Key = field(default_factory=lambda: Key("shop", "local"))
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = memory_clock.Clock()
        self.began = self.clock.now()
        self.specs = memory_store.Specs()
        self.store = memory_store.Store(self.specs)
        self.platform = memory_platform.Platform(
            *(self.clock, self.behave),
            rate=self.rate,
            start_s=self.start_s,
            seed=self.seed,
            bounds_ms=self.bounds_ms,
        )
        router = memory_router.Router()
        self.ports = Ports(self.platform, router, self.store, self.clock)
        self.desk = Desk()
        self._seen = 0
        self._asked = 0

    # --- what people do ---

    def deploy(
        self, version: str, *, content: str = "", replicas: int | None = None, digest: str = "0"
    ) -> str:
        """
        Ask for a version, as somebody who changes the file; return the id of its revision.

        ``digest``: of the delivery.
        """
        workload = Workload(command=("shop", content or version))
        revision = Revision(id=_id(content or version), version=version, workload=workload)
        self.specs.want(
            self.key.application,
            Wanted(
                revision=revision,
                replicas=replicas or self.replicas,
                host="shop.localhost",
                delivery=self.delivery,
                delivery_hash=digest,
                actor="ada",
                windows=self.windows,
                freeze=self.freeze,
                roles=self.roles,
            ),
        )
        return revision.id

    async def ask(
        self, verb: Verb, actor: str = "ada", reason: str = "", step: int | None = None
    ) -> str:
        """Leave an intent, give it a turn, and return the answer's sentence."""
        self._asked += 1
        intent = Intent(
            id=f"intent-{self._asked}",
            application=self.key.application,
            environment=self.key.environment,
            verb=verb,
            actor=actor,
            at=self.clock.now(),
            reason=reason,
            expect_step=step,
        )
        await self.store.ask(intent)
        await self.turn()
        answer = await self.store.answer(intent.id)
        return "" if answer is None else answer.sentence

    def forget(self) -> None:
        """Lose everything that was stored, as a damaged database that is set aside."""
        self.store = memory_store.Store(self.specs)
        self.ports = Ports(self.platform, self.ports.router, self.store, self.clock)
        self.desk = Desk(scrapes=self.desk.scrapes)
        self._seen = 0

    # --- time ---

    async def turn(self) -> None:
        """Scrape, and give the loop turns until nothing more follows at this instant."""
        try:
            scrapes = await self.platform.scrape([self.key])
        except failures.Unavailable as problem:
            self.desk.blind = str(problem)
        else:
            self.desk.blind = ""
            self.desk.scrapes.update(scrapes)
        for _ in range(SETTLE_TURNS):
            if self.restart and not ended(await self.status()):
                desk = self.desk
                self.desk = Desk(
                    scrapes=desk.scrapes,
                    blind=desk.blind,
                    answers=desk.answers,
                    samples=desk.samples,
                    listening=desk.listening,
                )
            now = self.clock.now()
            wake = await reconcile(self.key, self.ports, self.desk)
            await listen.listen(self.key, await self.status(), self.ports, self.desk)
            await self._note()
            if wake is None or (wake - now).total_seconds() > 1.0:
                return
            self.clock.move_to(wake)

    async def run(self, seconds: float, until: Callable[[Status], bool] | None = None) -> None:
        """Let time pass, with a turn for each tick, until it is over or something is so."""
        end = self.clock.now().timestamp() + seconds
        while self.clock.now().timestamp() < end:
            await self.turn()
            if until is not None and until(await self.status()):
                return
            self.clock.move(self.tick_s)
        await self.turn()

    async def finish(self, seconds: float = 7200.0) -> None:
        """Let time pass until the release has ended."""
        await self.turn()
        await self.run(seconds, until=ended)

    async def status(self) -> Status:
        """Return the status as stored."""
        return await self.store.status(self.key) or Status(key=self.key)

    # --- the film ---

    def cut(self) -> None:
        """Forget what was shown so far; the film begins now."""
        self.began = self.clock.now()
        self.lines.clear()

    async def _note(self) -> None:
        events = await self.store.events(after=self._seen)
        if not events:
            return
        self._seen = events[-1].sequence
        status = await self.status()
        self.lines.extend(self._line(event, status) for event in events)

    def _line(self, event: Event, status: Status) -> str:
        at = round((event.at - self.began).total_seconds())
        release = status.release
        share = words.share(release.progress.share) if release else "–"
        clock = f"{at // 3600}:{at // 60 % 60:02d}:{at % 60:02d}"
        return f"{clock}  {event.kind.value:8} {event.reason:16} {share:>6}  {event.sentence}"

    def text(self) -> str:
        """Return the whole film, one line for each event."""
        return "\n".join(self.lines) + "\n"


def ended(status: Status) -> bool:
    """Tell whether the last release has ended."""
    return status.release is not None and status.release.ended_at is not None


def _id(content: str) -> str:
    """Return something that looks like a revision's id and can be read."""
    return (content.replace(".", "") + "0" * 64)[:64]


__all__: Sequence[str] = ("Film", "ended")
