"""The ports in memory, and one application to work on."""

from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.platform import Behaviour, Platform
from serinus.adapters.memory.router import Router
from serinus.adapters.memory.store import Specs, Store
from serinus.app.desk import Desk
from serinus.core.planner.plan import Plan
from serinus.core.state.observed import Status
from serinus.core.state.traffic import Backend, Endpoint, Route
from serinus.core.state.workload import Group
from serinus.ports import Ports
from tests import builders
from tests.builders import NEW, SHOP


class Bench:
    """Everything that a turn of the loop needs."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.specs = Specs()
        self.store = Store(self.specs)
        self.platform = Platform(self.clock, lambda _: Behaviour())
        self.router = Router()
        self.ports = Ports(self.platform, self.router, self.store, self.clock)
        self.desk = Desk()

    async def serving(self) -> None:
        """Let one replica of v2 serve."""
        await self.known()
        await self.platform.ensure(SHOP, [builders.revision()], (Group(NEW, (0,)),), 10.0)
        self.clock.move(2)
        await self.platform.replicas(SHOP)
        await self.platform.deliver(SHOP, self.router.render(SHOP, await self.route(), {}))

    async def route(self) -> Route:
        ends = tuple(Endpoint(r.name, r.address) for r in await self.platform.replicas(SHOP))
        return Route("shop", "local", "shop.localhost", (Backend(NEW, 1000, ends),))

    async def known(self) -> None:
        """Let the store know v2."""
        status = await self.store.status(SHOP) or Status(key=SHOP)
        await self.store.record(status, revisions=(builders.revision(),))

    async def status(self) -> Status:
        return await self.store.status(SHOP) or Status(key=SHOP)

    def plan(self, status: Status) -> Plan:
        return Plan(status=status)
