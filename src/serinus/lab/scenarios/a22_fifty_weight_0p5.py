"""0.5 % errors at a weight of 50 %, from the first."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
PLAN = [(0.5, 1800)]


def run(rng):
    return Service(candidate=0.005).run(rng)
