"""One stable pod, and nothing happens."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
STABLE_PODS = 1


def run(rng):
    return Service(pods=1).run(rng)
