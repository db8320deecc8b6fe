"""What the documentation shows is right, whole, and as complete as it says."""

import re
from pathlib import Path

import msgspec
import pytest

from serinus.core.spec import application, plan, review, steps, workload
from tests.core.spec import documents

DOCS = Path(__file__).parent.parent.parent.parent / "docs"
PAGES = ("reference/application.md", "reference/steps.md", "explanation/how-values-meet.md")
BLOCK = re.compile(r"^```yaml\n(apiVersion:.*?)^```", re.MULTILINE | re.DOTALL)


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_document_that_is_shown_is_right(page: str) -> None:
    blocks = BLOCK.findall(text(page))

    assert blocks
    for block in blocks:
        assert ((),) == review.document(documents.read(block))[1:]
        data = documents.read(block)
        if data["kind"] == "Application":
            assert documents.resolved(data).usable


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("reference/application.md", application.Workload),
        ("reference/application.md", application.DeliverySpec),
        ("reference/application.md", application.ApplicationSpec),
        ("reference/application.md", application.EnvironmentSpec),
    ],
)
def test_every_field_is_in_the_reference(page: str, kind: type[msgspec.Struct]) -> None:
    written = text(page)

    assert [] == [
        field.encode_name
        for field in msgspec.structs.fields(kind)
        if not re.search(rf"[`.]{field.encode_name}[`.:<]", written)
    ]


def test_every_step_strategy_and_placeholder_is_in_the_reference() -> None:
    written = text("reference/steps.md")

    assert [] == [what for what in (*steps.WHAT, *plan.HERE) if f"`{what}" not in written]
    assert [] == [name for name in workload.PLACEHOLDERS if f"`${{{name}}}`" not in text(PAGES[0])]
