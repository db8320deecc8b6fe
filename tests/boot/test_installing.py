from typing import Any

import pytest
from ruamel.yaml import YAML

from serinus.adapters.kubernetes import rights
from serinus.boot import installing, routing
from serinus.core.errors import SpecError


def documents(text: str) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load_all(text))


def test_what_is_printed_is_yaml_with_everything_in_it() -> None:
    found = documents(installing.text(installing.wanted("registry.example/serinus:1.2")))

    kinds = [one["kind"] for one in found]
    assert 6 == kinds.count("CustomResourceDefinition")
    assert "registry.example/serinus:1.2" in str(found[kinds.index("Deployment")])


def test_without_an_image_no_controller_is_installed() -> None:
    kinds = {one["kind"] for one in documents(installing.text(installing.wanted("")))}

    assert "CustomResourceDefinition" in kinds
    assert "Namespace" in kinds  # for the Lease of a controller that runs elsewhere
    assert not {"Deployment", "ServiceAccount"} & kinds


def test_the_same_wish_is_printed_the_same() -> None:
    wanted = installing.wanted("registry.example/serinus:1.2", namespaces=["team", "team"])

    assert ("team",) == wanted.namespaces
    assert installing.text(wanted) == installing.text(wanted)


@pytest.mark.parametrize(
    "image",
    [
        "serinus",
        "serinus:dev",
        "registry.example:5000/team/serinus:1.2",
        f"registry.example/serinus@sha256:{'0' * 64}",
    ],
)
def test_images_are_taken_as_registries_name_them(image: str) -> None:
    assert image == installing.wanted(image).image


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SpecError) as told:
        installing.wanted(
            "Bad Image",
            namespace="Up",
            namespaces=["a b"],
            routers=["ngnix"],
            environment="e n v",
            replicas=9,
        )

    assert 6 == len(told.value.problems)
    assert "did you mean 'nginx'?" in str(told.value)


def test_every_router_of_a_cluster_has_its_rights() -> None:

    assert set(routing.names()) <= set(rights.ROUTERS)
