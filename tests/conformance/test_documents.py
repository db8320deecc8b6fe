"""Every place of documents keeps the contract of ``ports/documents.py``."""

from pathlib import Path

import pytest

from serinus.core.spec import problems
from serinus.ports import failures
from serinus.ports.documents import Edit
from tests.adapters.kubernetes import authored as cluster
from tests.adapters.local import authored
from tests.conformance.desks import Desk

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["local", "kubernetes"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    return authored.desk(tmp_path) if request.param == "local" else cluster.desk()


async def test_the_library_has_the_built_in_templates(desk: Desk) -> None:
    assert "canary-standard" in (await desk.documents.library()).templates


async def test_an_unknown_application_is_missing(desk: Desk) -> None:
    with pytest.raises(failures.Missing, match="nobody"):
        await desk.documents.read("nobody")


async def test_a_new_application_is_written_and_read_back(desk: Desk) -> None:
    written = await desk.documents.write(desk.text, version=None, actor="anna", reason="new")

    assert written == await desk.documents.read(desk.name)
    assert desk.name == written.application
    assert not written.keeper
    assert written.place
    read = await desk.documents.review(written.text, desk.environment)
    assert read.data is not None
    assert "v1" == read.data["spec"]["version"]


async def test_a_new_application_is_no_other_ones_place(desk: Desk) -> None:
    desk.put(desk.text)
    before = desk.texts()

    with pytest.raises(failures.Conflict, match="already"):
        await desk.documents.write(desk.text, version=None, actor="anna")

    assert before == desk.texts()


async def test_a_change_is_written_in_the_place_of_what_was_read(desk: Desk) -> None:
    desk.put(desk.text)
    first = await desk.documents.read(desk.name)
    changed = first.text.replace("version: v1", "version: v2")

    written = await desk.documents.write(changed, version=first.version, actor="anna")

    assert first.version != written.version
    again = await desk.documents.read(desk.name)
    assert written == again
    assert "version: v2" in again.text


async def test_a_change_of_what_somebody_else_changed_is_refused(desk: Desk) -> None:
    desk.put(desk.text)
    first = await desk.documents.read(desk.name)
    desk.put(desk.text.replace("version: v1", "version: v7"))
    before = desk.texts()

    with pytest.raises(failures.Conflict):
        await desk.documents.write(
            first.text.replace("version: v1", "version: v2"), version=first.version, actor="anna"
        )

    assert before == desk.texts()


async def test_a_change_of_what_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(failures.Conflict):
        await desk.documents.write(desk.text, version="17", actor="anna")

    assert not desk.texts()


async def test_what_is_wrong_is_told_all_at_once_and_nothing_is_written(desk: Desk) -> None:
    desk.put(desk.text)
    first, before = await desk.documents.read(desk.name), desk.texts()
    wrong = first.text.replace("bake: '12s'", "bake: soon").replace("bake: 12s", "bake: soon")
    wrong = wrong.replace("version: v1", "version: v 1")

    with pytest.raises(failures.Rejected) as refusal:
        await desk.documents.write(wrong, version=first.version, actor="anna")

    assert "spec.version" in refusal.value.why
    assert "spec.delivery.parameters.bake" in refusal.value.why
    assert before == desk.texts()


async def test_what_git_keeps_is_told_and_refused_with_the_patch(desk: Desk) -> None:
    desk.put(desk.text)
    desk.keep("shop")
    first, before = await desk.documents.read(desk.name), desk.texts()

    with pytest.raises(failures.Rejected, match="Git") as refusal:
        await desk.documents.write(
            first.text.replace("version: v1", "version: v2"), version=first.version, actor="anna"
        )

    assert first.keeper
    assert "+  version: v2" in refusal.value.why
    assert before == desk.texts()


async def test_a_document_is_deleted_and_others_stay(desk: Desk) -> None:
    desk.put(desk.text)
    other = desk.text.replace("name: shop", "name: cart")
    await desk.documents.write(other, version=None, actor="anna")
    first = await desk.documents.read(desk.name)

    await desk.documents.delete(desk.name, version=first.version, actor="anna", reason="old")

    with pytest.raises(failures.Missing):
        await desk.documents.read(desk.name)
    assert ["cart"] == [name.removesuffix(".yaml") for name in desk.texts()]


async def test_what_was_changed_or_deleted_meanwhile_is_not_deleted(desk: Desk) -> None:
    desk.put(desk.text)
    first = await desk.documents.read(desk.name)
    desk.put(desk.text.replace("version: v1", "version: v7"))
    before = desk.texts()

    with pytest.raises(failures.Conflict):
        await desk.documents.delete(desk.name, version=first.version, actor="anna")
    assert before == desk.texts()

    again = await desk.documents.read(desk.name)
    await desk.documents.delete(desk.name, version=again.version, actor="anna")
    with pytest.raises(failures.Conflict):
        await desk.documents.delete(desk.name, version=again.version, actor="anna")


async def test_what_git_keeps_is_not_deleted_here(desk: Desk) -> None:
    desk.put(desk.text)
    desk.keep("shop")
    first, before = await desk.documents.read(desk.name), desk.texts()

    with pytest.raises(failures.Rejected, match="Git"):
        await desk.documents.delete(desk.name, version=first.version, actor="anna")

    assert before == desk.texts()


async def test_a_review_writes_nothing_and_tells_where_the_problems_are(desk: Desk) -> None:
    found = await desk.documents.review(
        desk.text.replace("version: v1", "version: v 1"), desk.environment
    )

    assert not desk.texts()
    (wrong,) = problems.errors(found.problems)
    assert "spec.version" == wrong.path
    assert not wrong.file
    line, _, _ = desk.text.partition("  version: v1")
    assert line.count("\n") + 1 == wrong.line


async def test_a_review_tells_what_an_application_comes_to(desk: Desk) -> None:
    found = await desk.documents.review(desk.text, desk.environment)

    assert found.effective is not None
    assert not problems.errors(found.problems)
    assert found.effective.usable
    assert "12s" == found.effective.parameters["bake"]
    assert found.data is not None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing is written"),
        ("a: 1\n---\nb: 2\n", "2 documents"),
        ("kind: [Application\n", "YAML"),
        ("a: 1\n", "'kind' is missing"),
        ("just words\n", "not a mapping"),
    ],
)
async def test_a_text_that_is_no_application_is_told_so(desk: Desk, text: str, told: str) -> None:
    found = await desk.documents.review(text, desk.environment)

    assert found.effective is None or not found.effective.usable
    assert any(told in problem.message for problem in found.problems)
    with pytest.raises(failures.Rejected):
        await desk.documents.write(text, version=None, actor="anna")


