"""The route that the documents of a cluster carry out, so far as all routers read it alike."""

from collections.abc import Mapping

from msgspec.structs import replace

from serinus.adapters.routers.kubernetes_parts import services, told
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Documents, Mirror, Route


def told_of(site: Site, found: Documents) -> Route | None:
    """Return the route that the root Service tells of; None when it tells of none."""
    root = found.get(site.named(services.KIND, site.name))
    return None if root is None else told.read(told.annotation(root, labels.ROUTE))


def route(
    key: Key,
    site: Site,
    found: Documents,
    weights: Mapping[str, int],
    selector: Mapping[str, str] | None = None,
) -> Route | None:
    """
    Return the route with the weights that the product was told, None when there is none.

    Args:
        key: the application and its environment.
        site: where the application is.
        found: what is there now.
        weights: by the name of a revision's Service, as they stand in the product's own fields;
            a Service that is none of ours counts towards the whole.
        selector: what the root Service should select; None: the pods of
            :func:`serinus.adapters.routers.kubernetes_parts.services.called`.
    """
    said = told_of(site, found)
    if said is None or not said.backends:
        return None
    whole = _per_mille(weights)
    backends = tuple(
        replace(
            b,
            weight=whole.get(services.name(site, b.revision), 0),
            endpoints=stood.endpoints,
            health_path=stood.health_path,
        )
        for b in said.backends
        if (stood := backing(site, found, b.revision)) is not None
    )
    selects = services.selected(site, services.called(said)) if selector is None else selector
    return replace(
        said,
        application=key.application,
        environment=key.environment,
        host=said.host if _points(site, found, selects) else "",
        backends=backends,
        mirror=_mirror(site, said.mirror, found),
    )


def backing(site: Site, found: Documents, revision: str) -> services.Backing | None:
    """Return what the Service of a revision stands for; None when there is none that says so."""
    return services.backing(found.get(site.named(services.KIND, services.name(site, revision))))


def weights(site: Site, backends: tuple[Backend, ...]) -> dict[str, int]:
    """Return the weights of a route by the names of the Services."""
    return {services.name(site, b.revision): b.weight for b in backends}


def _mirror(site: Site, mirror: Mirror | None, found: Documents) -> Mirror | None:
    if mirror is None:
        return None
    name = services.copies(site, mirror.revision)
    stood = services.backing(found.get(site.named(services.KIND, name)))
    if stood is None:
        return None
    return replace(mirror, endpoints=stood.endpoints, health_path=stood.health_path)


def _points(site: Site, found: Documents, selects: Mapping[str, str]) -> bool:
    """Tell whether the root Service selects whom it should, else nobody is at the host."""
    root = found[site.named(services.KIND, site.name)]
    selector = root.get("spec", {}).get("selector") or {}
    return selector == selects or services.HASH in selector


def _per_mille(weights: Mapping[str, int]) -> dict[str, int]:
    whole = sum(weights.values())
    if whole in (0, services.TOTAL):
        return dict(weights)
    return {name: round(w * services.TOTAL / whole) for name, w in weights.items()}
