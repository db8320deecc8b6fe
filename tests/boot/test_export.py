from pathlib import Path

import pytest

from serinus.boot import catalogue, export
from serinus.boot.settings import Settings
from serinus.core.spec import review
from tests.adapters.local import written
from tests.core.spec import documents


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    specs = written.specs(tmp_path, shop=written.SHOP)
    return Settings(home=specs.home, specs=specs.directory)


def test_built_in_templates_that_are_used_come_with_it_if_wanted(settings: Settings) -> None:
    assert ["shop"] == [m.name for m in export.export(settings).manifests]

    template, shop = export.export(settings, namespace="prod", builtin=True).manifests
    assert ("canary-standard-1.0.0", "shop") == (template.name, shop.name)
    assert "metadata:\n  namespace: prod\n  name: canary-standard-1.0.0\n" in template.text


def test_a_file_is_exported_by_itself(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "cart.yaml").write_text(written.shop("cart"))

    (cart,) = export.export(settings, tmp_path / "cart.yaml").manifests
    assert ("cart", "cart.yaml") == (cart.name, cart.source)


@pytest.mark.parametrize("name", sorted(catalogue.builtin().templates))
def test_every_built_in_template_is_the_same_for_a_cluster(name: str, settings: Settings) -> None:
    file = settings.specs / "shop.yaml"
    file.write_text(written.SHOP.split("  delivery")[0] + f"  delivery: {{template: {name}}}\n")

    template, _ = export.export(settings, builtin=True).manifests
    assert template.faithful
    assert documents.read(catalogue.text(f"{name}.yaml")) == documents.read(template.text)
    assert () == review.document(documents.read(template.text))[1]
