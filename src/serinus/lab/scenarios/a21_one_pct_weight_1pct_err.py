"""1 % errors at a weight of 1 %, all the time."""

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
PLAN = [(0.01, 1800)]


def run(rng):
    return Service(candidate=0.01).run(rng)
