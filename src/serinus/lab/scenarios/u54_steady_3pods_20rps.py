"""Three pods at 20 requests a second, and nothing happens."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
STABLE_PODS = 3


def run(rng):
    return Service(rps=20, pods=3).run(rng)
