"""The image of Serinus runs in a pod that may do nothing."""

from pathlib import Path

import pytest

from cluster import images, kubectl
from tests.house import repository

STRICT = {
    "runAsNonRoot": True,
    "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


@pytest.mark.timeout(600)
def test_serinus_runs_as_nobody_on_a_file_system_that_is_read_only(
    cluster: Path, namespace: str
) -> None:
    container = {
        "name": "serinus",
        "image": images.serinus(),
        "args": ["--version"],
        "securityContext": STRICT,
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "serinus", "namespace": namespace},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    kubectl.apply(pod)
    kubectl.run(
        "wait",
        "pod/serinus",
        f"--namespace={namespace}",
        "--for=jsonpath={.status.phase}=Succeeded",
        "--timeout=60s",
    )
    version = repository.project()["project"]["version"]

    assert version == kubectl.run("logs", "serinus", "-n", namespace).strip()
