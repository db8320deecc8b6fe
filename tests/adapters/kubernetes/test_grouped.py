from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.grouped import Grouped, by_label
from serinus.adapters.memory.clock import Clock
from tests.adapters.kubernetes.apiserver import FakeApiServer


def config(name: str, version: int, **labels: str) -> dict[str, object]:
    meta = {"name": name, "namespace": "team", "labels": labels, "resourceVersion": str(version)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}


async def test_objects_are_found_by_what_they_belong_to() -> None:
    server = FakeApiServer()
    async with Client.connect(transport=server) as client:
        cache = Cache(client, Clock(), "ConfigMap")
        cache._put(config("a", 1, shop="one"))
        grouped = Grouped(cache, by_label("shop"))
        cache._put(config("b", 2, shop="one"))
        cache._put(config("c", 3, shop="two"))
        cache._put(config("d", 4))

        assert ["a", "b"] == [o["metadata"]["name"] for o in grouped.of("team", "one")]
        assert [] == grouped.of("other", "one")
        assert [] == grouped.of("team", "")

        cache._put(config("b", 5, shop="two"))
        cache._drop("team", "a")

        assert [] == grouped.of("team", "one")
        assert ["b", "c"] == [o["metadata"]["name"] for o in grouped.of("team", "two")]
        assert "two" == grouped.owner(config("x", 9, shop="two"))
