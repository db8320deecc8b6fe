"""
The scenes of the demo: one application, and the three changes that are made to it.

Each is a file as a person would write it. A changed file is a change: nothing else starts a
release.
"""

import sys
from dataclasses import dataclass
from typing import Any, Final

APPLICATION: Final = "shop"
HOST: Final = "shop.localhost"
SLOW_MS: Final = 250


@dataclass(frozen=True, slots=True)
class Scene:
    """One change: its version, what is told of it, its faults, and how it ought to end."""

    version: str
    title: str
    faults: tuple[tuple[str, str], ...]
    expected: str


FIRST: Final = Scene("v1", "the version that serves today", (), "succeeded")

SCENES: Final = (
    Scene("v2", "a good version", (), "succeeded"),
    Scene(
        "v3",
        "a version whose errors rise: 10 % of its answers are errors, from its 20th second on",
        (("SHOP_ERRORS", "10%"), ("SHOP_ERRORS_AFTER", "20s")),
        "rolled back",
    ),
    Scene(
        "v4",
        "a version that is slower at the tail only: 8 % of its answers take 400 ms longer",
        (("SHOP_TAIL", "8%:400ms"),),
        "rolled back",
    ),
)

_SPEC: Final = """\
# Written by `serinus demo`; change it, and a release begins.
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata:
  name: {application}
spec:
  version: {version}
  workload:
    command: ["{python}", "-m", "serinus.interfaces.demo.shop"]
    env:
      SHOP_VERSION: "${{version}}"
      SHOP_LATENCY: 3ms
{faults}\
    health: {{path: /healthz}}
    replicas: 3
  route:
    host: {host}
  delivery:
    template: canary-standard
    parameters:
      bake: 15s           # time at each of 1 %, 5 %, 25 % and 50 %
      warmup: 4s
      latencyBound: {slow_ms}ms
      keepOld: 5s         # the old replicas stay warm for so long
"""


def spec(scene: Scene) -> str:
    """Write the application's file for a scene."""
    faults = "".join(f'      {name}: "{value}"\n' for name, value in scene.faults)
    return _SPEC.format(
        application=APPLICATION,
        version=scene.version,
        python=sys.executable,
        faults=faults,
        host=HOST,
        slow_ms=SLOW_MS,
    )


def application(scene: Scene, namespace: str, image: str) -> dict[str, Any]:
    """Return the application for a scene, as an object of a cluster; the image has the shop."""
    variables = {
        "SHOP_ADDRESS": "0.0.0.0",  # noqa: S104 - of the pod
        "SHOP_VERSION": "${version}",
        "SHOP_LATENCY": "3ms",
        **dict(scene.faults),
    }
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Application",
        "metadata": {"name": APPLICATION, "namespace": namespace},
        "spec": {
            "version": scene.version,
            "workload": {
                "image": image,
                "command": ["python3", "-m", "serinus.interfaces.demo.shop"],
                "env": variables,
                "port": 8080,
                "health": {"path": "/healthz"},
                "replicas": 3,
            },
            "route": {"host": HOST},
            "delivery": {
                "template": "canary-standard",
                "parameters": {
                    "bake": "15s",
                    "warmup": "4s",
                    "latencyBound": "300ms",  # routers count at this bound by themselves
                    "keepOld": "5s",
                },
            },
        },
    }
