"""One stable pod, and 2 % errors."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
STABLE_PODS = 1


def run(rng):
    return Service(pods=1, candidate=0.02).run(rng)
