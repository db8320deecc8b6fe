"""Applications of a cluster, as they are resolved: values with good defaults."""

from typing import Any

from serinus.core.spec import effective
from serinus.core.spec.effective import Effective
from serinus.core.spec.limits import Limits
from tests.core.spec import documents

CLUSTER = Limits(images=True, cluster=True, enforced=("cpu", "memory"))


def resolved(workload: dict[str, Any] | None = None, **spec: Any) -> Effective:
    """Return an application in the environment ``prod``; it must be right."""
    given = {"command": None, "image": "shop:v1", "port": 9898} | (workload or {})
    data = documents.application({"workload": given, **spec})
    found = effective.effective(data, "prod", documents.library(), CLUSTER)
    assert found.usable, found.problems
    return found
