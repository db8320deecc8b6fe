"""The candidate makes half the errors."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(stable=0.001, candidate=0.0005).run(rng)
