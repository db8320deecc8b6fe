from pathlib import Path

import pytest

from serinus.adapters.local.authoring import Documents
from serinus.app import veiled
from serinus.ports.documents import Written
from tests.adapters.local import written

pytestmark = pytest.mark.anyio

SECRET = "tarragon"
SHOP = written.SHOP.replace(
    "  workload:\n",
    f"  workload:\n    env:\n      API_TOKEN: {SECRET} # of the till\n      MODE: fast\n",
)


async def test_a_document_is_shown_without_its_secrets_and_comes_back_with_them(
    tmp_path: Path,
) -> None:
    documents = Documents(written.specs(tmp_path, shop=SHOP))
    stored = await documents.read("shop")

    shown = await veiled.shown(documents, stored, "local")
    changed = shown.text.replace("MODE: fast", "MODE: slow")
    back = await veiled.restored(documents, changed, stored.text, "local")

    assert SECRET in stored.text
    assert SECRET not in shown.text
    assert "of the till" in shown.text
    assert stored.version == shown.version
    assert SHOP.replace("MODE: fast", "MODE: slow") == back


async def test_a_secret_that_was_typed_anew_stays_as_it_was_typed(tmp_path: Path) -> None:
    documents = Documents(written.specs(tmp_path, shop=SHOP))

    typed = SHOP.replace(SECRET, "thyme")

    assert typed == await veiled.restored(documents, typed, SHOP, "local")


async def test_a_text_that_cannot_be_read_shows_no_secret_either(tmp_path: Path) -> None:
    documents = Documents(written.specs(tmp_path, shop=SHOP))
    damaged = Written(application="shop", text=f"spec: [\n  API_TOKEN: {SECRET}\n", version="1")

    shown = await veiled.shown(documents, damaged, "local")

    assert "spec: [\n  API_TOKEN: •••\n" == shown.text
