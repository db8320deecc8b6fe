from typing import Any

import msgspec
import pytest

from serinus.core.spec import workload
from serinus.core.spec.application import ApplicationSpec
from serinus.core.spec.limits import Limits


def spec(**given: Any) -> ApplicationSpec:
    return msgspec.convert({"workload": {"command": "./shop", **given}}, ApplicationSpec)


def wrong(**given: Any) -> list[str]:
    return [str(problem) for problem in workload.review(spec(**given))]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"command": "sh -c 'echo $HOME $$ ${port}'"},
        {"command": ["./shop", "${version}", "${replica}", "${files}/shop.conf"]},
        {"env": {"_A1": "", "PATH": "/bin", "port": "${port}"}, "port": 8080},
        {"files": ["a.conf", "b/..c", "${version}.conf"]},
        {"health": {"path": "/healthz?full=1"}},
        {"resources": {"cpu": "500m", "memory": "256Mi", "files": "1024"}},
        {"command": None, "image": "shop:v1"},
        {"grace": "0s", "replicas": 200},
    ],
)
def test_a_right_workload_has_no_problems(given: dict[str, Any]) -> None:
    assert [] == wrong(**given)


def test_the_platform_says_what_it_cannot_do() -> None:
    written = spec(image="x", port=80, replicas=300, resources={"cpu": "1"})
    found = [p.path for p in workload.here(written, Limits())]

    assert ["image", "port", "replicas", "resources"] == [p.split(".")[1] for p in found]
    assert [] == list(workload.here(spec(port=80), Limits()))


def test_only_resources_that_are_not_enforced_are_warned_of() -> None:
    written = spec(resources={"cpu": "1", "memory": "1Gi", "files": "64"})
    found = [str(p) for p in workload.here(written, Limits(enforced=("memory", "files")))]

    assert [
        (
            "workload.resources.cpu: warning: not enforced on this platform; "
            "the replicas take what they get"
        )
    ] == found


def test_a_command_is_split_as_a_shell_would() -> None:
    assert ("./shop", "two words") == workload.words("./shop 'two words'")
    assert ("./shop", "a b") == workload.words(["./shop", "a b"])
    assert () == workload.words(None)


def test_the_path_of_a_strange_name_can_be_read() -> None:
    assert wrong(env={"a.b": "x"})[0].startswith('workload.env["a.b"]: ')
