from typing import Any

import pytest

from serinus.adapters.kubernetes.authoring import Documents
from serinus.core.errors import Severity
from serinus.core.spec import problems
from serinus.ports import failures
from serinus.ports.documents import Written
from tests.adapters.kubernetes import authored
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.authored import SHOP
from tests.adapters.kubernetes.shelf import Refused

pytestmark = pytest.mark.anyio


@pytest.fixture
def server() -> FakeApiServer:
    server = FakeApiServer()
    server.add(authored.read(SHOP))
    return server


@pytest.fixture
def documents(server: FakeApiServer) -> Documents:
    return authored.made(server)


def app(server: FakeApiServer) -> dict[str, Any]:
    return server.find("Application", "shop", "team")


async def changed(documents: Documents, old: str, new: str, reason: str = "why") -> Written:
    found = await documents.read("team/shop")
    assert old in found.text
    text = found.text.replace(old, new)
    return await documents.write(text, version=found.version, actor="ada", reason=reason)


async def test_a_text_is_what_people_write_in_the_order_in_which_they_write_it(
    server: FakeApiServer, documents: Documents
) -> None:
    noted = {"serinus.dev/actor": "bob", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
    kept = {"metadata": {"annotations": {**noted, "team": "web"}, "labels": {"tier": "1"}}}
    server.edit("Application", "shop", "team", {**kept, "status": {"phase": "Serving"}})

    found = await documents.read("shop")

    assert (
        """\
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata:
  name: shop
  namespace: team
  labels:
    tier: "1"
  annotations:
    team: web
spec:
  version: v1
  workload:
    image: shop:1
    env:
      VERSION: "${version}"
    port: 8080
    health:
      path: /
  delivery:
    template: canary-standard
    parameters:
      bake: 12s
"""
        == found.text
    )
    assert ("team/shop", "", "Application team/shop") == (
        found.application,
        found.keeper,
        found.place,
    )


async def test_a_status_that_is_written_meanwhile_is_no_change(
    server: FakeApiServer, documents: Documents
) -> None:
    found = await documents.read("team/shop")
    server.edit("Application", "shop", "team", {"status": {"phase": "Rolling"}})

    again = await documents.write(
        found.text.replace("v1", "v2").replace("v2alpha", "v1alpha"),
        version=found.version,
        actor="ada",
    )

    assert "version: v2" in again.text
    assert {"phase": "Rolling"} == app(server)["status"]


async def test_who_changed_it_and_why_is_noted_for_exactly_this_change(
    server: FakeApiServer, documents: Documents
) -> None:
    await changed(documents, "version: v1\n", "version: v2\n", "cheaper")

    meta = app(server)["metadata"]
    assert {
        "serinus.dev/actor": "ada",
        "serinus.dev/reason": "cheaper",
        "serinus.dev/generation": str(meta["generation"]),
    } == meta["annotations"]
    assert any(one["manager"] == "serinus-ui" for one in meta["managedFields"])


async def test_a_change_of_labels_alone_is_nobodys_release(
    server: FakeApiServer, documents: Documents
) -> None:
    before = app(server)["metadata"]["generation"]

    await changed(documents, "namespace: team}", "namespace: team, labels: {a: b}}")

    meta = app(server)["metadata"]
    assert ({"a": "b"}, before) == (meta["labels"], meta["generation"])
    assert not meta.get("annotations")


async def test_what_is_no_part_of_the_text_stays_and_what_was_taken_out_of_it_goes(
    server: FakeApiServer, documents: Documents
) -> None:
    owned = {
        "finalizers": ["a/b"],
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
    }
    server.edit("Application", "shop", "team", {"metadata": owned})

    await changed(documents, '    env:\n      VERSION: "${version}"\n', "")

    found = app(server)
    assert "env" not in found["spec"]["workload"]
    assert ["a/b"] == found["metadata"]["finalizers"]
    assert (
        "{}" == found["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]
    )


async def test_nothing_is_written_where_nothing_changes(
    server: FakeApiServer, documents: Documents
) -> None:
    before = app(server)

    await changed(documents, "12s", "'12s'")

    assert before == app(server)


async def test_a_conflict_with_a_status_is_tried_again_and_not_for_ever(
    server: FakeApiServer, documents: Documents
) -> None:
    server.fail("replace", "Application", times=2, status=409)
    await changed(documents, "version: v1\n", "version: v2\n")
    assert "v2" == app(server)["spec"]["version"]

    server.fail("replace", "Application", times=9, status=409)
    with pytest.raises(failures.Conflict, match="changes all the time"):
        await changed(documents, "version: v2\n", "version: v3\n")


async def test_what_the_api_server_refuses_is_told_in_its_words(
    server: FakeApiServer, documents: Documents
) -> None:
    def admit(_verb: str, _obj: dict[str, Any]) -> None:
        raise Refused(422, "Invalid", "policy 'no-fridays' says no")

    server.admit = admit

    with pytest.raises(failures.Rejected) as refusal:
        await changed(documents, "version: v1\n", "version: v2\n")

    assert "no-fridays" in f"{refusal.value} {refusal.value.why}"


async def test_what_flux_keeps_is_told_so(server: FakeApiServer, documents: Documents) -> None:
    flux = {"metadata": {"labels": {"kustomize.toolkit.fluxcd.io/name": "shop"}}}
    server.edit("Application", "shop", "team", flux)

    assert "Flux" == (await documents.read("team/shop")).keeper
    with pytest.raises(failures.Rejected, match="Flux would undo"):
        await changed(documents, "version: v1\n", "version: v2\n")


async def test_a_text_without_a_namespace_is_in_the_one_at_hand(documents: Documents) -> None:
    text = SHOP.replace("  name: shop\n  namespace: team\n", "  name: cart\n")

    written = await documents.write(text, version=None, actor="ada")

    assert "team/cart" == written.application


def environment(name: str, **spec: Any) -> dict[str, Any]:
    target = {"namespaces": ["team"]}
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Environment",
        "metadata": {"name": name},
        "spec": {"target": target, **spec},
    }


async def test_the_environment_is_the_one_of_the_namespace(
    server: FakeApiServer, documents: Documents
) -> None:
    server.add(environment("prod", defaults={"parameters": {"start": "2%"}}))

    found = await documents.review(SHOP, "local")

    assert found.effective is not None
    assert ("prod", "2%") == (found.effective.environment, found.effective.parameters["start"])
    assert ["prod"] == list((await documents.library()).environments)
    assert "canary-standard" in (await documents.library()).templates


async def test_two_environments_of_one_namespace_are_told(
    server: FakeApiServer, documents: Documents
) -> None:
    server.add(environment("prod"), environment("test"))

    (problem,) = problems.errors((await documents.review(SHOP, "")).problems)

    assert "both list namespace team" in problem.message
    assert 6 == problem.line


async def test_a_template_that_is_damaged_says_why_it_is_not_there(
    server: FakeApiServer, documents: Documents
) -> None:
    server.add(
        {
            "apiVersion": "serinus.dev/v1alpha1",
            "kind": "DeliveryTemplate",
            "metadata": {"name": "own-1.0.0", "namespace": "team"},
            "spec": {"template": "own", "version": "one", "strategy": "canary", "plan": []},
        }
    )

    found = await documents.review(SHOP.replace("canary-standard", "own"), "")

    said = [problem.message for problem in found.problems]
    assert any("'own'" in one for one in said)
    assert any("DeliveryTemplate own-1.0.0" in one for one in said)


async def test_an_image_is_missed_beside_what_else_is_wrong(documents: Documents) -> None:
    found = await documents.review(SHOP.replace("image: shop:1", "workdir: '.'"), "")

    assert any(problem.path.startswith("spec.workload") for problem in found.problems)
    warned = await documents.review(SHOP.replace("    port", "    files: [a.txt]\n    port"), "")
    assert any(problem.path == "spec.workload.files" for problem in warned.problems)
    assert Severity.WARNING in {problem.severity for problem in warned.problems} or warned.problems


async def test_a_namespace_that_nobody_delivers_is_told_beside_its_name(
    server: FakeApiServer, documents: Documents
) -> None:
    text = SHOP.replace("namespace: team", "namespace: other")
    (told,) = problems.errors((await documents.review(text, "kubernetes")).problems)

    assert "metadata.namespace" == told.path
    assert "delivers the applications of team alone" in told.message
    with pytest.raises(failures.Rejected):
        await documents.write(text, version=None, actor="ada")
    assert [] == server.all("Application", "other")
