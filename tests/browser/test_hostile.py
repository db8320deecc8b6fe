"""What others wrote shows as text, on every page: nothing of it runs."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright import sync_api

from serinus.core.state.intent import Verb
from tests.browser.chromium import Person
from tests.browser.stage import Stage
from tests.browser.theatre import Theatre, playing

pytestmark = pytest.mark.browser

SCRIPT: Final = '<img src=x onerror="hurt=1"><script>hurt=1</script>{{7*7}}\'">&lt;b&gt;'

DAMAGED: Final = f"""\
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata: {{name: damaged}}
spec:
  version: v1
  workload: {{comand: [x]}}
  delivery: {{template: '{SCRIPT.replace("'", "''")}'}}
"""
PAGES: Final = {
    "releases": "/",
    "release": "/r/local/shop/2",
    "changes": "/r/local/shop/2?tab=changes",
    "logs": "/r/local/shop/2?tab=logs",
    "applications": "/apps",
    "application": "/a/damaged",
    "configuration": "/a/shop?tab=config",
    "form": "/a/shop/deploy",
    "text": "/a/shop/deploy?mode=yaml",
    "activity": "/activity",
}


async def hostile(stage: Stage) -> None:
    """Play with names, values, reasons and log lines that would like to run."""
    stage.lines.written = (f"ERROR {SCRIPT}", "\x1b[31mred\x1b[0m \u202egnp.exe", "\x00\x07")
    stage.write("shop", "v1")
    await stage.run(60)
    path = stage.specs_path / "shop.yaml"
    stage.write("shop", "v2")
    value = SCRIPT.replace("'", "''")
    path.write_text(path.read_text().replace("info  # quiet", f"'{value}'  # {SCRIPT}"))
    (stage.specs_path / "damaged.yaml").write_text(DAMAGED)
    (stage.specs_path / "torn.yaml").write_text(f"kind: [Application\n  {SCRIPT}: :\n")
    await stage.run(60)
    await stage.ask("shop", Verb.PAUSE, SCRIPT)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with playing(tmp_path_factory.mktemp("hostile"), hostile) as found:
        yield found


@pytest.fixture(scope="module")
def ada(browser: sync_api.Browser, house: Theatre) -> Iterator[Person]:
    person = Person(browser, house.origin)
    house.enter(person)
    yield person
    person.close()


@pytest.mark.parametrize("name", PAGES)
def test_scripts_in_what_others_wrote_show_as_text(ada: Person, name: str) -> None:
    ada.goto(PAGES[name])
    sync_api.expect(ada.page.get_by_role("heading", level=1)).to_be_visible()

    assert not ada.page.evaluate("() => 'hurt' in window")
    assert 0 == ada.page.locator("main img[src=x], main script, dialog img[src=x]").count()
    assert SCRIPT[:19] in str(ada.page.locator("main").text_content())
    assert [] == ada.heard()
