"""
Every address of the dashboard, asked by everybody: the table of rights in the documentation holds.

The table is read from the page about security, and the addresses from the application itself, so
that an address without a row, or a row without an address, fails here.
"""

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx2
import msgspec
import pytest
from starlette.routing import Route

from serinus.adapters.memory.store import Store
from serinus.app import secrecy
from serinus.app.office import Line
from serinus.core.state.notice import Key
from serinus.interfaces.api import server
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.people import Grant, Person, Right
from serinus.interfaces.api.said import Said
from serinus.interfaces.api.sessions import Local
from serinus.interfaces.web import errors, shelf, site
from tests import builders
from tests.adapters.kubernetes import authored as inside
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.local import authored
from tests.conformance.desks import Desk
from tests.interfaces import offices
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio

PAGE: Final = Path(__file__).parents[2] / "docs/explanation/security-of-the-dashboard.md"
NONE, VIEW, SOME, THERE, STEER = (
    "none",
    "view",
    "deploy in some environment",
    "deploy there",
    "operate or approve there",
)
SECRET, COMMENT = "hunter2", "of the night shift"
BOTH: Final = frozenset({Right.DEPLOY, Right.OPERATE})


class Where(NamedTuple):
    """An application, and where it is."""

    application: str
    environment: str


class World(NamedTuple):
    """A place with two applications: one is ours to deploy, the other is of another environment."""

    given: dict[str, Any]
    texts: dict[Where, str]
    ours: Where
    theirs: Where


class Asked(NamedTuple):
    """One request, the right that it needs, and where."""

    method: str
    path: str
    needs: str
    where: Where


def table() -> dict[tuple[str, str], str]:
    """Read the table of the page: a method and an address, and the right that they need."""
    found: dict[tuple[str, str], str] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        addresses = re.findall(r"`(GET|POST|PUT|DELETE) (/\S*)`", line)
        for address in addresses:
            assert address not in found, f"{address} has two rows"
            found[address] = cells[-1]
    return found


def routes() -> Iterator[tuple[str, str]]:
    """Yield each method and address that is answered."""
    app = offices.app(routes=site.routes(), pages=errors.page)
    for route in app.routes:
        assert isinstance(route, Route), f"{route}: what stands behind it is not known here"
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
        yield from ((method, path) for method in (route.methods or ()) if method != "HEAD")


# --- two places ---------------------------------------------------------------------------------


async def store(*places: Where) -> Store:
    """Return a store in which a release of each application is in flight."""
    found = Store()
    secret = {"DB_PASSWORD": SECRET, "DB": f"postgres://app:{SECRET}@db"}
    runs = (builders.revision(env=secret), builders.revision(builders.OLD, "v1"))
    for place in places:
        key = Key(*place)
        release = builders.release(application=place.application, environment=place.environment)
        event = builders.event(application=place.application, environment=place.environment)
        await found.record(builders.status(key, release=release), events=[event], revisions=runs)
    return found


def secretive(text: str) -> str:
    return text.replace("env: {", f"env: {{DB_PASSWORD: {SECRET}, DB: 'postgres://a:{SECRET}@db', ")


def marked(text: str) -> str:
    """Return a text as it is shown, and sent back."""
    return re.sub(rf"'[^']*{SECRET}[^']*'|{SECRET}", secrecy.MARK, text)


async def cluster() -> World:
    """Two namespaces, each an environment."""
    ours, theirs = Where("team/shop", "staging-eu"), Where("till/shop", "prod")
    api = FakeApiServer()
    for place in (ours, theirs):
        target = {"namespaces": [place.application.partition("/")[0]]}
        meta = {"apiVersion": "serinus.dev/v1alpha1", "metadata": {"name": place.environment}}
        api.add({"kind": "Environment", **meta, "spec": {"target": target}})
    text = secretive(inside.SHOP)
    texts = {ours: text, theirs: text.replace("namespace: team", "namespace: till")}
    api.add(*map(inside.read, texts.values()))
    texts = {
        where: marked(text).replace("version: v1", "version: v7") for where, text in texts.items()
    }
    given = {"documents": inside.made(api, None), "environment": "kubernetes", "namespace": "team"}
    return World({**given, "store": await store(ours, theirs)}, texts, ours, theirs)


