from typing import Any

from serinus.adapters.kubernetes import configs

TEMPLATE: dict[str, Any] = {
    "metadata": {"labels": {"app": "shop"}},
    "spec": {
        "volumes": [
            {"name": "a", "configMap": {"name": "prices"}},
            {"name": "b", "secret": {"secretName": "keys"}},
            {
                "name": "c",
                "projected": {
                    "sources": [{"configMap": {"name": "words"}}, {"secret": {"name": "seal"}}]
                },
            },
            {"name": "d", "emptyDir": {}},
        ],
        "initContainers": [
            {"name": "prepare", "envFrom": [{"configMapRef": {"name": "prices"}}]},
        ],
        "containers": [
            {
                "name": "app",
                "envFrom": [{"secretRef": {"name": "keys"}}],
                "env": [
                    {
                        "name": "TAX",
                        "valueFrom": {"configMapKeyRef": {"name": "taxes", "key": "vat"}},
                    },
                    {"name": "PIN", "valueFrom": {"secretKeyRef": {"name": "pin", "key": "pin"}}},
                    {"name": "MODE", "value": "fast"},
                ],
            }
        ],
    },
}


def test_every_reference_is_found_once() -> None:
    assert [
        ("ConfigMap", "prices"),
        ("Secret", "keys"),
        ("ConfigMap", "words"),
        ("Secret", "seal"),
        ("ConfigMap", "taxes"),
        ("Secret", "pin"),
    ] == configs.references(TEMPLATE)


def test_a_template_without_references_has_none() -> None:
    assert [] == configs.references({})
    assert [] == configs.references({"spec": {"containers": [{"name": "app"}]}})


def test_what_is_part_of_the_revision_is_replaced_by_its_copy() -> None:
    files = {"ConfigMap/prices": "a" * 64, "Secret/keys": "b" * 64, "Secret/pin": "c" * 64}

    found = configs.with_copies(TEMPLATE, files)["spec"]

    assert "prices-aaaaaaaaaa" == found["volumes"][0]["configMap"]["name"]
    assert "keys-bbbbbbbbbb" == found["volumes"][1]["secret"]["secretName"]
    assert "words" == found["volumes"][2]["projected"]["sources"][0]["configMap"]["name"]
    assert "prices-aaaaaaaaaa" == found["initContainers"][0]["envFrom"][0]["configMapRef"]["name"]
    assert "keys-bbbbbbbbbb" == found["containers"][0]["envFrom"][0]["secretRef"]["name"]
    assert "pin-cccccccccc" == found["containers"][0]["env"][1]["valueFrom"]["secretKeyRef"]["name"]


def test_a_template_that_has_its_copies_already_stays_as_it_is() -> None:
    files = {"ConfigMap/prices": "a" * 64}
    once = configs.with_copies(TEMPLATE, files)

    assert once == configs.with_copies(once, files)
    assert "prices" == TEMPLATE["spec"]["volumes"][0]["configMap"]["name"]


def test_the_hash_is_of_what_is_held_and_of_nothing_else() -> None:
    one = {"metadata": {"name": "prices", "resourceVersion": "1"}, "data": {"tea": "2"}}
    same = {"metadata": {"name": "prices", "resourceVersion": "9"}, "data": {"tea": "2"}}
    other = {"metadata": {"name": "prices"}, "data": {"tea": "3"}}

    assert configs.digest(one) == configs.digest(same) != configs.digest(other)


def test_a_copy_holds_the_same_and_cannot_be_changed() -> None:
    source = {
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {"name": "keys", "namespace": "team", "labels": {"mine": "yes"}},
        "data": {"tls.crt": "eA=="},
    }
    owner = {"kind": "Deployment", "name": "shop-1", "uid": "u"}

    found = configs.document(source, "shop", "d" * 64, [owner])

    assert {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {
            "name": "keys-dddddddddd",
            "namespace": "team",
            "labels": {
                "app.kubernetes.io/managed-by": "serinus",
                "serinus.dev/application": "shop",
            },
            "ownerReferences": [owner],
        },
        "immutable": True,
        "data": {"tls.crt": "eA=="},
    } == found
