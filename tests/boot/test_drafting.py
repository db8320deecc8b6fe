from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from serinus.adapters.local import documents
from serinus.adapters.memory.store import Store
from serinus.app.office import Manifests, Sought
from serinus.boot import drafting
from serinus.boot.drafting import Drafting
from serinus.ports.failures import Rejected
from tests import builders
from tests.adapters.local import written

pytestmark = pytest.mark.anyio

WORD = "hunter2"
SECRET = written.SHOP.replace("env: {", f"env: {{API_TOKEN: {WORD}, ")


def read(text: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = documents.parse(text).documents[0].data
    return data


def sought(text: str = written.SHOP, environment: str = "local") -> Sought:
    return Sought(read(text.replace(WORD, "•••")), read(text), environment)


async def test_the_processes_and_what_envoy_is_told_are_shown(tmp_path: Path) -> None:
    store = Store()
    await store.record(builders.idle())
    found = await Drafting(written.specs(tmp_path), store).render(sought())

    run, routed = found.manifests
    assert found.sentence.startswith("As the release of v1 begins: ")
    assert run.name.startswith("Processes shop-")
    assert 'command: [./shop, --port, "${port}"]' in run.text
    assert all(name in run.text for name in ("PORT", "VERSION", "SERINUS_REPLICA"))
    assert "a free one" in run.text
    assert ("Envoy shop", True) == (routed.name, "virtual_host:" in routed.text)
    assert all(part in routed.text for part in ("shop.localhost", "clusters:", "shop~local~a1b2"))


async def test_names_are_those_it_will_have_and_no_secret_is_told(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=SECRET)
    found = await Drafting(specs, Store()).render(sought(SECRET))
    asked = specs.asked("shop", "local").wanted

    assert asked is not None
    assert f"Processes shop-{asked.revision.short}" == found.manifests[0].name
    assert "API_TOKEN" in found.manifests[0].text
    assert WORD not in str(found)
    assert "it serves everybody as soon as it is ready" in found.sentence


async def test_nothing_is_written_for_it(tmp_path: Path) -> None:
    specs = written.specs(tmp_path)
    (specs.directory / "conf").write_text("a")
    await Drafting(specs, Store()).render(sought(written.shop(more="    files: [conf]\n")))

    assert [] == [*specs.home.iterdir()]


async def test_what_runs_elsewhere_is_not_written_here(tmp_path: Path) -> None:
    found = await Drafting(written.specs(tmp_path), Store()).render(sought(environment="prod"))

    words = "What runs in prod is not written by this machine. It writes what runs in local."
    assert Manifests(words) == found


async def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="'none' does not exist"):
        await Drafting(written.specs(tmp_path), Store()).render(
            sought(written.shop(more="    files: [none]\n"))
        )


def test_whatever_looks_like_a_secret_is_a_mark() -> None:
    found = drafting.manifest("x", {"args": ["--password=hunter2"], "env": {"TOKEN": "a"}})

    assert "args: [•••]\nenv:\n  TOKEN: •••\n" == found.text
