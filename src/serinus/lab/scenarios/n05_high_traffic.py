"""2,000 requests a second."""

from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600


def run(rng):
    return Service(rps=2000).run(rng)
