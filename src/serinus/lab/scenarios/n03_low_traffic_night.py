"""One request a second."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(rps=1).run(rng)
