"""No history, three pods at 20 requests a second, and 2 % errors."""

from serinus.lab.service import Service

KIND = "regression"
STABLE_PODS = 3


def run(rng):
    return Service(rps=20, pods=3, candidate=0.02).run(rng)
