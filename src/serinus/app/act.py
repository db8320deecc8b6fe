"""Plan → ports: one function for each action, each of which may be carried out again."""

from collections.abc import Sequence
from typing import assert_never

from msgspec.structs import replace

from serinus.app.desk import Desk
from serinus.core.planner.plan import Action, Ask, Forget, RemoveRoute, SetGroups, SetRoute
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Route
from serinus.core.state.workload import Revision
from serinus.ports import Ports, failures


async def act(key: Key, actions: Sequence[Action], ports: Ports, desk: Desk) -> None:
    """
    Carry the actions out in their order.

    Raises the port's failure; what was done before it stays done, and the next turn goes on.
    """
    desk.ask(key, {a.question.id: a for a in actions if isinstance(a, Ask)})
    for action in actions:
        match action:
            case SetGroups():
                await _groups(key, action, ports)
            case SetRoute(route=route):
                await _route(key, await _checked(route, ports), ports)
            case RemoveRoute():
                await _route(key, None, ports)
            case Forget():
                await ports.platform.delete(key)
                await ports.store.forget(key)
                desk.forget(key)
            case Ask():
                pass  # It is on the desk, also when an action before it fails.
            case _:
                assert_never(action)


async def _groups(key: Key, action: SetGroups, ports: Ports) -> None:
    revisions = [await _revision(g.revision, ports) for g in action.groups]
    await ports.platform.ensure(key, revisions, action.groups, action.drain_s)


async def _revision(revision: str, ports: Ports) -> Revision:
    found = await ports.store.revision(revision) or await ports.platform.revision(revision)
    if found is None:
        message = f"revision {revision[:10]} is not in the store; deploy its version again"
        raise failures.Rejected(message)
    return found


async def _checked(route: Route, ports: Ports) -> Route:
    """Return the route with each backend's health check, which its revision knows."""
    backends = [
        replace(b, health_path=(await _revision(b.revision, ports)).workload.health.path)
        for b in route.backends
    ]
    mirror = route.mirror
    if mirror is not None:
        path = (await _revision(mirror.revision, ports)).workload.health.path
        mirror = replace(mirror, health_path=path)
    return replace(route, backends=tuple(backends), mirror=mirror)


async def _route(key: Key, route: Route | None, ports: Ports) -> None:
    """Write a route down. Documents are an application's own, and it has one turn at a time."""
    found = await ports.platform.fetch(ports.router.refs(key))
    await ports.platform.deliver(key, ports.router.render(key, route, found))
