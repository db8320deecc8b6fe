"""What the documentation shows is right, whole, and as complete as it says."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serinus.core.spec import (
    application,
    checks,
    judges,
    matching,
    plan,
    promql,
    review,
    steps,
    workload,
)
from tests.core.spec import documents

DOCS = Path(__file__).parent.parent.parent.parent / "docs"
PAGES = ("reference/application.md", "reference/steps.md", "explanation/how-values-meet.md")
BLOCK = re.compile(r"^```yaml\n(apiVersion:.*?)^```", re.MULTILINE | re.DOTALL)
PART = re.compile(r"^```yaml\n(?!apiVersion:)(.*?)^```", re.MULTILINE | re.DOTALL)


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
        ("reference/application.md", application.Window),
        ("reference/application.md", application.Freeze),
        ("reference/steps.md", steps.Match),
        ("reference/steps.md", steps.Mirror),
        ("reference/steps.md", steps.Headers),
        ("reference/steps.md", steps.Goal),
        ("reference/steps.md", steps.Gate),
        ("reference/steps.md", steps.Approval),
        ("reference/steps.md", steps.Webhook),
        ("reference/steps.md", judges.Judge),
        ("reference/steps.md", judges.FlaggerRule),
        ("reference/steps.md", judges.ArgoRule),
        ("reference/steps.md", judges.KayentaRule),
        ("reference/steps.md", checks.Check),
        ("reference/steps.md", checks.Query),
        ("reference/steps.md", checks.Resources),
        ("reference/steps.md", checks.NewLines),
        ("reference/steps.md", checks.Slo),
        ("reference/steps.md", checks.Burn),
        ("reference/steps.md", checks.Beside),
    ],
)
def test_every_field_is_in_the_reference(page: str, kind: type[msgspec.Struct]) -> None:
    written = text(page)

    assert [] == [
        field.encode_name
        for field in msgspec.structs.fields(kind)
        if not re.search(rf"[`.{{ ]{field.encode_name}[`.:<,}}]", written)
    ]


def test_every_step_strategy_and_placeholder_is_in_the_reference() -> None:
    written = text("reference/steps.md")

    assert [] == [what for what in (*steps.WHAT, *plan.HERE) if f"`{what}" not in written]
    assert [] == [name for name in workload.PLACEHOLDERS if f"`${{{name}}}`" not in text(PAGES[0])]


def test_every_word_of_requests_is_in_the_reference() -> None:
    written = text("reference/steps.md")

    assert [] == [method for method in matching.SAFE if f"`{method}`" not in written]
    assert [] == [name for name in promql.NAMES if f"`${name}`" not in written]


def test_every_part_that_is_shown_is_right_in_its_place() -> None:
    named = {"name": "office-hours", "weekly": {"from": "Mon 09:00", "to": "Mon 17:00"}}
    surroundings = documents.environment({"windows": [named]})
    parts = [documents.read(block) for block in PART.findall(text("reference/steps.md"))]

    assert parts
    for part in parts:
        data = documents.delivered(**in_its_place(part))
        assert [] == documents.said(data, surroundings)


def in_its_place(part: Any) -> dict[str, Any]:
    if isinstance(part, list):
        return {"checks": part}
    if "judge" in part:
        return {"judge": part["judge"]}
    if "match" in part:
        return {"template": "ab-test", "plan": [{**part, "hold": {"for": "1h"}}]}
    if "gates" in part:
        return {"plan": [{"traffic": {"candidate": "5%"}, **part}]}
    return {"template": "ab-test", **part}
