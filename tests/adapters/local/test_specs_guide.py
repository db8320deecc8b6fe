"""Every snippet of the guide is one that works."""

import re
from pathlib import Path

import pytest

from tests.adapters.local import written

GUIDE = Path(__file__).parents[3] / "docs" / "howto" / "write-an-application.md"
SNIPPETS = re.findall(
    r"^```yaml\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)

README = Path(__file__).parents[3] / "README.md"


def test_the_file_of_the_readme_passes_review(tmp_path: Path) -> None:
    (snippet,) = re.findall(
        r"^```yaml\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    specs = written.specs(tmp_path, snippet=snippet)
    (tmp_path / "Caddyfile.v1").write_text("")
    (specs.directory.parent / "Caddyfile.v1").write_text("")

    assert ["site"] == list(specs.applications())
    assert () == specs.problems()


def test_the_guide_has_snippets() -> None:
    assert 6 == len(SNIPPETS)


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_a_snippet_of_the_guide_passes_review(number: int, tmp_path: Path) -> None:
    specs = written.specs(tmp_path, snippet=SNIPPETS[number])
    (specs.directory / "site-blue").mkdir()

    assert () == specs.problems()
    assert all(specs.asked(name, "local").wanted for name in specs.applications())
    assert specs.applications() or specs.environments() or "house" in specs.templates()


def test_the_snippets_of_the_guide_to_own_metrics_are_one_that_works(tmp_path: Path) -> None:
    text = GUIDE.with_name("judge-by-your-own-metrics.md").read_text(encoding="utf-8")
    _, place, queue, payments = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    delivery = "".join(f"  {line}\n" for line in (queue + payments).splitlines())
    shop = re.sub(r"  delivery:.*", "", written.SHOP, flags=re.DOTALL) + delivery
    specs = written.specs(tmp_path, local=place, shop=shop)

    assert () == specs.problems()
    wanted = specs.asked("shop", "local").wanted
    assert wanted is not None
    assert ["queue", "refused-payments"] == [look.name for look in wanted.delivery.looks]
