"""No errors at all."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(stable=0.0).run(rng)
