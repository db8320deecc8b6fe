"""
What would be written on this machine for a document: processes, and what Envoy is told.

Nothing is started, and no port is taken: what is known first when a replica runs is left open.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from serinus.adapters.local.specs import Specs
from serinus.adapters.routers import envoy
from serinus.app import outset, secrecy
from serinus.app.office import Manifest, Manifests, Sought
from serinus.app.outset import Outset
from serinus.boot import authoring
from serinus.core.spec import effective
from serinus.core.state.notice import Key
from serinus.core.state.observed import Wanted
from serinus.core.state.traffic import Route
from serinus.ports.failures import Rejected
from serinus.ports.store import Store

_TOLD = ("APPLICATION", "ENVIRONMENT", "REPLICA", "VERSION", "REVISION")
"""What each process is told of itself, in variables that begin with ``SERINUS_``."""

_LATER = "The addresses of the replicas are added as soon as they are ready."
_ANY = "a free one, chosen when it starts"


class Drafting:
    """Render documents for this machine; ``specs`` know the files, ``store`` what serves."""

    def __init__(self, specs: Specs, store: Store) -> None:
        self._specs = specs
        self._store = store

    async def render(self, sought: Sought) -> Manifests:
        """Return the processes of the new version, and the routes and clusters of Envoy."""
        if sought.environment != effective.LOCAL:
            return Manifests(
                f"What runs in {sought.environment} is not written by this machine. "
                f"It writes what runs in {effective.LOCAL}."
            )
        name = str(sought.shown["metadata"]["name"])
        key = Key(name, effective.LOCAL)
        wanted = named(sought, self._wanted)
        begins = outset.of(key, wanted, await self._store.status(key))
        processes = f"Processes {name}-{wanted.revision.short}"
        (routed,) = envoy.Router().render(key, _unplaced(begins.route), {}).values()
        told = {part: value for part, value in (routed or {}).items() if part != "endpoints"}
        return Manifests(
            sentence(begins, wanted),
            (manifest(processes, _run(wanted, begins)), manifest(f"Envoy {name}", told, _LATER)),
        )

    def _wanted(self, data: Mapping[str, Any]) -> Wanted:
        asked = self._specs.draft(data)
        if asked.wanted is None:
            raise Rejected(asked.problem)
        return asked.wanted


def manifest(name: str, document: Mapping[str, Any], about: str = "") -> Manifest:
    """Return a manifest as YAML, with marks in the place of all that looks like a secret."""
    plain = secrecy.veiled(msgspec.to_builtins(document))
    return Manifest(name, authoring.PEN.write(plain), about)


def named(sought: Sought, wanted: Callable[[Mapping[str, Any]], Wanted]) -> Wanted:
    """Return what is wanted with marks in it, under the name that it has without them."""
    shown = wanted(sought.shown)
    if sought.shown == sought.whole:
        return shown
    revision = msgspec.structs.replace(shown.revision, id=wanted(sought.whole).revision.id)
    return msgspec.structs.replace(shown, revision=revision)


def sentence(begins: Outset, wanted: Wanted) -> str:
    """Say of which moment the manifests are."""
    version = wanted.revision.version
    if begins.same:
        return f"{version} serves already as it is here, so nothing new is written."
    if begins.step:
        return f"As the release of {version} begins: {begins.step}."
    return f"As {version} begins: it serves everybody as soon as it is ready."


def _run(wanted: Wanted, begins: Outset) -> Mapping[str, Any]:
    work = wanted.revision.workload
    told = {
        "replicas": begins.replicas,
        "command": list(work.command),
        "workdir": work.workdir,
        "port": work.port or _ANY,
        "env": sorted({*work.env, "PORT", *(f"SERINUS_{name}" for name in _TOLD)}),
        "files": sorted(work.files),
        "resources": dict(work.resources),
        "health": msgspec.to_builtins(work.health),
        "grace_s": work.grace_s,
    }
    return {name: value for name, value in told.items() if value not in ([], {})}


def _unplaced(route: Route) -> Route:
    """Return a route without the addresses that nobody knows yet."""
    bare = [msgspec.structs.replace(one, endpoints=()) for one in route.backends]
    mirror = route.mirror
    if mirror is not None:
        mirror = msgspec.structs.replace(mirror, endpoints=())
    return msgspec.structs.replace(route, backends=tuple(bare), mirror=mirror)