async def machine(desk: Desk) -> World:
    """One document, which speaks of all environments."""
    ours, theirs = Where("shop", "staging-eu"), Where("shop", "local")
    text = secretive(desk.text).replace("# what serves", f"# {COMMENT}")
    desk.put(text)
    patch = "\n  environments:\n    staging-eu:\n      version: v7\n"
    text = marked(text)
    texts = {ours: f"{text.rstrip()}{patch}", theirs: text.replace("version: v1", "version: v7")}
    given = {"documents": desk.documents, "port": 8080}
    return World({**given, "store": await store(ours, theirs)}, texts, ours, theirs)


@pytest.fixture(params=["cluster", "machine"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return await cluster() if request.param == "cluster" else await machine(authored.desk(tmp_path))


def people(world: World) -> Mapping[str, Person]:
    only = (world.ours.environment,)
    view = frozenset({Right.VIEW})
    return {
        "viewer": Person("viv", view, bearer=True),
        "deployer": Person("dee", view, bearer=True, grants=(Grant(BOTH, only),)),
        "everybody": Person("ada", bearer=True),
    }


# --- what is asked ------------------------------------------------------------------------------

QUERIES: Final = {
    "/a/{application}/back": "environment={environment}&release=7",
    "/a/{application}": "tab=config&environment={environment}",
    "/a/{application}/deploy": "mode=yaml&environment={environment}",
    "/api/v1/releases/{environment}/{application}/{number}/diff": "",
    "/r/{environment}/{application}/{number}": "tab=changes",
}


async def send(visit: httpx2.AsyncClient, one: Asked, world: World) -> httpx2.Response:
    """Send one request, with what its address is for."""
    values = {**one.where._asdict(), "number": "7", "name": "canary-standard"}
    if one.path.startswith("/static/"):
        return await visit.get(shelf.url("canary.svg"))
    address = one.path.format(**values)
    query = QUERIES.get(one.path, "").format(**values)
    address = f"{address}?{query}" if query else address
    if one.method == "GET":
        # A stream goes on for ever: its head is the same as that of an answer that ends.
        return await visit.request("HEAD" if one.path == "/events" else "GET", address)
    return await visit.request(one.method, address, **await _body(visit, one, world))


async def _body(visit: httpx2.AsyncClient, one: Asked, world: World) -> dict[str, Any]:
    text, name = world.texts[one.where], one.where.application
    wish = {"verb": "pause", "environment": one.where.environment}
    if one.path.endswith("/intents"):
        return {"json": wish}
    if one.path == "/api/v1/documents/review":
        return {"json": {"text": text}}
    stored = await world.given["documents"].read(name)
    if one.method == "DELETE":  # of another version than is there: all is asked again later
        return {"headers": {"if-match": '"0"'}}
    if one.method == "PUT":
        return {"content": text, "headers": {"if-match": f'"{stored.version}"'}}
    draft = {"text": text, "read": stored.version, "mode": "yaml", "environment": "staging-eu"}
    if one.path.endswith("/new"):
        # Of a new application, which every environment reads, or that of its namespace.
        draft["text"] = text.replace("name: shop", "name: fresh").replace(secrecy.MARK, "new")
        draft["read"] = ""
    saves = {} if one.path.startswith("/_part/") else {"do": "save"}
    forms = {
        "/act": {**wish, "application": name},
        "/settings": {"theme": "dark"},
        "/a/{application}/delete": {"name": name, "version": "0"},
        "/templates/{name}": {"text": "kind: DeliveryTemplate"},
    }
    return {"data": forms.get(one.path, {**draft, **saves})}


def refused(answer: httpx2.Response) -> bool:
    """Tell whether somebody was refused for want of a right, be it on the page that comes next."""
    sealed = next((v for k, v in answer.cookies.items() if k.startswith("said_")), "")
    opened = visitor.SEALS.opened("said", sealed)
    said = msgspec.json.decode(opened, type=Said) if opened else Said(done=True, sentence="")
    return answer.status_code == 403 or "may not do that" in said.sentence


def asked(where: Where) -> list[Asked]:
    """Return a request to each address, about one application."""
    rows = table()
    return [Asked(method, path, rows[method, path], where) for method, path in routes()]


def may(name: str, one: Asked, world: World) -> bool:
    """Tell what the table says."""
    if one.needs in {NONE, VIEW} or name == "everybody":
        return True
    if name == "viewer":
        return False
    # On a machine a document is read by whoever may write a part of it; a new one is of all, and
    # so is one that goes.
    goes = one.method == "DELETE" or one.path.endswith("/delete")
    fresh = (goes or one.path == "/new") and "/" not in one.where.application
    reads = one.method == "GET" and "/" not in one.where.application
    return one.needs == SOME or reads or (one.where == world.ours and not fresh)


# --- the walk -----------------------------------------------------------------------------------


def test_every_address_has_a_row_in_the_table_and_every_row_an_address() -> None:
    rows = table()

    assert set(routes()) == set(rows)
    assert {NONE, VIEW, SOME, THERE, STEER} == set(rows.values())


async def test_nobody_gets_anything_but_what_is_open(world: World) -> None:
    mode = Local(visitor.SEALS, offices.office().clock, "ada")
    place = visitor.office(**world.given)
    app = server.make(place, Doors(mode, visitor.SEALS), site.routes(), errors.page)
    wrong: list[tuple[object, ...]] = []
    async with offices.browser(app) as visit:
        for one in asked(world.theirs):
            answer = await send(visit, one, world)
            if (200 if one.needs == NONE else 401) != answer.status_code:
                wrong.append((one, answer.status_code))
            if one.needs != NONE and any(word in answer.text for word in ("shop", "canary-")):
                wrong.append((one, "tells of what is here"))

    assert [] == wrong


@pytest.mark.parametrize("whose", ["ours", "theirs"])
@pytest.mark.parametrize("name", ["viewer", "deployer", "everybody"])
async def test_everybody_may_do_what_the_table_says_and_reads_no_secret(
    world: World, name: str, whose: str
) -> None:
    shelf_of_logs = visitor.Pages(Line(f"{builders.NEW[:10]}-0", "ready"))
    given = {**world.given, "logs": shelf_of_logs}
    person = people(world)[name]
    wrong: list[tuple[object, ...]] = []
    async with visitor.visit(who=person, **given) as visit:
        for one in asked(getattr(world, whose)):
            answer = await send(visit, one, world)
            if refused(answer) == may(name, one, world):
                wrong.append((one, answer.status_code, answer.text[:300]))
            broken = answer.status_code >= 500 and one.needs != STEER  # no controller answers here
            if broken or (one.method == "GET" and answer.status_code == 404):
                wrong.append((one, answer.status_code, answer.text[:300]))
            text = html.unescape(answer.text) + str(answer.headers)
            wrong += [(one, "tells a secret")] if SECRET in text else []
            wrong += [(one, "tells a comment")] if name == "viewer" and COMMENT in text else []

    assert [] == wrong, "\n".join(map(str, wrong))


async def test_who_may_deploy_in_an_environment_does_so_and_nowhere_else(world: World) -> None:
    done = {}
    for name, where in (
        (name, where) for name in people(world) for where in (world.ours, world.theirs)
    ):
        async with visitor.visit(who=people(world)[name], **world.given) as visit:
            path = "/api/v1/documents/{application}"
            answer = await send(visit, Asked("PUT", path, THERE, where), world)
            done[name, where] = answer.status_code

    assert {
        ("viewer", world.ours): 403,
        ("viewer", world.theirs): 403,
        ("deployer", world.ours): 200,
        ("deployer", world.theirs): 403,
        ("everybody", world.ours): 200,
        ("everybody", world.theirs): 200,
    } == done


async def test_what_was_refused_was_not_done(world: World) -> None:
    person = people(world)["deployer"]
    documents, kept = world.given["documents"], world.given["store"]
    before = await documents.read(world.theirs.application)
    async with visitor.visit(who=person, **world.given) as visit:
        for one in asked(world.theirs):
            await send(visit, one, world)

    assert before.text == (await documents.read(world.theirs.application)).text
    assert () == await kept.intents(Key(*world.theirs))
