"""Templates and environments as JSON, as their documents say."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from serinus.core.spec.application import Environment
from serinus.core.spec.template import DeliveryTemplate
from serinus.interfaces.api import operations, releases
from serinus.interfaces.api.operations import Operation
from serinus.ports import failures


async def templates(request: Request) -> Response:
    """List every version of every template."""
    library = await (await releases.office(request)).documents.library()
    found = [one for versions in library.templates.values() for one in versions]
    return operations.answer(request, found)


async def template(request: Request) -> Response:
    """Show the versions of one template."""
    library = await (await releases.office(request)).documents.library()
    name = request.path_params["name"]
    found = library.templates.get(name)
    if found is None:
        raise failures.Missing(
            f"there is no template {name!r}", why=f"known: {', '.join(sorted(library.templates))}"
        )
    return operations.answer(request, found)


async def environments(request: Request) -> Response:
    """List the environments."""
    library = await (await releases.office(request)).documents.library()
    return operations.answer(request, list(library.environments.values()))


OPERATIONS: Sequence[Operation] = (
    Operation(
        "GET",
        "/templates",
        "List every version of every template.",
        templates,
        list[DeliveryTemplate],
        errors=(401, 403),
    ),
    Operation(
        "GET",
        "/templates/{name}",
        "Show the versions of one template, oldest first.",
        template,
        list[DeliveryTemplate],
    ),
    Operation(
        "GET",
        "/environments",
        "List the environments that are written down.",
        environments,
        list[Environment],
        errors=(401, 403),
    ),
)