async def test_a_damaged_text_is_told_with_its_line(desk: Desk) -> None:
    damaged = desk.text + "  selector: matchLabels:\n"

    (problem,) = (await desk.documents.review(damaged, desk.environment)).problems

    assert desk.text.count("\n") + 1 == problem.line
    assert problem.column


async def test_another_kind_of_document_is_refused(desk: Desk) -> None:
    environment = """\
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: prod}
spec: {}
"""

    found = await desk.documents.review(environment, desk.environment)

    assert found.effective is None
    assert any("is no Application" in problem.message for problem in found.problems)


async def test_lines_as_a_page_sends_them_change_nothing(desk: Desk) -> None:
    desk.put(desk.text)
    first = await desk.documents.read(desk.name)

    again = await desk.documents.write(
        first.text.replace("\n", "\r\n"), version=first.version, actor="anna"
    )

    assert first.text == again.text


async def test_an_edit_changes_a_value_and_keeps_what_stands_beside_it(desk: Desk) -> None:
    edits = [
        Edit(("spec", "version"), "v2"),
        Edit(("spec", "workload", "env", "MODE"), "on"),
        Edit(("spec", "delivery", "parameters", "bake")),
    ]

    after = desk.documents.edit(desk.text, edits)

    assert "  version: v2   # what serves\n" in after
    assert "# The shop of the tests." in after
    reviewed = await desk.documents.review(after, desk.environment)
    assert reviewed.data is not None
    assert {"VERSION": "${version}", "MODE": "on"} == reviewed.data["spec"]["workload"]["env"]
    assert {} == reviewed.data["spec"]["delivery"]["parameters"]


def test_an_edit_that_cannot_be_made_safely_is_refused(desk: Desk) -> None:
    with pytest.raises(failures.Rejected, match="cannot be changed by a form"):
        desk.documents.edit("kind: [Application\n", [Edit(("kind",), "Application")])


async def test_an_application_has_the_built_in_templates_wherever_it_is(desk: Desk) -> None:
    for application in (desk.name, "nobody", "nowhere/nobody"):
        assert "canary-standard" in (await desk.documents.library(application)).templates
