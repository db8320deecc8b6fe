"""Texts, read as a place of documents would, for the tests of forms."""

from serinus.adapters.local import documents
from serinus.boot import catalogue
from serinus.core.spec import effective, problems
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Library
from serinus.ports.documents import Reviewed

LIBRARY = catalogue.builtin()

SHOP = """\
# The shop.
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata:
  name: shop
  labels: {team: web}
spec:
  version: v1   # what serves
  workload:
    # Starts it.
    command: [./shop, --port, "${port}"]
    env:
      MODE: fast  # not slow
      API_TOKEN: s3cret
    resources: {memory: 64Mi}
  delivery:
    template: canary-standard
    parameters:
      bake: '12s'  # short
    onFail: {quarantine: false}
  environments:
    prod:
      workload: {replicas: 5}
      delivery: {parameters: {bake: 10m}}
"""


MACHINE = Limits(enforced=("cpu", "memory", "files"))
CLUSTER = Limits(images=True, enforced=("cpu", "memory"))


def reviewed(
    text: str, environment: str = "local", library: Library = LIBRARY, limits: Limits = MACHINE
) -> Reviewed:
    """Review a text as every place of documents does, but for the files that it declares."""
    page = documents.parse(text)
    if page.problems or not page.documents:
        return Reviewed(problems=page.problems)
    data = page.documents[0].data
    found = effective.effective(data, environment, library, limits)
    return Reviewed(problems=problems.ordered(found.problems), data=data, effective=found)
