import msgspec
import pytest
from starlette.requests import Request

from serinus.boot.access import Access, Grant
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key
from serinus.interfaces.api import people
from serinus.interfaces.api.people import Person, Right
from serinus.interfaces.api.proxied import Proxy

pytestmark = pytest.mark.anyio

PROXY = Proxy(
    Access(
        mode="proxy",
        peers=("10.1.0.0/16", "::1"),
        hosts=("serinus.example.com",),
        grants=(
            Grant("*", ("view",)),
            Grant("sre", ("operate", "approve")),
            Grant("shop", ("operate", "deploy"), ("dev", "staging-*")),
        ),
    )
)
USER, GROUPS = "x-forwarded-user", "x-forwarded-groups"


async def seen(*headers: tuple[str, str], peer: str = "10.1.2.3") -> Person | None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": raw, "client": (peer, 1)}
    return await PROXY.person(Request(scope))


async def test_whom_the_proxy_names_may_do_what_their_groups_may() -> None:
    ada = await seen((USER, "ada"), (GROUPS, "sre, other"))
    bob = await seen((USER, "bob"))

    assert ada is not None
    assert bob is not None
    assert ("ada", {Right.VIEW, Right.OPERATE, Right.APPROVE}) == (ada.name, {*ada.rights})
    assert {Right.VIEW} == bob.rights


async def test_a_right_in_some_environments_is_no_right_elsewhere() -> None:
    person = await seen((USER, "cy"), (GROUPS, "shop"))
    assert person is not None

    told = {
        place: await PROXY.lacks(person, Right.OPERATE, Key("shop", place))
        for place in ("dev", "staging-eu", "prod")
    }
    assert ("", "", "needs the role operate on shop/prod") == tuple(told.values())
    assert "" == people.lacks(person, Verb.PAUSE)
    assert people.lacks(person, Verb.APPROVE)


@pytest.mark.parametrize("peer", ["10.2.0.1", "127.0.0.1", "", "10.1.2.3.4"])
async def test_nobody_but_the_proxy_is_believed(peer: str) -> None:
    assert await seen((USER, "ada"), (GROUPS, "sre"), peer=peer) is None


async def test_the_proxy_may_come_by_ipv6() -> None:
    assert await seen((USER, "ada"), peer="::1") is not None


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(USER, "")],
        [(USER, " ")],
        [(USER, "ada"), (USER, "root")],
        [(USER, "a" * 300)],
        [(USER, "ada\x00")],
    ],
)
async def test_a_name_that_is_none_is_nobody(headers: list[tuple[str, str]]) -> None:
    assert await seen(*headers) is None


async def test_the_group_of_everybody_is_nobodys_to_claim() -> None:
    person = await seen((USER, "eve"), (GROUPS, "*,sre2, "))

    assert person is not None
    assert {Right.VIEW} == person.rights
    assert "serinus.example.com" in PROXY.hint


@pytest.mark.parametrize(
    ("right", "key", "said"),
    [
        (Right.APPROVE, None, "The role approve is given to the group sre. Ask somebody"),
        (
            Right.OPERATE,
            Key("shop", "dev"),
            "The role operate on shop/dev is given to the group sre or shop. Ask somebody",
        ),
        (Right.OPERATE, Key("shop", "prod"), "on shop/prod is given to the group sre. Ask"),
        (Right.VIEW, None, "is given to everybody whom the proxy lets in."),
        (Right.TEMPLATES, None, "No group has the role templates. Ask somebody of the group boss,"),
    ],
)
def test_who_has_a_right_and_who_can_give_it_is_said(
    right: Right, key: Key | None, said: str
) -> None:
    grants = (*PROXY.access.grants, Grant("boss", ("admin",)))
    found = Proxy(msgspec.structs.replace(PROXY.access, grants=grants)).givers(right, key)

    assert said in found
    assert found.endswith("Ask somebody of the group boss, which has the role admin.")


def test_where_nobody_is_admin_the_file_of_grants_is_named() -> None:
    found = PROXY.givers(Right.TEMPLATES, None)

    assert "whoever keeps the file that the dashboard takes its grants from (--access)" in found
