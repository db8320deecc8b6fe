from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Ref


def test_a_site_is_found_by_the_key() -> None:
    site = Site(port=8080).of(Key("team/shop", "prod"))

    assert ("team", "shop", 8080) == (site.namespace, site.name, site.port)


def test_what_a_site_says_itself_stands() -> None:
    site = Site(namespace="other", name="store").of(Key("team/shop", "prod"))

    assert ("other", "store") == (site.namespace, site.name)


def test_a_users_object_is_in_the_namespace_of_the_application() -> None:
    key = Key("team/shop", "prod")

    assert Ref("Ingress", "team/web") == Site(ref=Ref("Ingress", "web")).of(key).ref
    assert Ref("Ingress", "edge/web") == Site(ref=Ref("Ingress", "edge/web")).of(key).ref


def test_objects_of_ours_say_so() -> None:
    document = Site().of(Key("team/shop", "prod")).document("v1", "Service", "shop", {"a": 1})

    assert {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "shop",
            "namespace": "team",
            "labels": {
                "app.kubernetes.io/managed-by": "serinus",
                "serinus.dev/application": "shop",
            },
        },
        "spec": {"a": 1},
    } == document
