from pathlib import Path

import pytest

from serinus.adapters.local.authoring import Documents
from serinus.app import veiled
from serinus.ports import failures
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

    shown = await veiled.text(documents, SHOP, "local")
    assert shown is not None
    changed = shown.replace("MODE: fast", "MODE: slow")
    back = await veiled.restored(documents, changed, SHOP, "local")

    assert SECRET not in shown
    assert "of the till" in shown
    assert SHOP.replace("MODE: fast", "MODE: slow") == back
    assert "of the till" not in str(await veiled.bare(documents, shown, "local"))


async def test_a_secret_that_was_typed_anew_stays_as_it_was_typed(tmp_path: Path) -> None:
    documents = Documents(written.specs(tmp_path, shop=SHOP))

    typed = SHOP.replace(SECRET, "thyme")

    assert typed == await veiled.restored(documents, typed, SHOP, "local")


async def test_a_mark_that_stands_for_nothing_is_refused(tmp_path: Path) -> None:
    documents = Documents(written.specs(tmp_path, shop=SHOP))
    moved = SHOP.replace(f"API_TOKEN: {SECRET}", "COPY: •••")

    with pytest.raises(failures.Rejected, match=r"env\.COPY has a mark where a secret was"):
        await veiled.restored(documents, moved, SHOP, "local")


async def test_a_text_in_which_no_mark_can_be_put_is_not_shown(tmp_path: Path) -> None:
    documents = Documents(written.specs(tmp_path, shop=SHOP))
    anchored = SHOP.replace(f"API_TOKEN: {SECRET}", f"API_TOKEN: &a {SECRET}\n      COPY: *a")

    assert await veiled.text(documents, f"spec: [\n  API_TOKEN: {SECRET}\n", "local") is None
    assert await veiled.text(documents, anchored, "local") is None


async def test_no_problem_repeats_a_secret(tmp_path: Path) -> None:
    documents = Documents(written.specs(tmp_path, shop=SHOP))
    for value in ("7134", f"[{SECRET}]", f"!{SECRET} x", f"*{SECRET}"):
        text = SHOP.replace(f"API_TOKEN: {SECRET}", f"API_TOKEN: {value}")
        marked = await veiled.text(documents, text, "local") or ""
        found = await veiled.reviewed(documents, text, marked, "local")

        assert found.problems
        assert not any(SECRET in one.message or "7134" in one.message for one in found.problems)
