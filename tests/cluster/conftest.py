"""
A real cluster for the tests of this folder, which `make test-cluster` alone collects.

Fixtures: `cluster` (it is up), `namespace` (one for each test), `routers` (Traefik runs).
"""

import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster import kubectl, places, traefik, up
from tests.cluster import table

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TIMEOUT_S = 180
KILLED = "ignore::pytest.PytestUnraisableExceptionWarning"
"""A controller that a test kills closes no connection; Python says so in any test after it."""


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave the folder alone unless tests on a cluster are asked for."""
    return None if "cluster" in config.getoption("markexpr") else True


def pytest_configure(config: pytest.Config) -> None:
    """Give the workers a directory in which they note what they counted."""
    if not hasattr(config, "workerinput") and table.PLACE not in os.environ:
        os.environ[table.PLACE] = tempfile.mkdtemp(prefix="serinus-table-")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of routers and stories before the summary."""
    for line in table.lines(Path(os.environ[table.PLACE])):
        terminalreporter.write_line(line)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and give them time."""
    for item in items:
        if HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.cluster)
        item.add_marker(pytest.mark.filterwarnings(KILLED))
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@pytest.fixture(scope="session")
def cluster() -> Path:
    """Return the kubeconfig of a cluster that is up and knows our kinds; it is left running."""
    up.ensure()
    kinds = str(ROOT / "deploy" / "crds")
    kubectl.run("apply", "--server-side", "--force-conflicts", "-f", kinds)
    kubectl.run("wait", "--for=condition=Established", "--timeout=60s", "-f", kinds)
    return places.KUBECONFIG


@pytest.fixture
def namespace(cluster: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A namespace for one test, with all that is in it removed after the test."""
    words = re.sub("[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())[:40]
    name = f"{words.strip('-')}-{secrets.token_hex(3)}"
    kubectl.run("create", "namespace", name)
    yield name
    kubectl.run("delete", "namespace", name, "--wait=false", "--ignore-not-found")


@pytest.fixture(scope="session")
def routers(cluster: Path) -> Path:
    """Let Traefik run, with its definitions installed; `cluster.traefik` says at which ports."""
    traefik.start()
    return cluster
