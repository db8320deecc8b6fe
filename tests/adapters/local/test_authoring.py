from pathlib import Path

import pytest

from serinus.adapters.local.authoring import Documents
from serinus.core.spec import problems
from serinus.ports import failures
from tests.adapters.local import written

pytestmark = pytest.mark.anyio

CARTS = written.shop("carts")


async def test_a_document_is_one_of_its_file_and_the_others_stay(tmp_path: Path) -> None:
    both = f"# both\n{written.SHOP}---\n{CARTS}---\nkind: Ours\napiVersion: other/v1\n"
    specs = written.specs(tmp_path, both=both)
    documents = Documents(specs)

    carts = await documents.read("carts")
    assert CARTS == carts.text
    shop = await documents.read("shop")
    assert f"# both\n{written.SHOP}" == shop.text

    changed = CARTS.replace("version: v1", "version: v2")
    await documents.write(changed, version=carts.version, actor="anna")
    assert both.replace(CARTS, changed) == (specs.directory / "both.yaml").read_text()
    assert shop == await documents.read("shop")


async def test_a_change_beside_a_document_is_no_change_of_it(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, both=f"{written.SHOP}---\n{CARTS}")
    documents = Documents(specs)
    carts = await documents.read("carts")
    path = specs.directory / "both.yaml"
    path.write_text(path.read_text().replace("version: v1", "version: v5", 1))

    after = await documents.write(carts.text, version=carts.version, actor="anna")

    assert carts == after


async def test_a_text_with_its_own_mark_and_other_line_ends_is_put_in_its_place(
    tmp_path: Path,
) -> None:
    before = f"{CARTS}---\n{written.SHOP}".replace("\n", "\r\n")
    specs = written.specs(tmp_path)
    path = specs.directory / "both.yaml"
    path.write_bytes(before.encode())
    documents = Documents(specs)
    shop, carts = await documents.read("shop"), await documents.read("carts")

    after = await documents.write(f"---\n{shop.text}", version=shop.version, actor="anna")
    await documents.write(carts.text.rstrip("\n"), version=carts.version, actor="anna")

    assert shop.text == after.text
    assert before.encode() == path.read_bytes()


async def test_who_writes_is_noted_with_the_version_before_it_is_written(tmp_path: Path) -> None:
    specs, noted = written.specs(tmp_path), []

    async def note(*words: str) -> None:
        noted.append((*words, (specs.directory / "shop.yaml").exists()))

    documents = Documents(specs, note)
    await documents.write(written.SHOP, version=None, actor="anna", reason="the first")

    assert [("shop", "v1", "anna", "the first", False)] == noted


async def test_a_damaged_file_of_one_application_can_be_mended(tmp_path: Path) -> None:
    damaged = written.SHOP + "  selector: matchLabels:\n"
    specs = written.specs(tmp_path, shop=damaged)
    documents = Documents(specs)

    found = await documents.read("shop")
    assert damaged == found.text
    with pytest.raises(failures.Rejected, match="one problem"):
        await documents.write(damaged + "# still\n", version=found.version, actor="anna")

    await documents.write(written.SHOP, version=found.version, actor="anna")
    assert written.SHOP == (specs.directory / "shop.yaml").read_text()


async def test_a_damaged_file_of_several_is_not_taken_apart(tmp_path: Path) -> None:
    both = f"{written.SHOP}---\n{CARTS}  selector: matchLabels:\n"
    documents = Documents(written.specs(tmp_path, both=both))

    with pytest.raises(failures.Rejected, match="no single document") as refusal:
        await documents.read("carts")

    assert "damaged" in refusal.value.why


async def test_an_application_that_is_written_twice_is_not_changed(tmp_path: Path) -> None:
    documents = Documents(written.specs(tmp_path, one=written.SHOP, two=written.SHOP))

    with pytest.raises(failures.Rejected, match="cannot be changed"):
        await documents.read("shop")


async def test_a_text_that_would_become_two_documents_of_a_file_is_refused(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    documents = Documents(specs)
    found = await documents.read("shop")

    with pytest.raises(failures.Rejected):
        await documents.write(f"{found.text}---\n{CARTS}", version=found.version, actor="anna")

    assert written.SHOP == (specs.directory / "shop.yaml").read_text()


async def test_a_host_that_another_application_has_is_told(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    text = CARTS + "  route: {host: shop.localhost}\n"

    found = await Documents(specs).review(text, "local")

    (problem,) = problems.errors(found.problems)
    assert ("spec.route.host", 15) == (problem.path, problem.line)
    assert "shop.localhost is the host of shop too" in problem.message


async def test_a_file_of_another_meaning_is_not_overwritten(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop="services: {}\n")

    with pytest.raises(failures.Rejected, match="is another file"):
        await Documents(specs).write(written.SHOP, version=None, actor="anna")

    assert "services: {}\n" == (specs.directory / "shop.yaml").read_text()


async def test_problems_of_an_environment_keep_their_file(tmp_path: Path) -> None:
    local = """\
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: local}
spec: {defaults: {parameters: {bake: soon}}}
"""
    text = written.SHOP.replace("    parameters:\n      bake: '12s'  # short\n", "")

    found = await Documents(written.specs(tmp_path, local=local)).review(text, "local")

    assert ["local.yaml"] == [problem.file for problem in problems.errors(found.problems)]


async def test_a_file_of_which_git_does_not_tell_is_called_gits(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    written.git(specs.directory, "init", "-q")
    (specs.directory / ".git" / "index").write_text("damaged")

    assert "Git" == (await Documents(specs).read("shop")).keeper
