"""The dashboard of a controller in a pod: by a forwarded port, with the pod's own rights."""

import contextlib
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from cluster import kubectl, places
from tests.cluster import installed
from tests.cluster.installed import Installed

TEXT = """\
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata: {{name: shop, namespace: {namespace}}}
spec:
  workload:
    image: podinfo:6.0.{version}
    port: 9898
    replicas: 2
    health: {{path: /readyz}}
  delivery:
    template: {{name: canary-manual}}
"""


@contextlib.contextmanager
def forwarded(ours: Installed, pod: str) -> Iterator[str]:
    """Forward a port to the dashboard of a pod."""
    words = [str(kubectl.PROGRAM), f"--kubeconfig={places.KUBECONFIG}", "-n", ours.system]
    words += ["port-forward", f"pod/{pod}", ":7070"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert found is not None
        try:
            yield f"http://127.0.0.1:{found[1]}"
        finally:
            process.terminate()


def until(so: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 90
    while not (found := so()):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return found


@pytest.mark.timeout(600)
def test_people_deploy_and_steer_in_the_dashboard_of_a_pod(namespace: str) -> None:
    with installed.installed(namespace, "--router", "replicas") as ours:
        lease = until(lambda: kubectl.get("lease", installed.NAME, namespace=ours.system))
        pod = lease["spec"]["holderIdentity"].partition("_")[0]
        said = until(lambda: "serinus dashboard" in (told := ours.said()) and told)
        execute = ("exec", pod, "-n", ours.system, "--", "serinus", "dashboard")
        token = kubectl.run(*execute, "--token", "--actor", "ada").strip()
        link = kubectl.run(*execute, "--actor", "grace").strip()
        with (
            forwarded(ours, pod) as address,
            httpx2.Client(base_url=f"{address}/api/v1", trust_env=False) as program,
            httpx2.Client(base_url=address, trust_env=False) as browser,
        ):
            program.headers["authorization"] = f"Bearer {token}"
            document = f"/documents/{namespace}/shop"
            release = f"/releases/kubernetes/{namespace}/shop/latest"
            wish = f"/applications/{namespace}/shop/intents"

            def last() -> dict[str, Any]:
                return dict(program.get(release).json())

            new = {"if-none-match": "*"}
            text = TEXT.format(namespace=namespace, version=0)
            made = program.put(document, content=text, headers=new)
            until(lambda: last().get("state") == "Succeeded")
            tag = {"if-match": program.get(document).headers["etag"]}
            text = TEXT.format(namespace=namespace, version=1)
            changed = program.put(f"{document}?reason=why", content=text, headers=tag)
            begun = until(lambda: (view := last())["number"] == 2 and view)
            promoted = program.post(wish, json={"verb": "promote", "reason": "fine"})
            until(lambda: last()["state"] in {"Succeeded", "Settling"})
            browser.get(link.replace("127.0.0.1:7070", address.removeprefix("http://")))
            page = browser.get("/", headers={"accept": "text/html"})
        kubectl.run("delete", "application", "shop", "-n", namespace, "--timeout=60s")

    assert "token=" not in said
    assert [200, 200, 200] == [one.status_code for one in (made, changed, promoted)]
    assert ("ada", "why") == (begun["actor"], begun["reason"])
    assert (200, True) == (page.status_code, "grace" in page.text)
